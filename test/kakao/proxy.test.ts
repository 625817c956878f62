// Behind a proxy of the environment, Kakao is asked through it; this machine itself never is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openHttp } from '../../src/kakao/http.ts';

const NAMES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

test('Kakao is asked through the proxy that the environment names', async (t) => {
  const seen: string[] = [];
  const proxy = await serve(t, (_request, response) => response.end());
  proxy.server.on('connect', (request, socket) => {
    seen.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  setEnvironment(t, { https_proxy: proxy.origin });
  const answer = await ask(t, 'https://kapi.kakao.invalid');
  assert.equal(answer.kind, 'lost');
  assert.deepEqual(seen, ['kapi.kakao.invalid:443']);
});

test('what listens on this machine is asked without the proxy', async (t) => {
  const seen: string[] = [];
  const proxy = await serve(t, (request, response) => {
    seen.push(request.url ?? '');
    response.end();
  });
  const kakao = await serve(t, (_request, response) => response.end('{"result_code":0}'));
  setEnvironment(t, { HTTP_PROXY: proxy.origin });
  const answer = await ask(t, kakao.origin);
  assert.deepEqual(answer.kind === 'answer' && answer.json, { result_code: 0 });
  assert.deepEqual(seen, []);
});

async function ask(t: TestContext, base: string) {
  const http = openHttp({ timeoutMs: 5000 });
  t.after(() => http.close());
  return http.ask({ method: 'GET', base, path: '/v2/user/me' });
}

async function serve(t: TestContext, listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The environment's own proxy, if it has one, is set aside for the test. */
function setEnvironment(t: TestContext, values: Readonly<Record<string, string>>): void {
  const before = { ...process.env };
  t.after(() => {
    for (const name of NAMES) restore(name, before[name]);
  });
  for (const name of NAMES) restore(name, values[name]);
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
