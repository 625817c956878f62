import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type FriendsBook, makeFriendsBook } from '../../src/kakao/friends.ts';
import { HOUR, never, openStage, type Stage } from './stage.ts';

let stage: Stage;
let book: FriendsBook;

beforeEach(async () => {
  stage = await openStage();
  for (const name of ['준호', '서연']) await stage.login(name, name);
  assert.equal((await stage.login('민지')).kind, 'ok');
  stage.sandbox.users.add('민지', { friends: ['준호', '서연'] });
  const { kakao, keeper, store, clock } = stage;
  book = makeFriendsBook({ kakao, keeper, store, now: () => clock.at });
  stage.sandbox.reset();
});

afterEach(() => stage.close());

const find = (friend: string, anew = false) => book.find('me', friend, { signal: never, anew });
const lists = () => stage.sandbox.requests().filter(({ path }) => path.includes('/talk/friends')).length;

test('a friend is found by nickname and by id, and the list is kept for an hour', async () => {
  const byName = await find('준호');
  assert.ok(byName.kind === 'found' && byName.friend.id !== undefined);
  assert.deepEqual(await find(byName.friend.id), byName);
  assert.deepEqual(await find(' 준호 '.normalize('NFD')), byName);
  assert.equal(lists(), 1);
  stage.clock.at += HOUR;
  await find('준호');
  assert.equal(lists(), 2);
});

test('the list is fetched anew for a friend who is not in it, and for one whose address has proved wrong', async () => {
  await find('준호');
  const missing = await find('누구');
  assert.ok(missing.kind === 'failed' && /has no friend 누구/.test(missing.reason));
  assert.equal(lists(), 2);
  await find('준호', true);
  assert.equal(lists(), 3);
});

test('a friend who takes no messages fails with a sentence', async () => {
  stage.sandbox.users.add('준호', { blocksMessages: true });
  const found = await find('준호');
  assert.ok(found.kind === 'failed' && /does not allow messages/.test(found.reason));
});

test('a nickname that several bear names the ids to choose from', async () => {
  await stage.store.saveFriends(
    'me',
    ['11', '12'].map((id) => ({ id, uuid: `u${id}`, nickname: '지수', allowed: true })),
    stage.clock.at,
  );
  stage.sandbox.fault({
    path: '/talk/friends',
    kind: 'status',
    status: 200,
    body: JSON.stringify({
      elements: ['11', '12'].map((id) => ({ id: Number(id), uuid: `u${id}`, profile_nickname: '지수' })),
      total_count: 2,
    }),
  });
  const found = await find('지수');
  assert.ok(found.kind === 'failed' && /by id instead: 11, 12/.test(found.reason), JSON.stringify(found));
});

test('all pages are read, from our own address, though after_url names another host', async () => {
  const names = Array.from({ length: 130 }, (_, index) => `친구${index}`);
  for (const name of names) {
    stage.sandbox.users.add(name);
    await stage.login(name, name);
  }
  stage.sandbox.app.members = ['민지', ...names];
  stage.sandbox.users.add('민지', { friends: names });
  stage.sandbox.reset();
  const fetched = await book.fetch('me', never);
  assert.ok(fetched.kind === 'ok');
  assert.equal(fetched.value.length, 130);
  assert.equal(lists(), 2);
});

test('a list that cannot be had is tried again and is never unclear', async () => {
  stage.sandbox.fault({ path: '/talk/friends', kind: 'drop-before' });
  assert.equal((await find('준호')).kind, 'retry');
  stage.sandbox.fault({ path: '/talk/friends', kind: 'html-502' });
  assert.equal((await find('준호')).kind, 'retry');
  assert.equal((await find('준호')).kind, 'found');
});
