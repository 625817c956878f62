import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { openHttp } from '../../src/io/http.ts';
import { openHosts } from '../../src/io/http-hosts.ts';
import { fetching, serve } from './http-local.ts';

const never = new AbortController().signal;

function controlled() {
  const wakes: (() => void)[] = [];
  const asked: number[] = [];
  const sleep = (ms: number) => {
    asked.push(ms);
    return new Promise<void>((resolve) => wakes.push(resolve));
  };
  return { sleep, asked, wake: () => wakes.shift()?.() };
}

const settled = () => new Promise(setImmediate);

describe('turns', () => {
  test('a host serves one request at a time and rests after each', async () => {
    const { sleep, asked, wake } = controlled();
    const hosts = openHosts({ hostGapMs: 700, maxHosts: 4, sleep });
    const order: string[] = [];
    const first = await hosts.turn('a', { signal: never, urgent: false });
    const second = hosts.turn('a', { signal: never, urgent: false }).then((end) => {
      order.push('second');
      return end;
    });
    const other = await hosts.turn('b', { signal: never, urgent: false });
    await settled();
    assert.deepEqual(order, []);
    first();
    first();
    await settled();
    assert.deepEqual([order, asked], [[], [700]]);
    wake();
    await settled();
    assert.deepEqual(order, ['second']);
    (await second)();
    other();
  });

  test('the rest of a request that has begun goes before those that wait', async () => {
    const hosts = openHosts({ hostGapMs: 0, maxHosts: 1, sleep: async () => undefined });
    const order: string[] = [];
    const end = await hosts.turn('a', { signal: never, urgent: false });
    const take = (name: string, urgent: boolean) =>
      hosts.turn('a', { signal: never, urgent }).then((done) => {
        order.push(name);
        done();
      });
    const all = [take('one', false), take('two', false), take('redirect', true)];
    end();
    await Promise.all(all);
    assert.deepEqual(order, ['redirect', 'one', 'two']);
  });

  test('only so many hosts are asked at once', async () => {
    const hosts = openHosts({ hostGapMs: 0, maxHosts: 2, sleep: async () => undefined });
    const [a] = await Promise.all(['a', 'b'].map((host) => hosts.turn(host, { signal: never, urgent: false })));
    let started = false;
    const third = hosts.turn('c', { signal: never, urgent: false }).then(() => {
      started = true;
    });
    await settled();
    assert.equal(started, false);
    a?.();
    await third;
  });

  test('who is stopped leaves the queue, and takes no turn from others', async () => {
    const hosts = openHosts({ hostGapMs: 0, maxHosts: 1, sleep: async () => undefined });
    const end = await hosts.turn('a', { signal: never, urgent: false });
    const stop = new AbortController();
    const left = hosts.turn('a', { signal: stop.signal, urgent: false });
    const next = hosts.turn('a', { signal: never, urgent: false });
    stop.abort(new Error('enough'));
    await assert.rejects(left, /enough/);
    end();
    (await next)();
    await assert.rejects(hosts.turn('a', { signal: stop.signal, urgent: false }), /enough/);
  });
});

describe('seen from a server', () => {
  test('one request at a time, in the order of asking, with the gap between an end and a start', async (t) => {
    const ends: number[] = [];
    const starts: number[] = [];
    let running = 0;
    let most = 0;
    const local = await serve(t, (response) => {
      starts.push(performance.now());
      running += 1;
      most = Math.max(most, running);
      setImmediate(() => {
        running -= 1;
        ends.push(performance.now());
        response.end();
      });
    });
    const http = openHttp({ hostGapMs: 60, env: {} });
    t.after(() => http.close());
    const session = () => http.session({ signal: never, conditional: false });
    await Promise.all([1, 2, 3].map((page) => session().get(`${local.origin}/${page}`)));
    assert.equal(most, 1);
    assert.deepEqual(
      local.seen.map(({ url }) => url),
      ['/1', '/2', '/3'],
    );
    for (const at of [1, 2]) assert.ok((starts[at] ?? 0) - (ends[at - 1] ?? 0) > 50);
  });

  test('the wait for the first turn does not count as time of the request', async (t) => {
    const local = await serve(t, (response) => setTimeout(() => response.end(), 60));
    const { session } = fetching(t, { totalMs: 150 });
    const all = await Promise.all([1, 2, 3, 4].map(() => session.get(local.origin)));
    assert.equal(all.length, 4);
  });

  test('no more hosts than allowed are busy at once', async (t) => {
    const open: ServerResponse[] = [];
    const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
    const locals = await Promise.all(hosts.map((host) => serve(t, (response) => open.push(response), host)));
    const { session } = fetching(t, { maxHosts: 2 });
    const all = locals.map(({ origin }) => session.get(origin));
    while (open.length < 2) await settled();
    for (let round = 0; round < 20; round++) await settled();
    assert.equal(open.length, 2);
    open[0]?.end();
    while (open.length < 3) await settled();
    for (const response of open) response.end();
    await Promise.all(all);
  });
});
