import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { before, describe, type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { EXPIRED, LOCALHOST } from './http-certificates.ts';
import { fetching, textOf } from './http-local.ts';

const OLD: ServerOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };

async function serveTls(t: TestContext, options: ServerOptions): Promise<number> {
  const server = createServer(options, (_request, response) => response.end('menu'));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('a certificate nobody vouches for', () => {
  test('is refused with what to do, and not tried again', async (t) => {
    const port = await serveTls(t, LOCALHOST);
    const { session, waits } = fetching(t);
    const message = /the server's certificate is signed by itself.*NODE_EXTRA_CA_CERTS/;
    await assert.rejects(session.get(`https://localhost:${port}/`), { name: 'FetchError', message });
    await assert.rejects(session.get(`https://localhost:${port}/`, { tls: 'legacy' }), { message });
    assert.deepEqual(waits, []);
  });
});

describe('a certificate that is trusted', () => {
  before(() => setDefaultCACertificates([...getCACertificates('default'), LOCALHOST.cert, EXPIRED.cert]));

  test('opens the page, in one TLS and the other', async (t) => {
    const port = await serveTls(t, LOCALHOST);
    const { session } = fetching(t);
    assert.equal(textOf(await session.get(`https://localhost:${port}/`)), 'menu');
    assert.equal(textOf(await session.get(`https://localhost:${port}/`, { tls: 'legacy' })), 'menu');
  });

  test('does not serve for another host', async (t) => {
    const port = await serveTls(t, LOCALHOST);
    for (const tls of [{}, { tls: 'legacy' }] as const) {
      await assert.rejects(
        fetching(t).session.get(`https://127.0.0.1:${port}/`, tls),
        /certificate is for another host/,
      );
    }
  });

  test('does not serve after its time', async (t) => {
    const port = await serveTls(t, EXPIRED);
    for (const tls of [{}, { tls: 'legacy' }] as const) {
      await assert.rejects(fetching(t).session.get(`https://localhost:${port}/`, tls), /certificate has expired/);
    }
  });

  test('on a server of old TLS opens the page only for who asks for old TLS, and the error says how', async (t) => {
    const port = await serveTls(t, { ...LOCALHOST, ...OLD });
    const { session } = fetching(t);
    await assert.rejects(session.get(`https://localhost:${port}/`), /old TLS: try get\(url, \{ tls: 'legacy' \}\)/);
    assert.equal(textOf(await session.get(`https://localhost:${port}/`, { tls: 'legacy' })), 'menu');
  });
});
