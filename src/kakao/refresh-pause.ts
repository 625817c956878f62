// When a refresh is not begun again yet: after one that failed for the moment, and for a login that Kakao refused.
import type { AccountRow } from '../core/ports.ts';
import type { Refreshed } from './refresh.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const PAUSES_MS = [2 * SECOND_MS, 10 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS];
const LONG_PAUSE_MS = 10 * MINUTE_MS;
const LONGEST_WAIT_MS = 20 * HOUR_MS;

export interface Pause {
  /** A clock that was set back since ends it as well. */
  readonly from: number;
  readonly until: number;
  readonly failures: number;
  readonly result: Refreshed;
}

export function pauseAfter(result: Refreshed, before: Pause | undefined, now: number): Pause {
  const failures = (before?.failures ?? 0) + 1;
  return { from: now, until: now + pauseMs(result, failures), failures, result };
}

export function isOn(pause: Pause | undefined, now: number): pause is Pause {
  return pause !== undefined && now >= pause.from && now < pause.until;
}

function pauseMs(result: Refreshed, failures: number): number {
  if (result.kind === 'rate' || result.kind === 'operator') return LONG_PAUSE_MS;
  if (result.kind !== 'later') return 0;
  return PAUSES_MS[Math.min(failures, PAUSES_MS.length) - 1] ?? 0;
}

/** Tries to bring a login back: how many there were, and when the last was. */
export interface Returns {
  readonly tries: number;
  readonly at: number;
}

/**
 * Kakao refused one access token after the other, and said nothing of the refresh token: later it may take one. Tried after
 * an hour, then ever more seldom.
 */
export function mayReturn(
  { reason = '', refreshExpiresAt, updatedAt }: AccountRow,
  returns: Returns | undefined,
  now: number,
): boolean {
  if (!reason.includes('access token') || refreshExpiresAt <= now) return false;
  const { tries, at } = returns ?? { tries: 0, at: updatedAt };
  // A clock that was set back leaves a try in the future.
  return now < at || now - at >= Math.min(2 ** tries * HOUR_MS, LONGEST_WAIT_MS);
}
