import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { retryAfterMs, retryDelayMs } from '../../src/io/http-retry.ts';
import { fetching, serve, serveRaw, textOf } from './http-local.ts';

const NOW = Date.parse('2026-11-20T02:20:00Z');

describe('asking again', () => {
  test('what a second later may work is asked three times more, a second, two and four apart', async (t) => {
    for (const status of [408, 425, 429, 500, 502, 503, 504]) {
      const local = await serve(t, (response) => response.writeHead(status).end());
      const { session, waits } = fetching(t);
      await assert.rejects(session.get(local.origin), { status });
      assert.deepEqual([local.seen.length, waits], [4, [1000, 2000, 4000]], String(status));
    }
  });

  test('the first good answer is the answer', async (t) => {
    const local = await serve(t, (response, _seen, count) => response.writeHead(count < 3 ? 503 : 200).end('menu'));
    assert.equal(textOf(await fetching(t).session.get(local.origin)), 'menu');
    assert.equal(local.seen.length, 3);
  });

  test('no answer is asked again: reset, refused, broken off in the body', async (t) => {
    const local = await serveRaw(t, (socket, count) => {
      if (count === 1) return socket.resetAndDestroy();
      if (count === 2) return socket.end();
      if (count === 3) return socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      return socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmenu');
    });
    assert.equal(textOf(await fetching(t).session.get(local.origin)), 'menu');

    const { session, waits } = fetching(t);
    await assert.rejects(session.get('http://127.0.0.1:1/'), /the server refused the connection/);
    assert.equal(waits.length, 3);
  });

  test('an unknown host is asked for again, and then named as such', async (t) => {
    const { session, waits } = fetching(t);
    await assert.rejects(
      session.get('http://menu.invalid/'),
      /http:\/\/menu\.invalid\/ could not be fetched: its host name/,
    );
    assert.equal(waits.length, 3);
  });

  test('other statuses are not asked again', async (t) => {
    for (const status of [400, 401, 403, 404, 501]) {
      const local = await serve(t, (response) => response.writeHead(status).end());
      await assert.rejects(fetching(t).session.get(local.origin), { status });
      assert.equal(local.seen.length, 1);
    }
  });

  test('a POST, PUT or DELETE is never asked again', async (t) => {
    const local = await serve(t, (response) => response.writeHead(503).end());
    const broken = await serveRaw(t, (socket) => socket.resetAndDestroy());
    const { session } = fetching(t);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      await assert.rejects(session.get(local.origin, { method }), { status: 503 });
      await assert.rejects(session.get(broken.origin, { method }), /broke off/);
    }
    assert.deepEqual([local.seen.length, broken.seen.length], [4, 4]);
  });

  test('the GET that a POST redirects to is asked again, the POST is not', async (t) => {
    const local = await serve(t, (response, { url }, count) => {
      if (url === '/form') return response.writeHead(303, { location: '/done' }).end();
      return response.writeHead(count < 4 ? 503 : 200).end('done');
    });
    assert.equal(textOf(await fetching(t).session.get(`${local.origin}/form`, { form: {} })), 'done');
    assert.deepEqual(
      local.seen.map(({ method }) => method),
      ['POST', 'GET', 'GET', 'GET'],
    );
  });

  test('tries count over all hops together', async (t) => {
    const local = await serve(t, (response, { url }, count) => {
      if (url === '/a' && count > 2) return response.writeHead(302, { location: '/b' }).end();
      return response.writeHead(500).end();
    });
    await assert.rejects(fetching(t).session.get(`${local.origin}/a`), { status: 500 });
    assert.deepEqual(
      local.seen.map(({ url }) => url),
      ['/a', '/a', '/a', '/b', '/b'],
    );
  });

  test('a 304 nobody asked for is asked again past the caches', async (t) => {
    const local = await serve(t, (response, _seen, count) => response.writeHead(count < 2 ? 304 : 200).end('menu'));
    assert.equal(textOf(await fetching(t).session.get(local.origin)), 'menu');
    assert.deepEqual(
      local.seen.map(({ headers }) => headers['cache-control']),
      [undefined, 'no-cache'],
    );
  });
});

describe('Retry-After', () => {
  test('is honoured when it ends within the total time', async (t) => {
    const values = ['5', new Date(NOW + 7000).toUTCString(), 'soon'];
    const local = await serve(t, (response, _seen, count) => {
      const value = values[count - 1];
      if (value === undefined) return response.end('menu');
      return response.writeHead(429, { 'retry-after': value }).end();
    });
    const { session, waits } = fetching(t, { now: () => NOW });
    assert.equal(textOf(await session.get(local.origin)), 'menu');
    assert.deepEqual(waits, [5000, 7000, 4000]);
  });

  test('that is longer than the total time ends the request, and is told', async (t) => {
    const local = await serve(t, (response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    const { session, waits } = fetching(t);
    await assert.rejects(session.get(local.origin), { status: 503, message: /asks to come back in 1h/ });
    assert.deepEqual([local.seen.length, waits], [1, []]);
  });

  test('is seconds or a date; a date gone by means now; anything else is nothing', () => {
    assert.equal(retryAfterMs('120', NOW), 120_000);
    assert.equal(retryAfterMs('Fri, 20 Nov 2026 02:21:00 GMT', NOW), 60_000);
    assert.equal(retryAfterMs('Fri, 20 Nov 2020 02:21:00 GMT', NOW), 0);
    for (const garbage of [undefined, '', 'soon', '-1', '1.5', '5 minutes', 'Fri, soon']) {
      assert.equal(retryAfterMs(garbage, NOW), undefined, garbage);
    }
  });

  test('without it chance adds up to a quarter', () => {
    assert.deepEqual(
      [1, 2, 3].map((retry) => retryDelayMs(retry, 1000, () => 0)),
      [1000, 2000, 4000],
    );
    assert.equal(
      retryDelayMs(1, 1000, () => 1),
      1250,
    );
  });
});
