// Quiet hours: a span of the day in which messages of watching jobs wait for the morning.
import type { Instant } from './job.ts';
import { timeIn } from './zone.ts';

export interface QuietHours {
  /** `22:00` */
  readonly from: string;
  /** `07:00` */
  readonly to: string;
  readonly timezone: string;
}

const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/** Reads `22:00-07:00`; undefined if it is not of that form or empty. */
export function parseQuietHours(text: string, timezone: string): QuietHours | undefined {
  const [from, to] = text.split('-');
  if (!SPAN.test(text) || from === undefined || to === undefined || from === to) return undefined;
  return { from, to, timezone };
}

/** When a message written now may go out. */
export function afterQuiet(now: Instant, quiet: QuietHours | undefined): Instant {
  if (quiet === undefined) return now;
  const minute = minutesOf(timeIn(quiet.timezone, now));
  const from = minutesOf(quiet.from);
  const to = minutesOf(quiet.to);
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isQuiet) return now;
  const left = (to - minute + 24 * 60) % (24 * 60);
  return now + left * 60_000 - (now % 60_000);
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
