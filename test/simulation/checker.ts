// Checks the promises at every step: it reads the rows through a connection of its own after each write, hears from the
// far side what was truly taken, and knows nothing of how the code works. Each check is named after its promise.
import Database from 'better-sqlite3';
import type { Instant } from '../../src/core/job.ts';
import { makeAlertsCheck } from './alerts-check.ts';
import type { SimulatedTime } from './clock.ts';
import { instantsIn } from './instants.ts';
import type { SimulatedJob } from './jobs.ts';
import { type By, makeMessageCheck } from './messages-check.ts';
import { type Fail, show } from './promises.ts';
import { makeRunCheck } from './runs-check.ts';

export interface CheckerSettings {
  readonly file: string;
  readonly jobs: readonly SimulatedJob[];
  readonly time: SimulatedTime;
  readonly start: Instant;
  readonly budget: { readonly perSender: number; readonly perReceiver: number };
  /** From 22:00 to 07:00 in Korea nothing of a watching job goes out. */
  readonly quiet: boolean;
  /** Whom each group reaches. */
  readonly members: ReadonlyMap<string, readonly string[]>;
  readonly fail: Fail;
}

export interface Checker {
  readonly afterWrite: (method: string) => void;
  readonly onTaken: (by: By, text: string) => void;
  /** Kakao has said of an account that a quota is spent, and is asked to send for it. */
  readonly onQuota: (account: string) => void;
  readonly onMemo: (account: string) => void;
  /** An account begins to wait for its operator, or does so no longer. */
  readonly onHold: (account: string, isHeld: boolean) => void;
  readonly onLook: (look: {
    job: string;
    due: Instant;
    freshUntil: Instant;
    manual: boolean;
    look: number;
  }) => () => void;
  /** Something stood in the way of being on time. */
  readonly disturb: () => void;
  /** A process has ended, and its looks with it. */
  readonly forgetLooks: () => void;
  /** The whole book, at the end of a day. `exact`: no clock was set, so that every instant up to now has its row. */
  readonly audit: (exact: boolean) => void;
  readonly atEnd: () => void;
  readonly counts: () => Readonly<Record<string, number>>;
  readonly close: () => void;
}

const AFTER_MESSAGES = new Set([
  'endLook',
  'addMessages',
  'beginAttempt',
  'settle',
  'expire',
  'recoverMessages',
  'tellOwner',
  'openAlert',
  'closeAlert',
  'markTold',
]);
const AFTER_RUNS = new Set(['claim', 'endLook', 'beginLook', 'recoverRuns', 'addManualRun', 'prune']);
const LATE_MS = 16_000;
const DAY_MS = 86_400_000;
/** A refusal is acted on within this time: the account is marked, and nothing more is asked for it. */
const REACTION_MS = 60_000;

export function openChecker(settings: CheckerSettings): Checker {
  const { file, jobs, time, start, budget, members, fail } = settings;
  const db = new Database(file, { readonly: true });
  const messages = makeMessageCheck({
    db,
    time,
    budget,
    watching: settings.quiet ? watchingOf(jobs) : new Set(),
    fail,
  });
  const runs = makeRunCheck({ db, reached: reachedBy(jobs, members), fail });
  const alerts = makeAlertsCheck(db, 'owner', (detail) => fail('alerts', detail));
  const looking = new Map<string, number>();
  const refused = new Map<string, Instant>();
  /** When each account that waits for its operator began to: by the timers' clock, which nobody sets. */
  const held = new Map<string, number>();
  const state = { disturbedAt: time.wall(), newest: 0, looks: 0, holds: 0, auditedTo: new Map<string, Instant>() };

  return {
    afterWrite: (method) => {
      if (method === 'touchClock') state.newest = Math.max(state.newest, time.wall());
      if (method === 'resetClock') state.newest = time.wall();
      if (AFTER_MESSAGES.has(method)) messages.observe();
      if (AFTER_RUNS.has(method)) runs.observe();
      if (AFTER_MESSAGES.has(method)) alerts.observe();
      if (method === 'settle') alerts.afterSettle();
    },
    onTaken: messages.onTaken,
    onQuota: (account) => {
      refused.set(account, time.wall());
    },
    onMemo: (account) => {
      const ago = time.wall() - (refused.get(account) ?? Number.NEGATIVE_INFINITY);
      if (ago >= 0 && ago < REACTION_MS)
        fail('quota', `${account} sends ${ago} ms after Kakao said that its quota is spent`);
      const heldFor = time.monotonic() - (held.get(account) ?? Number.POSITIVE_INFINITY);
      if (heldFor > REACTION_MS) fail('held', `${account} sends ${heldFor} ms after it was held for its operator`);
    },
    onHold: (account, isHeld) => {
      if (!isHeld) held.delete(account);
      else if (!held.has(account)) {
        held.set(account, time.monotonic());
        state.holds += 1;
      }
    },
    disturb: () => {
      state.disturbedAt = time.wall();
    },
    forgetLooks: () => {
      looking.clear();
      refused.clear();
    },
    onLook: ({ job, due, freshUntil, manual, look }) => {
      state.looks += 1;
      if ((looking.get(job) ?? 0) > 0) fail('alone', `${job} is looked at twice at once`);
      looking.set(job, (looking.get(job) ?? 0) + 1);
      const now = time.wall();
      if (!manual && now > freshUntil)
        fail('fresh', `${job} due ${show(due)} is looked at ${now - freshUntil} ms after its freshness`);
      if (state.newest - now > DAY_MS)
        fail('clock', `${job} is looked at ${state.newest - now} ms before the newest time`);
      const late = now - Math.max(due, state.disturbedAt);
      if (look === 1 && !manual && late > LATE_MS) fail('punctual', `${job} due ${show(due)} begins ${late} ms late`);
      return () => {
        looking.set(job, 0);
        state.disturbedAt = time.wall();
      };
    },
    audit: (exact) => {
      messages.observe();
      runs.observe();
      for (const { description } of jobs) {
        for (const [slot, cron] of Object.entries(description.slots)) {
          const key = `${description.id}/${slot}`;
          const after = state.auditedTo.get(key) ?? start;
          const cursor = runs.cursorOf(description.id, slot);
          const until = exact ? Math.max(cursor, after) : cursor;
          const expected = instantsIn(cron, description.timezone, { after, until });
          runs.cover(description.id, slot, { expected, after, until });
          if (exact)
            checkCursor(fail, {
              key,
              cursor,
              cron,
              zone: description.timezone,
              now: time.wall(),
              quietFrom: state.disturbedAt,
            });
          state.auditedTo.set(key, Math.max(after, until));
        }
      }
    },
    atEnd: () => {
      messages.atEnd();
      runs.atEnd(time.wall());
      alerts.atEnd(time.wall());
    },
    counts: () => ({ ...messages.counts(), ...runs.counts(), looks: state.looks, holds: state.holds }),
    close: () => db.close(),
  };
}

function watchingOf(jobs: readonly SimulatedJob[]): ReadonlySet<string> {
  return new Set(jobs.filter(({ description }) => description.watches).map(({ description }) => description.id));
}

/** The recipients of each job: each person once, however many groups hold them. */
function reachedBy(
  jobs: readonly SimulatedJob[],
  members: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    jobs.map(({ description: { id, to } }) => [
      id,
      [...new Set(to.flatMap((name) => members.get(name) ?? [name]))].sort(),
    ]),
  );
}

function checkCursor(
  fail: Fail,
  {
    key,
    cursor,
    cron,
    zone,
    now,
    quietFrom,
  }: { key: string; cursor: Instant; cron: string; zone: string; now: Instant; quietFrom: Instant },
): void {
  const until = Math.min(now - LATE_MS, quietFrom === now ? now - LATE_MS : now);
  const open = instantsIn(cron, zone, { after: cursor, until }).filter((at) => at <= until);
  // A day's end may fall into a look or a pause: what is open longer than an hour is forgotten.
  const forgotten = open.find((at) => now - at > 3_600_000 && now - quietFrom > 3_600_000);
  if (forgotten !== undefined) fail('once', `${key} due ${show(forgotten)} has no outcome at ${show(now)}`);
}
