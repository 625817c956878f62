// Holidays: how a user's own days (data/holidays.json) and Korea's official list make one answer. Reading is in io/.
import { z } from 'zod';

/** A user's own days: a name makes a holiday, `false` makes a working day of what the official list calls a holiday. */
export type OwnDays = Readonly<Record<string, string | false>>;

const WARNED_BEFORE_DAYS = 60;
const DAY_MS = 86_400_000;

const NAME_OR_FALSE = 'must be the name of the holiday, or false for a working day';

const OWN_DAYS = z.record(
  z.string().refine(isDate),
  z.union([z.string().trim().min(1, NAME_OR_FALSE), z.literal(false)], NAME_OR_FALSE),
  {
    error: ({ code }) =>
      code === 'invalid_key'
        ? 'is no date: write days as "2026-12-24"'
        : 'must be an object such as {"2026-12-24": "개교기념일", "2026-05-05": false}',
  },
);

/** Checks what a holidays file holds. */
export function readOwnDays(data: unknown): { readonly days: OwnDays } | { readonly problems: readonly string[] } {
  const read = OWN_DAYS.safeParse(data);
  if (read.success) return { days: read.data };
  return { problems: read.error.issues.map(({ path, message }) => `${path.join('.') || 'It'} ${message}.`) };
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

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
