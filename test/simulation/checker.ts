// Checks the promises at every step: it reads the rows through a connection of its own after each write, hears from the
// far side what was truly taken, and knows nothing of how the code works. Each check is named after its promise.
import Database from 'better-sqlite3';
import { kstDay } from '../../src/core/delivery.ts';
import type { Instant } from '../../src/core/job.ts';
import { makeAlertsCheck } from './alerts-check.ts';
import type { SimulatedTime } from './clock.ts';
import { instantsIn } from './instants.ts';
import type { SimulatedJob } from './jobs.ts';

export const PROMISES = {
  once: 'every due instant is covered by exactly one recorded outcome; none runs twice',
  kept: 'a message committed is in the end sent, expired, failed or unclear, each with a reason; none vanishes',
  taken:
    'what is called sent was taken by the far side; what was taken twice was unclear, and its job asked for resend',
  order: 'messages to one recipient arrive in order',
  fresh: 'nothing is begun, looked at or sent after its freshness',
  quota: 'the budget of a day and the token limits of Kakao are never passed',
  login:
    'after any crash the account works, or needs a login only because the answer of a rotation was lost or a person left',
  alerts: 'an episode is told once, and its end once',
  alone: 'a run never overlaps another of the same job',
  sound: 'no error is thrown but those that are foreseen',
  punctual: 'what is due is begun within 15 seconds when nothing stands in the way',
} as const;

export type PromiseName = keyof typeof PROMISES;

export class Broken extends Error {
  override readonly name = 'Broken';
  readonly promise: PromiseName;

  constructor(promise: PromiseName, detail: string) {
    super(`${PROMISES[promise]}: ${detail}`);
    this.promise = promise;
  }
}

interface Message {
  readonly id: number;
  readonly run: number | null;
  readonly job: string | null;
  readonly recipient: string;
  readonly account: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly resent: number;
  readonly if_unclear: string;
  readonly next_at: number;
  readonly attempted_at: number | null;
  readonly fresh_until: number;
  readonly saying: string;
}

interface Known extends Message {
  readonly taken: number;
}

interface RunRecord {
  readonly id: number;
  readonly job: string;
  readonly slot: string;
  readonly due: number;
  readonly last_due: number;
  readonly manual: number;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly looks: number;
}

export interface CheckerSettings {
  readonly file: string;
  readonly jobs: readonly SimulatedJob[];
  readonly time: SimulatedTime;
  readonly start: Instant;
  readonly budget: { readonly perSender: number; readonly perReceiver: number };
  readonly fail: (promise: PromiseName, detail: string) => void;
}

export interface Checker {
  readonly afterWrite: (method: string) => void;
  readonly onTaken: (by: By, text: string) => void;
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
const AFTER_ALERTS = new Set(['openAlert', 'closeAlert', 'markTold', 'addMessages']);
const AFTER_RUNS = new Set(['claim', 'endLook', 'beginLook', 'recoverRuns', 'addManualRun', 'prune']);
const LATE_MS = 16_000;

export function openChecker(settings: CheckerSettings): Checker {
  const { file, jobs, time, start, budget, fail } = settings;
  const db = new Database(file, { readonly: true });
  const messages = makeMessageCheck({ db, time, budget, fail });
  const runs = makeRunCheck({ db, fail });
  const alerts = makeAlertsCheck(db, 'owner', (detail) => fail('alerts', detail));
  const looking = new Map<string, number>();
  const state = { disturbedAt: time.wall(), looks: 0, auditedTo: new Map<string, Instant>() };

  return {
    afterWrite: (method) => {
      if (AFTER_MESSAGES.has(method)) messages.observe();
      if (AFTER_RUNS.has(method)) runs.observe();
      if (AFTER_ALERTS.has(method)) alerts.observe();
    },
    onTaken: messages.onTaken,
    disturb: () => {
      state.disturbedAt = time.wall();
    },
    forgetLooks: () => looking.clear(),
    onLook: ({ job, due, freshUntil, manual, look }) => {
      state.looks += 1;
      if ((looking.get(job) ?? 0) > 0) fail('alone', `${job} is looked at twice at once`);
      looking.set(job, (looking.get(job) ?? 0) + 1);
      const now = time.wall();
      if (!manual && now > freshUntil)
        fail('fresh', `${job} due ${show(due)} is looked at ${now - freshUntil} ms after its freshness`);
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
      alerts.atEnd(time.wall());
    },
    counts: () => ({ ...messages.counts(), ...runs.counts(), looks: state.looks }),
    close: () => db.close(),
  };
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

interface Parts {
  readonly db: Database.Database;
  readonly fail: (promise: PromiseName, detail: string) => void;
}

const COLUMNS =
  'id, run, job, recipient, account, state, reason, attempts, resent, if_unclear, next_at, attempted_at, fresh_until, saying';
const ENDS = new Set(['sent', 'failed', 'expired', 'unclear']);

function makeMessageCheck({ db, time, budget, fail }: Parts & Pick<CheckerSettings, 'time' | 'budget'>) {
  const open = db.prepare(`select ${COLUMNS} from messages where settled_at is null`);
  const fresh = db.prepare(`select ${COLUMNS} from messages where id > ? and settled_at is not null order by id`);
  const one = db.prepare(`select ${COLUMNS} from messages where id = ?`);
  const known = new Map<number, Known>();
  const sentOn = new Map<string, number>();
  const counts: Record<string, number> = {};
  const state = { last: 0 };

  const see = (row: Message): void => {
    const before = known.get(row.id);
    const taken = before?.taken ?? 0;
    checkRow(fail, { before, row, now: time.wall() });
    if (!ENDS.has(row.state)) {
      known.set(row.id, { ...row, taken });
      return;
    }
    known.delete(row.id);
    counts[row.state] = (counts[row.state] ?? 0) + 1;
  };
  const observe = (): void => {
    const rows = [...(open.all() as Message[]), ...(fresh.all(state.last) as Message[])];
    const seen = new Set(rows.map(({ id }) => id));
    for (const { id } of [...known.values()]) {
      if (seen.has(id)) continue;
      const row = one.get(id) as Message | undefined;
      if (row === undefined) fail('kept', `message ${id} has vanished`);
      else see(row);
    }
    for (const row of rows) see(row);
    state.last = rows.reduce((most, { id }) => Math.max(most, id), state.last);
  };
  const countDay = (account: string, recipient: string): void => {
    const day = kstDay(time.wall());
    for (const [key, most] of [
      [`${day} ${account}`, budget.perSender],
      [`${day} ${account} ${recipient}`, budget.perReceiver],
    ] as const) {
      const sent = (sentOn.get(key) ?? 0) + 1;
      sentOn.set(key, sent);
      if (sent > most) fail('quota', `${sent} messages on ${key}, and ${most} are the budget`);
    }
  };
  return {
    observe,
    counts: () => counts,
    onTaken: (by: By, text: string): void => {
      const row = [...known.values()].find((candidate) => isOnItsWay(candidate, by, text));
      if (row === undefined) {
        fail('taken', `a message of ${by.account ?? by.id} is taken that was not on its way: ${text.slice(0, 60)}`);
        return;
      }
      counts['taken'] = (counts['taken'] ?? 0) + 1;
      checkTaken(fail, { row, known, now: time.wall() });
      known.set(row.id, { ...row, taken: row.taken + 1 });
      if (row.account !== null) countDay(row.account, row.recipient);
    },
    atEnd: (): void => {
      observe();
      for (const { id, state: is, fresh_until, attempted_at } of known.values()) {
        if (fresh_until < time.wall() - 60_000) fail('kept', `message ${id} is still ${is} after its freshness`);
        if (is === 'sending' && (attempted_at ?? 0) < time.wall() - 60_000)
          fail('kept', `message ${id} stays on its way for ever`);
      }
    },
  };
}

type Fail = Parts['fail'];

/** Who took a message: Kakao knows the account and the text, a webhook the row. */
interface By {
  readonly account?: string;
  readonly id?: number;
}

function isOnItsWay(row: Known, { account, id }: By, text: string): boolean {
  if (row.state !== 'sending') return false;
  return id === undefined ? row.account === account && textOf(row) === text : row.id === id;
}

function checkRow(fail: Fail, { before, row, now }: { before: Known | undefined; row: Message; now: Instant }): void {
  const was = before?.state ?? 'pending';
  if (row.state === 'sending' && was === 'pending') {
    if (now > row.fresh_until) fail('fresh', `message ${row.id} is begun after its freshness`);
    if (row.attempts !== (before?.attempts ?? 0) + 1) fail('kept', `an attempt of message ${row.id} is not counted`);
  }
  if (ENDS.has(row.state)) checkEnd(fail, row, before?.taken ?? 0);
}

function checkEnd(fail: Fail, { id, state, reason, resent }: Message, taken: number): void {
  if (state === 'sent') {
    if (taken === 0) fail('taken', `message ${id} is called sent, and nobody took it`);
    return;
  }
  if ((reason ?? '') === '') fail('kept', `message ${id} is ${state} without a reason`);
  if (state !== 'unclear' && taken > 0 && resent === 0)
    fail('taken', `message ${id} is called ${state}, and it was taken`);
}

function checkTaken(
  fail: Fail,
  { row, known, now }: { row: Known; known: ReadonlyMap<number, Known>; now: Instant },
): void {
  if (row.taken >= 1 && (row.resent === 0 || row.if_unclear !== 'resend'))
    fail('taken', `message ${row.id} is taken twice`);
  if (row.taken >= 2) fail('taken', `message ${row.id} is taken ${row.taken + 1} times`);
  // The request may be under way for some seconds when its freshness ends.
  if (now > row.fresh_until + 15_000)
    fail('fresh', `message ${row.id} is sent ${now - row.fresh_until} ms after its freshness`);
  for (const earlier of known.values()) {
    const waits = earlier.state === 'pending' && earlier.attempts === 0 && earlier.next_at > now;
    if (earlier.id < row.id && earlier.recipient === row.recipient && !waits)
      fail('order', `message ${row.id} to ${row.recipient} goes before message ${earlier.id} (${earlier.state})`);
  }
}

function textOf({ saying }: Message): string {
  return (JSON.parse(saying) as { object?: { text?: string } }).object?.text ?? '';
}

const RUN = 'id, job, slot, due, last_due, manual, state, outcome, reason, looks';

function makeRunCheck({ db, fail }: Parts) {
  const open = db.prepare(`select ${RUN} from runs where ended_at is null`);
  const fresh = db.prepare(`select ${RUN} from runs where id > ? and ended_at is not null order by id`);
  const one = db.prepare(`select ${RUN} from runs where id = ?`);
  const rowsIn = db.prepare(
    'select due, last_due from runs where manual = 0 and job = ? and slot = ? and last_due > ? and due <= ? order by due',
  );
  const cursor = db.prepare('select cursor from slots where job = ? and slot = ?').pluck();
  const openRuns = new Map<number, RunRecord>();
  const counts: Record<string, number> = {};
  const instants = new Set<string>();
  const state = { last: 0 };

  const see = (row: RunRecord): void => {
    if (row.id > state.last && row.manual === 0) {
      const key = `${row.job}/${row.slot} ${row.due}`;
      if (instants.has(key)) fail('once', `${key} has two rows`);
      instants.add(key);
    }
    if (row.outcome === null) {
      openRuns.set(row.id, row);
      return;
    }
    openRuns.delete(row.id);
    counts[row.outcome] = (counts[row.outcome] ?? 0) + 1;
    if ((row.reason ?? '') === '') fail('once', `run ${row.id} ended as ${row.outcome} without a reason`);
  };
  return {
    observe: (): void => {
      const rows = [...(open.all() as RunRecord[]), ...(fresh.all(state.last) as RunRecord[])];
      const seen = new Set(rows.map(({ id }) => id));
      for (const { id } of [...openRuns.values()]) {
        if (seen.has(id)) continue;
        const row = one.get(id) as RunRecord | undefined;
        if (row === undefined) fail('once', `run ${id} has vanished`);
        else see(row);
      }
      for (const row of rows) see(row);
      state.last = rows.reduce((most, { id }) => Math.max(most, id), state.last);
    },
    counts: () => counts,
    cursorOf: (job: string, slot: string): Instant => Number(cursor.get(job, slot) ?? 0),
    cover: (
      job: string,
      slot: string,
      { expected, after, until }: { expected: readonly Instant[]; after: Instant; until: Instant },
    ): void => {
      const rows = rowsIn.all(job, slot, after, until) as { due: number; last_due: number }[];
      for (const at of expected) {
        const over = rows.filter((row) => row.due <= at && row.last_due >= at).length;
        if (over !== 1) fail('once', `${job}/${slot} due ${show(at)} is covered by ${over} rows`);
      }
      const known = new Set(expected);
      const stray = rows.find((row) => row.due > after && !known.has(row.due));
      if (stray !== undefined) fail('once', `${job}/${slot} has a row at ${show(stray.due)}, where it is not due`);
    },
  };
}

function show(at: Instant): string {
  return new Date(at).toISOString();
}
