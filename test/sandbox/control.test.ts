// The knobs over HTTP: what another process or a person with curl can do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { authorize, get, logIn, openSandbox, REDIRECT, sendMemo } from './visitor.ts';

async function turn(
  sandbox: Sandbox,
  knob: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const [method = '', path] = knob.split(' ');
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.url}/control${path}`, init);
  return response.ok ? response.json() : `${response.status} ${await response.text()}`;
}

test('the sandbox tells where it is and what it needs', async (t) => {
  const sandbox = await openSandbox(t);

  const told = (await turn(sandbox, 'GET ')) as Record<string, unknown>;

  assert.equal(told['authUrl'], sandbox.authUrl);
  assert.equal(told['restApiKey'], sandbox.restApiKey);
  assert.deepEqual(told['redirectUris'], [REDIRECT, 'http://127.0.0.1:8917/oauth']);
});

test('the clock is moved', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');

  await turn(sandbox, 'POST /clock', { advanceMs: 6 * 3_600_000 });
  assert.equal((await get(sandbox, '/v1/user/access_token_info', token)).status, 401);
  const { iso } = (await turn(sandbox, 'POST /clock', { set: '2027-01-01T00:00:00+09:00' })) as { iso: string };
  assert.equal(iso, '2026-12-31T15:00:00.000Z');
});

test('faults, users, app and messages are set and read', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');

  await turn(sandbox, 'POST /faults', { path: 'memo', kind: 'html-502' });
  assert.equal((await sendMemo(sandbox, token)).status, 502);
  assert.equal((await sendMemo(sandbox, token)).status, 200);
  const received = (await turn(sandbox, 'GET /received?user=민지')) as { text: string }[];
  assert.deepEqual(
    received.map((message) => message.text),
    ['안녕하세요'],
  );

  await turn(sandbox, 'POST /users', { name: '하린', friends: ['민지'], consent: ['friends'] });
  assert.ok(sandbox.users.list().find((user) => user.name === '하린')?.linked);
  await turn(sandbox, 'PATCH /app', {
    approved: false,
    quotas: { pairDaily: 1 },
    redirectUris: ['http://localhost:1/x'],
  });
  assert.deepEqual(
    [sandbox.app.approved, sandbox.app.quotas.pairDaily, sandbox.app.quotas.senderDaily],
    [false, 1, 100],
  );
  assert.equal((await authorize(sandbox, { sandbox_user: '민지' })).status, 400);

  await turn(sandbox, 'POST /reset');
  assert.deepEqual([sandbox.received(), sandbox.requests()], [[], []]);
});

test('a wrong knob, field or value is answered with a sentence', async (t) => {
  const sandbox = await openSandbox(t);

  assert.match(String(await turn(sandbox, 'POST /faults', { kind: 'explode' })), /^400 .*kind/s);
  assert.match(String(await turn(sandbox, 'PATCH /app', { aproved: true })), /^400 .*aproved/s);
  assert.match(String(await turn(sandbox, 'POST /faults', { kind: 'status', path: '(' })), /^400 .*regular expression/);
  assert.match(String(await turn(sandbox, 'GET /nothing')), /^404 .*Known/);
});

test('a page of another site cannot turn the knobs', async (t) => {
  const sandbox = await openSandbox(t);

  assert.match(String(await turn(sandbox, 'POST /reset', {}, { origin: 'https://evil.test' })), /^403/);
});
