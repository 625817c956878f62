import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { fetching, serve, serveRaw, textOf } from './http-local.ts';

const TEXT = '오늘의 점심 '.repeat(100);
const ZEROS = Buffer.alloc(50_000_000);

async function packed(t: TestContext, encoding: string, bytes: Uint8Array) {
  const local = await serve(t, (response) => response.writeHead(200, { 'content-encoding': encoding }).end(bytes));
  return fetching(t, { maxBytes: 1_000_000 }).session.get(local.origin);
}

describe('packed bodies', () => {
  test('every encoding that is asked for is unpacked, layered ones too', async (t) => {
    const ways = [
      ['gzip', gzipSync(TEXT)],
      ['X-GZIP', gzipSync(TEXT)],
      ['deflate', deflateSync(TEXT)],
      ['deflate', deflateRawSync(TEXT)],
      ['br', brotliCompressSync(TEXT)],
      ['zstd', zstdCompressSync(TEXT)],
      ['identity', Buffer.from(TEXT)],
      ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ] as const;
    for (const [encoding, bytes] of ways) assert.equal(textOf(await packed(t, encoding, bytes)), TEXT, encoding);
  });

  test('a bomb is refused at the limit, at every layer, and quickly', async (t) => {
    const bombs = [
      ['gzip', gzipSync(ZEROS)],
      ['deflate', deflateSync(ZEROS)],
      ['br', brotliCompressSync(ZEROS, { params: { 1: 1 } })],
      ['zstd', zstdCompressSync(ZEROS)],
      ['gzip, gzip', gzipSync(gzipSync(ZEROS))],
    ] as const;
    for (const [encoding, bytes] of bombs) {
      const before = process.memoryUsage().rss;
      const message = /is larger than the 1 MB talkbell reads of one page/;
      await assert.rejects(packed(t, encoding, bytes), { name: 'FetchError', message }, encoding);
      assert.ok(process.memoryUsage().rss - before < 30_000_000, encoding);
    }
  });

  test('what cannot be unpacked is an error, never half a page', async (t) => {
    const whole = gzipSync(TEXT);
    const wrong = [
      ['gzip', Buffer.from(TEXT), /says it is packed with gzip/],
      ['gzip', whole.subarray(0, whole.length - 12), /says it is packed with gzip/],
      ['br', Buffer.from(TEXT), /says it is packed with br/],
      ['compress', whole, /content-encoding 'compress', which talkbell cannot unpack/],
      ['gzip,gzip,gzip,gzip', whole, /packed 4 times over/],
    ] as const;
    for (const [encoding, bytes, message] of wrong) {
      await assert.rejects(packed(t, encoding, bytes), { name: 'FetchError', message }, encoding);
    }
  });
});

describe('size', () => {
  test('a body without end is cut off, and its socket freed', async (t) => {
    const local = await serve(t, (response) => {
      const more = () => {
        while (!response.destroyed && response.write(ZEROS.subarray(0, 65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { session } = fetching(t, { maxBytes: 1_000_000 });
    await assert.rejects(session.get(local.origin), /larger than the 1 MB/);
    while (local.sockets.size > 0) await new Promise(setImmediate);
    assert.equal(local.seen.length, 1);
  });

  test('a length beyond the limit is refused before a byte is read', async (t) => {
    const local = await serve(t, (response) =>
      response.writeHead(200, { 'content-length': '99000000' }).flushHeaders(),
    );
    await assert.rejects(fetching(t).session.get(local.origin), /larger than the 10 MB/);
  });

  test('a page of exactly the limit is read', async (t) => {
    const local = await serve(t, (response) => response.end(ZEROS.subarray(0, 1000)));
    assert.equal((await fetching(t, { maxBytes: 1000 }).session.get(local.origin)).body.length, 1000);
    await assert.rejects(fetching(t, { maxBytes: 999 }).session.get(local.origin), /larger than the 999 bytes/);
  });

  test('headers beyond all measure are an error', async (t) => {
    const local = await serve(t, (response) => response.writeHead(200, { 'x-long': 'x'.repeat(60_000) }).end());
    await assert.rejects(fetching(t).session.get(local.origin), /headers of its answer are too large/);
  });
});

describe('time', () => {
  test('a body that drips ends with the total time, and its socket is freed', async (t) => {
    const local = await serve(t, (response) => {
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const { session } = fetching(t, { totalMs: 150 });
    await assert.rejects(session.get(local.origin), /not there whole within 150ms.*timeout: '60s'/);
    while (local.sockets.size > 0) await new Promise(setImmediate);
    assert.equal(local.seen.length, 1);
  });

  test('a server that never answers ends with the total time', async (t) => {
    const local = await serve(t, () => undefined);
    await assert.rejects(fetching(t, { totalMs: 100 }).session.get(local.origin), /not there whole within 100ms/);
  });

  test('a job may give one get its own time', async (t) => {
    const local = await serve(t, () => undefined);
    await assert.rejects(fetching(t).session.get(local.origin, { timeout: '1s' }), /not there whole within 1s/);
  });
});

describe('answers that break off', () => {
  test('a short body, a reset and broken chunks are errors, and no part of them is used', async (t) => {
    const ways = [
      'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      '',
    ];
    for (const bytes of ways) {
      const local = await serveRaw(t, (socket) => socket.end(bytes));
      await assert.rejects(
        fetching(t, { retries: 0 }).session.get(local.origin),
        /could not be fetched: the server broke off/,
      );
    }
    const reset = await serveRaw(t, (socket) => socket.write(ways[0] ?? '', () => socket.resetAndDestroy()));
    await assert.rejects(fetching(t, { retries: 0 }).session.get(reset.origin), /broke off the connection/);
  });

  test('what is not HTTP is an error that is not tried again', async (t) => {
    for (const bytes of ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'SSH-2.0-OpenSSH\r\n']) {
      const local = await serveRaw(t, (socket) => socket.end(bytes));
      await assert.rejects(fetching(t).session.get(local.origin), /the answer is not HTTP/);
      assert.equal(local.seen.length, 1);
    }
  });

  test('bytes beyond the length are not part of the page', async (t) => {
    const local = await serveRaw(t, (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmenu and more'),
    );
    assert.equal(textOf(await fetching(t).session.get(local.origin)), 'menu');
  });
});
