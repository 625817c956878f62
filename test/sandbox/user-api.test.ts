// The rows U1 to U8 of Kakao's behaviour: what a token is worth, and what its user agreed to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askRefresh, get, logIn, openSandbox, post, read, sendMemo, type TokenBody } from './visitor.ts';

const INFO = '/v1/user/access_token_info';

test('U1: a valid token tells its user, app and remaining seconds', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  sandbox.clock.advance(1000_000);

  const { status, body } = await read(get(sandbox, INFO, token));

  assert.equal(status, 200);
  assert.deepEqual(body, {
    id: sandbox.users.list()[0]?.id,
    expires_in: 20_599,
    app_id: sandbox.app.id,
    expiresInMillis: 20_599_000,
    appId: sandbox.app.id,
  });
});

test('U2: an unknown token is refused with -401 and a WWW-Authenticate header', async (t) => {
  const sandbox = await openSandbox(t);

  const response = await sendMemo(sandbox, 'nothing');

  assert.equal(response.status, 401);
  assert.equal(response.headers.get('www-authenticate'), 'Bearer error=invalid_token');
  assert.deepEqual(await response.json(), { msg: 'this access token does not exist', code: -401 });
});

test('U3: a token is expired after its 21599 seconds', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  sandbox.clock.advance(21_598_000);
  assert.equal((await get(sandbox, INFO, token)).status, 200);
  sandbox.clock.advance(1000);

  const response = await get(sandbox, INFO, token);

  assert.equal(response.headers.get('www-authenticate'), 'Bearer error=invalid_token');
  assert.deepEqual(await response.json(), { msg: 'this access token is already expired', code: -401 });
});

test('U4: a call without Authorization is refused', async (t) => {
  const sandbox = await openSandbox(t);

  assert.deepEqual(await read(fetch(sandbox.apiUrl + INFO)), {
    status: 401,
    body: { msg: 'no authentication key!', code: -401 },
  });
});

test('U5: an over-long token is malformed, not invalid', async (t) => {
  const sandbox = await openSandbox(t);

  assert.deepEqual(await read(get(sandbox, INFO, 'x'.repeat(500))), {
    status: 400,
    body: { msg: 'too long for access token.', code: -2 },
  });
});

test('a deactivated key and an address that is not registered are refused with their own words', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');

  sandbox.app.allowedIps = ['203.0.113.9'];
  const mismatched = { msg: 'ip mismatched! callerIp=127.0.0.1. check out registered ips.', code: -401 };
  assert.deepEqual(await read(get(sandbox, INFO, token)), { status: 401, body: mismatched });
  sandbox.app.keyDeactivated = true;
  const { body } = await read(get(sandbox, INFO, token));
  assert.match(String((body as TokenBody)['msg']), /^appKey\(.+\) is already deactivated$/);
});

test('U6: logging out ends the tokens of that login, unlinking those of every login', async (t) => {
  const sandbox = await openSandbox(t);
  const first = await logIn(sandbox, '민지');
  const second = await logIn(sandbox, '민지');
  const third = await logIn(sandbox, '민지');
  const id = sandbox.users.list()[0]?.id;

  assert.deepEqual(await read(post(sandbox, '/v1/user/logout', { token: first.access_token })), {
    status: 200,
    body: { id },
  });
  assert.equal((await get(sandbox, INFO, first.access_token)).status, 401);
  assert.equal((await askRefresh(sandbox, first.refresh_token)).status, 400);
  assert.equal((await get(sandbox, INFO, second.access_token)).status, 200);

  assert.deepEqual(await read(post(sandbox, '/v1/user/unlink', { token: second.access_token })), {
    status: 200,
    body: { id },
  });
  assert.equal((await get(sandbox, INFO, third.access_token)).status, 401);
  assert.equal((await askRefresh(sandbox, third.refresh_token)).status, 400);
  assert.equal(sandbox.users.list()[0]?.linked, false);
});

test('U6: the app unlinks a user with its admin key, and a wrong key is refused as KakaoAK', async (t) => {
  const sandbox = await openSandbox(t);
  await logIn(sandbox, '민지');
  const id = sandbox.users.list()[0]?.id;
  const unlink = (key: string) =>
    fetch(`${sandbox.apiUrl}/v1/user/unlink`, {
      method: 'POST',
      headers: { authorization: `KakaoAK ${key}` },
      body: new URLSearchParams({ target_id_type: 'user_id', target_id: String(id) }),
    });

  assert.equal((await unlink('wrong')).headers.get('www-authenticate'), 'KakaoAK error=invalid_token');
  assert.deepEqual(await read(unlink(sandbox.app.adminKey)), { status: 200, body: { id } });
});

test('U7: the scopes tell what is in use and agreed to, and revocable only where agreed', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지', { sandbox_scopes: 'talk_message' });
  const query = new URLSearchParams({ scopes: '["talk_message","friends","profile_nickname"]' });

  const { status, body } = await read(get(sandbox, `/v2/user/scopes?${query}`, token));

  assert.equal(status, 200);
  const { scopes } = body as { scopes: readonly Record<string, unknown>[] };
  assert.deepEqual(
    scopes.map(({ id, type, using, agreed, revocable }) => [id, type, using, agreed, revocable]),
    [
      ['profile_nickname', 'PRIVACY', true, true, false],
      ['friends', 'PRIVACY', true, false, undefined],
      ['talk_message', 'SERVICE', true, true, true],
    ],
  );
});

test('U8: a required item cannot be revoked, an unknown one neither, and what is revoked is gone at once', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const revoke = (scopes: string) => post(sandbox, '/v2/user/revoke/scopes', { token, form: { scopes } });

  const fixed = await read(revoke('["profile_nickname"]'));
  const unknown = await read(revoke('["weather"]'));
  assert.deepEqual([fixed.status, (fixed.body as TokenBody)['code']], [403, -3]);
  assert.match(String((fixed.body as TokenBody)['msg']), /^\[profile_nickname\] is not revocable\./);
  assert.deepEqual([unknown.status, (unknown.body as TokenBody)['code']], [400, -2]);

  assert.equal((await revoke('["talk_message"]')).status, 200);
  assert.equal((await sendMemo(sandbox, token)).status, 403);
});

test('a user learns their own uuid only from an approved app that they let send messages', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const uuidIn = async () => {
    const { body } = await read(get(sandbox, '/v2/user/me', token));
    return (body as { for_partner?: { uuid: string } }).for_partner?.uuid;
  };

  assert.equal(await uuidIn(), sandbox.users.list()[0]?.uuid);
  sandbox.app.approved = false;
  assert.equal(await uuidIn(), undefined);
});
