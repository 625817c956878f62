// From the start of the process to its word that schedule and delivery run, with 200 jobs, against a Node that runs
// nothing. The floors: a script that imports the same libraries and opens the same database; the same with the flags that
// pm2 gives; the same with as many empty modules as the daemon has.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { House } from '../test/processes.ts';
import { ROOT } from '../test/processes.ts';
import { dailyJob, FLAGS, makeBenchHouse, startDaemon, writeJobs } from './daemon.ts';
import { type Bench, type BenchPorts, inTurn, milliseconds, type Row, ratioOf, spreadOf } from './measure.ts';

const JOBS = 200;
/** What the daemon has loaded when it is ready. */
const LIBRARIES = ['@badrap/valita', 'better-sqlite3', 'pino', 'node-cron'];
/** What the daemon imports when it starts begins here; what it imports later, when it is asked for, does not count. */
const ENTRIES = ['src/talkbell.js', 'src/cli.ts', 'src/cli/start.ts', 'src/main.ts'];
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
  const modules = countModules();
  const empty = writeModules(house, modules);
  const asModule = ['--input-type=module', '-e'];
  // Their caches as well.
  await runNode([...FLAGS, ...asModule, floorOf(house, empty)], house);
  const { own, bare, floor, flagged, crowded } = await inTurn(TIMES, {
    own: startOnce,
    bare: () => runNode(['-e', '0'], house),
    floor: () => runNode([...asModule, floorOf(house)], house),
    flagged: () => runNode([...FLAGS, ...asModule, floorOf(house)], house),
    crowded: () => runNode([...FLAGS, ...asModule, floorOf(house, empty)], house),
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
    {
      what: `${what}, beside those with pm2's flags`,
      ours,
      peer: `the same script with them ${milliseconds(flagged.median)}`,
      ratio: ratioOf(own.median, flagged.median),
      note: `the floor: ${ratioOf(flagged.median, bare.median)} of node -e 0; flags that hold back the compilers make V8 refuse its cache of Node's own code; ${spreadOf(flagged)}`,
    },
    {
      what: `${what}, beside as many modules`,
      ours,
      peer: `the same script with ${modules} empty modules ${milliseconds(crowded.median)}`,
      ratio: ratioOf(own.median, crowded.median),
      note: `the floor: ${ratioOf(crowded.median, bare.median)} of node -e 0; what is beyond it is the daemon's own work; ${spreadOf(crowded)}`,
    },
    { what: `${what}, in all`, ours, goal: '≤ 400 ms', holds: own.median <= 400 },
    {
      what: `the first start ever, ${JOBS} jobs`,
      ours: milliseconds(first),
      note: 'no cache, no database: every job file is loaded first; 1 run',
    },
  ];
}

/** The daemon's own modules, by their imports. */
function countModules(): number {
  const seen = new Set<string>();
  const open = ENTRIES.map((file) => join(ROOT, file));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, found = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*? from '(\.[^']+)'/gm))
      open.push(join(dirname(file), found));
  }
  return seen.size;
}

/** Gives the address of one that imports all of them. */
function writeModules({ folder }: House, count: number): string {
  const dir = join(folder, 'empty');
  mkdirSync(dir);
  const names = Array.from({ length: count - 1 }, (_, index) => `module-${index}.ts`);
  for (const name of names) writeFileSync(join(dir, name), 'export const empty: string = import.meta.url;\n');
  const all = join(dir, 'all.ts');
  writeFileSync(all, names.map((name) => `import './${name}';\n`).join(''));
  return all;
}

/** With the cache of compiled code that the daemon has. */
function floorOf({ data }: House, modules?: string): string {
  const file = JSON.stringify(join(data, 'talkbell.db'));
  const imports = LIBRARIES.map((name) => `await import('${name}');`).join('\n');
  return `import module from 'node:module';
    module.enableCompileCache(${JSON.stringify(join(data, 'cache'))});
    ${imports}
    ${modules === undefined ? '' : `await import(${JSON.stringify(modules)});`}
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
