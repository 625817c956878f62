// Durations: what is read, what is refused, and that what is shown can be read again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

test('a duration is read in days, hours, minutes and seconds', () => {
  const read = {
    '90m': 90 * MINUTE_MS,
    '1h': HOUR_MS,
    '1h30m': 90 * MINUTE_MS,
    '1h 30m': 90 * MINUTE_MS,
    ' 3d ': 3 * DAY_MS,
    '30s': 30_000,
    '1d2h3m4s': DAY_MS + 2 * HOUR_MS + 3 * MINUTE_MS + 4000,
    '366d': 366 * DAY_MS,
  };
  for (const [text, ms] of Object.entries(read)) assert.equal(parseDuration(text), ms, text);
});

test('what is no duration, not positive or longer than 366 days is refused', () => {
  const refused = [
    '',
    ' ',
    '90',
    'm',
    '1.5h',
    '-1h',
    '0s',
    '0d0h',
    '30m1h',
    '1h1h',
    '1 h',
    '1H',
    '1w',
    '367d',
    '366d1s',
  ];
  for (const text of [...refused, '9'.repeat(400), `${'1'.repeat(30)}d`]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test('a duration is shown by its two largest units', () => {
  assert.equal(formatDuration(2 * HOUR_MS + 40 * MINUTE_MS + 59_000), '2h 40m');
  assert.equal(formatDuration(DAY_MS + 59_000), '1d');
  assert.equal(formatDuration(61_500), '1m 1s');
  assert.equal(formatDuration(450), '450ms');
  assert.equal(formatDuration(-5), '0ms');
});

test('what is shown reads back as the same duration, short of its smaller units', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 366 * DAY_MS }), (ms) => {
      const read = parseDuration(formatDuration(ms));
      assert.ok(read !== undefined && read <= ms && ms - read < HOUR_MS);
      assert.equal(parseDuration(formatDuration(read)), read);
    }),
  );
});
