// A time limit counts only the time in which its look can go on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTimeLimit } from '../../src/io/time-limit.ts';

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
