import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fetching, serve, textOf } from './http-local.ts';

/** A proxy that answers for every host itself, and tunnels nowhere but into `tunnelPort`. */
async function serveProxy(t: TestContext, location?: string) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    if (location !== undefined) return void response.writeHead(302, { location }).end();
    response.end('by proxy');
  });
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    const onward = connect(1, '127.0.0.1');
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('a proxy of the environment is used, with its login, for hosts only it knows', async (t) => {
  const proxy = await serveProxy(t);
  const { session } = fetching(t, { env: { HTTP_PROXY: `http://kim:pw@${proxy.host}` } });
  assert.equal(textOf(await session.get('http://menu.invalid/today?a=1')), 'by proxy');
  const login = `Basic ${Buffer.from('kim:pw').toString('base64')}`;
  assert.deepEqual(proxy.seen, [`GET http://menu.invalid/today?a=1 ${login}`]);
});

test('https goes through a tunnel', async (t) => {
  const proxy = await serveProxy(t);
  const { session } = fetching(t, { env: { https_proxy: proxy.host }, retries: 0 });
  await assert.rejects(session.get('https://menu.invalid/'), /could not be fetched: .*502/);
  assert.deepEqual(proxy.seen, ['CONNECT menu.invalid:443']);
});

test('NO_PROXY and the setting leave it out', async (t) => {
  const proxy = await serveProxy(t);
  const local = await serve(t, (response) => response.end('direct'));
  const env = { http_proxy: `http://${proxy.host}`, no_proxy: 'example.com,127.0.0.1' };
  assert.equal(textOf(await fetching(t, { env }).session.get(local.origin)), 'direct');
  assert.equal(
    textOf(await fetching(t, { env: { http_proxy: env.http_proxy }, proxy: false }).session.get(local.origin)),
    'direct',
  );
  assert.deepEqual(proxy.seen, []);
});

test('a public page behind a proxy does not lead to a private address either', async (t) => {
  const proxy = await serveProxy(t, 'http://127.0.0.1:9/');
  const { session } = fetching(t, { env: { http_proxy: proxy.host } });
  await assert.rejects(session.get('http://menu.invalid/'), /private network/);
  assert.equal(proxy.seen.length, 1);
});

test('a proxy that is no address is an error of the configuration, without its password', (t) => {
  for (const http_proxy of ['ftp://kim:pw@proxy', 'http://']) {
    assert.throws(() => fetching(t, { env: { http_proxy } }), {
      name: 'ConfigError',
      message: /^HTTP_PROXY is not the address of a proxy\. [^@]*$/,
    });
  }
});

test('a proxy of the job goes before that of the environment, and one of the get before both', async (t) => {
  const [ofEnv, ofJob, ofGet] = [await serveProxy(t), await serveProxy(t), await serveProxy(t)];
  const { http } = fetching(t, { env: { http_proxy: `http://${ofEnv.host}`, no_proxy: 'menu.invalid' } });
  const signal = new AbortController().signal;
  const session = http.session({ signal, conditional: false, proxy: `http://kim:p%40w@${ofJob.host}` });
  assert.equal(textOf(await session.get('http://menu.invalid/a')), 'by proxy');
  assert.equal(textOf(await session.get('http://menu.invalid/b', { proxy: `http://${ofGet.host}` })), 'by proxy');
  const login = `Basic ${Buffer.from('kim:p@w').toString('base64')}`;
  assert.deepEqual(
    [ofEnv.seen, ofJob.seen, ofGet.seen],
    [[], [`GET http://menu.invalid/a ${login}`], ['GET http://menu.invalid/b -']],
  );
});

test('a public page behind a proxy of the job does not lead to a private address either', async (t) => {
  const proxy = await serveProxy(t, 'http://127.0.0.1:9/');
  const { session } = fetching(t);
  await assert.rejects(session.get('http://menu.invalid/', { proxy: `http://${proxy.host}` }), /private network/);
  assert.equal(proxy.seen.length, 1);
});

test('a proxy of a get that is no address, or does not answer, is told without its password', async (t) => {
  const { session } = fetching(t, { retries: 0 });
  for (const proxy of ['ftp://kim:hunter22@proxy', 'hunter22']) {
    await assert.rejects(session.get('http://menu.invalid/', { proxy }), {
      name: 'FetchError',
      message:
        'http://menu.invalid/ cannot be fetched: its proxy is no address of one. Write it like http://proxy.example:3128.',
    });
  }
  const dead = await session.get('http://menu.invalid/', { proxy: 'http://kim:hunter22@127.0.0.1:1' }).catch(String);
  assert.doesNotMatch(String(dead), /hunter22/);
  assert.match(String(dead), /could not be fetched/);
});
