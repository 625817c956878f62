// The rows T1 to T11 of Kakao's behaviour: codes, refresh tokens and their rotation.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  askRefresh,
  askToken,
  askWithCode,
  getCode,
  logIn,
  openSandbox,
  read,
  sendMemo,
  type TokenBody,
} from './visitor.ts';

const DAY_MS = 86_400_000;
const KOE322 = { error: 'invalid_grant', error_description: 'expired_or_invalid_refresh_token', error_code: 'KOE322' };

test('T1: a code gives both tokens, their lives in seconds and the scopes apart by spaces', async (t) => {
  const sandbox = await openSandbox(t);

  const response = await askWithCode(sandbox, await getCode(sandbox, '민지', { sandbox_scopes: 'talk_message' }));
  const body = (await response.json()) as TokenBody;

  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json;charset=UTF-8');
  const { access_token: access, refresh_token: refresh, ...rest } = body;
  assert.ok(access.length > 20 && refresh.length > 20);
  assert.deepEqual(rest, {
    token_type: 'bearer',
    expires_in: 21_599,
    refresh_token_expires_in: 5_183_999,
    scope: 'profile_nickname talk_message',
  });
});

test('T2: a refresh with a month or more left gives an access token and nothing else', async (t) => {
  const sandbox = await openSandbox(t);
  const { refresh_token: refresh } = await logIn(sandbox, '민지');
  sandbox.clock.advance(29 * DAY_MS);

  const { status, body } = await read(askRefresh(sandbox, refresh));

  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body as object).sort(), ['access_token', 'expires_in', 'token_type']);
});

test('T3: with less than a month left the refresh token is replaced, and the old one is dead at once', async (t) => {
  const sandbox = await openSandbox(t);
  const { refresh_token: old } = await logIn(sandbox, '민지');
  sandbox.clock.advance(31 * DAY_MS);

  const { body } = await read(askRefresh(sandbox, old));
  const { refresh_token: fresh, refresh_token_expires_in: forS } = body as TokenBody;

  assert.notEqual(fresh, old);
  assert.equal(forS, 5_184_000);
  assert.deepEqual(await read(askRefresh(sandbox, old)), { status: 400, body: KOE322 });
  sandbox.clock.advance(59 * DAY_MS);
  assert.equal((await askRefresh(sandbox, fresh)).status, 200, 'the new one lives two months');
});

test('T4: a refresh token that is unknown, expired or unlinked is KOE322', async (t) => {
  const sandbox = await openSandbox(t);
  const { refresh_token: refresh } = await logIn(sandbox, '민지');
  const { refresh_token: other } = await logIn(sandbox, '준호');
  sandbox.users.unlink('준호');

  assert.deepEqual(await read(askRefresh(sandbox, 'never-issued')), { status: 400, body: KOE322 });
  assert.deepEqual(await read(askRefresh(sandbox, other)), { status: 400, body: KOE322 });
  sandbox.clock.advance(60 * DAY_MS);
  assert.deepEqual(await read(askRefresh(sandbox, refresh)), { status: 400, body: KOE322 });
});

test('T5: a refresh without a refresh token is KOE319', async (t) => {
  const sandbox = await openSandbox(t);

  const { status, body } = await read(askToken(sandbox, { grant_type: 'refresh_token' }));

  assert.equal(status, 400);
  assert.equal((body as TokenBody)['error'], 'invalid_grant');
  assert.equal((body as TokenBody)['error_code'], 'KOE319');
});

test('T6: a code works once, and not when it is unknown or too old', async (t) => {
  const sandbox = await openSandbox(t);
  const code = await getCode(sandbox, '민지');
  await askWithCode(sandbox, code);
  const late = await getCode(sandbox, '민지');
  sandbox.clock.advance(sandbox.app.codeS * 1000);

  for (const spent of [code, 'unknown', late]) {
    assert.deepEqual(await read(askWithCode(sandbox, spent)), {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: `authorization code not found for code=${spent}`,
        error_code: 'KOE320',
      },
    });
  }
});

test('T7: another redirect URI than at the login is KOE303', async (t) => {
  const sandbox = await openSandbox(t);
  const code = await getCode(sandbox, '민지');

  assert.deepEqual(await read(askWithCode(sandbox, code, { redirect_uri: 'http://127.0.0.1:8917/oauth' })), {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Redirect URI mismatch.', error_code: 'KOE303' },
  });
});

test('T8: a missing or wrong client secret is KOE010, does not spend the code, and can be switched off', async (t) => {
  const sandbox = await openSandbox(t);
  const code = await getCode(sandbox, '민지');
  const refused = { error: 'invalid_client', error_description: 'Bad client credentials', error_code: 'KOE010' };

  for (const secret of [undefined, 'wrong']) {
    const answer = await read(askWithCode(sandbox, code, { client_secret: secret }));
    assert.deepEqual(answer, { status: 401, body: refused });
  }
  sandbox.app.clientSecretOn = false;
  assert.equal((await askWithCode(sandbox, code, { client_secret: undefined })).status, 200);
});

test('T9: an unknown or absent client_id is KOE101, also with HTTP Basic', async (t) => {
  const sandbox = await openSandbox(t);
  const body = (id: string) => ({
    error: 'invalid_client',
    error_description: `Not exist client_id [${id}]`,
    error_code: 'KOE101',
  });
  const basic = fetch(`${sandbox.authUrl}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${sandbox.restApiKey}:${sandbox.clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' }),
  });

  assert.deepEqual(await read(askWithCode(sandbox, 'x', { client_id: 'nobody' })), {
    status: 401,
    body: body('nobody'),
  });
  assert.deepEqual(await read(askWithCode(sandbox, 'x', { client_id: undefined })), {
    status: 401,
    body: body('null'),
  });
  assert.deepEqual(await read(basic), { status: 401, body: body('null') });
});

test('T10: the 21st access token in ten minutes is KOE237, for that user only', async (t) => {
  const sandbox = await openSandbox(t);
  const { refresh_token: refresh } = await logIn(sandbox, '민지');
  const { refresh_token: other } = await logIn(sandbox, '준호');
  for (let count = 1; count < 20; count += 1) assert.equal((await askRefresh(sandbox, refresh)).status, 200);

  assert.deepEqual(await read(askRefresh(sandbox, refresh)), {
    status: sandbox.app.koe237Status,
    body: { error: 'invalid_request', error_description: 'token request rate limit exceeded', error_code: 'KOE237' },
  });
  assert.equal((await askRefresh(sandbox, other)).status, 200);
  sandbox.clock.advance(10 * 60_000);
  assert.equal((await askRefresh(sandbox, refresh)).status, 200);
});

test('T10: the 31st refresh token in an hour is KOE237', async (t) => {
  const sandbox = await openSandbox(t);
  for (let count = 0; count < 30; count += 1) {
    await logIn(sandbox, '민지');
    sandbox.clock.advance(60_000);
  }

  assert.equal((await askWithCode(sandbox, await getCode(sandbox, '민지'))).status, sandbox.app.koe237Status);
});

test('T11: a body that is not form-urlencoded counts as no client_id', async (t) => {
  const sandbox = await openSandbox(t);
  const response = fetch(`${sandbox.authUrl}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'refresh_token', client_id: sandbox.restApiKey, refresh_token: 'x' }),
  });

  const { body } = await read(response);

  assert.equal((body as TokenBody)['error_description'], 'Not exist client_id [null]');
});

test('a code asked for with a challenge needs the verifier it was made of', async (t) => {
  const sandbox = await openSandbox(t);
  const challenge = createHash('sha256').update('the verifier').digest('base64url');
  const code = () => getCode(sandbox, '민지', { code_challenge: challenge, code_challenge_method: 'S256' });

  assert.equal((await askWithCode(sandbox, await code(), { code_verifier: 'another' })).status, 400);
  assert.equal((await askWithCode(sandbox, await code(), { code_verifier: 'the verifier' })).status, 200);
});

test('an access token lives on after a refresh, or does not, as the setting says', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: access, refresh_token: refresh } = await logIn(sandbox, '민지');
  await askRefresh(sandbox, refresh);
  assert.equal((await sendMemo(sandbox, access)).status, 200);

  sandbox.app.oldAccessTokenStaysValid = false;
  await askRefresh(sandbox, refresh);
  assert.equal((await sendMemo(sandbox, access)).status, 401);
});
