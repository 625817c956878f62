// The days that headers of Korean tables name: `11.20(금)`, `2026년 11월 20일`, `20일(금)`, `금(20)`, a lone `금요일`.
// What a header leaves out (the year, the month) is no obstacle; what it says otherwise (another weekday) is.

/** A day as a header names it. A range names its first and last day. */
interface DateWord {
  readonly year?: number | undefined;
  readonly month?: number | undefined;
  readonly day?: number | undefined;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday?: number | undefined;
}

export interface Day extends DateWord {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** Days since 1970-01-01. */
  readonly at: number;
}

const DAY_MS = 86_400_000;
/** No name of a day is longer, and no pattern here is asked about more. */
const LONGEST_NAME = 80;
/** A longer stretch is more likely a time of day: `11.30~12.30`. */
const LONGEST_RANGE_DAYS = 14;

/** A header without a month is of a day no farther away. */
const FARTHEST_DAYS = 31;

const FULL =
  /(?<!\d)(\d{4}|'?\d\d(?=\s*[-./]\s*\d{1,2}\s*[-./]\s*\d))\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})(?!\d)\s*[일.]?/;
const PACKED = /(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)/;
const WORDED = /(?<!\d)()(\d{1,2})\s*월\s*(\d{1,2})\s*일/;
const SHORT = /(?<![\d:])()(\d{1,2})\s?[-./]\s?(\d{1,2})(?![\d:])\.?/;
const BARE_DAY = /^()()(\d{1,2})(?!\d)/;
const DAY_ONLY = /(?<!\d)()()(\d{1,2})\s?일/;
const WEEKDAY =
  /(?<![\p{L}\p{N}])(?:([월화수목금토일])(?:요일)?|(mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6})(?![\p{L}\p{N}])/iu;
const WEEKDAYS = '월화수목금토일';
const ENGLISH_WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** Words beside a day that do not make it something else. */
const FILLERS = /오늘의?|내일의?|금일|today|식단표?|메뉴|년|도/gi;
const RANGE = /^(.*\d.*?)\s*(?:[~∼〜–—]|부터)\s*(.*\d.*)$/;

/** A valid `2026-11-20`, or undefined. */
export function readDay(text: string): Day | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return { year, month, day, weekday: date.getUTCDay() || 7, at: date.getTime() / DAY_MS };
}

/** Whether the texts that head one row or column mean this day: one of them does, and none says otherwise. */
export function namesDay(headers: readonly string[], day: Day): boolean {
  const words = withBareNumbers(headers.map(normalize).filter(isShort));
  const answers = words.map((text) => sayOf(text, day));
  return answers.includes('same') && !answers.includes('other');
}

/** Whether a text has this day written out, year and all. */
export function namesWholeDay(text: string, day: Day): boolean {
  const name = normalize(text);
  return isShort(name) && readWord(name)?.year !== undefined && sayOf(name, day) === 'same';
}

/** Whether a title such as `11.9 ~ 11.13` leaves the day out. */
export function leavesOut(title: string, day: Day): boolean {
  const text = normalize(title);
  const range = isShort(text) ? readRange(text, day) : undefined;
  return range !== undefined && (range.first > day.at || range.last < day.at);
}

/** Whether some of these heads name a day or a week, and all those are before this day. A lone weekday names none. */
export function namesOnlyEarlier(heads: readonly (readonly string[])[], day: Day): boolean {
  const words = heads.flatMap((texts) => withBareNumbers(texts.map(normalize).filter(isShort)));
  const days = words.flatMap((text) => lastDayOf(text, day) ?? []);
  return days.length > 0 && days.every((at) => at < day.at);
}

/** Whether a header is that of a day, whichever. */
export function isNameOfDay(header: string): boolean {
  const text = normalize(header);
  return isShort(text) && readWord(text) !== undefined;
}

function lastDayOf(text: string, near: Day): number | undefined {
  const range = readRange(text, near);
  if (range !== undefined) return range.last;
  const { year, month, day, weekday } = readWord(text) ?? {};
  if (day === undefined) return undefined;
  if (month !== undefined) return daysOf({ year, month, day }, near);
  return weekday === undefined ? undefined : nearestDay({ day, weekday }, near);
}

/** `16일(월)`: the nearest Monday that is a 16th. */
function nearestDay({ day, weekday }: DateWord, { at: near }: Day): number | undefined {
  const isIt = (at: number): boolean => {
    const date = new Date(at * DAY_MS);
    return date.getUTCDate() === day && (date.getUTCDay() || 7) === weekday;
  };
  for (let far = 0; far <= FARTHEST_DAYS; far++) {
    const at = [near + far, near - far].find(isIt);
    if (at !== undefined) return at;
  }
  return undefined;
}

type Answer = 'same' | 'other' | 'nothing';

function sayOf(text: string, day: Day): Answer {
  if (leavesOut(text, day)) return 'other';
  if (readRange(text, day) !== undefined) return 'nothing';
  const word = readWord(text);
  if (word === undefined) return 'nothing';
  const names = ['year', 'month', 'day', 'weekday'] as const;
  return names.every((name) => word[name] === undefined || word[name] === day[name]) ? 'same' : 'other';
}

/** A `금` over a `20` is `금(20)`. */
function withBareNumbers(texts: readonly string[]): readonly string[] {
  const weekday = texts.find((text) => readWord(text)?.weekday !== undefined && !/\d/.test(text));
  const number = texts.find((text) => /^\d{1,2}$/.test(text));
  if (weekday === undefined || number === undefined) return texts;
  return [...texts.filter((text) => text !== weekday && text !== number), `${weekday}(${number})`];
}

function isShort(text: string): boolean {
  return text !== '' && text.length <= LONGEST_NAME;
}

function normalize(text: string): string {
  if (text.length > LONGEST_NAME * 5) return '';
  return text.normalize('NFKC').replace(/\s+/g, ' ').trim();
}

function readWord(text: string): DateWord | undefined {
  const date = [FULL, PACKED, WORDED, SHORT, DAY_ONLY].map((form) => readForm(text, form)).find((found) => found);
  const rest = date?.rest ?? text;
  const weekday = readWeekday(rest);
  const left = (weekday?.rest ?? rest).replace(FILLERS, '').replace(/[^\p{L}\p{N}]/gu, '');
  if (date === undefined) return weekday && readLoneWeekday(weekday.number, left);
  if (/\d/.test(left) && readForm(weekday?.rest ?? rest, SHORT) !== undefined) return undefined;
  // `11.30` and `3일` are a day only by themselves or beside a weekday.
  if (date.loose && weekday === undefined && left !== '') return undefined;
  return { year: date.year, month: date.month, day: date.day, weekday: weekday?.number };
}

/** `금(20)` has a day, too. Beside any other word a weekday is not the name of a day. */
function readLoneWeekday(weekday: number, left: string): DateWord | undefined {
  if (left === '') return { weekday };
  const day = /^\d{1,2}$/.test(left) ? Number(left) : 0;
  return day >= 1 && day <= 31 ? { day, weekday } : undefined;
}

interface Form extends DateWord {
  readonly loose: boolean;
  /** The text without the date. */
  readonly rest: string;
}

function readForm(text: string, form: RegExp): Form | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map((digits) => (digits ? Number(digits.replace("'", '')) : undefined));
  if (month !== undefined && (month < 1 || month > 12)) return undefined;
  if (day === undefined || day < 1 || day > 31) return undefined;
  const rest = `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`;
  return {
    year: year === undefined || year >= 1000 ? year : 2000 + year,
    month,
    day,
    loose: form === SHORT || form === DAY_ONLY,
    rest,
  };
}

/** Undefined for none, and for several: `월~금` is no day. */
function readWeekday(text: string): { readonly number: number; readonly rest: string } | undefined {
  const match = WEEKDAY.exec(text);
  if (match === null) return undefined;
  const rest = `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`;
  if (WEEKDAY.test(rest)) return undefined;
  const [, korean = '', english = ''] = match;
  const at = english === '' ? WEEKDAYS.indexOf(korean) : ENGLISH_WEEKDAYS.indexOf(english.toLowerCase());
  return { number: at + 1, rest };
}

interface Range {
  /** Days since 1970-01-01, both within the range. */
  readonly first: number;
  readonly last: number;
}

/** `11.16 ~ 11.20`, `11월 16일(월) ~ 20일(금)`. */
function readRange(text: string, near: Day): Range | undefined {
  const [, before = '', after = ''] = RANGE.exec(text) ?? [];
  const from = readEnd(before);
  if (from?.month === undefined) return undefined;
  const to = readEnd(after) ?? readForm(after, DAY_ONLY) ?? readForm(after, BARE_DAY);
  if (to === undefined) return undefined;
  const first = daysOf(from, near);
  const last = daysOf({ year: to.year ?? from.year, month: to.month ?? from.month, day: to.day }, near);
  return last < first || last - first > LONGEST_RANGE_DAYS ? undefined : { first, last };
}

function readEnd(text: string): Form | undefined {
  return [FULL, PACKED, WORDED, SHORT].map((form) => readForm(text, form)).find((found) => found);
}

/** A day without a year is the nearest one to the day in question. */
function daysOf({ year, month = 1, day = 1 }: DateWord, near: Day): number {
  const years = year === undefined ? [near.year - 1, near.year, near.year + 1] : [year];
  const days = years.map((each) => Date.UTC(each, month - 1, day) / DAY_MS);
  return days.reduce((best, at) => (Math.abs(at - near.at) < Math.abs(best - near.at) ? at : best));
}
