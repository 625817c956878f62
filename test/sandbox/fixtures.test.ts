// Kakao's own recorded answers, held against the sandbox's: same fields, same kinds of value.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { askRefresh, get, logIn, openSandbox, post, read, sendMemo, sendToFriends, uuidOf } from './visitor.ts';

const FOLDER = path.join(import.meta.dirname, '../../../shared/kakao/fixtures');
const skip = existsSync(FOLDER) ? false : '../shared is absent';
/** Fields that Kakao has given up since, or that only its internal hosts give. */
const GONE = [
  'result_code',
  'result_id',
  'account_id',
  'service_user_id',
  'app_registered',
  'relation',
  'talk_os',
  'talk_user_id',
];

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'));
}

/** Fails for every field of Kakao's that ours lacks or that holds another kind of value. */
function assertFits(ours: unknown, theirs: unknown, where = 'answer'): void {
  if (theirs === null || ours === null) return;
  assert.equal(typeof ours, typeof theirs, where);
  if (Array.isArray(theirs)) assertFits((ours as unknown[])[0], theirs.at(-1), `${where}[0]`);
  if (typeof theirs !== 'object' || Array.isArray(theirs)) return;
  for (const [field, value] of Object.entries(theirs as object)) {
    if (!GONE.includes(field)) assertFits((ours as Record<string, unknown>)[field], value, `${where}.${field}`);
  }
}

test('errors are the very ones that Kakao recorded', { skip }, async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지', { sandbox_scopes: 'friends' });

  assertFits((await read(sendMemo(sandbox, token))).body, fixture('errors/invalid_scope.json'));
  assert.deepEqual((await read(sendMemo(sandbox, 'x'))).body, fixture('errors/token_does_not_exist.json'));
  sandbox.users.expire('민지', 'access');
  assert.deepEqual((await read(sendMemo(sandbox, token))).body, fixture('errors/expired_token.json'));
});

test('tokens, ids, results and friends have the fields that Kakao recorded', { skip }, async (t) => {
  const sandbox = await openSandbox(t);
  await logIn(sandbox, '준호');
  const tokens = await logIn(sandbox, '민지');
  const token = tokens.access_token;
  const uuids = [uuidOf(sandbox, '준호'), 'stranger'];

  assertFits(tokens, fixture('oauth/token_with_rt.json'));
  assertFits((await read(askRefresh(sandbox, tokens.refresh_token))).body, fixture('oauth/token.json'));
  assertFits((await read(get(sandbox, '/v1/user/access_token_info', token))).body, fixture('users/token_info.json'));
  assert.deepEqual((await read(sendMemo(sandbox, token))).body, fixture('talk/memo/result_code.json'));
  assertFits((await read(sendToFriends(sandbox, token, uuids))).body, fixture('talk/message/partial_success.json'));
  assertFits((await read(get(sandbox, '/v1/api/talk/friends', token))).body, fixture('talk/friends/friends.json'));
  assertFits((await read(post(sandbox, '/v1/user/logout', { token }))).body, fixture('users/id.json'));
});

test("Kakao's own templates are accepted without a warning", { skip }, async (t) => {
  const sandbox = await openSandbox(t, { app: { linkDomains: ['kakao.com'] } });
  const { access_token: token } = await logIn(sandbox, '민지');

  for (const name of ['template/feed/feed_object.json', 'template/list/list_object.json']) {
    assert.equal((await sendMemo(sandbox, token, fixture(name))).status, 200);
  }
  assert.deepEqual(
    sandbox.received().flatMap((message) => message.warnings),
    [],
  );
});
