// What a look leaves behind: memory, validators, messages, failures; and what is told again when nobody got it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Item, Look } from '../../src/core/job.ts';
import type { AfterLook, NewMessage, Store } from '../../src/core/ports.ts';
import { claimRun, DAY, done, HOUR, jobFile, lookOnce, makeStore, message, START, seen, TOLD } from './store-setup.ts';

const FAILED: AfterLook = { state: 'done', outcome: 'failed', reason: 'no answer' };
const BROKEN: Look = { kind: 'failed', failure: { kind: 'fetch', message: 'no answer' } };

async function cafe(t: Parameters<typeof makeStore>[0]): Promise<Store> {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  return store;
}

async function known(store: Store): Promise<Record<string, Item> | undefined> {
  const { known } = await store.recall('cafe', 'h');
  return known && Object.fromEntries(known);
}

function telling(keys: readonly string[], change: Partial<NewMessage> = {}): NewMessage {
  return message({ keys, freshUntil: START + DAY, ...change });
}

async function settleAll(store: Store, run: number, state: 'sent' | 'failed' | 'unclear'): Promise<void> {
  const rows = await store.messages({ run, limit: 9 });
  await store.settle(
    rows.map(({ id }) => ({ id, after: state === 'sent' ? { state } : { state, reason: 'x' } })),
    START + HOUR,
  );
}

test('A job knows nothing before its first run has learned', async (t) => {
  const store = await cafe(t);
  assert.equal(await known(store), undefined);
  await lookOnce(store, START + 1, { items: {} });
  assert.deepEqual(await known(store), {});
  assert.equal((await store.jobs())[0]?.learnedAt, START + 1);
});

test('An item is known as it was seen last, told or not, and one that vanishes is not new when it returns', async (t) => {
  const store = await cafe(t);
  await lookOnce(store, START + 1, { items: { a: { price: 1 }, b: { price: 1 } } });
  await lookOnce(store, START + 2, { items: { a: { price: 2 } } });
  assert.deepEqual(await known(store), { a: { price: 2 }, b: { price: 1 } });
});

test('A job that does not watch remembers nothing', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  await store.endLook({ run: id, hash: 'h', look: done(), after: TOLD, messages: [message()], now: START + 2 });
  assert.equal(await known(store), undefined);
  const run = await store.run(id);
  assert.deepEqual([run?.outcome, run?.found, run?.told, run?.endedAt], ['told', 1, 1, START + 2]);
});

test('Validators count only for the file that they were kept with', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  const validators = [{ url: 'https://a.example/', etag: '"1"' }];
  await store.endLook({ run: id, hash: 'h', look: done({ validators }), after: TOLD, messages: [], now: START + 2 });
  assert.deepEqual((await store.recall('cafe', 'h')).validators, validators);
  assert.deepEqual((await store.recall('cafe', 'changed')).validators, []);
});

test('A look that fails leaves memory as it was', async (t) => {
  const store = await cafe(t);
  await lookOnce(store, START + 1, { items: { a: { price: 1 } } });
  const { id } = await claimRun(store, START + 2);
  await store.endLook({ run: id, hash: 'h', look: BROKEN, after: FAILED, messages: [], now: START + 3 });
  assert.deepEqual(await known(store), { a: { price: 1 } });
});

test('A look whose messages cannot be written leaves nothing at all', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  const messages = [message(), message()];
  const end = { run: id, hash: 'h', look: done({ seen: seen({ a: {} }) }), after: TOLD, messages, now: START + 2 };
  await assert.rejects(store.endLook(end), /UNIQUE/);
  assert.equal(await known(store), undefined);
  assert.equal((await store.run(id))?.state, 'looking');
  assert.deepEqual(await store.messages({ limit: 9 }), []);
});

test('Items whose message reaches nobody count as not told', async (t) => {
  const store = await cafe(t);
  await lookOnce(store, START + 1, { items: { old: { price: 1 }, same: { price: 5 } } });
  const run = await lookOnce(store, START + 2, {
    items: { old: { price: 2 }, same: { price: 6 }, new: { price: 3 } },
    toldKeys: ['old', 'new'],
    messages: [telling(['old', 'new'])],
  });
  assert.deepEqual(await known(store), { old: { price: 2 }, same: { price: 6 }, new: { price: 3 } });
  await settleAll(store, run.id, 'failed');
  assert.deepEqual(await known(store), { old: { price: 1 }, same: { price: 6 } });
});

test('An unchanged page is looked at again when what it said reached nobody', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  const look = done({
    seen: seen({ a: {} }),
    toldKeys: ['a'],
    validators: [{ url: 'https://a.example/', etag: '"1"' }],
  });
  await store.endLook({ run: id, hash: 'h', look, after: TOLD, messages: [telling(['a'])], now: START + 1 });
  assert.equal((await store.recall('cafe', 'h')).validators.length, 1);
  await settleAll(store, id, 'failed');
  assert.deepEqual((await store.recall('cafe', 'h')).validators, []);
});

for (const state of ['sent', 'unclear'] as const) {
  test(`Items count as told when one recipient's message is ${state}`, async (t) => {
    const store = await cafe(t);
    const run = await lookOnce(store, START + 1, {
      items: { a: { price: 1 } },
      toldKeys: ['a'],
      messages: [telling(['a']), telling(['a'], { recipient: 'you' })],
    });
    const [you, me] = await store.messages({ run: run.id, limit: 9 });
    const after = state === 'sent' ? { state } : { state, reason: 'x' };
    await store.settle([{ id: me?.id ?? 0, after }], START + 3);
    await store.settle([{ id: you?.id ?? 0, after: { state: 'failed', reason: 'x' } }], START + 4);
    assert.deepEqual(await known(store), { a: { price: 1 } });
  });
}

test('Items stay told while a message of theirs is still under way', async (t) => {
  const store = await cafe(t);
  const run = await lookOnce(store, START + 1, {
    items: { a: { price: 1 } },
    toldKeys: ['a'],
    messages: [telling(['a']), telling(['a'], { recipient: 'you' })],
  });
  const [you, me] = await store.messages({ run: run.id, limit: 9 });
  await store.settle([{ id: me?.id ?? 0, after: { state: 'failed', reason: 'x' } }], START + 3);
  assert.deepEqual(await known(store), { a: { price: 1 } });
  await store.settle([{ id: you?.id ?? 0, after: { state: 'failed', reason: 'x' } }], START + 4);
  assert.deepEqual(await known(store), {});
});

test('Messages that expire make their items count as not told', async (t) => {
  const store = await cafe(t);
  await lookOnce(store, START + 1, { items: { a: {} }, toldKeys: ['a'], messages: [telling(['a'])] });
  await store.expire(START + DAY + 1);
  assert.deepEqual(await known(store), {});
});

test('Of an item told twice while nobody got it, what was known before the first counts', async (t) => {
  const store = await cafe(t);
  await lookOnce(store, START + 1, { items: { a: { price: 9 } } });
  const first = await lookOnce(store, START + 2, {
    items: { a: { price: 8 } },
    toldKeys: ['a'],
    messages: [telling(['a'])],
  });
  const second = await lookOnce(store, START + 3, {
    items: { a: { price: 7 } },
    toldKeys: ['a'],
    messages: [telling(['a'])],
  });
  await settleAll(store, first.id, 'failed');
  assert.deepEqual(await known(store), { a: { price: 7 } });
  await settleAll(store, second.id, 'failed');
  assert.deepEqual(await known(store), { a: { price: 9 } });
});

test('Of an item told twice, the later that reaches nobody goes back to the earlier that was sent', async (t) => {
  const store = await cafe(t);
  const first = await lookOnce(store, START + 2, {
    items: { a: { price: 8 } },
    toldKeys: ['a'],
    messages: [telling(['a'])],
  });
  const second = await lookOnce(store, START + 3, {
    items: { a: { price: 7 } },
    toldKeys: ['a'],
    messages: [telling(['a'])],
  });
  await settleAll(store, first.id, 'sent');
  await settleAll(store, second.id, 'failed');
  assert.deepEqual(await known(store), { a: { price: 8 } });
});

test('Keys not seen for long are forgotten, and never those just seen', async (t) => {
  const store = await cafe(t);
  await lookOnce(store, START + 1, { items: { gone: {}, stays: {} } });
  await lookOnce(store, START + 181 * DAY, { items: { stays: {} } });
  assert.deepEqual(await known(store), { stays: {} });
});

test('At most 5,000 keys are kept beyond those seen last', async (t) => {
  const store = await cafe(t);
  const items = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${from + i}`, {}]));
  await lookOnce(store, START + 1, { items: items(0, 3_000) });
  await lookOnce(store, START + 2, { items: items(3_000, 3_000) });
  const keys = Object.keys((await known(store)) ?? {});
  assert.equal(keys.length, 5_000);
  assert.equal(keys.filter((key) => Number(key.slice(1)) >= 3_000).length, 3_000);
  await lookOnce(store, START + 3, { items: items(10_000, 5_500) });
  assert.equal(Object.keys((await known(store)) ?? {}).length, 5_500);
});

test('Of what is seen again unchanged within a day nothing is written, and it is not forgotten for that', async (t) => {
  const store = await cafe(t);
  const items = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${from + i}`, {}]));
  const front = items(0, 3_000);
  await lookOnce(store, START + 1, { items: front });
  await lookOnce(store, START + HOUR, { items: items(3_000, 1_900) });
  await lookOnce(store, START + 2 * HOUR, { items: { ...front, fresh: {} } });
  await lookOnce(store, START + 3 * HOUR, { items: { ...front, ...items(9_000, 1_000) } });
  const keys = Object.keys((await known(store)) ?? {});
  assert.equal(keys.length, 5_000);
  assert.equal(keys.filter((key) => key in front).length, 3_000);
});

test('An item that stands there every day is known for as long as it does', async (t) => {
  const store = await cafe(t);
  for (let hour = 1; hour <= 200 * 24; hour += 23) await lookOnce(store, START + hour * HOUR, { items: { stays: {} } });
  await lookOnce(store, START + 201 * DAY, { items: {} });
  assert.deepEqual(await known(store), { stays: {} });
});

async function failuresAfter(store: Store, run: number, now: number): Promise<number | undefined> {
  const counted: number[] = [];
  const notice = (failures: number): undefined => void counted.push(failures);
  await store.endLook({ run, hash: 'h', look: BROKEN, after: FAILED, messages: [], now, notice });
  return counted[0];
}

test('What the owner must hear of a look is saved with it, and an episode that is open is not told again', async (t) => {
  const store = await cafe(t);
  const fail = async (due: number) => {
    const { id } = await claimRun(store, due);
    const telling = { messages: [message({ recipient: 'owner' })], most: 10, since: START };
    const notice = (failures: number) => ({ key: 'job:cafe/main', text: `It failed ${failures} times.`, telling });
    return store.endLook({ run: id, hash: 'h', look: BROKEN, after: FAILED, messages: [], now: due, notice });
  };
  assert.deepEqual(
    (await fail(START + 1)).opened.map(({ text }) => text),
    ['It failed 1 times.'],
  );
  assert.deepEqual((await fail(START + 2)).opened, []);
  assert.deepEqual(
    (await store.alerts()).map(({ key, toldAt }) => [key, toldAt]),
    [['job:cafe/main', START + 1]],
  );
  assert.deepEqual(
    (await store.messages({ limit: 9 })).map(({ recipient, about }) => [recipient, about]),
    [['owner', 'owner']],
  );
});

test('Failed runs in a row are counted until one works', async (t) => {
  const store = await cafe(t);
  const fail = async (due: number) => {
    const { id } = await claimRun(store, due);
    return failuresAfter(store, id, due);
  };
  assert.deepEqual([await fail(START + 1), await fail(START + 2)], [1, 2]);
  await lookOnce(store, START + 3, { items: {} });
  assert.equal((await store.slots())[0]?.failures, 0);
  assert.equal(await fail(START + 4), 1);
});

test('A run by hand that fails is not counted', async (t) => {
  const store = await cafe(t);
  const { id } = await store.addManualRun({ job: 'cafe', slot: 'main', freshUntil: START + HOUR }, START);
  await store.beginLook(id, START);
  assert.equal(await failuresAfter(store, id, START), 0);
});
