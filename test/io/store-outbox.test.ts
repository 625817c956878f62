// The outbox: order, attempts, ends, and what a crash leaves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address, Store } from '../../src/core/ports.ts';
import { claimRun, DAY, done, HOUR, jobFile, makeStore, message, START, TOLD } from './store-setup.ts';

const CONSOLE: Address = { channel: 'console' };
const friend = (name: string): Address => ({ channel: 'kakao-friend', account: 'me', friend: name });

async function dueIds(store: Store, now = START): Promise<readonly number[]> {
  return (await store.dueMessages(now, 10)).map(({ id }) => id);
}

async function states(store: Store): Promise<readonly string[]> {
  return (await store.messages({ limit: 20 })).map((row) => row.state).reverse();
}

async function login(store: Store, name = 'me'): Promise<void> {
  const tokens = { access: 'a', accessExpiresAt: START + HOUR, refresh: 'r', refreshExpiresAt: START + 60 * DAY };
  await store.saveLogin({ name, kakaoId: '1', scopes: [], tokens }, START);
}

test('A message comes back as it was written, with a key that stays', async (t) => {
  const store = await makeStore(t);
  const [id = 0] = await store.addMessages([message({ address: friend('Kim'), ifUnclear: 'resend' })], 'test', START);
  const [row] = await store.dueMessages(START, 1);
  assert.equal(row?.id, id);
  assert.deepEqual(row?.address, friend('Kim'));
  assert.deepEqual(row?.saying, { kind: 'text', text: '오늘의 점심' });
  assert.deepEqual(
    [row?.attempts, row?.state, row?.ifUnclear, row?.about, row?.run],
    [0, 'pending', 'resend', 'test', undefined],
  );
  await store.beginAttempt([id], START);
  await store.settle([{ id, after: { state: 'pending', nextAt: START + 5, reason: 'refused' } }], START);
  const [again] = await store.dueMessages(START + 5, 1);
  assert.equal(again?.key, row?.key);
  assert.deepEqual([again?.attempts, again?.reason], [1, 'refused']);
});

test('Messages to one recipient keep their order', async (t) => {
  const store = await makeStore(t);
  const [first = 0, second = 0, other = 0] = await store.addMessages(
    [
      message({ address: CONSOLE }),
      message({ address: CONSOLE, index: 1 }),
      message({ recipient: 'you', address: CONSOLE }),
    ],
    'test',
    START,
  );
  assert.deepEqual(await dueIds(store), [first, other]);
  await store.beginAttempt([first], START);
  assert.deepEqual(await dueIds(store), [other], 'while the first is being sent');
  await store.settle([{ id: first, after: { state: 'pending', nextAt: START + HOUR / 2, reason: 'x' } }], START);
  assert.deepEqual(await dueIds(store), [other], 'while the first waits for its next attempt');
  await store.beginAttempt([first], START);
  await store.settle([{ id: first, after: { state: 'sent' } }], START);
  assert.deepEqual(await dueIds(store), [second, other]);
});

test('A message is not given before its time or after its freshness', async (t) => {
  const store = await makeStore(t);
  const [id] = await store.addMessages(
    [message({ address: CONSOLE, nextAt: START + 5, freshUntil: START + 9 })],
    'x',
    START,
  );
  assert.equal(await store.nextMessageAt(START), START + 5);
  assert.equal(await store.nextMessageAt(START + 5), START + 10);
  assert.deepEqual(await dueIds(store, START + 4), []);
  assert.deepEqual(await dueIds(store, START + 9), [id]);
  assert.deepEqual(await dueIds(store, START + 10), []);
  assert.deepEqual(await store.beginAttempt([id ?? 0], START + 10), []);
  const [late] = await store.expire(START + 10);
  assert.deepEqual([late?.id, late?.state], [id, 'expired']);
  assert.equal(await store.nextMessageAt(START + 10), undefined);
});

test('Rows of one saying to several friends come together and share a group', async (t) => {
  const store = await makeStore(t);
  const names = ['Kim', 'Lee', 'Park'];
  await store.addMessages(
    names.map((name) => message({ recipient: name, address: friend(name) })),
    'x',
    START,
  );
  const rows = await store.dueMessages(START, 10);
  assert.deepEqual(
    rows.map((row) => row.recipient),
    names,
  );
  assert.equal(new Set(rows.map((row) => row.group)).size, 1);
  await store.addMessages([message({ recipient: 'Choi', address: friend('Choi') })], 'x', START);
  assert.equal(new Set((await store.dueMessages(START, 10)).map((row) => row.group)).size, 2);
});

test('An attempt is claimed once', async (t) => {
  const store = await makeStore(t);
  const [id = 0] = await store.addMessages([message()], 'x', START);
  assert.deepEqual(await store.beginAttempt([id, 99], START + 1), [id]);
  assert.deepEqual(await store.beginAttempt([id], START + 1), []);
  const [row] = await store.messages({ state: 'sending', limit: 1 });
  assert.deepEqual([row?.attempts, row?.attemptedAt], [1, START + 1]);
});

test('A part that fails takes the later parts with it, and an unclear one does not', async (t) => {
  const store = await makeStore(t);
  const parts = [1, 2, 3].map((part) => message({ part, parts: 3 }));
  const [one = 0, two = 0] = await store.addMessages(
    [...parts, message({ index: 1 }), message({ recipient: 'you', part: 3, parts: 3 })],
    'x',
    START,
  );
  await store.beginAttempt([one], START);
  await store.settle([{ id: one, after: { state: 'unclear', reason: 'time-out' } }], START);
  assert.deepEqual(await states(store), ['unclear', 'pending', 'pending', 'pending', 'pending']);
  await store.beginAttempt([two], START);
  await store.settle([{ id: two, after: { state: 'failed', reason: 'refused' } }], START);
  assert.deepEqual(await states(store), ['unclear', 'failed', 'failed', 'pending', 'pending']);
  assert.equal((await store.messages({ limit: 9 }))[2]?.reason, 'an earlier part was not delivered');
});

test('What the owner must hear of an attempt is saved with its end', async (t) => {
  const store = await makeStore(t);
  const ids = await store.addMessages([message(), message({ recipient: 'you' })], 'x', START);
  await store.beginAttempt(ids, START);
  const telling = { messages: [message({ recipient: 'owner' })], most: 10, since: START };
  const notice = { key: 'undelivered:me', text: 'It was refused.', telling };
  const after = { state: 'failed', reason: 'refused' } as const;
  const opened = await store.settle(
    ids.map((id) => ({ id, after, notices: [notice] })),
    START,
  );
  assert.deepEqual(opened, [notice], 'two rows of one episode tell it once');
  assert.deepEqual(await states(store), ['failed', 'failed', 'pending']);
  assert.equal((await store.alerts())[0]?.toldAt, START);
});

test('A message that has its end keeps it', async (t) => {
  const store = await makeStore(t);
  const [id = 0] = await store.addMessages([message()], 'x', START);
  await store.beginAttempt([id], START);
  await store.settle([{ id, after: { state: 'sent' } }], START + 1);
  await store.settle([{ id, after: { state: 'pending', nextAt: START, reason: 'late answer' } }], START + 2);
  const [row] = await store.messages({ limit: 1 });
  assert.deepEqual([row?.state, row?.settledAt], ['sent', START + 1]);
});

test('What was being sent when talkbell ended is unclear, or sent once more and marked where the job asked', async (t) => {
  const store = await makeStore(t);
  const ids = await store.addMessages(
    [message(), message({ recipient: 'you', ifUnclear: 'resend' }), message({ recipient: 'she' })],
    'x',
    START,
  );
  await store.beginAttempt(ids.slice(0, 2), START);
  const recovered = await store.recoverMessages(START + 5);
  assert.deepEqual(
    recovered.map((row) => [row.state, row.resent]),
    [
      ['unclear', false],
      ['pending', true],
    ],
  );
  assert.equal(recovered[1]?.nextAt, START + 5);
  await store.beginAttempt(ids.slice(1, 2), START + 6);
  assert.deepEqual(
    (await store.recoverMessages(START + 7)).map((row) => row.state),
    ['unclear'],
    'only once',
  );
});

test('A message of a run is written once for a recipient, index and part', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  const { id } = await claimRun(store, START + 1);
  const messages = [message(), message({ index: 1 }), message({ recipient: 'you' })];
  await store.endLook({ run: id, hash: 'h', look: done(), after: TOLD, messages, now: START });
  assert.deepEqual((await store.messages({ run: id, limit: 9 })).length, 3);
  assert.deepEqual(
    (await store.messages({ job: 'cafe', state: 'pending', limit: 2 })).map((row) => row.job),
    ['cafe', 'cafe'],
  );
  assert.deepEqual(await store.messages({ job: 'cafe', state: 'sent', limit: 2 }), []);
});

for (const state of ['needs-login', 'held'] as const) {
  test(`An account that is ${state} keeps its messages back until its time, if it has one`, async (t) => {
    const store = await makeStore(t);
    await login(store);
    const [id, other] = await store.addMessages(
      [message(), message({ recipient: 'screen', address: CONSOLE })],
      'x',
      START,
    );
    const tokens = { access: 'a', accessExpiresAt: START, refresh: 'r', refreshExpiresAt: START + 60 * DAY };
    await store.saveLogin({ name: 'me', kakaoId: '1', scopes: [], tokens }, START);
    await store.markAccount('me', { state, reason: 'x' }, START);
    assert.deepEqual(await dueIds(store), [other]);
    await store.markAccount('me', { state, reason: 'x', heldUntil: START + 5 }, START);
    assert.equal(await store.nextMessageAt(START), START + 5);
    assert.deepEqual(await dueIds(store, START + 4), [other]);
    assert.deepEqual(await dueIds(store, START + 5), [id, other]);
  });
}

test('An account that needs a login still sends as long as its access token serves', async (t) => {
  const store = await makeStore(t);
  const tokens = { access: 'a', accessExpiresAt: START + 5, refresh: 'r', refreshExpiresAt: START + 60 * DAY };
  await store.saveLogin({ name: 'me', kakaoId: '1', scopes: [], tokens }, START);
  const [id] = await store.addMessages([message()], 'x', START);
  await store.markAccount('me', { state: 'needs-login', reason: 'x' }, START);
  assert.deepEqual(await dueIds(store, START + 4), [id]);
  assert.deepEqual(await dueIds(store, START + 5), []);
});

test('A message that waits for the morning lets later ones to the same recipient pass; one that is tried again does not', async (t) => {
  const store = await makeStore(t);
  const quiet = message({ nextAt: START + 100, freshUntil: START + 1000 });
  const [held] = await store.addMessages([quiet], 'x', START);
  const [later] = await store.addMessages([message()], 'x', START);
  assert.deepEqual(await dueIds(store), [later]);
  await store.beginAttempt([later ?? 0], START);
  await store.settle([{ id: later ?? 0, after: { state: 'pending', nextAt: START + 50, reason: 'busy' } }], START);
  await store.addMessages([message()], 'x', START);
  assert.deepEqual(await dueIds(store, START + 49), []);
  assert.deepEqual(await dueIds(store, START + 50), [later]);
  assert.ok(held);
});

test('The later parts of a message that expires go with it', async (t) => {
  const store = await makeStore(t);
  const parts = [1, 2].map((part) => message({ part, parts: 2, freshUntil: START + 9 }));
  const [first, second] = await store.addMessages(parts, 'x', START);
  await store.beginAttempt([first ?? 0], START);
  await store.settle([{ id: first ?? 0, after: { state: 'expired', reason: 'asked to wait too long' } }], START);
  const rows = await store.messages({ limit: 9 });
  assert.deepEqual(rows.find(({ id }) => id === second)?.state, 'failed');
});

test('A login and the end of a hold make the waiting messages of the account due at once', async (t) => {
  const store = await makeStore(t);
  await login(store);
  const [id] = await store.addMessages([message({ nextAt: START + 50 * 60_000 })], 'x', START);
  await store.markAccount('me', { state: 'held', reason: 'x' }, START);
  await store.markAccount('me', { state: 'ok', reason: '' }, START + 2);
  assert.deepEqual(await dueIds(store, START + 2), [id]);

  const [later] = await store.addMessages([message({ recipient: 'you', nextAt: START + 50 * 60_000 })], 'x', START);
  await login(store);
  assert.deepEqual(await dueIds(store, START + 2), [id, later]);
});

test('The ledger counts Kakao messages by Korean day, sender and recipient, and not what was not taken', async (t) => {
  const store = await makeStore(t);
  const evening = Date.UTC(2026, 10, 20, 14, 59);
  const add = async (recipient: string, address: Address, now: number) => {
    const [id = 0] = await store.addMessages(
      [message({ recipient, address, nextAt: now, freshUntil: now + DAY })],
      'x',
      now,
    );
    await store.beginAttempt([id], now);
    return id;
  };
  await add('Kim', friend('Kim'), evening);
  await add('Lee', friend('Lee'), evening);
  await add('screen', CONSOLE, evening);
  const next = await add('Kim', friend('Kim'), evening + 60_000);
  assert.deepEqual(await store.sentOn('2026-11-20', 'me', 'Kim'), { sender: 2, receiver: 1 });
  assert.deepEqual(await store.sentOn('2026-11-21', 'me', 'Kim'), { sender: 1, receiver: 1 });
  await store.settle(
    [{ id: next, after: { state: 'pending', nextAt: evening + DAY, reason: 'refused' } }],
    evening + 60_000,
  );
  assert.deepEqual(await store.sentOn('2026-11-21', 'me', 'Kim'), { sender: 0, receiver: 0 });
});

test('Messages are counted by state', async (t) => {
  const store = await makeStore(t);
  const ids = await store.addMessages(
    [message(), message({ recipient: 'you' }), message({ recipient: 'she' })],
    'x',
    START,
  );
  await store.beginAttempt(ids.slice(0, 2), START);
  await store.settle([{ id: ids[0] ?? 0, after: { state: 'sent' } }], START);
  const counts = { pending: 1, sending: 1, sent: 1, failed: 0, expired: 0, unclear: 0 };
  assert.deepEqual(await store.countMessages(), counts);
  await store.prune(START + 91 * DAY);
  assert.deepEqual(await store.countMessages(), { ...counts, sent: 0 });
});

test('Old history goes, but never what is pending nor the last runs of a slot', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  for (let at = 1; at <= 30; at += 1) {
    const { id } = await claimRun(store, START + at);
    const messages = at === 1 ? [message()] : [];
    await store.endLook({ run: id, hash: 'h', look: done(), after: TOLD, messages, now: START + at });
  }
  assert.equal(await store.prune(START + 80 * DAY), 0);
  assert.equal(await store.prune(START + 91 * DAY), 9);
  assert.equal((await store.runs({ limit: 99 })).length, 21);
  assert.equal((await store.countMessages()).pending, 1);
});
