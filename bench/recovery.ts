// From kill -9 to the first overdue message at Kakao, under pm2 and with the configuration that talkbell comes with.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../src/io/config.ts';
import { loadKeys } from '../src/io/key.ts';
import { openStore } from '../src/io/store.ts';
import { toKakao } from '../src/kakao/split.ts';
import { type House, ROOT } from '../test/processes.ts';
import { dailyJob, makeBenchHouse, startDaemon, until, writeJobs } from './daemon.ts';
import { type Kakao, logIn, startKakao } from './kakao.ts';
import { type Bench, type BenchPorts, milliseconds, type Row, sampleOf, spreadOf } from './measure.ts';

const run = promisify(execFile);
const JOBS = 50;
const TIMES = Number(process.env['BENCH_TIMES'] ?? 5);
const MOST_MS = 1500;
const HOUR_MS = 3_600_000;
/** Due while nobody runs: pm2 alone waits for longer. */
const DUE_AFTER_MS = 150;
const PM2 = join(ROOT, 'node_modules', '.bin', 'pm2');

export const recovery: Bench = { name: 'recovery', seconds: 50, run: measureRecovery };

async function measureRecovery({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  const what = 'kill -9 to the first overdue message at Kakao, under pm2';
  if (!existsSync(PM2)) return [{ what, ours: 'skipped', note: 'pm2 is not installed' }];
  await using kakao = await startKakao();
  using house = makeBenchHouse(kakao.env);
  await logIn(kakao, house, ['me']);
  writeJobs(house, JOBS, dailyJob);
  {
    await using _first = await startDaemon(house, { signal });
  }
  const pm2 = (...args: readonly string[]): Promise<{ stdout: string }> =>
    run(PM2, [...args, '--no-color'], {
      cwd: ROOT,
      timeout: 60_000,
      env: { ...house.env, PM2_HOME: join(house.folder, 'pm2') },
    });
  const times: number[] = [];
  try {
    for (let round = 0; round < TIMES && !signal.aborted; round += 1) {
      say(`kill ${round + 1} of ${TIMES}`);
      // Anew each time: pm2 waits longer after every kill within half a minute.
      await pm2('start', 'ecosystem.config.cjs');
      times.push(await timeKill({ house, kakao, pm2 }));
      await pm2('delete', 'talkbell');
    }
  } finally {
    await pm2('kill').catch(() => undefined);
  }
  const all = sampleOf(times);
  return [
    {
      what,
      ours: milliseconds(all.median),
      goal: `≤ ${MOST_MS.toLocaleString('en')} ms`,
      holds: all.median <= MOST_MS,
      note: `200 ms of it are pm2's exp_backoff_restart_delay; ${JOBS} jobs; ${spreadOf(all)}, the longest ${milliseconds(all.most)}`,
    },
  ];
}

interface Killing {
  readonly house: House;
  readonly kakao: Kakao;
  readonly pm2: (...args: readonly string[]) => Promise<{ stdout: string }>;
}

async function timeKill({ house, kakao, pm2 }: Killing): Promise<number> {
  const { stdout } = await pm2('jlist');
  const [app] = JSON.parse(stdout.slice(stdout.indexOf('['))) as readonly { readonly pid: number }[];
  if (app === undefined) throw new Error('pm2 does not list talkbell.');
  const before = kakao.sandbox.received().length;
  await writeMessage(house);
  const from = Date.now();
  process.kill(app.pid, 'SIGKILL');
  await until('the message', () => kakao.sandbox.received().length > before, { patienceMs: 30_000, everyMs: 5 });
  return (kakao.sandbox.received().at(-1)?.at ?? Number.NaN) - from;
}

/** Beside the daemon, which would notice it within seconds. */
async function writeMessage({ env }: House): Promise<void> {
  const config = readConfig(env);
  const store = await openStore({
    file: join(config.dataDir, 'talkbell.db'),
    ...loadKeys(config, { create: false }),
    now: Date.now,
  });
  const now = Date.now();
  await store.addMessages(
    [
      {
        recipient: 'me',
        address: { channel: 'kakao-memo', account: 'me' },
        saying: toKakao({ kind: 'text', text: `written at ${now}` })[0] ?? { kind: 'text', text: '' },
        index: 0,
        part: 1,
        parts: 1,
        nextAt: now + DUE_AFTER_MS,
        freshUntil: now + HOUR_MS,
        ifUnclear: 'leave',
        keys: [],
      },
    ],
    'bench',
    now,
  );
  await store.close();
}
