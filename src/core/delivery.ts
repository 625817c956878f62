// What becomes of a message after an attempt to deliver it: the table of delivery, and the budget of a day.
// Whole days are Korean: Kakao counts its quotas by them, and Korea knows no daylight saving. Other times are told as the
// user's clock shows them.
import type { Instant } from './job.ts';
import type { AfterAttempt, Outcome, Random } from './ports.ts';
import { backoffMs } from './retry.ts';
import { dateTimeIn } from './zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const KST_MS = 9 * HOUR_MS;

/** When a held quota is tried again. Kakao does not say when its day ends; by seven it surely has. */
const QUOTA_HOUR = 7;

/** How often a message looks whether its account is usable again. */
const ACCOUNT_CHECK_MS = 10 * MINUTE_MS;

/** The least a server's Retry-After makes us wait, whatever it says. */
const LEAST_WAIT_MS = 1000;

/** A row as far as the decision needs it. */
export interface Attempted {
  /** Attempts begun so far, the one that gave the outcome included. */
  readonly attempts: number;
  readonly freshUntil: Instant;
  readonly ifUnclear?: 'leave' | 'resend';
  /** True when the message was sent once more after an unclear attempt. */
  readonly resent: boolean;
}

export interface Attempt<O extends Outcome = Outcome> {
  readonly outcome: O;
  readonly row: Attempted;
  readonly now: Instant;
  readonly random: Random;
  /** Of the times in a reason. */
  readonly timezone: string;
}

interface Rule<Kind extends Outcome['kind']> {
  /** What the attempt came to, in words. */
  readonly means: string;
  /** What happens to the message, in words. */
  readonly happens: string;
  readonly after: (attempt: Attempt<Extract<Outcome, { kind: Kind }>>) => AfterAttempt;
}

/** The table of delivery: for each outcome what it means, what happens, and the function that makes it so. */
export const DELIVERY_TABLE: { readonly [Kind in Outcome['kind']]: Rule<Kind> } = {
  sent: {
    means: 'taken, as the channel defines it',
    happens: 'sent',
    after: () => ({ state: 'sent' }),
  },
  retry: {
    means: 'nothing was taken; the same may work later',
    happens: 'again after a growing wait, or after Retry-After, while fresh; else expired',
    after: afterRetry,
  },
  failed: {
    means: 'refused for good',
    happens: 'failed, with the reason',
    after: ({ outcome }) => ({ state: 'failed', reason: reasonOf(outcome) }),
  },
  unclear: {
    means: 'perhaps taken; nobody can know',
    happens: 'unclear and kept; sent once more, marked, where the job says resend',
    after: afterUnclear,
  },
  hold: {
    means: 'the whole account must wait',
    happens: 'again at 07:00 KST of the next day (quota) or once the operator has acted, while fresh; else expired',
    after: afterHold,
  },
  login: {
    means: 'the account needs a login by a person',
    happens: 'again once somebody has logged in, while fresh; else expired',
    after: (attempt) => whenAccountReturns(attempt),
  },
};

/** What happens to a row after an attempt. Pure: the same attempt and randomness give the same answer. */
export function decide(attempt: Attempt): AfterAttempt {
  const { kind } = attempt.outcome;
  // The table is keyed by kind, so rule and outcome belong together; TypeScript cannot follow that through an index.
  const rule = DELIVERY_TABLE[kind] as Rule<Outcome['kind']>;
  return rule.after(attempt);
}

function afterRetry(attempt: Attempt<Extract<Outcome, { kind: 'retry' }>>): AfterAttempt {
  const { outcome, row, now, random } = attempt;
  const asked = outcome.retryAfterMs;
  const waitMs = asked === undefined ? backoffMs(row.attempts, random) : Math.max(asked, LEAST_WAIT_MS);
  return againAt(now + waitMs, { row, reason: outcome.reason, timeOf: timeFor(attempt) });
}

function afterUnclear({ outcome, row, now }: Attempt<Extract<Outcome, { kind: 'unclear' }>>): AfterAttempt {
  const mayResend = row.ifUnclear === 'resend' && !row.resent && now <= row.freshUntil;
  if (!mayResend) return { state: 'unclear', reason: outcome.reason };
  return { state: 'pending', nextAt: now, reason: outcome.reason, resent: true };
}

function afterHold(attempt: Attempt<Extract<Outcome, { kind: 'hold' }>>): AfterAttempt {
  const { outcome, row, now } = attempt;
  if (outcome.until === 'operator') return whenAccountReturns(attempt);
  return againAt(quotaEndsAt(now), { row, reason: reasonOf(outcome), timeOf: kstTime });
}

/** A person may act at any moment, so the message waits to the very end of its freshness. */
function whenAccountReturns(attempt: Attempt<Extract<Outcome, { kind: 'hold' | 'login' }>>): AfterAttempt {
  const { outcome, row, now } = attempt;
  const nextAt = now < row.freshUntil ? Math.min(now + ACCOUNT_CHECK_MS, row.freshUntil) : now + ACCOUNT_CHECK_MS;
  return againAt(nextAt, { row, reason: reasonOf(outcome), timeOf: timeFor(attempt) });
}

interface Again {
  readonly row: Attempted;
  readonly reason: string;
  readonly timeOf: (instant: Instant) => string;
}

function againAt(nextAt: Instant, { row, reason, timeOf }: Again): AfterAttempt {
  if (nextAt <= row.freshUntil) {
    return { state: 'pending', nextAt, reason, ...(row.resent ? { resent: true } : {}) };
  }
  const ends = `It is fresh until ${timeOf(row.freshUntil)} and could be tried again at ${timeOf(nextAt)} only.`;
  return { state: 'expired', reason: `${reason} ${ends}` };
}

function reasonOf(outcome: { readonly reason: string; readonly code?: string }): string {
  const { reason, code } = outcome;
  return code === undefined || reason.includes(code) ? reason : `${reason} (code ${code})`;
}

/** The Korean day an instant belongs to: `2026-11-20`. */
export function kstDay(now: Instant): string {
  return new Date(now + KST_MS).toISOString().slice(0, 10);
}

/** When a spent daily quota is tried again: 07:00 KST of the next Korean day. */
export function quotaEndsAt(now: Instant): Instant {
  const startOfDay = Math.floor((now + KST_MS) / DAY_MS) * DAY_MS - KST_MS;
  return startOfDay + DAY_MS + QUOTA_HOUR * HOUR_MS;
}

/** `2026-11-20 11:20`, for sentences. */
function timeFor({ timezone }: Pick<Attempt, 'timezone'>): (instant: Instant) => string {
  return (instant) => dateTimeIn(timezone, Math.floor(instant / MINUTE_MS) * MINUTE_MS);
}

/** `2026-11-20 11:20 KST`: of Kakao's day, whatever the user's clock shows. */
function kstTime(instant: Instant): string {
  return `${new Date(instant + KST_MS).toISOString().slice(0, 16).replace('T', ' ')} KST`;
}

/** Kakao's own daily quotas are 100 for a sender and 20 for a pair of sender and receiver. */
export interface Budget {
  /** Messages one account sends a day, to all receivers together. */
  readonly perSender: number;
  /** Messages one account sends one receiver a day. */
  readonly perReceiver: number;
}

/** Which side of the budget is spent by what was sent today, or undefined when one more may go out. */
export function overBudget(
  sent: { readonly sender: number; readonly receiver: number },
  budget: Budget,
): 'sender' | 'receiver' | undefined {
  if (sent.sender >= budget.perSender) return 'sender';
  return sent.receiver >= budget.perReceiver ? 'receiver' : undefined;
}
