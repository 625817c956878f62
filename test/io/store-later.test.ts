// What watching jobs keep for later, and the bounds of what they remember, in a real store.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Item, Later, Watch } from '../../src/core/job.ts';
import type { Recall, Store } from '../../src/core/ports.ts';
import { changed, isNew, type Memory, select } from '../../src/core/watch.ts';
import { claimRun, DAY, done, HOUR, jobFile, lookOnce, makeFolder, makeStore, message, START } from './store-setup.ts';

const digest = { slot: 'evening', gathered: 0 };

async function board(t: Parameters<typeof makeStore>[0], file?: string): Promise<Store> {
  const store = await makeStore(t, file === undefined ? {} : { file });
  await store.syncJobs([jobFile('cafe')], START);
  return store;
}

const recall = (store: Store, hash = 'h'): Promise<Recall> => store.recall('cafe', hash);

async function later(store: Store): Promise<Readonly<Record<string, Later>>> {
  return Object.fromEntries((await recall(store)).later);
}

test('What is kept for later comes back as it was, and the next look takes its place', async (t) => {
  const store = await board(t);
  const first: readonly (readonly [string, Later])[] = [
    ['a', { gathered: { n: 1 } }],
    ['b', { unsettled: { item: { n: 2 }, looks: 1 }, gathered: { n: 1 } }],
  ];
  await lookOnce(store, START + 1, { items: {}, more: { later: first } });
  assert.deepEqual((await recall(store)).later, first);
  await lookOnce(store, START + 2, { items: {}, more: { later: [['b', { gathered: { n: 1 } }]] } });
  assert.deepEqual(await later(store), { b: { gathered: { n: 1 } } });
  await lookOnce(store, START + 3, { items: { a: {} } });
  assert.deepEqual(await later(store), {});
});

test('While something waits, an unchanged page is looked at all the same', async (t) => {
  const store = await board(t);
  const validators = [{ url: 'https://a.example/', etag: '"1"' }];
  await lookOnce(store, START + 1, { items: {}, more: { validators, later: [['a', { gathered: {} }]] } });
  assert.deepEqual((await recall(store)).validators, []);
  await lookOnce(store, START + 2, { items: {}, more: { validators } });
  assert.deepEqual((await recall(store)).validators, validators);
});

test('A job knows that its file has changed until it has looked again', async (t) => {
  const store = await board(t);
  assert.equal((await recall(store)).isEdited, false);
  await lookOnce(store, START + 1, { items: {} });
  assert.deepEqual([(await recall(store)).isEdited, (await recall(store, 'new')).isEdited], [false, true]);
  const { id } = await claimRun(store, START + 2);
  const after = { state: 'done', outcome: 'silent', reason: 'x' } as const;
  await store.endLook({ run: id, hash: 'new', look: done({ seen: [] }), after, messages: [], now: START + 2 });
  assert.equal((await recall(store, 'new')).isEdited, false);
});

async function settle(store: Store, run: number, state: 'sent' | 'failed'): Promise<void> {
  const rows = await store.messages({ run, limit: 9 });
  const after = state === 'sent' ? { state } : { state, reason: 'refused' };
  await store.settle(
    rows.map(({ id }) => ({ id, after })),
    START + HOUR,
  );
}

const telling = (keys: readonly string[]) => [message({ keys, freshUntil: START + DAY })];

test('A digest that reaches nobody is gathered again, items that are gone from the page included', async (t) => {
  const store = await board(t);
  await lookOnce(store, START + 1, { items: { old: { n: 1 } } });
  const run = await lookOnce(store, START + 2, {
    items: { old: { n: 2 }, gone: { n: 5 } },
    toldKeys: ['old', 'gone'],
    messages: telling(['old', 'gone']),
    more: { digest },
  });
  assert.deepEqual(await later(store), {});
  await lookOnce(store, START + 3, {
    items: { old: { n: 2 } },
    more: { digest, later: [['old', { gathered: { n: 3 } }]] },
  });
  await settle(store, run.id, 'failed');
  assert.deepEqual(Object.fromEntries((await recall(store)).known ?? []), { old: { n: 1 } });
  assert.deepEqual(await later(store), { gone: { gathered: { n: 5 } }, old: { gathered: { n: 3 } } });
});

test('A digest that reached somebody is not gathered again', async (t) => {
  const store = await board(t);
  await lookOnce(store, START + 1, { items: {} });
  const run = await lookOnce(store, START + 2, {
    items: { a: { n: 1 } },
    toldKeys: ['a'],
    messages: telling(['a']),
    more: { digest },
  });
  await settle(store, run.id, 'sent');
  assert.deepEqual(await later(store), {});
});

test('A look that began before a message failed does not take away what came back to be told', async (t) => {
  const store = await board(t);
  await lookOnce(store, START + 1, { items: {} });
  const run = await lookOnce(store, START + 2, {
    items: { a: { n: 1 } },
    toldKeys: ['a'],
    messages: telling(['a']),
    more: { digest },
  });
  const { untold } = await recall(store);
  await settle(store, run.id, 'failed');
  const { id } = await claimRun(store, START + 3);
  const after = { state: 'done', outcome: 'silent', reason: 'x' } as const;
  const look = done({ seen: [['a', { n: 1 }]], later: [], digest });
  await store.endLook({ run: id, hash: 'h', look, after, messages: [], untold, now: START + 3 });
  assert.deepEqual(await later(store), { a: { gathered: { n: 1 } } });
  assert.deepEqual((await recall(store)).known, []);
});

test('A digest whose messages cannot be written leaves what was gathered', async (t) => {
  const store = await board(t);
  await lookOnce(store, START + 1, { items: {}, more: { later: [['a', { gathered: { n: 1 } }]] } });
  const twice = [...telling(['a']), ...telling(['a'])];
  const look = { items: { a: { n: 1 } }, toldKeys: ['a'], messages: twice, more: { digest } };
  await assert.rejects(lookOnce(store, START + 2, look), /UNIQUE/);
  assert.deepEqual(await later(store), { a: { gathered: { n: 1 } } });
  assert.deepEqual((await recall(store)).known, []);
});

type Page = Readonly<Record<string, number>>;

interface Turn {
  readonly page: Page;
  readonly slot: 'hourly' | 'evening';
  /** What becomes of the oldest run whose messages are still under way, before this look ends. */
  readonly fate: 'sent' | 'failed' | undefined;
  /** The messages settle while the look is under way, not before it. */
  readonly isLate: boolean;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  page: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 3 }), { noNullPrototype: true }),
  slot: fc.constantFrom('hourly', 'evening'),
  fate: fc.constantFrom('sent', 'failed', undefined),
  isLate: fc.boolean(),
});

interface Listener {
  /** What each item was when it was learned or heard of last. */
  readonly heard: Record<string, number>;
  readonly repeated: string[];
}

interface Play {
  readonly store: Store;
  readonly watch: Watch<{ id: string; price: number }>;
  /** Runs whose messages are under way. One that was told before an earlier failed may go back on what nobody heard. */
  readonly open: { readonly run: number; readonly items: Page; isOutdated: boolean }[];
  readonly listener: Listener;
}

async function settleOldest({ store, open, listener }: Play, fate: Turn['fate']): Promise<void> {
  const oldest = fate === undefined ? undefined : open.shift();
  if (oldest === undefined || fate === undefined) return;
  await settle(store, oldest.run, fate);
  if (fate === 'failed') {
    for (const one of open) one.isOutdated = true;
    return;
  }
  for (const [id, price] of Object.entries(oldest.items)) {
    if (listener.heard[id] === price && !oldest.isOutdated) listener.repeated.push(`${id} ${price}`);
    listener.heard[id] = price;
  }
}

async function playTurn(play: Play, { page, slot, fate, isLate }: Turn, due: number): Promise<void> {
  const { store, watch, open, listener } = play;
  if (!isLate) await settleOldest(play, fate);
  const recalled = await recall(store);
  const items = Object.entries(page).map(([id, price]) => ({ id, price }));
  const selection = select(items, watch, { ...memoryOf(recalled), slot });
  const { untold } = recalled;
  if (selection.learned) Object.assign(listener.heard, page);
  const isOutdated = isLate && fate === 'failed' && open.length > 0;
  const { id } = await claimRun(store, due);
  if (isLate) await settleOldest(play, fate);
  const messages = selection.told.length === 0 ? [] : telling(selection.toldKeys);
  const look = done({ ...selection, told: selection.told.length, seen: [...(selection.seen ?? [])] });
  const after = { state: 'done', outcome: 'silent', reason: 'x' } as const;
  await store.endLook({ run: id, hash: 'h', look, after, messages, untold, now: due });
  if (messages.length > 0)
    open.push({ run: id, items: Object.fromEntries(selection.told.map(({ id, price }) => [id, price])), isOutdated });
}

/** At the end the page stands still, everything is sent, and a digest is due. */
async function playAll(play: Play, turns: readonly Turn[]): Promise<Page> {
  const last = turns.at(-1)?.page ?? {};
  const calm: Turn = { page: last, slot: 'hourly', fate: 'sent', isLate: false };
  const rest = [...turns.map((): Turn => calm), calm, calm, calm, { ...calm, slot: 'evening' } as const, calm];
  for (const [look, one] of [...turns, ...rest].entries()) await playTurn(play, one, START + look + 1);
  return last;
}

test('Whatever fails on the way, every settled change is heard in the end, and none twice', async (t) => {
  const games = fc.tuple(fc.array(turn, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 2 }), fc.boolean());
  const check = fc.asyncProperty(games, async ([turns, settled, digests]) => {
    const store = await board(t);
    const tell = (item: object) => isNew(item) || changed(item);
    const watch = { key: ({ id }: { id: string }) => id, tell, settled, ...(digests ? { digest: 'evening' } : {}) };
    const play: Play = { store, watch, open: [], listener: { heard: {}, repeated: [] } };
    const page = await playAll(play, turns);
    const { heard, repeated } = play.listener;
    assert.deepEqual(Object.fromEntries(Object.keys(page).map((id) => [id, heard[id]])), page);
    assert.deepEqual(repeated, []);
    assert.deepEqual((await recall(store)).later, []);
    await store.close();
  });
  await fc.assert(check, { numRuns: 15 });
});

test('A job keeps at most 4 MB: the items unseen for longest go first, and never those just seen', async (t) => {
  const store = await board(t);
  const large = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${from + n}`, { text: '가'.repeat(100_000) }]));
  await lookOnce(store, START + 1, { items: large(10, 6) });
  await lookOnce(store, START + 2, { items: large(20, 6) });
  await lookOnce(store, START + 3, { items: large(30, 6) });
  const keys = async () => ((await recall(store)).known ?? []).map(([key]) => key);
  assert.deepEqual(
    (await keys()).filter((key) => !key.startsWith('k1')),
    ['k20', 'k21', 'k22', 'k23', 'k24', 'k25', 'k30', 'k31', 'k32', 'k33', 'k34', 'k35'],
  );
  assert.equal((await keys()).length, 13);
  await lookOnce(store, START + 4, { items: large(40, 20) });
  assert.equal((await keys()).length, 20);
});

const memoryOf = ({ known, later }: Recall): Memory => ({
  known: known === undefined ? undefined : new Map<string, Item>(known),
  later: new Map(later),
});

test('A thousand items are looked at a hundred times: each is known once, and the file does not grow', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await board(t, file);
  const watch = { key: ({ id }: { id: string }) => id, tell: isNew, settled: 2 };
  const sizes: number[] = [];
  let told = 0;
  for (let look = 0; look < 100; look += 1) {
    const items = Array.from({ length: 1000 }, (_, n) => ({ id: `post ${look + n}`, title: '공지 '.repeat(10), n }));
    const selection = select(
      items.map(({ id, title }) => ({ id, title })),
      watch,
      memoryOf(await recall(store)),
    );
    told += selection.told.length;
    await lookOnce(store, START + (look + 1) * HOUR, {
      items: Object.fromEntries(selection.seen ?? []),
      more: { later: selection.later },
    });
    sizes.push(statSync(file).size + statSync(`${file}-wal`).size);
  }
  assert.equal(told, 98);
  assert.equal((await recall(store)).known?.length, 1098);
  assert.equal((await recall(store)).later.length, 1);
  // Until then SQLite's log grows to its size.
  assert.ok((sizes.at(-1) ?? 0) <= (sizes[70] ?? 0), `${sizes[70]} bytes became ${sizes.at(-1)}`);
});
