// What stands in a schedule, a duration, a zone or a span of quiet hours may be any text: it is read, or refused with a
// sentence, at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextAfter, previousAtOrBefore } from '../../src/core/calendar.ts';
import { readCronLine } from '../../src/core/cron-line.ts';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';
import { afterQuiet, parseQuietHours } from '../../src/core/quiet.ts';
import { isZone, readDateTime } from '../../src/core/zone.ts';

const NOW = Date.UTC(2026, 10, 20, 2);
const YEAR = 366 * 86_400_000;

const token = fc.oneof(
  fc.constantFrom(
    '*',
    '?',
    'L',
    'W',
    'LW',
    'L-3',
    '15W',
    '5#3',
    '5L',
    'jan',
    'SUN-sat',
    '@daily',
    '@reboot',
    '-',
    '/',
    ',',
  ),
  fc.constantFrom(
    '*/0',
    '*/-1',
    '*/99999',
    '0-9999',
    '59-0',
    '1e3',
    '0x1f',
    '٣',
    '１',
    '-0',
    '00000',
    '1.5',
    '*/1/1',
    '1-2-3',
  ),
  fc.constantFrom(
    '\u0000',
    '\u200b',
    '\u00a0',
    '\n',
    '*'.repeat(150),
    '1,'.repeat(60),
    '0-59/'.repeat(20),
    'Infinity',
    'NaN',
  ),
  fc.integer({ min: -5, max: 10_000 }).map(String),
  fc.tuple(fc.nat(70), fc.nat(70), fc.nat(70)).map(([from, to, step]) => `${from}-${to}/${step}`),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const line = fc.oneof(
  fc.array(token, { maxLength: 9 }).map((tokens) => tokens.join(' ')),
  fc.string({ unit: 'binary' }),
);

/** Long runs of what patterns stumble over. */
const LONG = ['*', ' ', '1', '0-', '*/', ',', 'L', '-', 'a', '\t\n', '9d ', '1h', ':', '22:00-', '/', '\u0000'].map(
  (unit) => unit.repeat(1_000_000 / unit.length),
);

function timed<T>(work: () => T): T {
  const began = performance.now();
  const result = work();
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 1000, `it took ${tookMs} ms`);
  return result;
}

test('any cron line is read or refused with a sentence, and one that is read has instants in order', () => {
  fc.assert(
    fc.property(line, (text) => {
      const read = timed(() => readCronLine(text));
      if ('problems' in read) {
        assert.ok(read.problems.length > 0);
        for (const problem of read.problems) assert.match(problem, /^The cron line [\s\S]+\.$/);
        return;
      }
      const next = timed(() => nextAfter(read, 'Asia/Seoul', NOW));
      const previous = timed(() => previousAtOrBefore(read, 'Asia/Seoul', NOW));
      assert.ok((next === undefined || next > NOW) && (previous === undefined || previous <= NOW));
    }),
    { numRuns: 2500 },
  );
});

test('any duration is read within its bounds or is none, and what is shown of it is read again', () => {
  const duration = fc.oneof(
    fc
      .array(fc.tuple(fc.nat(1_000_000_000), fc.constantFrom('d', 'h', 'm', 's', 'w', ' ', 'ms')), { maxLength: 5 })
      .map((parts) => parts.flat().join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(duration, (text) => {
      const ms = timed(() => parseDuration(text));
      if (ms === undefined) return;
      assert.ok(Number.isSafeInteger(ms) && ms > 0 && ms <= YEAR);
      const shown = parseDuration(formatDuration(ms)) ?? assert.fail(formatDuration(ms));
      assert.ok(shown <= ms && shown > ms * 0.9);
    }),
    { numRuns: 2000 },
  );
});

test('any zone, day and span of quiet hours is read or is none', () => {
  const zone = fc.oneof(
    fc.constantFrom('Asia/Seoul', 'UTC', '+09:00', 'Asia/Soul', '../etc/passwd', '__proto__'),
    fc.string({ unit: 'binary' }),
  );
  const span = fc.oneof(
    fc.tuple(fc.nat(30), fc.nat(70), fc.nat(30), fc.nat(70)).map(([a, b, c, d]) => `${a}:${b}-${c}:${d}`),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(zone, span, (name, text) => {
      if (timed(() => isZone(name))) timed(() => readDateTime(name, text));
      const quiet = timed(() => parseQuietHours(text, 'Asia/Seoul'));
      const at = timed(() => afterQuiet(NOW, quiet));
      assert.ok(at >= NOW && at - NOW <= 86_400_000);
    }),
    { numRuns: 1000 },
  );
});

test('a million characters are refused in a moment', () => {
  for (const text of LONG) {
    assert.ok('problems' in timed(() => readCronLine(text)), text.slice(0, 5));
    assert.equal(
      timed(() => parseDuration(text)),
      undefined,
      text.slice(0, 5),
    );
    assert.equal(
      timed(() => isZone(text)),
      false,
      text.slice(0, 5),
    );
    assert.equal(
      timed(() => parseQuietHours(text, 'UTC')),
      undefined,
      text.slice(0, 5),
    );
  }
});
