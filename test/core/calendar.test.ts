// Due instants: the shared cases, our word where libraries disagree, and agreement with node-cron outside clock changes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, mock, test } from 'node:test';
import fc from 'fast-check';
import { createTask } from 'node-cron';
import { nextAfter, previousAtOrBefore } from '../../src/core/calendar.ts';
import { type CronLine, readCronLine } from '../../src/core/cron-line.ts';

const SHARED = join(import.meta.dirname, '../../../shared/cron');
const skip = existsSync(SHARED) ? false : '../shared is absent';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface SharedCase {
  readonly expr: string;
  readonly tz: string;
  readonly from: string;
  readonly expected: readonly string[];
}

const at = (iso: string) => Date.parse(iso);
const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');

function readLine(line: string): CronLine {
  const read = readCronLine(line);
  assert.ok(!('problems' in read), `${line}: ${'problems' in read ? read.problems.join(' ') : ''}`);
  return read;
}

function firstFrom(expr: string, zone: string, { from, count }: { from: string; count: number }): readonly string[] {
  const read = readCronLine(expr);
  if ('problems' in read) return [];
  const found: number[] = [];
  for (let next = nextAfter(read, zone, at(from)); next !== undefined && found.length < count; ) {
    found.push(next);
    next = nextAfter(read, zone, next);
  }
  return found.map(iso);
}

test('every shared case gives the instants that all libraries agree on', { skip }, () => {
  const cases: readonly SharedCase[] = JSON.parse(readFileSync(join(SHARED, 'cron-cases.json'), 'utf8'));
  assert.ok(cases.length >= 78);
  for (const { expr, tz, from, expected } of cases) {
    const found = firstFrom(expr, tz, { from, count: expected.length || 1 });
    assert.deepEqual(found, expected, `${expr} ${tz} from ${from}`);
    const last = expected.at(-1);
    if (last !== undefined) assert.equal(previousAtOrBefore(readLine(expr), tz, at(last)), at(last));
  }
});

// Where others disagree: `case` is "line | zone | from" of the shared file, `ours` is what design promises.
const OUR_POLICY: Readonly<Record<string, readonly string[]>> = {
  // Day of month and day of week both set: AND.
  '0 0 0 */5 Apr,Aug,Oct Mon | UTC | 2012-07-09T23:35:00Z': ['2012-08-06T00:00:00Z'],
  '0 8 1 * 4 | UTC | 2019-04-21T00:00:00Z': ['2019-08-01T08:00:00Z'],
  '0 8 1 * 4 | UTC | 2019-04-26T00:00:00Z': ['2019-08-01T08:00:00Z'],
  // A gap: the first instant after it.
  '45 2 * * * | America/New_York | 2025-03-07T12:00:00Z': [
    '2025-03-08T07:45:00Z',
    '2025-03-09T07:00:00Z',
    '2025-03-10T06:45:00Z',
  ],
  '30 0 * * * | America/Havana | 2025-03-07T12:00:00Z': ['2025-03-08T05:30:00Z', '2025-03-09T05:00:00Z'],
  '0 2 * * * | America/New_York | 2025-03-08T12:00:00Z': ['2025-03-09T07:00:00Z'],
  '30 2 * * * | America/New_York | 2026-03-08T06:30:00Z': ['2026-03-08T07:00:00Z'],
  '0 30 2 11 Mar * | America/New_York | 2012-03-11T05:00:00Z': ['2012-03-11T07:00:00Z'],
  '0 0 2 * * * | America/New_York | 2012-03-11T05:00:00Z': ['2012-03-11T07:00:00Z'],
  // An overlap: a fixed hour once, the first time; every hour in real time.
  '0 * * * * | America/New_York | 2025-11-02T04:30:00Z': ['2025-11-02T05:00:00Z', '2025-11-02T06:00:00Z'],
  '0 30 1 04 Nov * | America/New_York | 2012-11-04T05:45:00Z': ['2013-11-04T06:30:00Z'],
  '0 0 1 * * * | America/New_York | 2012-11-04T05:00:00Z': ['2012-11-05T06:00:00Z'],
};

describe('where libraries disagree', { skip }, () => {
  const cases: readonly SharedCase[] = skip
    ? []
    : JSON.parse(readFileSync(join(SHARED, 'cron-policy-cases.json'), 'utf8'));
  for (const { expr, tz, from, expected } of cases) {
    const name = `${expr} | ${tz} | ${from}`;
    const ours = OUR_POLICY[name] ?? expected;
    test(`${name} is next due ${ours.join(', ')}`, () => {
      assert.deepEqual(firstFrom(expr, tz, { from, count: ours.length }), ours);
    });
  }

  test('every policy of ours is about a case that exists', () => {
    const names = new Set(cases.map(({ expr, tz, from }) => `${expr} | ${tz} | ${from}`));
    assert.deepEqual(
      Object.keys(OUR_POLICY).filter((name) => !names.has(name)),
      [],
    );
  });
});

test('29 February is found over any distance, on a certain weekday too', () => {
  assert.deepEqual(firstFrom('0 0 29 2 *', 'UTC', { from: '2096-03-01T00:00:00Z', count: 1 }), [
    '2104-02-29T00:00:00Z',
  ]);
  assert.deepEqual(firstFrom('0 0 29 2 1', 'UTC', { from: '2072-03-01T00:00:00Z', count: 1 }), [
    '2112-02-29T00:00:00Z',
  ]);
  const line = readLine('0 0 29 2 1');
  assert.equal(previousAtOrBefore(line, 'UTC', at('2112-02-28T00:00:00Z')), at('2072-02-29T00:00:00Z'));
});

test('an instant with milliseconds lies between its whole seconds', () => {
  const line = readLine('0 12 * * *');
  const noon = at('2026-11-20T03:00:00Z');
  assert.equal(nextAfter(line, 'Asia/Seoul', noon - 1), noon);
  assert.equal(nextAfter(line, 'Asia/Seoul', noon + 1), noon + DAY_MS);
  assert.equal(previousAtOrBefore(line, 'Asia/Seoul', noon + 999), noon);
  assert.equal(previousAtOrBefore(line, 'Asia/Seoul', noon - 1), noon - DAY_MS);
});

function fieldText(low: number, high: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: low, max: high });
  return fc.oneof(
    fc.constant('*'),
    fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => values.join()),
    fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
    fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
  );
}

describe('outside clock changes', () => {
  before(() => mock.timers.enable({ apis: ['Date'] }));
  after(() => mock.timers.reset());

  const dayOfMonth = fc.oneof(fieldText(1, 31), fc.constantFrom('*', 'L', 'L-3', '15W', '1W', 'LW', '1,L', '28-2'));
  const dayOfWeek = fc.oneof(fieldText(0, 7), fc.constantFrom('*', '1-5', '5-1', '5L', '2#3', '7L', '0,3#5'));
  const lines = fc
    .tuple(fieldText(0, 59), fieldText(0, 59), fieldText(0, 23), dayOfMonth, fieldText(1, 12), dayOfWeek)
    .map((fields) => fields.join(' '))
    .filter((line) => !('problems' in readCronLine(line)));
  const instants = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2060-01-01T00:00:00Z') });

  test('our next instants are node-cron’s', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom('UTC', 'Asia/Seoul', 'Asia/Kathmandu'), instants, (line, zone, instant) => {
        mock.timers.setTime(instant);
        const task = createTask(line, () => undefined, { timezone: zone });
        const theirs = task.getNextRuns(2).map((date) => date.toISOString());
        void task.destroy();
        const ours = firstFrom(line, zone, { from: new Date(instant).toISOString(), count: 2 }).map(
          (one) => new Date(one),
        );
        assert.deepEqual(
          ours.map((date) => date.toISOString()),
          theirs,
        );
      }),
      { numRuns: 300 },
    );
  });
});
