// Hosts that are left alone: those that ask for it, and those that fail again and again.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostNote } from '../../src/core/worker-protocol.ts';
import { openHttp } from '../../src/io/http.ts';
import { openHealth } from '../../src/io/http-health.ts';
import { fetching, serve, serveRaw } from './http-local.ts';

const START = Date.parse('2026-11-20T02:20:00Z');
const MINUTE = 60_000;
const never = new AbortController().signal;

function clock() {
  const at = { now: START };
  return { now: () => at.now, pass: (ms: number) => (at.now += ms) };
}

describe('a host that asks to be left alone', () => {
  test('is asked by no other look before its time, and the error says until when', async (t) => {
    const local = await serve(t, (response, _seen, count) =>
      count === 1 ? response.writeHead(429, { 'retry-after': '120' }).end() : response.end('menu'),
    );
    const { now, pass } = clock();
    const { http, session, waits } = fetching(t, { now });
    await assert.rejects(session.get(`${local.origin}/a`), /It asks to come back in 2m\./);
    const other = http.session({ signal: never, conditional: false });
    pass(30_000);
    await assert.rejects(other.get(`${local.origin}/b?key=abc`), {
      name: 'FetchError',
      message: new RegExp(
        `/b\\?key=\\*\\*\\* is not fetched now: 127\\.0\\.0\\.1:${local.port} has asked to be left alone until 2026-11-20T02:22:00Z \\(in 1m 30s\\)`,
      ),
    });
    pass(91_000);
    assert.equal((await other.get(`${local.origin}/b`)).status, 200);
    assert.deepEqual([local.seen.length, waits], [2, []]);
  });

  test('is waited for when that is short, once for all who wait', async (t) => {
    const local = await serve(t, (response, { method }) =>
      method === 'POST' ? response.writeHead(503, { 'retry-after': '5' }).end() : response.end('menu'),
    );
    const { now } = clock();
    const { session, waits } = fetching(t, { now });
    await assert.rejects(session.get(local.origin, { method: 'POST' }), { status: 503 });
    assert.equal((await session.get(local.origin)).status, 200);
    assert.deepEqual(waits, [5000]);
  });

  test('is asked again after an hour, whatever it says', async (t) => {
    const local = await serve(t, (response) => response.writeHead(503, { 'retry-after': '86400' }).end());
    const { now, pass } = clock();
    const { session } = fetching(t, { now });
    await assert.rejects(session.get(local.origin), /come back in 1d; talkbell comes back after 1h at the earliest/);
    pass(59 * MINUTE);
    await assert.rejects(session.get(local.origin), /left alone until 2026-11-20T03:20:00Z/);
    pass(2 * MINUTE);
    await assert.rejects(session.get(local.origin), { status: 503 });
    assert.equal(local.seen.length, 2);
  });

  test('does not hold up another host', async (t) => {
    const busy = await serve(t, (response) => response.writeHead(429, { 'retry-after': '120' }).end());
    const free = await serve(t, (response) => response.end());
    const { session } = fetching(t);
    await assert.rejects(session.get(busy.origin), { status: 429 });
    assert.equal((await session.get(free.origin)).status, 200);
  });
});

describe('a host that fails', () => {
  test('is left alone after five requests in a row, tried once after a minute, and longer each time', async (t) => {
    const local = await serveRaw(t, (socket) => socket.resetAndDestroy());
    const { now, pass } = clock();
    const { session } = fetching(t, { now, retries: 1 });
    for (let round = 0; round < 5; round++) await assert.rejects(session.get(local.origin), /broke off/);
    assert.equal(local.seen.length, 10);
    await assert.rejects(
      session.get(`${local.origin}/other`),
      /failed 5 times in a row\. It is tried again at 2026-11-20T02:21:00Z \(in 1m\)/,
    );
    pass(MINUTE + 1);
    await assert.rejects(session.get(local.origin), /broke off/);
    assert.equal(local.seen.length, 11, 'the first try after a rest is one alone');
    await assert.rejects(session.get(local.origin), /failed 6 times in a row.*\(in 2m\)/);
  });

  test('is asked as always once it has answered', async (t) => {
    let broken = true;
    const local = await serveRaw(t, (socket) => {
      if (broken) return socket.resetAndDestroy();
      return socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
    const { now, pass } = clock();
    const { session } = fetching(t, { now, retries: 0 });
    for (let round = 0; round < 5; round++) await assert.rejects(session.get(local.origin), /broke off/);
    broken = false;
    pass(MINUTE + 1);
    await assert.rejects(session.get(local.origin), { status: 404 });
    broken = true;
    for (let round = 0; round < 4; round++) await assert.rejects(session.get(local.origin), /broke off/);
    await assert.rejects(session.get(local.origin), /broke off/);
  });

  test('on one page alone still gives its other pages', async (t) => {
    const local = await serve(t, (response, { url }) => response.writeHead(url === '/broken' ? 500 : 200).end());
    const { now } = clock();
    const { session } = fetching(t, { now, retries: 0 });
    for (let round = 0; round < 5; round++)
      await assert.rejects(session.get(`${local.origin}/broken`), { status: 500 });
    await assert.rejects(session.get(`${local.origin}/broken?again`), /failed 5 times in a row/);
    assert.equal((await session.get(`${local.origin}/whole`)).status, 200);
    await assert.rejects(session.get(`${local.origin}/broken`), { status: 500 });
  });

  test('on many pages is left alone as a whole', async (t) => {
    const local = await serve(t, (response) => response.writeHead(502).end());
    const { session } = fetching(t, { now: clock().now, retries: 0 });
    for (let page = 0; page < 5; page++) await assert.rejects(session.get(`${local.origin}/${page}`), { status: 502 });
    await assert.rejects(session.get(`${local.origin}/new`), /failed 5 times in a row/);
    assert.equal(local.seen.length, 5);
  });

  test('that does not answer in time counts as one that fails', async (t) => {
    const local = await serveRaw(t, () => undefined);
    const { session } = fetching(t, { headersMs: 30, totalMs: 60, retries: 9, retryBaseMs: 0 });
    for (let round = 0; round < 5; round++) await assert.rejects(session.get(local.origin), { name: 'FetchError' });
    await assert.rejects(session.get(local.origin), /failed 5 times in a row/);
  });

  test('is not blamed for a name that nobody knows, nor for what is refused to the job', async (t) => {
    const local = await serve(t, (response) => response.writeHead(403).end());
    const { session } = fetching(t, { retries: 0 });
    for (let round = 0; round < 6; round++) {
      await assert.rejects(session.get('http://menu.invalid/'), /its host name/);
      await assert.rejects(session.get(local.origin), { status: 403 });
    }
  });
});

test('what one process has learned of hosts, the next one goes by', async (t) => {
  const local = await serve(t, (response) => response.writeHead(429, { 'retry-after': '600' }).end());
  const { now } = clock();
  let notes: readonly HostNote[] = [];
  const onHostNotes = (learned: readonly HostNote[]) => {
    notes = learned;
  };
  await assert.rejects(fetching(t, { now, onHostNotes }).session.get(local.origin), { status: 429 });
  const hostNotes = JSON.parse(JSON.stringify(notes));
  const next = openHttp({ now, hostNotes, env: {} });
  t.after(() => next.close());
  const session = next.session({ signal: never, conditional: false });
  await assert.rejects(session.get(local.origin), /has asked to be left alone/);
  assert.equal(local.seen.length, 1);
});

test('a clock that was set back makes no rest longer than it may be', () => {
  const at = { now: START };
  const health = openHealth({ now: () => at.now });
  const url = new URL('http://menu.example/');
  health.asked(url, 10 * 60 * MINUTE);
  for (let round = 0; round < 9; round++) health.failed(url, 'connection');
  at.now -= 24 * 60 * MINUTE;
  assert.equal(health.restOf(url), undefined);
});
