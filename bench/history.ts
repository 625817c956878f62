// What a million rows of history and outbox cost beside a thousand: each query as its command or the delivery loop asks
// it, over a database that is filled beforehand. And how many rows a second the outbox takes, each step on disk.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewMessage, Store } from '../src/core/ports.ts';
import { openStore } from '../src/io/store.ts';
import { fillStore, KEY } from './filling.ts';
import {
  type Bench,
  type BenchPorts,
  inTurn,
  megabytes,
  type Row,
  ratioOf,
  type Sample,
  sampleOf,
  spreadOf,
} from './measure.ts';

const SIZES = (process.env['BENCH_ROWS'] ?? '1000,10000,100000,1000000').split(',').map(Number);
const TIMES = 40;
const PRUNINGS = 3;
const PRUNED = 100;
/** With a page of the index more to read at each step, and all of it in memory for a thousand rows alone. */
const MOST_GROWTH = 3;
/** A time under this says nothing about growth: it is the clock's and the collector's. */
const LEAST_MS = 0.1;
const ROUND_MS = 2000;
const RAW_BYTES = 4096;
const RAW_PAGES = 1024;
const LEAST_SPEED = 0.6;
/** Recipients whose messages are on their way at the same time. */
const LANES = 20;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export const history: Bench = { name: 'history', seconds: 150, run: measureHistory };
export const outbox: Bench = { name: 'outbox', seconds: 20, run: measureOutbox };

type Query = (store: Store, now: number) => Promise<unknown>;

const QUERIES: Readonly<Record<string, Query>> = {
  'history, the last 20': (store) => store.runs({ limit: 20 }),
  'history of a job, the last 20': (store) => store.runs({ job: 'job-7', limit: 20 }),
  'outbox, the last 20': (store) => store.messages({ limit: 20 }),
  'outbox, the last 20 that failed': (store) => store.messages({ state: 'failed', limit: 20 }),
  'outbox, counts by state': (store) => store.countMessages(),
  'why, 5 runs with their messages': async (store) => {
    for (const run of await store.runs({ job: 'job-7', limit: 5 })) await store.messages({ run: run.id, limit: 100 });
  },
  'a ring of delivery with nothing due': async (store, now) => {
    await store.expire(now);
    await store.dueMessages(now, 100);
    await store.nextMessageAt(now);
  },
  'a message written, found, begun and settled': async (store, now) => {
    const [id = 0] = await store.addMessages([messageAt(now)], 'bench', now);
    const due = await store.dueMessages(now, 100);
    await store.beginAttempt(
      due.map((row) => row.id),
      now,
    );
    await store.settle([{ id, after: { state: 'sent' } }], now);
  },
  'pruning with nothing old': (store, now) => store.prune(now),
};

async function measureHistory({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  await using stack = new AsyncDisposableStack();
  const filled: Filled[] = [];
  for (const size of SIZES) {
    if (signal.aborted) return [];
    say(`fills ${size.toLocaleString('en')} runs and as many messages`);
    filled.push(stack.use(await makeFilled(size)));
  }
  const rows: Row[] = [];
  for (const [what, query] of Object.entries(QUERIES)) {
    say(what);
    rows.push(rowOf(what, await inSizes(filled, TIMES, ({ store, now }) => query(store, now)), filled));
  }
  const pruned = await inSizes(filled, PRUNINGS, pruneSome);
  return [...rows, rowOf(`pruning ${PRUNED} old runs and their messages`, pruned, filled)];
}

function rowOf(what: string, samples: readonly Sample[], filled: readonly Filled[]): Row {
  const [first, last] = [samples[0], samples.at(-1)];
  const growth = Math.max(last?.median ?? 0, LEAST_MS) / Math.max(first?.median ?? 0, LEAST_MS);
  const [least = 0, most = 0] = [SIZES[0], SIZES.at(-1)];
  return {
    what: `${what}, ${least.toLocaleString('en')} to ${most.toLocaleString('en')} rows`,
    ours: `${samples.map(({ median }) => median.toFixed(2)).join(' · ')} ms`,
    ratio: `${growth.toFixed(1)} ×`,
    goal: `flat: ≤ ${MOST_GROWTH} ×`,
    holds: growth <= MOST_GROWTH,
    note: `medians of ${last?.count ?? 0}; the largest file is ${megabytes(statSync(filled.at(-1)?.file ?? '').size)}`,
  };
}

/** The sizes in turn, so that what the disk does otherwise falls on all of them. */
async function inSizes(
  filled: readonly Filled[],
  times: number,
  work: (filled: Filled, round: number) => Promise<unknown>,
): Promise<readonly Sample[]> {
  const values = filled.map((): number[] => []);
  for (let round = 0; round <= times; round += 1) {
    for (const [index, one] of filled.entries()) {
      const from = performance.now();
      await work(one, round);
      // The first round prepares the statements.
      if (round > 0) values[index]?.push(performance.now() - from);
    }
  }
  return values.map(sampleOf);
}

interface Filled extends AsyncDisposable {
  readonly store: Store;
  readonly file: string;
  readonly now: number;
}

async function makeFilled(rows: number): Promise<Filled> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-history-'));
  const file = join(folder, 'talkbell.db');
  const now = Date.now();
  await fillStore(file, { rows, now });
  const store = await openStore({ file, key: KEY, now: () => now });
  return {
    store,
    file,
    now,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The oldest rows are a second apart: the clock goes on until so many more of them are older than is kept. */
async function pruneSome({ store, now }: Filled, round: number): Promise<unknown> {
  // 80 days of the 90 that are kept have passed since the oldest.
  return store.prune(now + 10 * DAY_MS + (round + 1) * PRUNED * 1000);
}

async function measureOutbox(_ports: BenchPorts): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-outbox-'));
  try {
    const file = join(folder, 'talkbell.db');
    const store = await openStore({ file, key: KEY, now: Date.now });
    const { lanes, alone, raw } = await inTurn(5, {
      lanes: () => deliverRows(store, LANES),
      alone: () => deliverRows(store, 1),
      raw: async () => writeRaw(join(folder, 'raw')),
    });
    await store.close();
    const peer = `write and fdatasync, 4 KB each, ${whole(raw.median)} a second`;
    return [
      {
        what: `outbox, durable: written, begun and settled, ${LANES} recipients at once`,
        ours: `${whole(lanes.median)} rows a second`,
        peer,
        ratio: ratioOf(lanes.median, raw.median),
        goal: `≥ ${LEAST_SPEED} ×`,
        holds: lanes.median / raw.median >= LEAST_SPEED,
        note: `each row three times on disk, commits shared; ${spreadOf(lanes)}`,
      },
      {
        what: 'outbox, durable, one recipient: three commits a row, one after another',
        ours: `${whole(alone.median)} rows a second`,
        peer,
        ratio: ratioOf(alone.median, raw.median),
        note: `commits a second against writes a second: ${ratioOf(alone.median * 3, raw.median)}, as a commit writes a dozen pages (row, indexes, counts); ${spreadOf(alone)}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each recipient's rows one after another, as the delivery loop takes them. */
async function deliverRows(store: Store, lanes: number): Promise<number> {
  const from = performance.now();
  const deliver = async (recipient: string): Promise<number> => {
    let rows = 0;
    for (; performance.now() - from < ROUND_MS; rows += 1) {
      const now = Date.now();
      const [id = 0] = await store.addMessages([{ ...messageAt(now), recipient }], 'bench', now);
      await store.beginAttempt([id], now);
      await store.settle([{ id, after: { state: 'sent' } }], now);
    }
    return rows;
  };
  const counts = await Promise.all(Array.from({ length: lanes }, (_, lane) => deliver(`person-${lane}`)));
  return (counts.reduce((sum, count) => sum + count, 0) * 1000) / (performance.now() - from);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Over pages that the file has already, as SQLite's log does: a file that grows costs the file system more. */
function writeRaw(file: string): number {
  const handle = openSync(file, 'w');
  const page = Buffer.alloc(RAW_BYTES, 1);
  try {
    for (let at = 0; at < RAW_PAGES; at += 1) writeSync(handle, page, 0, RAW_BYTES, at * RAW_BYTES);
    fdatasyncSync(handle);
    const from = performance.now();
    let count = 0;
    for (; performance.now() - from < ROUND_MS; count += 1) {
      writeSync(handle, page, 0, RAW_BYTES, (count % RAW_PAGES) * RAW_BYTES);
      fdatasyncSync(handle);
    }
    return (count * 1000) / (performance.now() - from);
  } finally {
    closeSync(handle);
  }
}

function messageAt(now: number): NewMessage {
  return {
    recipient: 'me',
    address: { channel: 'kakao-memo', account: 'me' },
    saying: { kind: 'text', text: '오늘의 점심: 쇠고기국밥, 명란계란말이, 잡곡밥, 배추김치' },
    index: 0,
    part: 1,
    parts: 1,
    nextAt: now,
    freshUntil: now + HOUR_MS,
    ifUnclear: 'leave',
    keys: [],
  };
}
