// Which instants a cron line names, worked out a second time and by brute force: what checks the calendar must not
// share its mistakes. Reads the few forms the simulated jobs use.
import type { Instant } from '../../src/core/job.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Line {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** All instants of a line in (after, until], in order. Fixed hours once a day; `*` for hours by real time. */
export function instantsIn(cron: string, zone: string, span: { after: Instant; until: Instant }): readonly Instant[] {
  const line = readLine(cron);
  const found = line.hours.length === 24 ? inRealTime(line, zone, span) : byDays(line, zone, span);
  return [...new Set(found)].filter((at) => at > span.after && at <= span.until).sort((one, other) => one - other);
}

function readLine(cron: string): Line {
  const [minute = '', hour = '', , , day = ''] = cron.split(' ');
  return { minutes: valuesOf(minute, 59), hours: valuesOf(hour, 23), days: valuesOf(day, 6) };
}

function valuesOf(field: string, most: number): readonly number[] {
  const all = Array.from({ length: most + 1 }, (_, value) => value);
  if (field === '*') return all;
  if (field.startsWith('*/')) return all.filter((value) => value % Number(field.slice(2)) === 0);
  return field.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return all.filter((value) => value >= from && value <= to);
  });
}

function inRealTime({ minutes, days }: Line, zone: string, span: { after: Instant; until: Instant }): Instant[] {
  const found: Instant[] = [];
  for (let at = Math.ceil(span.after / MINUTE_MS) * MINUTE_MS; at <= span.until; at += MINUTE_MS) {
    const shown = new Date(at + offsetAt(zone, at));
    if (minutes.includes(shown.getUTCMinutes()) && days.includes(shown.getUTCDay())) found.push(at);
  }
  return found;
}

function byDays({ minutes, hours, days }: Line, zone: string, span: { after: Instant; until: Instant }): Instant[] {
  const found: Instant[] = [];
  const first = Math.floor(span.after / DAY_MS) - 1;
  for (let day = first; day * DAY_MS <= span.until + DAY_MS; day += 1) {
    if (!days.includes(new Date(day * DAY_MS).getUTCDay())) continue;
    for (const hour of hours) {
      for (const minute of minutes) found.push(firstShowing(zone, day * DAY_MS + (hour * 60 + minute) * MINUTE_MS));
    }
  }
  return found;
}

/** The first minute at which the zone's clock shows the reading or, where a gap swallows it, a later one. */
function firstShowing(zone: string, reading: number): Instant {
  const before = offsetAt(zone, reading - DAY_MS);
  const after = offsetAt(zone, reading + DAY_MS);
  if (before === after) return reading - before;
  const earliest = reading - Math.max(before, after);
  for (let at = earliest; ; at += MINUTE_MS) {
    if (at + offsetAt(zone, at) >= reading) return at;
  }
}

/** Korea knows no clock changes; elsewhere Intl is asked for each quarter of an hour once. */
function offsetAt(zone: string, at: Instant): number {
  if (zone === 'Asia/Seoul') return 9 * 60 * MINUTE_MS;
  const quarter = Math.floor(at / (15 * MINUTE_MS));
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key) ?? askOffset(zone, quarter * 15 * MINUTE_MS);
  offsets.set(key, known);
  return known;
}

function askOffset(zone: string, at: Instant): number {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, format);
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - at;
}
