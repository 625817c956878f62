// The rows F1 to F5 and R1 to R3 of Kakao's behaviour: the list of friends, and messages to them.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { get, logIn, openSandbox, read, sendToFriends, setKoreanTime, type TokenBody, uuidOf } from './visitor.ts';

const LIST = '/v1/api/talk/friends';

interface FriendList {
  readonly elements: readonly {
    readonly profile_nickname: string;
    readonly uuid: string;
    readonly allowed_msg: boolean;
  }[];
  readonly total_count: number;
  readonly before_url: string | null;
  readonly after_url: string | null;
}

/** Four friends of each other, all logged in; the token is 민지's. */
async function openWithFriends(
  t: TestContext,
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; token: string }> {
  const sandbox = await openSandbox(t, options);
  for (const name of ['준호', '서연', '도윤']) await logIn(sandbox, name);
  return { sandbox, token: (await logIn(sandbox, '민지')).access_token };
}

async function listFriends(sandbox: Sandbox, token: string, query = ''): Promise<FriendList> {
  return (await (await get(sandbox, LIST + query, token)).json()) as FriendList;
}

test('F1: a message to several friends names all who got it, and no failure_info', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  const uuids = ['준호', '서연', '도윤'].map((name) => uuidOf(sandbox, name));

  assert.deepEqual(await read(sendToFriends(sandbox, token, uuids)), {
    status: 200,
    body: { successful_receiver_uuids: uuids },
  });
  assert.deepEqual(
    sandbox.received().map(({ sender, receiver }) => [sender, receiver]),
    [
      ['민지', '준호'],
      ['민지', '서연'],
      ['민지', '도윤'],
    ],
  );
});

test('F2: of several receivers some fail within a 200, grouped by code', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  sandbox.users.add('서연', { blocksMessages: true });
  const [good, blocked] = [uuidOf(sandbox, '준호'), uuidOf(sandbox, '서연')];

  const { status, body } = await read(sendToFriends(sandbox, token, ['stranger', good, blocked, 'another']));

  assert.equal(status, 200);
  const { successful_receiver_uuids: sent, failure_info: failed } = body as TokenBody;
  assert.deepEqual(sent, [good]);
  assert.deepEqual(
    (failed as readonly { code: number; receiver_uuids: readonly string[] }[]).map((one) => [
      one.code,
      one.receiver_uuids,
    ]),
    [
      [-502, ['stranger', 'another']],
      [-530, [blocked]],
    ],
  );
});

test('F2: when all of several fail it is still a 200', async (t) => {
  const { sandbox, token } = await openWithFriends(t);

  const { status, body } = await read(sendToFriends(sandbox, token, ['stranger', 'another']));

  assert.equal(status, 200);
  assert.deepEqual((body as TokenBody)['successful_receiver_uuids'], []);
});

test('F3: a single receiver who fails is a plain error with status 400', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  sandbox.users.add('서연', { blocksMessages: true });
  sandbox.users.setConsent('도윤', ['friends']);
  const codeFor = async (uuid: string) => {
    const { status, body } = await read(sendToFriends(sandbox, token, [uuid]));
    return [status, (body as TokenBody)['code'], 'failure_info' in (body as object)];
  };

  assert.deepEqual(await codeFor('stranger'), [400, -502, false]);
  assert.deepEqual(await codeFor(uuidOf(sandbox, '서연')), [400, -530, false]);
  assert.deepEqual(await codeFor(uuidOf(sandbox, '도윤')), [400, -502, false], 'has not agreed to messages');
});

test('F4: receivers that are no JSON array are refused, and so are more than five', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  const six = Array.from({ length: 6 }, () => uuidOf(sandbox, '준호'));

  assert.equal((await sendToFriends(sandbox, token, 'a,b')).status, 400);
  assert.equal((await sendToFriends(sandbox, token, [])).status, 400);
  assert.equal((await sendToFriends(sandbox, token, six)).status, 400);
  sandbox.app.moreThanFiveReceivers = 'accept';
  assert.equal((await sendToFriends(sandbox, token, six)).status, 200);
});

test('F5: the 21st message of a pair in a day is -536, and the next Korean day begins anew', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  setKoreanTime(sandbox, '2026-11-20T23:00');
  const again = (await logIn(sandbox, '민지')).access_token;
  const five = Array.from({ length: 5 }, () => uuidOf(sandbox, '준호'));
  for (let count = 0; count < 4; count += 1) await sendToFriends(sandbox, again, five);

  const refused = await read(sendToFriends(sandbox, again, [uuidOf(sandbox, '준호')]));
  assert.deepEqual([refused.status, (refused.body as TokenBody)['code']], [400, -536]);
  assert.equal((await sendToFriends(sandbox, again, [uuidOf(sandbox, '서연')])).status, 200);
  sandbox.clock.advance(3_600_000);
  assert.equal((await sendToFriends(sandbox, again, [uuidOf(sandbox, '준호')])).status, 200);
  assert.ok(token);
});

test('F5: over the sender number it is -532 with its known words, over the receiver number -533', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  const { access_token: other } = await logIn(sandbox, '서연');
  sandbox.app.quotas = { ...sandbox.app.quotas, senderDaily: 2, receiverDaily: 2 };
  const target = uuidOf(sandbox, '준호');
  await sendToFriends(sandbox, token, [target]);
  await sendToFriends(sandbox, token, [target]);

  assert.deepEqual(await read(sendToFriends(sandbox, token, [target])), {
    status: 400,
    body: { msg: 'daily message limit per sender has been exceeded.', code: -532 },
  });
  assert.equal(((await read(sendToFriends(sandbox, other, [target]))).body as TokenBody)['code'], -533);
});

test('R1: ten friends a page; after_url carries offset, limit and orders on a foreign plain-http host', async (t) => {
  const sandbox = await openSandbox(t);
  for (let count = 0; count < 25; count += 1) {
    const name = `친구${String(count).padStart(2, '0')}`;
    sandbox.users.add(name, { friends: ['민지'] });
    sandbox.users.setConsent(name, ['friends', 'talk_message']);
  }
  sandbox.users.add('민지', { favorites: ['친구07'] });
  const { access_token: token } = await logIn(sandbox, '민지');

  const first = await listFriends(sandbox, token);
  assert.equal(first.total_count, 25);
  assert.equal(first.elements.length, 10);
  assert.equal(first.before_url, null);
  assert.equal(first.elements[0]?.profile_nickname, '친구07', 'favourites come first');
  const next = new URL(first.after_url ?? '');
  assert.equal(next.protocol, 'http:');
  assert.notEqual(next.host, new URL(sandbox.url).host);
  assert.deepEqual(Object.fromEntries(next.searchParams), {
    offset: '10',
    limit: '10',
    order: 'asc',
    friend_order: 'favorite',
  });

  const last = await listFriends(sandbox, token, '?offset=20&limit=10&friend_order=nickname&order=desc');
  assert.equal(last.after_url, null);
  assert.deepEqual(
    last.elements.map((friend) => friend.profile_nickname),
    ['친구04', '친구03', '친구02', '친구01', '친구00'],
  );
  assert.equal((await listFriends(sandbox, token, '?limit=500')).elements.length, 25);
});

test('R1: only friends who use the app, agreed and are not hidden are listed; who blocks is marked', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  sandbox.users.add('서연', { hidden: true });
  sandbox.users.add('도윤', { blocksMessages: true });
  sandbox.users.setConsent('준호', ['talk_message']);

  const { elements } = await listFriends(sandbox, token);

  assert.deepEqual(
    elements.map((friend) => [friend.profile_nickname, friend.allowed_msg]),
    [['도윤', false]],
  );
});

test('R2: without the friends consent the list is -402', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지', { sandbox_scopes: 'talk_message' });

  const { status, body } = await read(get(sandbox, LIST, token));

  assert.equal(status, 403);
  assert.equal((body as TokenBody)['code'], -402);
  assert.deepEqual((body as TokenBody)['required_scopes'], ['friends']);
});

test('R3: an app that is not approved lists and reaches members only', async (t) => {
  const { sandbox, token } = await openWithFriends(t, { app: { approved: false, members: ['민지', '준호'] } });

  const { elements, total_count: total } = await listFriends(sandbox, token);

  assert.deepEqual([elements.map((friend) => friend.profile_nickname), total], [['준호'], 1]);
  assert.equal((await sendToFriends(sandbox, token, [uuidOf(sandbox, '준호')])).status, 200);
  assert.equal((await sendToFriends(sandbox, token, [uuidOf(sandbox, '도윤')])).status, 400);
});

test('a uuid may change: the old one is no friend any more', async (t) => {
  const { sandbox, token } = await openWithFriends(t);
  const old = uuidOf(sandbox, '준호');
  const { uuid } = sandbox.users.changeUuid('준호');

  assert.equal((await sendToFriends(sandbox, token, [old])).status, 400);
  assert.equal((await sendToFriends(sandbox, token, [uuid])).status, 200);
});
