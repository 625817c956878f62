import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHttp } from '../../src/kakao/http.ts';
import { codeChallengeOf, mergeTokens, openOauth, readGrant, readTokenAnswer } from '../../src/kakao/oauth.ts';
import { sendJson, startScript } from './stage.ts';

const FIXTURES = join(import.meta.dirname, '../../../shared/kakao/fixtures');
const shared = existsSync(FIXTURES) ? {} : { skip: '../shared is absent' };
const MINUTE = 60_000;
const DAY = 86_400_000;
const redirectUri = 'http://localhost:8917/oauth';

function openAt(authUrl: string, clientSecret?: string) {
  return openOauth({ authUrl, clientId: 'key', clientSecret, redirectUri, http: openHttp({ timeoutMs: 2000 }) });
}

test('the login address lies below an auth address with a path, and asks for the consent items', () => {
  const url = new URL(
    openAt('http://127.0.0.1:1/kauth/').authorizeUrl({ scope: ['talk_message', 'friends'], state: 's&t' }),
  );
  assert.equal(url.pathname, '/kauth/oauth/authorize');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: 'key',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'talk_message,friends',
    state: 's&t',
  });
});

test('a PKCE challenge is sent only when it is given', async () => {
  const codeChallenge = await codeChallengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk');
  assert.equal(codeChallenge, 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  const url = new URL(
    openAt('http://127.0.0.1:1').authorizeUrl({ scope: [], state: 's', codeChallenge, prompt: 'login' }),
  );
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
  assert.equal(url.searchParams.get('prompt'), 'login');
});

test('the token address gets a form with the client in its body, and the secret only when there is one', async () => {
  const script = await startScript((response) => sendJson(response, 200, { access_token: 'a', expires_in: 21599 }));
  await openAt(script.url).refresh('r+/=');
  await openAt(`${script.url}/kauth`, 'hush').exchangeCode({ code: 'c', codeVerifier: 'v' });
  const [refresh, exchange] = script.asked;
  assert.equal(refresh?.line, 'POST /oauth/token');
  assert.equal(refresh?.headers['content-type'], 'application/x-www-form-urlencoded;charset=utf-8');
  assert.equal(refresh?.headers['authorization'], undefined);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(refresh?.body)), {
    grant_type: 'refresh_token',
    refresh_token: 'r+/=',
    client_id: 'key',
  });
  assert.equal(exchange?.line, 'POST /kauth/oauth/token');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(exchange?.body)), {
    grant_type: 'authorization_code',
    redirect_uri: redirectUri,
    code: 'c',
    code_verifier: 'v',
    client_id: 'key',
    client_secret: 'hush',
  });
  await script.close();
});

test('absurd lives are brought within bounds', () => {
  const lives: readonly [unknown, number][] = [
    [21599, 21_599_000],
    ['21599', 21_599_000],
    [0, 10 * MINUTE],
    [-5, 10 * MINUTE],
    [1e300, DAY],
    [null, 60 * MINUTE],
    ['soon', 60 * MINUTE],
    [undefined, 60 * MINUTE],
  ];
  for (const [expires_in, life] of lives) {
    const grant = readGrant(JSON.stringify({ access_token: 'a', expires_in }), 1000);
    assert.equal(grant?.accessExpiresAt, 1000 + life, String(expires_in));
  }
  assert.equal(readGrant('{"access_token":"a","expires_in":1e999}', 0)?.accessExpiresAt, DAY);
  const long = readGrant('{"access_token":"a","expires_in":1,"refresh_token":"r","refresh_token_expires_in":1e18}', 0);
  assert.equal(long?.refreshExpiresAt, 366 * DAY);
});

test('an answer without a refresh token, or with one of a wrong type, keeps the old one and its end', () => {
  const old = { access: 'a', accessExpiresAt: 1, refresh: 'r', refreshExpiresAt: 99 };
  for (const refresh_token of [undefined, null, '', 7, 'r r', ['r']]) {
    const grant = readGrant(
      JSON.stringify({ access_token: 'b', expires_in: 21599, refresh_token, refresh_token_expires_in: 5 }),
      0,
    );
    assert.ok(grant);
    assert.deepEqual(mergeTokens(old, grant), {
      access: 'b',
      accessExpiresAt: 21_599_000,
      refresh: 'r',
      refreshExpiresAt: 99,
    });
  }
});

test('an answer without a usable access token grants nothing', () => {
  for (const text of [
    '',
    '{}',
    '[]',
    'null',
    '{"access_token":1}',
    '{"access_token":""}',
    '[{"access_token":"a"}]',
    '{"access_token":"a\\r\\nx: y"}',
    '<html>',
  ])
    assert.equal(readGrant(text, 0), undefined, text);
});

test('scopes are taken apart at spaces and commas; those of another type, and fields that nobody knows, count as absent', () => {
  const scopes = (scope: unknown) =>
    readGrant(JSON.stringify({ access_token: 'a', scope, more: { scope: 'x' } }), 0)?.scopes;
  assert.deepEqual(scopes(' talk_message friends,profile '), ['talk_message', 'friends', 'profile']);
  for (const scope of [undefined, null, 5, ['friends'], '']) assert.deepEqual(scopes(scope), [], JSON.stringify(scope));
});

test('a token under an error status is not taken', () => {
  const text = '{"access_token":"a","expires_in":1}';
  const answer = { kind: 'answer', status: 500, text, json: JSON.parse(text), retryAfter: undefined } as const;
  assert.equal('access' in readTokenAnswer(answer, { at: 0, facts: { redirectUri, hasSecret: true } }), false);
});

test("Kakao's own token answers are read right", shared, () => {
  const read = (name: string) => readGrant(readFileSync(join(FIXTURES, 'oauth', name), 'utf8'), 0);
  assert.equal(read('token.json')?.refresh, undefined);
  assert.equal(read('token.json')?.accessExpiresAt, 43_199_000);
  assert.equal(read('token_with_rt.json')?.refresh, 'cHgopdtYAAAFi_FnbLAiMpaTTZe8sAQWpgBDWPGcvN1_tJR24QVcdA');
  assert.equal(read('token_with_rt.json')?.refreshExpiresAt, 2_591_999_000);
});
