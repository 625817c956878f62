// Reads a cron line, by node-cron's grammar, into the fields that calendar.ts searches. A line that is wrong or names a
// day that never comes is refused with sentences that say which field and what it may hold.
import { type CronFieldError, type ParsedFields, validateDetailed } from 'node-cron';
import { type DayRules, nextDay, readDayRules, restrictsBothDays } from './cron-days.ts';

/** The values a field of the time of day allows, in order. */
export interface TimeField {
  readonly values: readonly number[];
  readonly first: number;
  readonly last: number;
}

/** A cron line that has been read. */
export interface CronLine {
  readonly text: string;
  readonly seconds: TimeField;
  readonly minutes: TimeField;
  readonly hours: TimeField;
  readonly days: DayRules;
  /** Whether the hour is `*`, written in whatever way: such a line goes by real time when clocks change. */
  readonly everyHour: boolean;
}

const LONGEST_LINE = 200;
const LIST = 'a range (2-5), a step (*/2) or a list of these (2,4)';

const FIELDS: Readonly<Record<string, { readonly name: string; readonly allowed: string }>> = {
  second: { name: 'second', allowed: `*, 0 to 59, ${LIST}` },
  minute: { name: 'minute', allowed: `*, 0 to 59, ${LIST}` },
  hour: { name: 'hour', allowed: `*, 0 to 23, ${LIST}` },
  dayOfMonth: {
    name: 'day of month',
    allowed: `*, 1 to 31, L (the last), L-3 (three before it), 15W (the weekday nearest to it), ${LIST}`,
  },
  month: { name: 'month', allowed: `*, 1 to 12, jan to dec, ${LIST}` },
  dayOfWeek: {
    name: 'day of week',
    allowed: `*, 0 to 7 (0 and 7 are Sunday), sun to sat, 5#3 (the third Friday), 5L (the last Friday), ${LIST}`,
  },
};

/** Five fields, or six with seconds first, or a name such as `@daily`. */
export function readCronLine(line: string): CronLine | { readonly problems: readonly string[] } {
  const text = line.trim().replace(/\s+/g, ' ');
  // node-cron writes out a range before it looks at its ends, so a huge number must not reach it.
  if (text.length > LONGEST_LINE || /\d{5}/.test(text)) {
    return { problems: [`The cron line '${text.slice(0, 60)}' is too long or holds a number that is too large.`] };
  }

  const { fields, errors } = validateDetailed(text);
  if (fields === undefined) return { problems: errors.map((error) => problemOf(text, error)) };

  const cron = readFields(text, fields);
  return nextDay(cron.days, 0) === undefined ? { problems: [neverComes(text)] } : cron;
}

/** True when day of month and day of week are both restricted. Both must hold then, where crontab takes either. */
export function readsBothDays(line: CronLine): boolean {
  return restrictsBothDays(line.days);
}

function readFields(text: string, fields: ParsedFields): CronLine {
  const hours = timeField(fields.hour);
  return {
    text,
    seconds: timeField(fields.second),
    minutes: timeField(fields.minute),
    hours,
    days: readDayRules(fields),
    everyHour: hours.values.length === 24,
  };
}

function timeField(allowed: readonly number[]): TimeField {
  const values = [...new Set(allowed)].sort((a, b) => a - b);
  return { values, first: values.at(0) ?? 0, last: values.at(-1) ?? 0 };
}

function problemOf(text: string, { field, value, message }: CronFieldError): string {
  if (message.includes('impossible day')) return neverComes(text);

  const known = FIELDS[field];
  if (known !== undefined)
    return `The cron line '${text}' has '${value}' as its ${known.name}: allowed are ${known.allowed}.`;

  const count = text === '' ? 0 : text.split(' ').length;
  if (count === 5 || count === 6) return `The cron line '${text}' holds characters that no cron line has.`;
  return `The cron line '${text}' has ${count} ${count === 1 ? 'field' : 'fields'}: give five (minute, hour, day of month, month, day of week), or six with seconds first.`;
}

function neverComes(text: string): string {
  return `The cron line '${text}' is never due: no month it names has such a day. Check day of month, month and day of week.`;
}
