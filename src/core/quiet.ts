// Quiet hours: a span of the day in which messages of watching jobs wait for the morning.
import type { Instant } from './job.ts';
import { firstInstantOf, wallAt } from './zone.ts';

const DAY_MS = 24 * 60 * 60_000;

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

/** When a message written now may go out: the end of the quiet hours by the clock on the wall, whatever changes it. */
export function afterQuiet(now: Instant, quiet: QuietHours | undefined): Instant {
  if (quiet === undefined) return now;
  const wall = wallAt(quiet.timezone, now);
  const midnight = Math.floor(wall / DAY_MS) * DAY_MS;
  const from = midnight + timeOfDay(quiet.from);
  const to = midnight + timeOfDay(quiet.to);
  const isQuiet = from < to ? wall >= from && wall < to : wall >= from || wall < to;
  if (!isQuiet) return now;
  return Math.max(now, firstInstantOf(quiet.timezone, wall < to ? to : to + DAY_MS));
}

function timeOfDay(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
