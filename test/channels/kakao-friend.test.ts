import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { makeKakaoFriendChannel } from '../../src/channels/kakao-friend.ts';
import type { Channel, Outgoing } from '../../src/core/ports.ts';
import { makeFriendsBook } from '../../src/kakao/friends.ts';
import { HOUR, makeRow, never, openStage, type Stage } from '../kakao/stage.ts';

const FRIENDS = ['준호', '서연', '도윤', '지우', '하은', '시우'];

let stage: Stage;
let channel: Channel;

beforeEach(async () => {
  stage = await openStage();
  for (const name of FRIENDS) {
    stage.sandbox.users.add(name);
    assert.equal((await stage.login(name, name)).kind, 'ok');
  }
  assert.equal((await stage.login('민지')).kind, 'ok');
  stage.sandbox.users.add('민지', { friends: FRIENDS });
  const { kakao, keeper, store, clock, sandbox } = stage;
  sandbox.reset();
  const now = () => clock.at;
  channel = makeKakaoFriendChannel({ kakao, keeper, friends: makeFriendsBook({ kakao, keeper, store, now }), now });
});

afterEach(() => stage.close());

function to(friend: string, changes: Partial<Outgoing> = {}): Outgoing {
  return makeRow({
    address: { channel: 'kakao-friend', account: 'me', friend },
    recipient: friend,
    freshUntil: stage.clock.at + HOUR,
    ...changes,
  });
}

const kinds = async (rows: readonly Outgoing[]) => (await channel.deliver(rows, never)).map(({ kind }) => kind);
const sends = () => stage.sandbox.requests().filter(({ path }) => path.includes('/friends/message'));
const receivers = () => stage.sandbox.received().map(({ receiver }) => receiver);

test('five friends are reached by one call', async () => {
  const five = FRIENDS.slice(0, 5);
  assert.deepEqual(await kinds(five.map((friend) => to(friend))), Array(5).fill('sent'));
  assert.deepEqual(receivers().toSorted(), five.toSorted());
  assert.equal(sends().length, 1);
});

test('more than five receivers are never named in one call', async () => {
  assert.deepEqual(await kinds(FRIENDS.map((friend) => to(friend))), Array(6).fill('sent'));
  const named = sends().map(({ form }) => JSON.parse(form['receiver_uuids'] ?? '[]').length);
  assert.deepEqual(named, [5, 1]);
});

test('rows that say other things go in calls of their own', async () => {
  const other = {
    kind: 'default',
    object: { object_type: 'text', text: '저녁', link: { web_url: 'https://example.com' } },
  } as const;
  assert.deepEqual(await kinds([to('준호'), to('서연', { saying: other })]), ['sent', 'sent']);
  assert.equal(sends().length, 2);
});

test('each row has its own outcome, in the order of the rows', async () => {
  await channel.deliver([to('준호')], never);
  stage.sandbox.users.add('서연', { blocksMessages: true });
  const outcomes = await channel.deliver([to('누구'), to('서연'), to('준호')], never);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['failed', 'failed', 'sent'],
  );
  assert.deepEqual(receivers(), ['준호', '준호']);
});

test('a failure of Kakao for one of several leaves the others sent', async () => {
  await channel.deliver([to('준호')], never);
  stage.sandbox.app.quotas = { ...stage.sandbox.app.quotas, pairDaily: 1 };
  assert.deepEqual(await kinds([to('준호'), to('서연')]), ['hold', 'sent']);
});

test('a failure of the only receiver is a plain error and counts the same', async () => {
  await channel.deliver([to('준호')], never);
  stage.sandbox.app.quotas = { ...stage.sandbox.app.quotas, pairDaily: 1 };
  const [outcome] = await channel.deliver([to('준호')], never);
  assert.ok(outcome?.kind === 'hold' && outcome.code === '-536');
});

test('a friend whose uuid has changed is fetched anew, tried again, and then reached', async () => {
  await channel.deliver([to('준호'), to('서연')], never);
  stage.sandbox.users.changeUuid('준호');
  const [outcome, other] = await channel.deliver([to('준호'), to('서연')], never);
  assert.equal(other?.kind, 'sent');
  assert.ok(outcome?.kind === 'retry' && outcome.retryAfterMs === 0, JSON.stringify(outcome));
  assert.deepEqual(await kinds([to('준호')]), ['sent']);
});

test('a receiver in neither list is unclear, and is never counted as sent', async () => {
  await channel.deliver([to('준호')], never);
  const body = JSON.stringify({ successful_receiver_uuids: [] });
  stage.sandbox.fault({ path: '/friends/message', kind: 'status', status: 200, body });
  assert.deepEqual(await kinds([to('준호'), to('서연')]), ['unclear', 'unclear']);
});

test('a lost answer is unclear for all rows of the call', async () => {
  stage.sandbox.fault({ path: '/friends/message', kind: 'drop-after' });
  assert.deepEqual(await kinds([to('준호'), to('서연')]), ['unclear', 'unclear']);
  assert.equal(sends().length, 1);
});

test('a friends list that cannot be had is asked for once, and nothing is sent', async () => {
  stage.sandbox.fault({ path: /talk\/friends(\?|$)/, kind: 'html-502', times: 9 });
  assert.deepEqual(await kinds([to('준호'), to('서연')]), ['retry', 'retry']);
  assert.equal(sends().length, 0);
  assert.equal(stage.sandbox.requests().length, 1);
});

test('a token that ends between the list and the message is refreshed once', async () => {
  await channel.deliver([to('준호')], never);
  stage.sandbox.users.expire('민지', 'access');
  assert.deepEqual(await kinds([to('준호'), to('서연')]), ['sent', 'sent']);
  assert.equal(stage.refreshes(), 1);
});

test('a stale row keeps the call from being made', async () => {
  const outcomes = await channel.deliver([to('준호', { freshUntil: stage.clock.at - 1 })], never);
  assert.ok(outcomes[0]?.kind === 'retry' && /no longer fresh/.test(outcomes[0].reason));
  assert.equal(sends().length, 0);
});

test('two rows for the same person are one message', async () => {
  assert.deepEqual(await kinds([to('준호'), to('준호', { recipient: 'jh' })]), ['sent', 'sent']);
  assert.deepEqual(receivers(), ['준호']);
});
