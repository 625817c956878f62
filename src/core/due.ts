// What is due: looks back from now over one slot and says which run begins and which instants end without one. Every
// instant after the slot's cursor falls into exactly one of them, whatever the clock did in between.
import { nextAfter, previousAtOrBefore } from './calendar.ts';
import type { CronLine } from './cron-line.ts';
import { formatDuration } from './duration.ts';
import type { Instant } from './job.ts';
import type { Claim } from './ports.ts';
import { dateTimeIn } from './zone.ts';

/** What decides when a slot is due. */
export interface SlotTime {
  readonly cron: CronLine;
  readonly timezone: string;
  /** Every due instant up to this one has its outcome, or lies before the line was first seen. */
  readonly cursor: Instant;
  readonly freshForMs: number;
}

export interface DueRun {
  readonly due: Instant;
  readonly freshUntil: Instant;
}

/** Instants that have come: those that end without a run, and the one to run now, if any is still fresh. */
export interface DueNow {
  readonly kind: 'due';
  readonly closed: Claim['closed'];
  readonly run: DueRun | undefined;
  readonly cursor: Instant;
  readonly nextAt: Instant | undefined;
}

export type Due = { readonly kind: 'nothing'; readonly nextAt: Instant | undefined } | DueNow;

const LAST_LOOK_BEFORE_END_MS = 30_000;

/** Takes the same few steps however far `now` lies from the cursor. A cursor in the future (the clock went back) stays. */
export function findDue(slot: SlotTime, now: Instant): Due {
  const { cron, timezone, cursor, freshForMs } = slot;
  const nextAt = nextAfter(cron, timezone, Math.max(now, cursor));
  const latest = previousAtOrBefore(cron, timezone, now);
  const first = nextAfter(cron, timezone, cursor);
  if (latest === undefined || first === undefined || first > latest) return { kind: 'nothing', nextAt };

  const freshUntil = latest + freshForMs;
  if (now > freshUntil) {
    const missed = {
      first,
      last: latest,
      outcome: 'missed',
      reason: missedReason(slot, { first, latest, now }),
    } as const;
    return { kind: 'due', closed: [missed], run: undefined, cursor: latest, nextAt };
  }

  const closed = first < latest ? [coalesce(slot, first, latest)] : [];
  return { kind: 'due', closed, run: { due: latest, freshUntil }, cursor: latest, nextAt };
}

/** Turns the run of what is due into a skipped instant: a holiday, a paused job, a run of the same job still going on. */
export function skipDue(due: DueNow, reason: string): DueNow {
  if (due.run === undefined) return due;
  const skipped = { first: due.run.due, last: due.run.due, outcome: 'skipped', reason } as const;
  return { ...due, closed: [...due.closed, skipped], run: undefined };
}

/** What is due as the store takes it. */
export function claimOf(job: string, slot: string, { closed, run, cursor }: DueNow): Claim {
  return { job, slot, closed, cursor, ...(run === undefined ? {} : { run }) };
}

/** When a run is looked at for the last time: so long before the end of its freshness that what it finds still goes out. */
export function lastLookAt({ due, freshUntil }: DueRun): Instant {
  return freshUntil - Math.min(LAST_LOOK_BEFORE_END_MS, Math.floor((freshUntil - due) / 10));
}

/** When a run that has found nothing yet is looked at again. Undefined once the last look has been taken. */
export function nextLook(now: Instant, recheckMs: number, run: DueRun): Instant | undefined {
  const last = lastLookAt(run);
  return now >= last ? undefined : Math.min(now + recheckMs, last);
}

function coalesce({ cron, timezone }: SlotTime, first: Instant, latest: Instant): Claim['closed'][number] {
  const last = previousAtOrBefore(cron, timezone, latest - 1) ?? first;
  return { first, last, outcome: 'coalesced', reason: `Coalesced into the run due ${dateTimeIn(timezone, latest)}.` };
}

function missedReason(
  { timezone, freshForMs }: SlotTime,
  { first, latest, now }: { first: Instant; latest: Instant; now: Instant },
): string {
  const since = dateTimeIn(timezone, first);
  const due = first === latest ? `Due ${since}` : `Due since ${since}, the last time ${dateTimeIn(timezone, latest)}`;
  return (
    `${due}, and fresh for ${formatDuration(freshForMs)}. talkbell was not running, or was busy or asleep, ` +
    `until ${dateTimeIn(timezone, now)}: ${formatDuration(now - latest)} late.`
  );
}
