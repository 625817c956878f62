// The rows A1 to A4 of Kakao's behaviour, and the login page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorize, getCode, logIn, openSandbox, REDIRECT } from './visitor.ts';

test('A1: a user who agrees is sent back with a code and the state, and an empty body', async (t) => {
  const sandbox = await openSandbox(t);

  const response = await authorize(sandbox, { sandbox_user: '민지', state: 'a b&c' });

  assert.equal(response.status, 302);
  assert.equal(response.headers.get('content-length'), '0');
  assert.match(response.headers.get('location') ?? '', /^http:\/\/localhost:8917\/oauth\?code=[\w-]+&state=a%20b%26c$/);
});

test('A1: without a state none is echoed, and a header names the user as well', async (t) => {
  const sandbox = await openSandbox(t);
  const query = new URLSearchParams({ client_id: sandbox.restApiKey, redirect_uri: REDIRECT, response_type: 'code' });

  const response = await fetch(`${sandbox.authUrl}/oauth/authorize?${query}`, {
    redirect: 'manual',
    headers: { 'x-sandbox-user': Buffer.from('민지').toString('latin1') },
  });

  assert.match(response.headers.get('location') ?? '', /\?code=[\w-]+$/);
});

test('A2: a user who cancels is sent back with access_denied', async (t) => {
  const sandbox = await openSandbox(t);

  const response = await authorize(sandbox, { sandbox_user: '민지', sandbox_answer: 'cancel', state: 's' });

  assert.equal(response.status, 302);
  assert.equal(
    response.headers.get('location'),
    `${REDIRECT}?error=access_denied&error_description=User%20denied%20access&state=s`,
  );
});

test('A3: prompt=none is answered with consent_required while consent is missing, and with a code after', async (t) => {
  const sandbox = await openSandbox(t);
  const before = await authorize(sandbox, { sandbox_user: '민지', prompt: 'none' });
  await logIn(sandbox, '민지', { sandbox_scopes: 'talk_message' });
  const after = await authorize(sandbox, { sandbox_user: '민지', prompt: 'none' });
  const more = await authorize(sandbox, { sandbox_user: '민지', prompt: 'none', scope: 'friends' });

  const refused = `${REDIRECT}?error=consent_required&error_description=user%20consent%20required.`;
  assert.equal(before.headers.get('location'), refused);
  assert.match(after.headers.get('location') ?? '', /\?code=/);
  assert.equal(more.headers.get('location'), refused);
});

const ERRORS = [
  ['KOE006', { redirect_uri: `${REDIRECT}/` }, 'a redirect URI that differs by one character'],
  ['KOE101', { client_id: '<b>other</b>' }, 'an unknown app key'],
  ['KOE205', { scope: 'talk_message,account_email' }, 'a consent item that is switched off'],
  ['KOE202', { response_type: 'token' }, 'another response type'],
] as const;

for (const [code, query, what] of ERRORS) {
  test(`A4: ${what} is an error page that names ${code}, not a redirect`, async (t) => {
    const sandbox = await openSandbox(t);

    const response = await authorize(sandbox, { sandbox_user: '민지', ...query });
    const body = await response.text();

    assert.equal(response.status, 400);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    assert.ok(body.includes(code));
    assert.ok(!body.includes('<b>other</b>'));
  });
}

test('the login page offers every user and item, and its form gives a code and keeps the account', async (t) => {
  const sandbox = await openSandbox(t);
  const page = await (await authorize(sandbox, { state: 'xyz' })).text();
  const query = /name="query" value="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  assert.ok(page.includes('value="민지"') && page.includes('value="talk_message"'));

  const form = new URLSearchParams({ query, user: '민지', scope: 'talk_message', answer: 'agree' });
  const url = `${sandbox.authUrl}/oauth/authorize`;
  const response = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });

  assert.match(response.headers.get('location') ?? '', /\?code=[\w-]+&state=xyz$/);
  assert.deepEqual(sandbox.users.list()[0]?.agreed, ['profile_nickname', 'talk_message']);

  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  const again = await fetch(`${url}?${query}`, { headers: { cookie }, redirect: 'manual' });
  assert.equal(again.status, 302, 'the consent screen shows only on the first connection');
  const asking = await fetch(`${url}?${query}&scope=friends`, { headers: { cookie }, redirect: 'manual' });
  assert.equal(asking.status, 200, 'a new scope is asked for');
});

test('a test app lets only its members log in', async (t) => {
  const sandbox = await openSandbox(t, { app: { testApp: true } });

  assert.ok((await (await authorize(sandbox, { sandbox_user: '도윤' })).text()).includes('KOE005'));
  assert.notEqual(await getCode(sandbox, '민지'), 'no code');
});
