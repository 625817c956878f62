// Holidays: how a user's own days (data/holidays.json) and Korea's official list make one answer. Reading is in io/.

/** A user's own days: a name makes a holiday, `false` makes a working day of what the official list calls a holiday. */
export type OwnDays = Readonly<Record<string, string | false>>;

const WARNED_BEFORE_DAYS = 60;
const DAY_MS = 86_400_000;

const NO_DAYS = 'It must be an object such as {"2026-12-24": "개교기념일", "2026-05-05": false}.';

/** Checks what a holidays file holds. */
export function readOwnDays(data: unknown): { readonly days: OwnDays } | { readonly problems: readonly string[] } {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { problems: [NO_DAYS] };
  const days: [string, string | false][] = [];
  const problems: string[] = [];
  for (const [date, given] of Object.entries(data)) {
    const name = readName(given);
    if (!isDate(date)) problems.push(`${date || 'It'} is no date: write days as "2026-12-24".`);
    else if (name === undefined) problems.push(`${date} must be the name of the holiday, or false for a working day.`);
    else days.push([date, name]);
  }
  return problems.length > 0 ? { problems } : { days: Object.fromEntries(days) };
}

/** The name of a holiday, or undefined on any other day. The user's own word wins. */
export function holidayName(
  official: readonly string[] | undefined,
  own: string | false | undefined,
): string | undefined {
  if (own === false) return undefined;
  if (own !== undefined) return own;
  return official === undefined || official.length === 0 ? undefined : official.join(', ');
}

/** Whether the owner should hear now that the official list ends with `lastYear`. `today` is `2026-11-20`. */
export function endsSoon(lastYear: number, today: string): boolean {
  return Date.parse(today) >= Date.UTC(lastYear + 1, 0, 1) - WARNED_BEFORE_DAYS * DAY_MS;
}

function readName(given: unknown): string | false | undefined {
  if (given === false) return false;
  const name = typeof given === 'string' ? given.trim() : '';
  return name === '' ? undefined : name;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
