// From the start of the process to its word that schedule and delivery run, with 200 jobs, against a Node that runs
// nothing. The floor is a script that imports the same libraries and opens the same database.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { House } from '../test/processes.ts';
import { ROOT } from '../test/processes.ts';
import { dailyJob, makeBenchHouse, startDaemon, writeJobs } from './daemon.ts';
import { type Bench, type BenchPorts, inTurn, milliseconds, type Row, ratioOf, spreadOf } from './measure.ts';

const JOBS = 200;
/** What the daemon has loaded when it is ready. */
const LIBRARIES = ['@badrap/valita', 'better-sqlite3', 'pino', 'node-cron'];
const TIMES = Number(process.env['BENCH_TIMES'] ?? 11);

export const start: Bench = { name: 'start', seconds: 30, run: measureStart };

async function measureStart({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  using house = makeBenchHouse();
  writeJobs(house, JOBS, dailyJob);
  const startOnce = async (): Promise<number> => {
    await using daemon = await startDaemon(house, { signal });
    return daemon.readyMs;
  };
  say('the first start ever, which has to load every job file');
  const first = await startOnce();
  // The second start writes the rest of the cache.
  await startOnce();
  const { own, bare, floor } = await inTurn(TIMES, {
    own: startOnce,
    bare: () => runNode(['-e', '0'], house),
    floor: () => runNode(['--input-type=module', '-e', floorOf(house)], house),
  });
  const what = `start until ready, ${JOBS} jobs`;
  const ours = milliseconds(own.median);
  const times = own.median / bare.median;
  return [
    {
      what,
      ours,
      peer: `node -e 0 ${milliseconds(bare.median)}`,
      ratio: ratioOf(own.median, bare.median),
      goal: '≤ 3 ×',
      holds: times <= 3,
      note: `caches warm; ${spreadOf(own)}`,
    },
    {
      what: `${what}, beside its libraries alone`,
      ours,
      peer: `a script that imports them and opens the database ${milliseconds(floor.median)}`,
      ratio: ratioOf(own.median, floor.median),
      note: `the floor: ${ratioOf(floor.median, bare.median)} of node -e 0; ${spreadOf(floor)}`,
    },
    { what: `${what}, in all`, ours, goal: '≤ 400 ms', holds: own.median <= 400 },
    {
      what: `the first start ever, ${JOBS} jobs`,
      ours: milliseconds(first),
      note: 'no cache, no database: every job file is loaded first; 1 run',
    },
  ];
}

/** With the cache of compiled code that the daemon has. */
function floorOf({ data }: House): string {
  const file = JSON.stringify(join(data, 'talkbell.db'));
  const imports = LIBRARIES.map((name) => `await import('${name}');`).join('\n');
  return `import module from 'node:module';
    module.enableCompileCache(${JSON.stringify(join(data, 'cache'))});
    ${imports}
    const { default: Database } = await import('better-sqlite3');
    new Database(${file}).prepare('select count(*) from jobs').get();`;
}

function runNode(given: readonly string[], { env }: House): Promise<number> {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    spawn(process.execPath, given, { stdio: 'ignore', cwd: ROOT, env })
      .once('error', reject)
      .once('close', (code) => {
        if (code === 0) resolve(performance.now() - from);
        else reject(new Error(`node ${given[0]} ended with ${code}.`));
      });
  });
}
