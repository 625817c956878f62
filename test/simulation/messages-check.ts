// Checks every row of the outbox at every step: how it lives and ends, and what the far side says it took.
import type Database from 'better-sqlite3';
import { kstDay } from '../../src/core/delivery.ts';
import type { Instant } from '../../src/core/job.ts';
import type { SimulatedTime } from './clock.ts';
import type { Fail } from './promises.ts';

interface Message {
  readonly id: number;
  readonly run: number | null;
  readonly job: string | null;
  readonly recipient: string;
  readonly account: string | null;
  readonly manual: number | null;
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

export interface MessageCheckParts {
  readonly db: Database.Database;
  readonly time: SimulatedTime;
  readonly budget: { readonly perSender: number; readonly perReceiver: number };
  /** The jobs whose messages keep to the quiet hours. */
  readonly watching: ReadonlySet<string>;
  readonly fail: Fail;
}

const MINUTE_MS = 60_000;
const KST_MS = 9 * 3_600_000;
const COLUMNS =
  'id, run, job, recipient, account, state, reason, attempts, resent, if_unclear, next_at, attempted_at, fresh_until, saying, (select manual from runs where runs.id = messages.run) as manual';
const ENDS = new Set(['sent', 'failed', 'expired', 'unclear']);

export function makeMessageCheck({ db, time, budget, watching, fail }: MessageCheckParts) {
  const open = db.prepare(`select ${COLUMNS} from messages where settled_at is null`);
  const fresh = db.prepare(`select ${COLUMNS} from messages where id > ? and settled_at is not null order by id`);
  const one = db.prepare(`select ${COLUMNS} from messages where id = ?`);
  const known = new Map<number, Known>();
  const sentOn = new Map<string, number>();
  /** When each attempt began, by the timers' clock. */
  const begun = new Map<number, number>();
  const counts: Record<string, number> = {};
  const state = { last: 0 };

  const checkQuiet = ({ id, job, manual }: Message): void => {
    if (job === null || manual === 1 || !watching.has(job)) return;
    // It may have been decided on a moment before they began.
    if (!isQuiet(time.wall()) || !isQuiet(time.wall() - MINUTE_MS)) return;
    fail('quiet', `message ${id} of ${job} goes out at ${new Date(time.wall() + KST_MS).toISOString().slice(11, 19)}`);
  };
  const see = (row: Message): void => {
    const before = known.get(row.id);
    const taken = before?.taken ?? 0;
    checkRow(fail, { before, row, now: time.wall() });
    if (row.state === 'sending' && before?.state !== 'sending') begun.set(row.id, time.monotonic());
    if (row.state === 'sending' && before?.state !== 'sending') checkQuiet(row);
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
      if (by.recipient?.startsWith('friend')) counts['friends'] = (counts['friends'] ?? 0) + 1;
      const underWayMs = time.monotonic() - (begun.get(row.id) ?? Number.NEGATIVE_INFINITY);
      checkTaken(fail, { row, known, now: time.wall(), underWayMs });
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

function isQuiet(at: Instant): boolean {
  const hour = new Date(at + KST_MS).getUTCHours();
  return hour >= 22 || hour < 7;
}

/** Who took a message: Kakao knows the account and the text, a webhook the row. */
export interface By {
  readonly account?: string;
  readonly recipient?: string;
  readonly id?: number;
}

function isOnItsWay(row: Known, { account, recipient, id }: By, text: string): boolean {
  if (row.state !== 'sending') return false;
  if (id !== undefined) return row.id === id;
  return row.account === account && row.recipient === recipient && textOf(row) === text;
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
  { row, known, now, underWayMs }: { row: Known; known: ReadonlyMap<number, Known>; now: Instant; underWayMs: number },
): void {
  if (row.taken >= 1 && (row.resent === 0 || row.if_unclear !== 'resend'))
    fail('taken', `message ${row.id} is taken twice`);
  if (row.taken >= 2) fail('taken', `message ${row.id} is taken ${row.taken + 1} times`);
  // The request may be under way for some seconds when its freshness ends, or the machine falls asleep.
  if (now > row.fresh_until + 15_000 && underWayMs > 15_000)
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
