// Which days a cron line names. A month's days are the bits 1 to 31 of a number, so that a search looks at months, not
// at days. A day is counted from 1970-01-01.
import type { ParsedFields } from 'node-cron';

/** The day fields of a cron line. A day must satisfy both of them, and the month. */
export interface DayRules {
  /** Bits 1 to 12. */
  readonly months: number;
  /** Bits 1 to 31. */
  readonly days: number;
  /** Days before the last of the month: 0 for `L`, 3 for `L-3`. */
  readonly fromLast: readonly number[];
  /** The weekday nearest to a day of the month: 15 for `15W`, LAST for `LW`. */
  readonly nearest: readonly number[];
  /** Bits 0 (Sunday) to 6. */
  readonly weekdays: number;
  /** `5#3`, the third Friday. */
  readonly nth: readonly { readonly weekday: number; readonly nth: number }[];
  /** `5L`, the last Friday. */
  readonly lastOf: readonly number[];
}

const DAY_MS = 86_400_000;
const LAST = 0;
const EVERY_DAY = bits([...Array(31).keys()].map((day) => day + 1));
const EACH_WEEKDAY = [0, 1, 2, 3, 4, 5, 6] as const;
const EVERY_WEEKDAY = bits(EACH_WEEKDAY);
const WEEKLY = bits([0, 7, 14, 21, 28]);
// 29 February on one certain weekday can be 40 years away.
const SEARCHED_MONTHS = 50 * 12;

export function readDayRules({ month, dayOfMonth, dayOfWeek }: ParsedFields): DayRules {
  const marks = dayOfMonth.filter((mark) => typeof mark === 'string');
  const weekMarks = dayOfWeek.filter((mark) => typeof mark === 'string');
  return {
    months: bits(month),
    days: bits(dayOfMonth.filter((day) => typeof day === 'number')),
    fromLast: marks.filter((mark) => /^L(-\d+)?$/.test(mark)).map((mark) => Number(mark.slice(2))),
    nearest: marks
      .filter((mark) => mark.endsWith('W'))
      .map((mark) => (mark === 'LW' ? LAST : Number.parseInt(mark, 10))),
    weekdays: bits(dayOfWeek.filter((weekday) => typeof weekday === 'number')),
    nth: weekMarks
      .filter((mark) => mark.includes('#'))
      .map((mark) => ({ weekday: Number(mark[0]) % 7, nth: Number(mark[2]) })),
    lastOf: weekMarks.filter((mark) => mark.endsWith('L')).map((mark) => Number(mark[0]) % 7),
  };
}

/** True when day of month and day of week are both restricted: crontab would read that as OR. */
export function restrictsBothDays({ days, weekdays }: DayRules): boolean {
  return days !== EVERY_DAY && weekdays !== EVERY_WEEKDAY;
}

/** The first day from `day` on that the rules name, or undefined if none comes within 50 years. */
export function nextDay(rules: DayRules, day: number): number | undefined {
  const { month, dayOfMonth } = monthOf(day);
  for (let ahead = 0; ahead < SEARCHED_MONTHS; ahead += 1) {
    const named = daysIn(rules, month + ahead) & (ahead === 0 ? -1 << dayOfMonth : -1);
    if (named !== 0) return startOf(month + ahead) + lowestBit(named) - 1;
  }
  return undefined;
}

/** The last day up to `day` that the rules name, or undefined if there was none within 50 years. */
export function previousDay(rules: DayRules, day: number): number | undefined {
  const { month, dayOfMonth } = monthOf(day);
  for (let back = 0; back < SEARCHED_MONTHS; back += 1) {
    const named = daysIn(rules, month - back) & (back === 0 ? (2 << dayOfMonth) - 1 : -1);
    if (named !== 0) return startOf(month - back) + highestBit(named) - 1;
  }
  return undefined;
}

/** The named days of a month as bits. A month is counted from January of the year 0. */
function daysIn(rules: DayRules, month: number): number {
  if ((rules.months & (1 << (modulo(month, 12) + 1))) === 0) return 0;

  const start = startOf(month);
  const length = startOf(month + 1) - start;
  const firstWeekday = modulo(start + 4, 7);
  const existing = (2 << length) - 2;
  return daysOfMonth(rules, length, firstWeekday) & daysOfWeek(rules, length, firstWeekday) & existing;
}

function daysOfMonth({ days, fromLast, nearest }: DayRules, length: number, firstWeekday: number): number {
  if (fromLast.length === 0 && nearest.length === 0) return days;

  const counted = fromLast.map((back) => length - back).filter((day) => day > 0);
  const near = nearest
    .map((day) => (day === LAST ? length : day))
    .filter((day) => day <= length)
    .map((day) => nearestWorkday(day, length, modulo(firstWeekday + day - 1, 7)));
  return days | bits(counted) | bits(near);
}

function daysOfWeek({ weekdays, nth, lastOf }: DayRules, length: number, firstWeekday: number): number {
  if (weekdays === EVERY_WEEKDAY) return -1;

  const firstOn = (weekday: number) => 1 + modulo(weekday - firstWeekday, 7);
  const weekly = EACH_WEEKDAY.reduce<number>(
    (named, weekday) => ((weekdays & (1 << weekday)) === 0 ? named : named | (WEEKLY << firstOn(weekday))),
    0,
  );
  const counted = nth.map((rule) => firstOn(rule.weekday) + 7 * (rule.nth - 1)).filter((day) => day <= length);
  const last = lastOf.map((weekday) =>
    firstOn(weekday) + 28 <= length ? firstOn(weekday) + 28 : firstOn(weekday) + 21,
  );
  return weekly | bits(counted) | bits(last);
}

/** A Saturday's Friday or a Sunday's Monday, but never in another month. */
function nearestWorkday(day: number, length: number, weekday: number): number {
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === length ? day - 2 : day + 1;
  return day;
}

function monthOf(day: number): { month: number; dayOfMonth: number } {
  const date = new Date(day * DAY_MS);
  return { month: date.getUTCFullYear() * 12 + date.getUTCMonth(), dayOfMonth: date.getUTCDate() };
}

function startOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), modulo(month, 12), 1) / DAY_MS;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function bits(places: readonly number[]): number {
  return places.reduce((mask, place) => mask | (1 << place), 0);
}

function lowestBit(mask: number): number {
  return highestBit(mask & -mask);
}

function highestBit(mask: number): number {
  return 31 - Math.clz32(mask);
}
