// Times as feeds write them, made ISO. Feeds follow RFC 822, ISO 8601, or neither; nothing here asks for the zone of the
// machine.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Hours from UTC. Letters that mean two zones are read as RFC 822 does. */
const ZONES: Readonly<Record<string, number>> = {
  kst: 9,
  jst: 9,
  gmt: 0,
  utc: 0,
  ut: 0,
  z: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  bst: 1,
  cet: 1,
  cest: 2,
};
/** A time that names no zone is taken for Korea's. */
const KOREA = 9;

const CLOCK = '(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,]\\d+)?)?\\s*';
const ZONE = '((?:gmt|utc)?[+-]\\d{1,2}:?\\d{2}|[a-z]{1,4})?';
const MAIL = new RegExp(`(\\d{1,2})[\\s-]+([a-z]{3})[a-z]*\\.?,?[\\s-]+(\\d{2,4})(?:,?\\s+${CLOCK}${ZONE})?`, 'i');
const AMERICAN = new RegExp(`([a-z]{3})[a-z]*\\.?\\s+(\\d{1,2}),?\\s+(\\d{4})(?:,?\\s+${CLOCK}${ZONE})?`, 'i');
const ISO = new RegExp(`^(\\d{4})[-./](\\d{1,2})[-./](\\d{1,2})\\.?(?:[t\\s]\\s*${CLOCK}${ZONE})?`, 'i');

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly clock: readonly (string | undefined)[];
}

/** `2026-11-20T02:20:00.000Z`; a day without a time stays a day, `2026-11-20`. Undefined for what is no time. */
export function readFeedDate(text: string | undefined): string | undefined {
  const parts = text === undefined ? undefined : (readIso(text.trim()) ?? readMail(text) ?? readAmerican(text));
  return parts && toIso(parts);
}

function readIso(text: string): Parts | undefined {
  const [, year, month, day, ...clock] = ISO.exec(text) ?? [];
  return year === undefined ? undefined : { year: Number(year), month: Number(month), day: Number(day), clock };
}

function readMail(text: string): Parts | undefined {
  const [, day, month = '', year = '', ...clock] = MAIL.exec(text) ?? [];
  const at = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
  if (day === undefined || at < 0) return undefined;
  const short = year.length < 4;
  return {
    year: Number(year) + (short ? (Number(year) < 70 ? 2000 : 1900) : 0),
    month: at + 1,
    day: Number(day),
    clock,
  };
}

function readAmerican(text: string): Parts | undefined {
  const [, month = '', day, year, ...clock] = AMERICAN.exec(text) ?? [];
  const at = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
  return day === undefined || at < 0 ? undefined : { year: Number(year), month: at + 1, day: Number(day), clock };
}

function toIso({ year, month, day, clock }: Parts): string | undefined {
  const [hour, minute, second = '0', zone] = clock;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  const isDay = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day && year > 1000;
  if (!isDay || Number(hour ?? 0) > 24 || Number(minute ?? 0) > 59) return undefined;
  if (hour === undefined) return midnight.toISOString().slice(0, 10);
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes(zone);
  return new Date(midnight.getTime() + (minutes * 60 + Number(second)) * 1000).toISOString();
}

function offsetMinutes(zone = ''): number {
  const [, sign, hours, minutes] = /([+-])(\d{1,2}):?(\d{2})$/.exec(zone) ?? [];
  if (sign === undefined) return (ZONES[zone.toLowerCase()] ?? (zone === '' ? KOREA : 0)) * 60;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
