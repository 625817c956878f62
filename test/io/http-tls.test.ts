import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { before, describe, type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { EXPIRED, LOCALHOST, SMALL } from './http-certificates.ts';
import { fetching, serveRaw, textOf } from './http-local.ts';

const OLD: ServerOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };

/** A ServerHello of TLS 1.2 with no extension, so without the one of RFC 5746. */
const OLD_SERVER_HELLO = Buffer.from(`160303002a020000260303${'5a'.repeat(32)}00c02f00`, 'hex');

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
  before(() => setDefaultCACertificates([...getCACertificates('default'), LOCALHOST.cert, EXPIRED.cert, SMALL.cert]));

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

  test('on a server of TLS 1.0, of TLS 1.1, or of small keys opens the page for who asks for old TLS', async (t) => {
    const small = { ...SMALL, dhparam: 'auto', ciphers: 'DHE-RSA-AES128-SHA@SECLEVEL=0' };
    const servers: readonly (readonly [string, ServerOptions])[] = [
      ['TLS 1.0', { ...LOCALHOST, ...OLD, maxVersion: 'TLSv1' }],
      ['TLS 1.1', { ...LOCALHOST, ...OLD, minVersion: 'TLSv1.1' }],
      ['small keys', { ...small, minVersion: 'TLSv1', maxVersion: 'TLSv1.2' }],
      ['small keys and TLS 1.0', { ...small, minVersion: 'TLSv1', maxVersion: 'TLSv1' }],
    ];
    for (const [name, options] of servers) {
      const port = await serveTls(t, options);
      const { session } = fetching(t);
      await assert.rejects(session.get(`https://localhost:${port}/`), /old TLS: try get/, name);
      assert.equal(textOf(await session.get(`https://localhost:${port}/`, { tls: 'legacy' })), 'menu', name);
    }
  });
});

test('a server that knows no secure renegotiation is spoken with only by who asks for old TLS', async (t) => {
  const local = await serveRaw(t, (socket) => socket.end(OLD_SERVER_HELLO));
  const { session } = fetching(t, { retries: 0 });
  await assert.rejects(session.get(`https://127.0.0.1:${local.port}/`), /RENEGOTIATION.*old TLS: try get/);
  // It goes on after the greeting, with which this server's wisdom ends.
  const error = await session.get(`https://127.0.0.1:${local.port}/`, { tls: 'legacy' }).catch(String);
  assert.match(String(error), /could not be fetched/);
  assert.doesNotMatch(String(error), /RENEGOTIATION|old TLS/);
});
