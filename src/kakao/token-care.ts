// When a login needs care although nothing is to be sent: the month in which Kakao renews it, the hours in which
// somebody is awake to see it fail, and the warnings when it is not renewed.
import type { AccountRow } from '../core/ports.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KST_MS = 9 * HOUR_MS;
const WARN_AT_DAYS = [1, 3, 7, 14];

/** Kakao gives a new refresh token only when the old one has less than a month left. */
export const RENEW_WITHIN_MS = 30 * DAY_MS;

/** Something the owner has to know, once for each key. */
export interface TokenWarning {
  readonly account: string;
  readonly key: string;
  readonly daysLeft: number | undefined;
  readonly text: string;
}

/** From 09:00 to 18:00 in Seoul. */
export function isDaytime(now: number): boolean {
  const hour = Math.floor((now + KST_MS) / HOUR_MS) % 24;
  return hour >= 9 && hour < 18;
}

/** The warning due at 14, 7, 3 and 1 days before a login ends. Undefined when there is none, or it has ended. */
export function endsSoon(row: AccountRow, now: number, trouble: string | undefined): TokenWarning | undefined {
  const leftMs = row.refreshExpiresAt - now;
  const mark = WARN_AT_DAYS.find((days) => leftMs <= days * DAY_MS);
  if (mark === undefined || leftMs <= 0 || row.state === 'needs-login') return undefined;

  const daysLeft = Math.ceil(leftMs / DAY_MS);
  const day = new Date(row.refreshExpiresAt + KST_MS).toISOString().slice(0, 10);
  const why = trouble === undefined ? 'Kakao has not renewed it' : `it could not be renewed: ${trouble}`;
  const text = `The Kakao login of ${row.name} ends in ${daysLeft} day${daysLeft === 1 ? '' : 's'} (${day}); ${why.replace(/\.$/, '')}. Log in again: talkbell login --as ${row.name}`;
  return { account: row.name, key: `login-ends:${row.name}:${mark}`, daysLeft, text };
}
