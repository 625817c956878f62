// A time limit counts only the time in which its look can go on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openCollector } from '../../src/io/garbage.ts';
import { startTimeLimit, unlessLate } from '../../src/io/time-limit.ts';

test('a time limit stands still until the last of its pauses has ended, and goes on with what was left', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const pass = (ms: number): void => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  const seen = { passed: false };
  const limit = startTimeLimit(1000, () => {
    seen.passed = true;
  });
  pass(600);
  limit.pause();
  limit.pause();
  pass(5000);
  limit.resume();
  pass(5000);
  limit.resume();
  pass(399);
  assert.equal(seen.passed, false);
  pass(1);
  assert.equal(seen.passed, true);
});

test('a time limit that has ended never passes, not even after a pause', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const seen = { passed: false };
  const limit = startTimeLimit(1000, () => {
    seen.passed = true;
  });
  limit.pause();
  limit.end();
  limit.resume();
  t.mock.timers.tick(5000);
  assert.equal(seen.passed, false);
});

test('what came in time is held by nothing, though the limit goes on', async () => {
  const { signal } = new AbortController();
  const come = async (): Promise<WeakRef<object>> =>
    new WeakRef(await unlessLate(Promise.resolve({ page: 'read' }), signal, () => ({ page: 'late' })));
  const found = await come();
  // A weak reference holds on until the turn of the loop in which it was made is over.
  await setImmediate();
  openCollector()();
  assert.equal(found.deref(), undefined);
  assert.equal(signal.aborted, false);
});

test('what does not come in time is given up when the signal aborts', async () => {
  const limit = new AbortController();
  const end = unlessLate(new Promise<string>(() => undefined), limit.signal, () => 'late');
  limit.abort();
  assert.equal(await end, 'late');
});
