// Due instants when clocks change, against a slow reading of what Intl shows, minute for minute.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nextAfter, previousAtOrBefore } from '../../src/core/calendar.ts';
import { type CronLine, readCronLine } from '../../src/core/cron-line.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;

const at = (iso: string) => Date.parse(iso);

function readLine(line: string): CronLine {
  const read = readCronLine(line);
  assert.ok(!('problems' in read), `${line}: ${'problems' in read ? read.problems.join(' ') : ''}`);
  return read;
}

/** The due instants in (from, to], asked for one after the other. */
function listNext(line: CronLine, zone: string, { from, to }: { from: number; to: number }): readonly number[] {
  const found: number[] = [];
  for (let next = nextAfter(line, zone, from); next !== undefined && next <= to; next = nextAfter(line, zone, next)) {
    found.push(next);
  }
  return found;
}

function listPrevious(line: CronLine, zone: string, { from, to }: { from: number; to: number }): readonly number[] {
  const found: number[] = [];
  let previous = previousAtOrBefore(line, zone, to);
  while (previous !== undefined && previous > from) {
    found.unshift(previous);
    previous = previousAtOrBefore(line, zone, previous - 1);
  }
  return found;
}

// A field's text together with what it allows, so that the slow reading does not share our reader.
interface Field {
  readonly text: string;
  readonly allows: (value: number) => boolean;
}

function field(low: number, high: number): fc.Arbitrary<Field> {
  const value = fc.integer({ min: low, max: high });
  const list = fc.uniqueArray(value, { minLength: 1, maxLength: 4 });
  return fc.oneof(
    fc.constant({ text: '*', allows: () => true }),
    list.map((values) => ({ text: values.join(), allows: (one: number) => values.includes(one) })),
    fc
      .integer({ min: 2, max: 20 })
      .map((step) => ({ text: `*/${step}`, allows: (one: number) => (one - low) % step === 0 })),
  );
}

test('next and previous agree at every instant, clock changes included', () => {
  const zones = [
    'Asia/Seoul',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Havana',
    'Africa/Casablanca',
    'Pacific/Apia',
  ];
  const lines = fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), field(0, 6))
    .map(([minute, hour, day, weekday]) => [minute.text, hour.text, day.text, '*', weekday.text].join(' '));
  const seconds = fc.integer({ min: at('2005-01-01T00:00:00Z') / 1000, max: at('2040-01-01T00:00:00Z') / 1000 });
  fc.assert(
    fc.property(lines, fc.constantFrom(...zones), seconds, (text, zone, second) => {
      const line = readLine(text);
      const instant = second * 1000;
      const next = nextAfter(line, zone, instant);
      assert.ok(next !== undefined && next > instant);
      assert.equal(previousAtOrBefore(line, zone, next), next);
      assert.equal(nextAfter(line, zone, next - 1), next);
      const previous = previousAtOrBefore(line, zone, next - 1);
      assert.ok(previous !== undefined && previous <= instant);
      assert.equal(nextAfter(line, zone, previous), next);
    }),
    { numRuns: 1000 },
  );
});

const CHANGES = {
  'New York springs forward': ['America/New_York', '2025-03-09T07:00:00Z'],
  'New York falls back': ['America/New_York', '2025-11-02T06:00:00Z'],
  'Lord Howe springs forward by half an hour': ['Australia/Lord_Howe', '2025-10-04T15:30:00Z'],
  'Lord Howe falls back by half an hour': ['Australia/Lord_Howe', '2025-04-05T15:00:00Z'],
  'Havana has no midnight': ['America/Havana', '2025-03-09T05:00:00Z'],
  'Havana falls back to midnight': ['America/Havana', '2025-11-02T05:00:00Z'],
  'Sao Paulo has no midnight': ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  'Sao Paulo falls back over midnight': ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
  'Casablanca falls back for Ramadan': ['Africa/Casablanca', '2025-02-23T02:00:00Z'],
  'Casablanca springs forward after Ramadan': ['Africa/Casablanca', '2025-04-06T02:00:00Z'],
  'Apia skips a day': ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  'Kwajalein skips a day': ['Pacific/Kwajalein', '1993-08-21T12:00:00Z'],
  'Seoul changes nothing': ['Asia/Seoul', '2026-11-20T00:00:00Z'],
} as const;

interface Reading {
  readonly instant: number;
  readonly wall: number;
}

/** What Intl shows at every minute around a change. No zone in the table changes but at a quarter of an hour. */
function readingsAround(zone: string, change: number): readonly Reading[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const quarters = Array.from({ length: 6 * 96 }, (_, index) => change - 3 * DAY_MS + index * QUARTER_MS);
  return quarters.flatMap((quarter) => {
    const wall = Date.parse(`${format.format(quarter).replace(' ', 'T')}Z`);
    return Array.from({ length: 15 }, (_, minute) => ({
      instant: quarter + minute * MINUTE_MS,
      wall: wall + minute * MINUTE_MS,
    }));
  });
}

/** The due instants by the rule as it is written, minute for minute. */
function listSlowly(
  readings: readonly Reading[],
  matches: (wall: Date) => boolean,
  realTime: boolean,
): readonly number[] {
  if (realTime) return readings.filter(({ wall }) => matches(new Date(wall))).map(({ instant }) => instant);

  const instants = new Set<number>();
  let latest = readings[0]?.wall ?? 0;
  for (const { instant, wall } of readings) {
    for (let shown = latest + MINUTE_MS; shown <= wall; shown += MINUTE_MS) {
      if (matches(new Date(shown))) instants.add(instant);
    }
    latest = Math.max(latest, wall);
  }
  return [...instants];
}

/** Asked at any time around the change, in the middle of an overlap too, not only at due instants. */
function assertAskedAnywhere(
  line: CronLine,
  zone: string,
  { change, slow }: { change: number; slow: readonly number[] },
): void {
  for (let instant = change - 3 * HOUR_MS; instant < change + 3 * HOUR_MS; instant += 7 * MINUTE_MS + 1234) {
    const next = slow.find((one) => one > instant);
    if (next !== undefined) assert.equal(nextAfter(line, zone, instant), next);
    const previous = slow.findLast((one) => one <= instant);
    if (previous !== undefined) assert.equal(previousAtOrBefore(line, zone, instant), previous);
  }
}

describe('when clocks change', () => {
  const lines = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(0, 6));

  for (const [name, [zone, iso]] of Object.entries(CHANGES)) {
    const change = at(iso);
    const readings = readingsAround(zone, change);

    test(`${name}: our instants are those of the rule, forward and backward`, () => {
      fc.assert(
        fc.property(lines, ([minute, hour, day, weekday]) => {
          const line = readLine([minute.text, hour.text, day.text, '*', weekday.text].join(' '));
          const matches = (wall: Date) =>
            minute.allows(wall.getUTCMinutes()) &&
            hour.allows(wall.getUTCHours()) &&
            day.allows(wall.getUTCDate()) &&
            weekday.allows(wall.getUTCDay());
          const span = { from: change - 2 * DAY_MS, to: change + 2 * DAY_MS };
          const slow = listSlowly(readings, matches, hour.text === '*').filter(
            (one) => one > span.from && one <= span.to,
          );
          assert.deepEqual(listNext(line, zone, span), slow);
          assert.deepEqual(listPrevious(line, zone, span), slow);
          assertAskedAnywhere(line, zone, { change, slow });
        }),
        { numRuns: 60 },
      );
    });
  }
});
