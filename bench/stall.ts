// How long the daemon's event loop stands still, by a heartbeat of 5 ms in it: while a large page is scraped, while another
// process holds the database, and when the clock jumps.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { House } from '../test/processes.ts';
import { type Daemon, jobOf, makeBenchHouse, probeOf, startDaemon, until, writeJobs } from './daemon.ts';
import { logIn, startKakao, startSite } from './kakao.ts';
import { type Bench, type BenchPorts, milliseconds, type Row, sampleOf, spreadOf } from './measure.ts';

const TIMES = Number(process.env['BENCH_TIMES'] ?? 5);
const PAGE_ROWS = 50_000;
const LOCK_MS = 3000;
const DAYS = 30;
const DAY_MS = 86_400_000;
const OTHERS = new URL('./standing-still.ts', import.meta.url);

export const stall: Bench = { name: 'stall', seconds: 100, run: measureStall };

interface Still {
  readonly ours: readonly number[];
  /** What a process does that does it all itself. */
  readonly others: number;
}

async function measureStall({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  const page = largePage();
  say('a large page');
  const scraped = await whileScraping(page, signal);
  say('a lock');
  const locked = await whileLocked(signal);
  say('a jump of the clock');
  const jumped = await whileJumping(signal);
  return [
    rowOf(`the loop's longest stall while a page of ${(page.length / 1e6).toFixed(1)} MB is scraped`, scraped, {
      most: 50,
      peer: 'cheerio in one process',
    }),
    rowOf(`the loop's longest stall while the database is locked for ${LOCK_MS / 1000} s`, locked, {
      most: 300,
      peer: "better-sqlite3's default of waiting 5 s",
    }),
    rowOf(`the loop's longest stall when the clock jumps ${DAYS} days, a job every second`, jumped, {
      most: 50,
      peer: "node-cron's timers, a jump of 1 day",
    }),
  ];
}

function rowOf(what: string, { ours, others }: Still, { most, peer }: { most: number; peer: string }): Row {
  const all = sampleOf(ours);
  return {
    what,
    ours: milliseconds(all.median),
    peer: `${peer} ${milliseconds(others)}`,
    ratio: `${(all.median / others).toFixed(3)} ×`,
    goal: `≤ ${most} ms`,
    holds: all.median <= most,
    note: `${spreadOf(all)}, the longest ${milliseconds(all.most)}`,
  };
}

function largePage(): string {
  const rows = Array.from({ length: PAGE_ROWS }, (_, index) => {
    const hidden = 'style="padding:2px;border-bottom:1px solid #ddd"';
    return `<tr class="row"><td ${hidden}>요리 ${index}</td><td>${index % 9000}원</td></tr>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>큰 표</title><table>${rows.join('\n')}</table>`;
}

async function whileScraping(page: string, signal: AbortSignal): Promise<Still> {
  using site = await startSite(page);
  const job = jobOf({
    schedule: '*/5 * * * * *',
    to: 'me',
    fetch: `(get) => get('${site.url}')`,
    extract: `(page) => page.rows('table', 'tr', { dish: 'td:nth-child(1)', price: 'td:nth-child(2)' }).slice(0, 50)`,
  });
  const ours = await stallsOf(job, { signal }, async (_daemon, heard) => heard());
  return { ours, others: await othersStall('scrape', site.url) };
}

async function whileLocked(signal: AbortSignal): Promise<Still> {
  const job = jobOf({ schedule: '* * * * * *', to: 'me', fetch: '() => 1', extract: '() => [{ n: 1 }]' });
  using house = makeBenchHouse();
  const ours = await stallsOf(job, { signal, times: Math.min(TIMES, 3) }, async (_daemon, heard, { data }) => {
    await heard();
    await holdLock(join(data, 'talkbell.db'));
    await heard();
  });
  return { ours, others: await othersStall('wait', join(house.folder, 'plain.db')) };
}

async function whileJumping(signal: AbortSignal): Promise<Still> {
  const job = jobOf({ schedule: '* * * * * *', to: 'me', fetch: '() => 1', extract: '() => [{ n: 1 }]' });
  const ours = await stallsOf(job, { signal }, async (daemon, heard) => {
    await daemon.probe.jump(DAYS * DAY_MS);
    // The bell compares the clocks every five seconds at least.
    await wait(5500);
    await heard();
  });
  return { ours, others: await othersStall('jump', import.meta.resolve('node-cron')) };
}

type During = (daemon: Daemon, heard: () => Promise<void>, house: House) => Promise<void>;

/** A daemon with this one job; `heard` waits until it has sent two messages more. */
async function stallsOf(
  job: string,
  { signal, times = TIMES }: { signal: AbortSignal; times?: number },
  during: During,
): Promise<readonly number[]> {
  await using kakao = await startKakao();
  using house = makeBenchHouse(kakao.env);
  await logIn(kakao, house, ['me']);
  writeJobs(house, 1, () => job);
  await using daemon = await startDaemon(house, { signal, probed: true });
  const heard = async (): Promise<void> => {
    const count = kakao.sandbox.received().length;
    await until('two messages', () => kakao.sandbox.received().length >= count + 2, { patienceMs: 60_000 });
  };
  // What is loaded and compiled with the first look and the first message is not what is measured.
  await heard();
  const stalls: number[] = [];
  for (let round = 0; round < times && !signal.aborted; round += 1) {
    await daemon.probe.stallMs();
    await during(daemon, heard, house);
    stalls.push(await daemon.probe.stallMs());
  }
  return stalls;
}

function holdLock(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fork(OTHERS, ['hold', file, String(LOCK_MS)])
      .once('error', reject)
      .once('exit', () => resolve());
  });
}

async function othersStall(what: 'scrape' | 'wait' | 'jump', where: string): Promise<number> {
  const child = fork(OTHERS, [what, where, String(LOCK_MS)], {
    execArgv: ['--import', new URL('./probe.ts', import.meta.url).href],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const probe = probeOf(child);
  const said = (word: string): Promise<void> =>
    new Promise((resolve) => {
      child.on('message', (message) => message === word && resolve());
    });
  try {
    await said('ready');
    if (what === 'jump') await probe.jump(DAY_MS);
    await probe.stallMs();
    child.send('go');
    await said('done');
    return await probe.stallMs();
  } finally {
    child.kill('SIGKILL');
  }
}
