// The waits between attempts: their bounds, and every way a server may ask for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs, parseRetryAfter } from '../../src/core/retry.ts';

const NOW = Date.UTC(2026, 10, 20, 2, 20, 0);
const STEPS_MS = [2_000, 10_000, 30_000, 120_000, 300_000, 600_000, 600_000, 600_000];

test('the wait lies between a quarter of its step and the whole of it', () => {
  for (const [index, stepMs] of STEPS_MS.entries()) {
    assert.equal(
      backoffMs(index + 1, () => 0),
      stepMs / 4,
    );
    assert.equal(
      backoffMs(index + 1, () => 1 - Number.EPSILON),
      stepMs,
    );
  }
});

test('any attempt and any randomness give a whole wait from half a second to ten minutes', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const waitMs = backoffMs(attempt, () => random);
      assert.ok(Number.isInteger(waitMs) && waitMs >= 500 && waitMs <= 600_000);
    }),
  );
});

const RETRY_AFTER: readonly (readonly [string | undefined, number | undefined])[] = [
  ['120', 120_000],
  [' 5 ', 5_000],
  ['0', 0],
  ['0.35', 350],
  ['99999999999999999999999', 86_400_000],
  ['Fri, 20 Nov 2026 02:21:30 GMT', 90_000],
  ['Friday, 20-Nov-26 02:21:30 GMT', 90_000],
  ['Fri Nov 20 02:21:30 2026', 90_000],
  ['Fri, 20 Nov 2026 02:19:59 GMT', 0],
  ['Fri, 20 Nov 2099 02:19:59 GMT', 86_400_000],
  ['Fri, 99 Foo 2026 02:21:30 GMT', undefined],
  ['soon 1', undefined],
  ['-5', undefined],
  ['1e3', undefined],
  ['Infinity', undefined],
  ['2026-11-20T02:21:30Z', undefined],
  ['', undefined],
  [undefined, undefined],
];

for (const [value, expected] of RETRY_AFTER) {
  test(`Retry-After ${JSON.stringify(value)} means ${expected}`, () => {
    assert.equal(parseRetryAfter(value, NOW), expected);
  });
}
