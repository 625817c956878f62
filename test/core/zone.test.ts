// Time zones: readings, gaps, overlaps, and days that begin late or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  changeBetween,
  dateIn,
  dateTimeIn,
  firstInstantOf,
  instantsOf,
  isZone,
  latestWallBy,
  offsetAt,
  readDateTime,
  startOfNextDay,
  timeIn,
  wallAt,
  weekdayIn,
} from '../../src/core/zone.ts';

const ZONES = ['Asia/Seoul', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kathmandu', 'UTC'];
const at = (iso: string) => Date.parse(iso);

test('a zone is one that Intl knows', () => {
  for (const zone of ['Asia/Seoul', 'UTC', 'America/New_York', 'Etc/GMT-9']) assert.ok(isZone(zone), zone);
  for (const zone of ['Asia/Seul', '', 'Seoul', 'constructor']) assert.ok(!isZone(zone), zone);
});

test('zones that are known to keep one distance from UTC keep it as Intl tells it', () => {
  for (const zone of ['Asia/Seoul', 'UTC']) {
    const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
    const compare = (instant: number): void =>
      assert.equal(
        new Date(wallAt(zone, instant)).toISOString().slice(0, 19).replace('T', ' '),
        format.format(instant),
      );
    for (let instant = at('1980-01-01'); instant < at('2060-01-01'); instant += 5 * 86_400_000 + 3_601_000)
      compare(instant);
    // The last clock change in Seoul.
    for (const second of [-1, 0, 1]) compare(at('1988-10-08T17:00:00Z') + second * 1000);
  }
});

test('date, time and day of the week are those of the zone', () => {
  const instant = at('2026-11-19T15:20:05Z');
  assert.equal(dateIn('Asia/Seoul', instant), '2026-11-20');
  assert.equal(timeIn('Asia/Seoul', instant), '00:20');
  assert.equal(weekdayIn('Asia/Seoul', instant), 5);
  assert.equal(dateIn('America/New_York', instant), '2026-11-19');
  assert.equal(dateTimeIn('America/New_York', instant), '2026-11-19 10:20:05');
  assert.equal(dateTimeIn('Asia/Kathmandu', at('2026-11-19T15:20:00Z')), '2026-11-19 21:05');
  assert.equal(weekdayIn('UTC', at('2026-11-22T00:00:00Z')), 7);
});

test('the reading of any instant is what Intl shows', () => {
  const formats = new Map(
    ZONES.map((zone) => [
      zone,
      new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }),
    ]),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: at('1980-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
      (zone, instant) => {
        const shown = new Date(wallAt(zone, instant)).toISOString().slice(0, 19).replace('T', ' ');
        assert.equal(shown, formats.get(zone)?.format(instant));
      },
    ),
  );
});

test('an instant is found again from its reading', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: at('1980-01-01T00:00:00Z') / 1000, max: at('2040-01-01T00:00:00Z') / 1000 }),
      (zone, seconds) => assert.ok(instantsOf(zone, wallAt(zone, seconds * 1000)).includes(seconds * 1000)),
    ),
  );
});

test('a wall time in a gap stands for the end of the gap', () => {
  assert.deepEqual(instantsOf('America/New_York', at('2025-03-09T02:30:00Z')), []);
  assert.equal(firstInstantOf('America/New_York', at('2025-03-09T02:30:00Z')), at('2025-03-09T07:00:00Z'));
  assert.equal(firstInstantOf('Australia/Lord_Howe', at('2025-10-05T02:15:00Z')), at('2025-10-04T15:30:00Z'));
  assert.equal(firstInstantOf('Pacific/Apia', at('2011-12-30T09:00:00Z')), at('2011-12-30T10:00:00Z'));
});

test('a wall time in an overlap stands for two instants, the first of them first', () => {
  const twice = [at('2025-11-02T05:30:00Z'), at('2025-11-02T06:30:00Z')];
  assert.deepEqual(instantsOf('America/New_York', at('2025-11-02T01:30:00Z')), twice);
  const halfAnHour = [at('2025-04-05T14:45:00Z'), at('2025-04-05T15:15:00Z')];
  assert.deepEqual(instantsOf('Australia/Lord_Howe', at('2025-04-06T01:45:00Z')), halfAnHour);
});

test('in an overlap the latest wall time stays ahead of the reading', () => {
  assert.equal(wallAt('America/New_York', at('2025-11-02T06:10:00Z')), at('2025-11-02T01:10:00Z'));
  assert.equal(latestWallBy('America/New_York', at('2025-11-02T06:10:00Z')), at('2025-11-02T01:59:59Z'));
  assert.equal(latestWallBy('America/New_York', at('2025-11-02T07:10:00Z')), at('2025-11-02T02:10:00Z'));
});

test('a clock change is found to the second, from instants with milliseconds too', () => {
  const change = changeBetween('America/New_York', at('2025-03-08T20:00:00.123Z'), at('2025-03-09T19:59:59.999Z'));
  assert.deepEqual(change, { at: at('2025-03-09T07:00:00Z'), before: -5 * 3_600_000, after: -4 * 3_600_000 });
  assert.equal(changeBetween('Asia/Seoul', at('2025-03-08T20:00:00Z'), at('2025-03-09T20:00:00Z')), undefined);
});

test('two clock changes a week or two apart are both seen', () => {
  const summers = {
    'America/Recife': ['2000-10-08T03:00:00Z', '2000-10-15T02:00:00Z'],
    'America/Noronha': ['2000-10-08T02:00:00Z', '2000-10-15T01:00:00Z'],
    'America/Fortaleza': ['2000-10-08T03:00:00Z', '2000-10-22T02:00:00Z'],
    'America/Argentina/Tucuman': ['2004-06-01T03:00:00Z', '2004-06-13T04:00:00Z'],
  } as const;
  for (const [zone, [first, second]] of Object.entries(summers)) {
    const usual = offsetAt(zone, at(first) - 1);
    assert.notEqual(offsetAt(zone, at(first)), usual, zone);
    assert.notEqual(offsetAt(zone, at(second) - 1), usual, zone);
    assert.equal(offsetAt(zone, at(second)), usual, zone);
  }
});

test('the next day begins at midnight, or when the gap over midnight ends', () => {
  assert.equal(startOfNextDay('Asia/Seoul', at('2026-11-20T02:20:00Z')), at('2026-11-20T15:00:00Z'));
  assert.equal(startOfNextDay('America/Sao_Paulo', at('2018-11-03T20:00:00Z')), at('2018-11-04T03:00:00Z'));
  assert.equal(startOfNextDay('America/Havana', at('2025-03-08T20:00:00Z')), at('2025-03-09T05:00:00Z'));
  assert.equal(startOfNextDay('Pacific/Apia', at('2011-12-30T09:59:59Z')), at('2011-12-30T10:00:00Z'));
});

test('a date and time names its first instant in the zone, and nonsense names none', () => {
  assert.equal(readDateTime('Asia/Seoul', '2026-11-20 11:20'), at('2026-11-20T02:20:00Z'));
  assert.equal(readDateTime('Asia/Seoul', '2026-11-20T11:20:30'), at('2026-11-20T02:20:30Z'));
  for (const text of ['', '11:20', '2026-02-30 11:20', '2026-11-20 24:00', '2026-11-20 11:60', '2026-11-20T11:20Z']) {
    assert.equal(readDateTime('Asia/Seoul', text), undefined, text);
  }
});
