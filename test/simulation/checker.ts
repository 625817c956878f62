// Checks the promises at every step: it reads the rows through a connection of its own after each write, hears from the
// far side what was truly taken, and knows nothing of how the code works. Each check is named after its promise.
import Database from 'better-sqlite3';
import { kstDay } from '../../src/core/delivery.ts';
import type { Instant } from '../../src/core/job.ts';
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
  readonly fail: (broken: Broken) => void;
}

export interface Checker {
  readonly afterWrite: (method: string) => void;
  readonly onTaken: (recipientOrAccount: { account?: string; id?: number }, text: string) => void;
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

export function openChecker(settings: CheckerSettings): Checker {
  const { file, jobs, time, start, budget, fail } = settings;
  const db = new Database(file, { readonly: true });
  const break_ = (promise: PromiseName, detail: string): void => fail(new Broken(promise, detail));
  const messages = makeMessageCheck({ db, time, budget, fail: break_ });
  const runs = makeRunCheck({ db, fail: break_ });
  const looking = new Map<string, number>();
  const state = { disturbedAt: time.wall(), looks: 0, auditedTo: new Map<string, Instant>() };

  return {
    afterWrite: (method) => {
      if (AFTER_MESSAGES.has(method)) messages.observe();
      if (AFTER_RUNS.has(method)) runs.observe();
    },
    onTaken: messages.onTaken,
    disturb: () => {
      state.disturbedAt = time.wall();
    },
    forgetLooks: () => looking.clear(),
    onLook: ({ job, due, freshUntil, manual, look }) => {
      state.looks += 1;
      if ((looking.get(job) ?? 0) > 0) break_('alone', `${job} is looked at twice at once`);
      looking.set(job, (looking.get(job) ?? 0) + 1);
      const now = time.wall();
      if (!manual && now > freshUntil)
        break_('fresh', `${job} due ${show(due)} is looked at ${now - freshUntil} ms after its freshness`);
      const late = now - Math.max(due, state.disturbedAt);
      if (look === 1 && !manual && late > LATE_MS) break_('punctual', `${job} due ${show(due)} begins ${late} ms late`);
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
            checkCursor(break_, {
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
    atEnd: messages.atEnd,
    counts: () => ({ ...messages.counts(), ...runs.counts(), looks: state.looks }),
    close: () => db.close(),
  };
}

function checkCursor(
  break_: (promise: PromiseName, detail: string) => void,
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
  if (forgotten !== undefined) break_('once', `${key} due ${show(forgotten)} has no outcome at ${show(now)}`);
}

interface Parts {
  readonly db: Database.Database;
  readonly fail: (promise: PromiseName, detail: string) => void;
}

const COLUMNS =
  'id, run, job, recipient, account, state, reason, attempts, resent, if_unclear, next_at, fresh_until, saying';
const ENDS = new Set(['sent', 'failed', 'expired', 'unclear']);

function makeMessageCheck({ db, time, budget, fail }: Parts & Pick<CheckerSettings, 'time' | 'budget'>) {
  const open = db.prepare(`select ${COLUMNS} from messages where settled_at is null or id > ? order by id`);
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
    const rows = open.all(state.last) as Message[];
    const seen = new Set(rows.map(({ id }) => id));
    for (const { id } of [...known.values()]) {
      if (seen.has(id)) continue;
      const row = one.get(id) as Message | undefined;
      if (row === undefined) fail('kept', `message ${id} has vanished`);
      else see(row);
    }
    for (const row of rows) see(row);
    state.last = Math.max(state.last, rows.at(-1)?.id ?? 0);
  };
  return {
    observe,
    counts: () => counts,
    onTaken: ({ account, id }: { account?: string; id?: number }, text: string): void => {
      const row = [...known.values()].find(
        (candidate) =>
          candidate.state === 'sending' &&
          (id === undefined ? candidate.account === account && textOf(candidate) === text : candidate.id === id),
      );
      if (row === undefined)
        return fail(
          'taken',
          `the far side took a message of ${account ?? id} that was not on its way: ${text.slice(0, 60)}`,
        );
      counts['taken'] = (counts['taken'] ?? 0) + 1;
      checkTaken(fail, { row, known, now: time.wall() });
      known.set(row.id, { ...row, taken: row.taken + 1 });
      if (row.account === null) return;
      const day = kstDay(time.wall());
      for (const [key, most] of [
        [`${day} ${row.account}`, budget.perSender],
        [`${day} ${row.account} ${row.recipient}`, budget.perReceiver],
      ] as const) {
        const sent = (sentOn.get(key) ?? 0) + 1;
        sentOn.set(key, sent);
        if (sent > most) fail('quota', `${sent} messages on ${key}, and ${most} are the budget`);
      }
    },
    atEnd: (): void => {
      observe();
      for (const { id, state: is, fresh_until } of known.values()) {
        if (fresh_until < time.wall() - 60_000) fail('kept', `message ${id} is still ${is} after its freshness`);
        if (is === 'sending') fail('kept', `message ${id} stays on its way for ever`);
      }
    },
  };
}

type Fail = Parts['fail'];

function checkRow(fail: Fail, { before, row, now }: { before: Known | undefined; row: Message; now: Instant }): void {
  const was = before?.state ?? 'pending';
  if (row.state === 'sending' && was === 'pending' && now > row.fresh_until)
    fail('fresh', `message ${row.id} is begun after its freshness`);
  if (row.state === 'sending' && was === 'pending' && row.attempts !== (before?.attempts ?? 0) + 1)
    fail('kept', `an attempt of message ${row.id} is not counted`);
  if (!ENDS.has(row.state)) return;
  if (row.state !== 'sent' && (row.reason ?? '') === '')
    fail('kept', `message ${row.id} is ${row.state} without a reason`);
  const taken = before?.taken ?? 0;
  if (row.state === 'sent' && taken === 0) fail('taken', `message ${row.id} is called sent, and nobody took it`);
  if ((row.state === 'failed' || row.state === 'expired') && taken > 0 && row.resent === 0)
    fail('taken', `message ${row.id} is called ${row.state}, and it was taken`);
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

function makeRunCheck({ db, fail }: Parts) {
  const open = db.prepare(
    'select id, job, slot, due, last_due, manual, state, outcome, reason, looks from runs where ended_at is null or id > ? order by id',
  );
  const one = db.prepare(
    'select id, job, slot, due, last_due, manual, state, outcome, reason, looks from runs where id = ?',
  );
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
      const rows = open.all(state.last) as RunRecord[];
      const seen = new Set(rows.map(({ id }) => id));
      for (const { id } of [...openRuns.values()]) {
        if (seen.has(id)) continue;
        const row = one.get(id) as RunRecord | undefined;
        if (row === undefined) fail('once', `run ${id} has vanished`);
        else see(row);
      }
      for (const row of rows) see(row);
      state.last = Math.max(state.last, rows.at(-1)?.id ?? 0);
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
