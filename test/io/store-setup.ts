// Stores in a fresh folder for tests, closed and removed afterwards, and small values to fill them with.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Item, JobFile, Look } from '../../src/core/job.ts';
import type { AfterLook, NewMessage, RunRow, Store } from '../../src/core/ports.ts';
import { openStore, type StoreOptions } from '../../src/io/store.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** 2026-11-20, 11:00 in Korea. */
export const START = Date.UTC(2026, 10, 20, 2);
export const KEY = Buffer.alloc(32, 7);

export function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function makeStore(t: TestContext, options: Partial<StoreOptions> = {}): Promise<Store> {
  const file = options.file ?? join(makeFolder(t), 'talkbell.db');
  const store = await openStore({ key: KEY, now: () => START, ...options, file });
  t.after(() => store.close());
  return store;
}

export function jobFile(
  id: string,
  slots: Record<string, string> = { main: '0 12 * * *' },
  file = `${id}.ts`,
): JobFile {
  return {
    kind: 'job',
    file,
    hash: `hash of ${JSON.stringify(slots)}`,
    description: {
      id,
      file,
      slots,
      timezone: 'Asia/Seoul',
      to: ['me'],
      freshForMs: HOUR,
      recheckMs: 600_000,
      skipHolidays: false,
      watches: true,
      ifUnclear: 'leave',
      timeLimitMs: 120_000,
    },
  };
}

export function message(change: Partial<NewMessage> = {}): NewMessage {
  return {
    recipient: 'me',
    address: { channel: 'kakao-memo', account: 'me' },
    saying: { kind: 'text', text: '오늘의 점심' },
    index: 0,
    part: 1,
    parts: 1,
    nextAt: START,
    freshUntil: START + HOUR,
    ifUnclear: 'leave',
    keys: [],
    ...change,
  };
}

export function done(change: Partial<Extract<Look, { kind: 'done' }>> = {}): Look {
  return { kind: 'done', found: 1, told: 1, toldKeys: [], learned: false, sayings: [], validators: [], ...change };
}

export function seen(items: Readonly<Record<string, Item>>): readonly (readonly [string, Item])[] {
  return Object.entries(items);
}

export const TOLD: AfterLook = { state: 'done', outcome: 'told', reason: 'told 1 item' };

/** Claims a run of the job's slot, which must be there. */
export async function claimRun(store: Store, due: number, { job = 'cafe', slot = 'main' } = {}): Promise<RunRow> {
  const run = await store.claim({ job, slot, closed: [], run: { due, freshUntil: due + HOUR }, cursor: due }, due);
  if (run === undefined) throw new Error(`No run of ${job}/${slot} at ${due}`);
  return run;
}

/** One whole run that looks, sees the items, tells the keys in the messages, and ends. */
export async function lookOnce(
  store: Store,
  due: number,
  {
    items,
    toldKeys = [],
    messages = [],
    more = {},
  }: {
    items: Readonly<Record<string, Item>>;
    toldKeys?: readonly string[];
    messages?: readonly NewMessage[];
    /** What else the look gives. */
    more?: Partial<Extract<Look, { kind: 'done' }>>;
  },
): Promise<RunRow> {
  const run = await claimRun(store, due);
  const learned = (await store.recall('cafe', 'h')).known === undefined;
  const look = done({ seen: seen(items), toldKeys, learned, ...more });
  await store.endLook({ run: run.id, hash: 'h', look, after: TOLD, messages, now: due });
  return run;
}
