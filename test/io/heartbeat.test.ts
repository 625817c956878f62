// The heartbeat: a request a minute while all is well, and nothing that could end the daemon.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startHeartbeat } from '../../src/io/heartbeat.ts';
import { serve, serveRaw } from './http-local.ts';

const MINUTE = 60_000;

interface Scene {
  readonly warnings: string[];
  readonly stop: () => void;
  /** Resolves at the next warning. */
  readonly warned: () => Promise<void>;
}

function begin(t: TestContext, url: string, isWell: () => Promise<boolean> = async () => true): Scene {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const controller = new AbortController();
  t.after(() => controller.abort());
  const warnings: string[] = [];
  const listeners: (() => void)[] = [];
  const warn = (facts: object, message: string): void => {
    warnings.push(`${message} ${JSON.stringify(facts)}`);
    listeners.shift()?.();
  };
  startHeartbeat({
    url,
    isWell,
    signal: controller.signal,
    log: { debug: () => {}, info: () => {}, warn, error: () => assert.fail('logged as an error') },
  });
  return { warnings, stop: () => controller.abort(), warned: () => new Promise((resolve) => listeners.push(resolve)) };
}

/** A server that says when it was asked. */
async function watchedServer(t: TestContext, status = 200) {
  const arrived = new EventTarget();
  const local = await serve(t, (response) => {
    response.statusCode = status;
    response.end('ok');
    arrived.dispatchEvent(new Event('ping'));
  });
  return { url: `${local.origin}/ping/uuid`, seen: local.seen, ping: () => once(arrived, 'ping') };
}

test('the address is asked for at once, and then every minute', async (t) => {
  const server = await watchedServer(t);
  const first = server.ping();
  const { warnings } = begin(t, server.url);
  await first;
  const second = server.ping();
  t.mock.timers.tick(MINUTE);
  await second;
  assert.deepEqual(
    server.seen.map(({ method, url }) => `${method} ${url}`),
    ['GET /ping/uuid', 'GET /ping/uuid'],
  );
  assert.deepEqual(warnings, []);
});

test('while something is wrong it is silent, and it speaks again when all is well', async (t) => {
  const server = await watchedServer(t);
  const state = { isWell: false, asked: 0 };
  begin(t, server.url, async () => {
    state.asked += 1;
    return state.isWell;
  });
  for (let minute = 0; minute < 3; minute += 1) t.mock.timers.tick(MINUTE);
  await setImmediate();
  assert.deepEqual([state.asked, server.seen.length], [4, 0]);
  state.isWell = true;
  const ping = server.ping();
  t.mock.timers.tick(MINUTE);
  await ping;
  assert.equal(server.seen.length, 1);
});

test('an answer that refuses is a warning with its status', async (t) => {
  const server = await watchedServer(t, 404);
  const scene = begin(t, server.url);
  await scene.warned();
  assert.match(scene.warnings[0] ?? '', /^the heartbeat was refused; look at TALKBELL_HEARTBEAT_URL {"status":404}$/);
});

test('a server that hangs up is a warning, and the next minute is tried', async (t) => {
  const local = await serveRaw(t, (socket) => socket.destroy());
  const scene = begin(t, `${local.origin}/`);
  await scene.warned();
  const again = scene.warned();
  t.mock.timers.tick(MINUTE);
  await again;
  assert.equal(scene.warnings.length, 2);
  for (const warning of scene.warnings) assert.match(warning, /^the heartbeat did not get through/);
});

test('a server that is not there is a warning', async (t) => {
  const scene = begin(t, 'http://127.0.0.1:1/');
  await scene.warned();
  assert.match(scene.warnings[0] ?? '', /^the heartbeat did not get through/);
});

test('a store that cannot be asked whether all is well is a warning, not the end', async (t) => {
  const server = await watchedServer(t);
  const scene = begin(t, server.url, () => Promise.reject(new Error('the disk is full')));
  await scene.warned();
  assert.deepEqual([scene.warnings.length, server.seen.length], [1, 0]);
});

test('after the stop there is neither a beat nor a warning', async (t) => {
  const local = await serve(t, () => {});
  const scene = begin(t, local.origin);
  while (local.seen.length === 0) await setImmediate();
  scene.stop();
  t.mock.timers.tick(10 * MINUTE);
  while (local.sockets.size > 0) await setImmediate();
  assert.deepEqual([local.seen.length, scene.warnings], [1, []]);
});
