// What the daemon holds: idle, after its rounds, and at its peak together with its worker; against a Node process that
// does nothing. Started with the flags that pm2 gives it.
import { setTimeout as pause } from 'node:timers/promises';
import type { House } from '../test/processes.ts';
import type { Turn } from './boards/board-protocol.ts';
import { type Boards, furnish, openBoards } from './boards/scene.ts';
import type { Bench, BenchPorts, Row } from './measure.ts';
import { megabytes, ratioOf, sampleOf, spreadOf } from './measure.ts';
import { flagsInWords, measureBareNode, type Peak, startWatched, type WatchedDaemon } from './memory-daemon.ts';

const JOBS = Number(process.env['JOBS'] ?? 200);
const PAGE_BYTES = 20_000;
const LARGE_JOBS = 4;
const LARGE_BYTES = 5_000_000;
const MINUTE_MS = 60_000;
/** From one due instant to the next: two a minute, an even number in all, so that a cron line can say it. */
const BETWEEN_MS = 30_000;
/** Before the first due instant: two starts, and a while of rest. */
const BEFORE_MS = 35_000;
/** One start, also on a busy machine. */
const BEFORE_LARGE_MS = 20_000;
/** Large pages are read one after another. */
const BETWEEN_LARGE_MS = 60_000;
const REST_MS = 15_000;
/** Of a first start, which compiles what later ones find compiled. */
const FIRST_START_MS = 6000;
const MOST_PEAK = 160e6;
/** What TALKBELL_WORKER_MEMORY_MB allows one worker, with a daemon beside it. */
const MOST_LARGE_PEAK = 640e6;
const TURNS: readonly Turn[] = ['same', 'new', 'same', 'changed'];

export const memory: Bench = { name: 'memory', seconds: 360, run: measureMemory };

async function measureMemory(ports: BenchPorts): Promise<readonly Row[]> {
  if (process.platform !== 'linux')
    return [{ what: 'memory', ours: 'skipped', note: 'only Linux tells what a process holds' }];
  const bare = sampleOf([await measureBareNode(), await measureBareNode(), await measureBareNode()]);
  const held = await measureRounds(ports);
  const large = await measureLarge(ports);
  const rows: Row[] = [
    {
      ...against('daemon, 15 s after its start, nothing delivered yet', held.idle, { of: bare.median, most: 1.5 }),
      note: `its own ${megabytes(held.own)}, the rest is files that the kernel may drop`,
    },
    against('daemon, 15 s after its first delivery', held.delivered, { of: bare.median, most: 1.8 }),
    {
      ...against('daemon, 15 s after the rounds', held.after, { of: held.delivered, most: 1.25 }),
      peer: `after its first delivery ${megabytes(held.delivered)}`,
    },
    {
      what: 'worker after the rounds',
      ours: `gone after ${Math.round(held.workerGoneMs / 1000)} s`,
      note: `it held ${megabytes(held.worker)}`,
    },
    peakRow(`daemon and worker, ${JOBS} pages of ${PAGE_BYTES / 1000} KB`, held.peak, MOST_PEAK),
    {
      ...peakRow(`daemon and worker, ${LARGE_JOBS} pages of ${LARGE_BYTES / 1e6} MB at once`, large, MOST_LARGE_PEAK),
      ...(large.ended ? {} : { holds: false, note: 'a round did not end in time: talkbell why would tell' }),
    },
  ];
  return rows.map((row) => ({
    ...row,
    note: [row.note, `${flagsInWords()}; bare ${spreadOf(bare)}`].filter(Boolean).join('; '),
  }));
}

interface Held {
  readonly idle: number;
  /** Of `idle`, what no other process could share. */
  readonly own: number;
  readonly delivered: number;
  readonly after: number;
  readonly worker: number;
  readonly workerGoneMs: number;
  readonly peak: Peak;
}

async function measureRounds({ say, signal }: BenchPorts): Promise<Held> {
  using boards = await openBoards({ jobs: JOBS, bytes: PAGE_BYTES });
  const firstAt = firstDue(BEFORE_MS);
  using house = await furnish({ boards, schedule: lineOf(dueFrom(firstAt, TURNS.length, BETWEEN_MS)) });
  await startOnce(house, signal);
  await using daemon = await startWatched(house, signal);
  say(`the daemon rests for ${REST_MS / 1000} s`);
  await pause(REST_MS, undefined, { signal });
  const [idle, own] = [daemon.resident(), daemon.own()];
  let delivered = 0;
  for (const [at, turn] of TURNS.entries()) {
    const ended = await runRound(boards, daemon, { turn, dueAt: firstAt + at * BETWEEN_MS, isFirst: at === 0 });
    if (!ended) throw new Error(`Round ${at + 1} (${turn}) did not end: talkbell why of its jobs would tell.`);
    say(`round ${at + 1} of ${TURNS.length} is over`);
    if (at === 1) {
      await pause(REST_MS, undefined, { signal });
      delivered = daemon.resident();
    }
  }
  const endedAt = performance.now();
  const peak = daemon.takePeak();
  await pause(REST_MS, undefined, { signal });
  const [after, worker] = [daemon.resident(), daemon.workerResident()];
  say('the worker is waited for');
  while (daemon.workerResident() > 0) await pause(500, undefined, { signal });
  return { idle, own, delivered, after, worker, workerGoneMs: performance.now() - endedAt, peak };
}

/** What is compiled is kept: later starts hold less. */
async function startOnce(house: House, signal: AbortSignal): Promise<void> {
  await using _daemon = await startWatched(house, signal);
  await pause(FIRST_START_MS, undefined, { signal });
}

interface Round {
  readonly turn: Turn;
  readonly dueAt: number;
  /** The jobs learn, and tell nothing. */
  readonly isFirst: boolean;
}

async function runRound(boards: Boards, daemon: WatchedDaemon, { turn, dueAt, isFirst }: Round): Promise<boolean> {
  if (Date.now() > dueAt) throw new Error('A round took longer than the time to the next: the machine is too busy.');
  await boards.turn(turn);
  await pause(Math.max(dueAt - Date.now(), 0));
  return daemon.rounds(boards.jobs, turn !== 'same' && !isFirst);
}

async function measureLarge({ say, signal }: BenchPorts): Promise<Peak & { readonly ended: boolean }> {
  using boards = await openBoards({ jobs: LARGE_JOBS, bytes: LARGE_BYTES });
  const firstAt = firstDue(BEFORE_LARGE_MS);
  using house = await furnish({
    boards,
    schedule: lineOf(dueFrom(firstAt, 2, BETWEEN_LARGE_MS)),
    rows: 'tbody tr:first-child',
  });
  await using daemon = await startWatched(house, signal);
  say(`pages of ${LARGE_BYTES / 1e6} MB`);
  const learned = await runRound(boards, daemon, { turn: 'same', dueAt: firstAt, isFirst: true });
  if (!learned) return { ...daemon.takePeak(), ended: false };
  const dueAt = firstAt + BETWEEN_LARGE_MS;
  if (Date.now() > dueAt) return { ...daemon.takePeak(), ended: false };
  const ended = await runRound(boards, daemon, { turn: 'new', dueAt, isFirst: false });
  return { ...daemon.takePeak(), ended };
}

/** The first full second that leaves time for the start, in the first half of a minute: so a cron line can say the rest. */
function firstDue(beforeMs: number): number {
  const soonest = Math.ceil((Date.now() + beforeMs) / 1000) * 1000;
  return soonest % MINUTE_MS < BETWEEN_MS ? soonest : Math.ceil(soonest / MINUTE_MS) * MINUTE_MS;
}

function dueFrom(firstAt: number, count: number, betweenMs: number): readonly Date[] {
  return Array.from({ length: count }, (_, at) => new Date(firstAt + at * betweenMs));
}

/** A cron line for these instants, and for none in the next half hour besides them. */
function lineOf(dates: readonly Date[]): string {
  const each = (read: (date: Date) => number): string => [...new Set(dates.map(read))].join(',');
  const [seconds, minutes] = [each((date) => date.getUTCSeconds()), each((date) => date.getUTCMinutes())];
  return `${seconds} ${minutes} ${each((date) => date.getUTCHours())} * * *`;
}

function against(what: string, own: number, { of, most }: { readonly of: number; readonly most: number }): Row {
  return {
    what,
    ours: megabytes(own),
    peer: `bare node ${megabytes(of)}`,
    ratio: ratioOf(own, of),
    goal: `≤ ${most} ×`,
    holds: own / of <= most,
  };
}

function peakRow(what: string, { both, added, daemon, worker }: Peak, most: number): Row {
  return {
    what: `peak of ${what}`,
    ours: megabytes(both),
    goal: `≤ ${most / 1e6} MB`,
    holds: both <= most,
    note: `pages of Node's own files, which both share, counted once: added up ${megabytes(added)}; daemon at most ${megabytes(daemon)}, worker at most ${megabytes(worker)}`,
  };
}
