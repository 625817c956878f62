import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { canListen, type LoginCode, readPastedCode, waitForCode } from '../../src/io/login-server.ts';

const state = 'a state of this login';

interface Waiting {
  readonly visit: (query: string, path?: string) => Promise<Response>;
  readonly end: Promise<LoginCode>;
  readonly stop: () => void;
}

async function startWaiting(redirectUri = 'http://127.0.0.1:0/oauth'): Promise<Waiting> {
  const stopping = new AbortController();
  const ready = Promise.withResolvers<number>();
  const end = waitForCode({ redirectUri, state, signal: stopping.signal, onReady: ready.resolve });
  const port = await ready.promise;
  const { hostname } = new URL(redirectUri);
  return {
    visit: (query, path = '/oauth') => fetch(`http://${hostname}:${port}${path}${query}`),
    end,
    stop: () => stopping.abort(),
  };
}

test('the browser brings the code, sees a page in two languages without it, and the listener closes', async () => {
  const { visit, end } = await startWaiting();
  const answer = await visit(`?code=the-code&state=${encodeURIComponent(state)}`);
  const page = await answer.text();
  assert.equal(answer.status, 200);
  assert.match(page, /카카오의 답을 받았습니다.*The terminal says whether you are logged in/s);
  assert.ok(!page.includes('the-code'));
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
  assert.deepEqual(await end, { kind: 'code', code: 'the-code' });
  await assert.rejects(visit(`?code=again&state=${state}`));
});

test('localhost is listened to on both loopbacks', async () => {
  const { visit, end } = await startWaiting('http://localhost:0/oauth');
  assert.equal((await visit('?code=x&state=wrong')).status, 400);
  await visit(`?code=x&state=${state}`);
  assert.deepEqual(await end, { kind: 'code', code: 'x' });
});

test('a wrong state, another path and a bare visit are refused, and the waiting goes on', async () => {
  const { visit, end } = await startWaiting();
  assert.equal((await visit('?code=x&state=wrong')).status, 400);
  assert.equal((await visit('?code=x')).status, 400);
  assert.equal((await visit('', '/favicon.ico')).status, 404);
  assert.equal((await visit(`?state=${state}`)).status, 400);
  await visit(`?code=right&state=${state}`);
  assert.deepEqual(await end, { kind: 'code', code: 'right' });
});

test('a person who cancels ends the waiting with a sentence', async () => {
  const { visit, end } = await startWaiting();
  const answer = await visit(`?error=access_denied&error_description=User%20denied%20access&state=${state}`);
  assert.match(await answer.text(), /취소/);
  const refused = await end;
  assert.ok(refused.kind === 'refused' && /did not agree/.test(refused.reason));
});

test('a busy port is a sentence with what to do', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const signal = new AbortController().signal;
  const end = await waitForCode({ redirectUri: `http://localhost:${port}/oauth`, state, signal });
  assert.ok(end.kind === 'refused');
  assert.match(end.reason, new RegExp(`Port ${port} .*another program uses it.*KAKAO_REDIRECT_URI`));
  await new Promise((resolve) => other.close(resolve));
});

test('a stop ends the waiting', async () => {
  const { end, stop } = await startWaiting();
  stop();
  assert.equal((await end).kind, 'refused');
});

test('only loopback addresses are listened to', async () => {
  for (const uri of ['http://localhost:8917/oauth', 'http://127.0.0.1:1/', 'http://[::1]:1/x'])
    assert.ok(canListen(uri), uri);
  for (const uri of ['https://localhost/oauth', 'http://0.0.0.0:1/', 'http://example.com/', 'http://constructor/', 'x'])
    assert.ok(!canListen(uri), uri);
  const signal = new AbortController().signal;
  const end = await waitForCode({ redirectUri: 'https://example.com/oauth', state, signal });
  assert.ok(end.kind === 'refused' && /--paste/.test(end.reason));
});

test('a pasted address or code is read, and one of another login is refused', () => {
  const code = { kind: 'code', code: 'abcdefghijkl' };
  const address = `https://example.com/oauth?code=abcdefghijkl&state=${encodeURIComponent(state)}`;
  assert.deepEqual(readPastedCode(`  ${address}#frag\n`, state), code);
  assert.deepEqual(readPastedCode(`"${address}"`, state), code);
  assert.deepEqual(readPastedCode('code=abcdefghijkl', state), code);
  assert.deepEqual(readPastedCode('abcdefghijkl', state), code);
  for (const text of [
    '',
    'no',
    'https://example.com/oauth',
    'https://example.com/?code=',
    `${address}x`,
    'two words here',
  ])
    assert.equal(readPastedCode(text, state).kind, 'refused', text);
  const denied = readPastedCode('http://localhost/?error=access_denied', state);
  assert.ok(denied.kind === 'refused' && /did not agree/.test(denied.reason));
});
