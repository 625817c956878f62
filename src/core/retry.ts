// How long to wait before trying again: our own growing delays, and what a server asks for with Retry-After.
import type { Instant } from './job.ts';
import type { Random } from './ports.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const STEPS_MS = [2 * SECOND_MS, 10 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS] as const;
const LAST_STEP_MS = 10 * MINUTE_MS;

/** The part of a step that is always waited, so that the jitter never makes a dead server be hammered. */
const FLOOR = 0.25;

/** No server makes a message wait longer than a day. */
const RETRY_AFTER_CAP_MS = 24 * 60 * MINUTE_MS;

/** IMF-fixdate and the two obsolete forms that RFC 9110 wants read as well; anything looser is not a date. */
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * Milliseconds to wait after the given attempt (1 is the first) before the next one. The steps are 2 s, 10 s, 30 s,
 * 2 min, 5 min, and 10 min from then on; the wait lies evenly between a quarter of its step and the whole of it.
 */
export function backoffMs(attempt: number, random: Random): number {
  const stepMs = STEPS_MS[Math.max(1, Math.trunc(attempt)) - 1] ?? LAST_STEP_MS;
  return Math.round(stepMs * (FLOOR + (1 - FLOOR) * random()));
}

/**
 * Milliseconds a Retry-After header asks to wait: seconds or an HTTP date. A date that has passed is 0, more than a day
 * is a day, and undefined means that the value is absent or says nothing.
 */
export function parseRetryAfter(value: string | undefined, now: Instant): number | undefined {
  const text = value?.trim() ?? '';
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * SECOND_MS : httpDate(text) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, Math.ceil(waitMs)), RETRY_AFTER_CAP_MS);
}

/** NaN when it is no HTTP date. */
function httpDate(text: string): number {
  if (!HTTP_DATES.some((form) => form.test(text))) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}
