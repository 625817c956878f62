// Accounts and their tokens, alerts, recipients, friends, leases.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreError } from '../../src/core/errors.ts';
import type { Store, Tokens } from '../../src/core/ports.ts';
import { DAY, HOUR, makeFolder, makeStore, START } from './store-setup.ts';

const TOKENS: Tokens = {
  access: 'access-token-one',
  accessExpiresAt: START + 6 * HOUR,
  refresh: 'refresh-token-one',
  refreshExpiresAt: START + 60 * DAY,
};
const NEWER: Tokens = { ...TOKENS, access: 'access-token-two', refresh: 'refresh-token-two' };

function login(store: Store, name = 'me'): Promise<void> {
  return store.saveLogin({ name, kakaoId: '77', scopes: ['talk_message'], tokens: TOKENS }, START);
}

test('A login is kept with its tokens and becomes a recipient, unless one has that name', async (t) => {
  const store = await makeStore(t);
  await store.saveRecipient({ name: 'mom', address: { channel: 'console' } }, START);
  await login(store);
  await login(store, 'mom');
  assert.deepEqual((await store.tokens('me'))?.tokens, TOKENS);
  const [me] = await store.accounts();
  assert.deepEqual([me?.name, me?.kakaoId, me?.state, me?.scopes], ['me', '77', 'ok', ['talk_message']]);
  assert.deepEqual(await store.recipients(), [
    { name: 'me', address: { channel: 'kakao-memo', account: 'me' } },
    { name: 'mom', address: { channel: 'console' } },
  ]);
});

test('No token stands in the files as it is', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await makeStore(t, { file });
  await login(store);
  await store.saveRawAnswer('me', 'raw-answer-of-kakao');
  const bytes = [file, `${file}-wal`].map((name) => readFileSync(name, 'latin1')).join('');
  assert.doesNotMatch(bytes, /access-token|refresh-token|raw-answer-of/);
  assert.match(bytes, /talk_message/);
});

test('A refresh goes from intent over raw answer to new tokens', async (t) => {
  const store = await makeStore(t);
  await login(store);
  await store.beginRefresh('me', { at: START, tokenHash: 'abc' });
  assert.deepEqual((await store.tokens('me'))?.intent, { at: START, tokenHash: 'abc' });
  await store.saveRawAnswer('me', '{"raw":1}');
  assert.equal(await store.rawAnswer('me'), '{"raw":1}');
  await store.commitRefresh('me', NEWER, START + 1);
  assert.deepEqual(await store.tokens('me'), { tokens: NEWER, intent: undefined });
  assert.equal(await store.rawAnswer('me'), undefined);
});

test('A refresh that is abandoned keeps the tokens', async (t) => {
  const store = await makeStore(t);
  await login(store);
  await store.beginRefresh('me', { at: START, tokenHash: 'abc' });
  await store.abandonRefresh('me');
  assert.deepEqual(await store.tokens('me'), { tokens: TOKENS, intent: undefined });
});

test('A refresh that works verifies an account, and ends no hold', async (t) => {
  const store = await makeStore(t);
  await login(store);
  await login(store, 'you');
  await store.markAccount('me', { state: 'verify', reason: 'restored' }, START);
  await store.markAccount('you', { state: 'held', reason: 'quota', heldUntil: START + HOUR }, START);
  await store.commitRefresh('me', NEWER, START);
  await store.commitRefresh('you', NEWER, START);
  const accounts = await store.accounts();
  assert.deepEqual(
    accounts.map(({ state, reason, heldUntil }) => [state, reason, heldUntil]),
    [
      ['ok', undefined, undefined],
      ['held', 'quota', START + HOUR],
    ],
  );
});

test('A hold ends by itself', async (t) => {
  let now = START;
  const store = await makeStore(t, { now: () => now });
  await login(store);
  await store.markAccount('me', { state: 'held', reason: 'quota', heldUntil: START + HOUR }, START);
  now = START + HOUR;
  assert.equal((await store.accounts())[0]?.state, 'ok');
});

test('Another key opens nothing, says so, and leaves the tokens for the right one', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await makeStore(t, { file });
  await login(store);
  const other = await makeStore(t, { file, key: Buffer.alloc(32, 9) });
  await assert.rejects(other.tokens('me'), (error) => error instanceof StoreError && error.kind === 'key');
  assert.equal((await other.accounts()).length, 1);
  assert.deepEqual((await store.tokens('me'))?.tokens, TOKENS);
});

test('An account that is removed is gone', async (t) => {
  const store = await makeStore(t);
  await login(store);
  assert.equal(await store.removeAccount('me'), true);
  assert.equal(await store.removeAccount('me'), false);
  assert.equal(await store.tokens('me'), undefined);
});

test('An alert is an episode: opened once, told once, ended once', async (t) => {
  const store = await makeStore(t);
  assert.equal(await store.openAlert('job:cafe', 'It fails.', START), true);
  assert.equal(await store.openAlert('job:cafe', 'It fails.', START + 1), false);
  assert.deepEqual(await store.alerts(), [{ key: 'job:cafe', text: 'It fails.', since: START, toldAt: undefined }]);
  await store.markTold(['job:cafe'], START + 2);
  assert.equal((await store.closeAlert('job:cafe'))?.toldAt, START + 2);
  assert.equal(await store.closeAlert('job:cafe'), undefined);
  assert.equal(await store.alertsToldSince(START + 2), 1);
  assert.equal(await store.alertsToldSince(START + 3), 0);
});

test('An alert that nobody was told of ends in silence', async (t) => {
  const store = await makeStore(t);
  await store.openAlert('job:cafe', 'It fails.', START);
  assert.equal(await store.closeAlert('job:cafe'), undefined);
  assert.deepEqual(await store.alerts(), []);
});

test('Recipients and friends are kept until they are replaced or removed', async (t) => {
  const store = await makeStore(t);
  const friends = [{ id: '5', uuid: 'u', nickname: undefined, allowed: true }];
  await store.saveFriends('me', friends, START);
  assert.deepEqual(await store.friends('me'), { friends, fetchedAt: START });
  assert.equal(await store.friends('you'), undefined);
  await store.saveRecipient({ name: 'all', address: { channel: 'group', members: ['a'] } }, START);
  await store.saveRecipient({ name: 'all', address: { channel: 'group', members: ['a', 'b'] } }, START);
  assert.deepEqual(await store.recipients(), [{ name: 'all', address: { channel: 'group', members: ['a', 'b'] } }]);
  assert.equal(await store.removeRecipient('all'), true);
  assert.equal(await store.removeRecipient('all'), false);
});

test('A lease has one holder at a time, ends by time, and an old holder cannot release the next', async (t) => {
  const store = await makeStore(t);
  const first = await store.lease('refresh:me', 30_000, START);
  assert.notEqual(first, undefined);
  assert.equal(await store.lease('refresh:me', 30_000, START + 29_999), undefined);
  assert.notEqual(await store.lease('refresh:you', 30_000, START), undefined);
  const second = await store.lease('refresh:me', 30_000, START + 30_000);
  await first?.release();
  assert.equal(await store.lease('refresh:me', 30_000, START + 30_001), undefined);
  await second?.release();
  assert.notEqual(await store.lease('refresh:me', 30_000, START + 30_002), undefined);
});

test('A lease taken before the clock went back a day does not last that day', async (t) => {
  const store = await makeStore(t);
  await store.lease('refresh:me', 30_000, START + DAY);
  assert.notEqual(await store.lease('refresh:me', 30_000, START), undefined);
});
