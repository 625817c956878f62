// The outbox: pending -> sending -> settled. A row is `sending` on disk before anything is sent, so that a crash leaves
// a trace; messages to one recipient keep their order.
import { randomUUID } from 'node:crypto';
import { kstDay } from '../core/delivery.ts';
import type { Instant } from '../core/job.ts';
import type { AfterAttempt, MessageRow, OutboxStore } from '../core/ports.ts';
import { openEpisode } from './store-alerts.ts';
import type { Sql } from './store-database.ts';
import { settleTellings } from './store-memory.ts';
import { insertMessages, type MessageRecord, toMessageRow, toSendableRow } from './store-messages.ts';

const DAMAGED =
  'What is stored of it is damaged: it cannot be sent any more. If there is more of that, restore a backup (talkbell restore FILE).';

type Outbox = Omit<OutboxStore, 'messages' | 'sentOn' | 'countMessages'>;

export function makeOutboxStore(sql: Sql): Outbox {
  return {
    addMessages: (messages, about, now) =>
      sql.write(() =>
        insertMessages(sql, { run: undefined, job: undefined, about, said: randomUUID() }, messages, now),
      ),

    dueMessages: (now, limit) => readDue(sql, now, limit),

    nextMessageAt: (now) => sql.read(() => nextMessageAt(sql, now)),

    beginAttempt: (ids, now) => sql.step('begin-attempt', () => ids.filter((id) => beginOne(sql, id, now))),

    settle: (settled, now) =>
      sql.step('settle', () => {
        const rows = settled.flatMap(({ id, after }) => settleOne(sql, id, after, now));
        for (const run of runsOf(rows)) settleTellings(sql, run, now);
        return settled.flatMap(({ notices = [] }) => notices).filter((notice) => openEpisode(sql, notice, now));
      }),

    expire: async (now) =>
      (await sql.read(() => isAnyLate(sql, now))) ? sql.step('expire', () => expire(sql, now)) : [],
    recoverMessages: (now) => sql.step('recover-messages', () => recover(sql, now)),
  };
}

/**
 * What is due already waits for something other than time (its turn, its account), whose end rings the bell itself.
 * Left to itself SQLite walks through all that is pending by its state.
 */
function nextMessageAt(sql: Sql, now: Instant): Instant | undefined {
  const found = sql.get<{ at: number | null }>(
    `select min(at) as at from (
       select min(next_at) as at from messages indexed by messages_next where state = 'pending' and next_at > @now
       union all select min(fresh_until) + 1 from messages indexed by messages_fresh where state = 'pending' and fresh_until >= @now
       union all select min(held_until) from accounts where state in ('held', 'needs-login') and held_until > @now)`,
    { now },
  );
  return found?.at ?? undefined;
}

/** A row that can no longer be read is failed on the way, so that those behind it go on. */
async function readDue(sql: Sql, now: Instant, limit: number): Promise<readonly MessageRow[]> {
  const due = await sql.read(() => dueRecords(sql, now, limit));
  const rows = due.map((record) => toSendableRow(sql, record));
  const damaged = due.filter((_record, index) => rows[index] === undefined);
  if (damaged.length === 0) return rows.filter((row) => row !== undefined);
  await sql.write(() => {
    const failed = damaged.flatMap(({ id }) => settleOne(sql, id, { state: 'failed', reason: DAMAGED }, now));
    for (const run of runsOf(failed)) settleTellings(sql, run, now);
    for (const { job, recipient } of failed) if (job !== null) openLost(sql, { job, recipient }, now);
  });
  return readDue(sql, now, limit);
}

/** Told with the next alerts: what writes them is not at hand here. */
function openLost(sql: Sql, { job, recipient }: { readonly job: string; readonly recipient: string }, now: Instant) {
  const text = `A message of ${job} to ${recipient} was not delivered. ${DAMAGED} See talkbell outbox.`;
  openEpisode(sql, { key: `undelivered:${recipient}`, text, telling: undefined }, now);
}

/**
 * The first open row of each recipient; one that was never tried and waits for a later time (quiet hours, tomorrow's
 * budget) lets later ones pass. A held account holds its rows back until the hold ends, if it does; one that needs a
 * login only once its access token has ended, for until then that serves.
 */
function dueRecords(sql: Sql, now: Instant, limit: number): readonly MessageRecord[] {
  const come = sql.all<{ recipient: string }>(
    `select recipient from messages indexed by messages_next
     where state = 'pending' and next_at <= @now and fresh_until >= @now`,
    { now },
  );
  return [...new Set(come.map(({ recipient }) => recipient))]
    .flatMap((recipient) => firstInTurn(sql, recipient, now))
    .filter((row) => row.state === 'pending' && row.next_at <= now && row.fresh_until >= now)
    .filter(({ account }) => account === null || !isHeldBack(sql, account, now))
    .toSorted((one, other) => one.id - other.id)
    .slice(0, limit);
}

function firstInTurn(sql: Sql, recipient: string, now: Instant): readonly MessageRecord[] {
  return sql.all<MessageRecord>(
    `select * from messages indexed by messages_open
     where recipient = @recipient and settled_at is null
       and not (state = 'pending' and attempts = 0 and next_at > @now)
     order by id limit 1`,
    { recipient, now },
  );
}

function isHeldBack(sql: Sql, account: string, now: Instant): boolean {
  const held = sql.get(
    `select 1 from accounts where name = @account and (held_until is null or held_until > @now)
       and (state = 'held' or (state = 'needs-login' and access_expires_at <= @now))`,
    { account, now },
  );
  return held !== undefined;
}

function beginOne(sql: Sql, id: number, now: Instant): boolean {
  const { changes } = sql.run(
    `update messages set state = 'sending', attempts = attempts + 1, attempted_at = @now
     where id = @id and state = 'pending' and fresh_until >= @now`,
    { id, now },
  );
  if (changes === 0) return false;
  sql.run(
    `insert into ledger (day, account, receiver, count)
     select @day, account, recipient, 1 from messages where id = @id and account is not null
     on conflict (day, account, receiver) do update set count = count + 1`,
    { id, day: kstDay(now) },
  );
  return true;
}

/** Gives the rows that changed, as they were. A row that has its end keeps it. */
function settleOne(sql: Sql, id: number, after: AfterAttempt, now: Instant): readonly MessageRecord[] {
  const row = sql.get<MessageRecord>('select * from messages where id = ? and settled_at is null', id);
  if (row === undefined) return [];
  if (wasNotTaken(after)) uncount(sql, row);
  if (after.state === 'pending') {
    sql.run(
      `update messages set state = 'pending', next_at = ?, reason = ?, resent = max(resent, ?) where id = ?`,
      after.nextAt,
      after.reason,
      after.resent === true ? 1 : 0,
      id,
    );
    return [];
  }
  end(sql, id, { state: after.state, reason: after.state === 'sent' ? null : after.reason }, now);
  return [row, ...(wasNotTaken(after) ? failLaterParts(sql, row, now) : [])];
}

/** A message sent once more may have been taken the first time. */
function wasNotTaken(after: AfterAttempt): boolean {
  if (after.state === 'pending') return after.resent !== true;
  return after.state === 'failed' || after.state === 'expired';
}

/** What was not taken counts against no quota. */
function uncount(sql: Sql, { account, recipient, attempted_at, state }: MessageRecord): void {
  if (state !== 'sending' || account === null || attempted_at === null) return;
  sql.run(
    'update ledger set count = max(count - 1, 0) where day = ? and account = ? and receiver = ?',
    kstDay(attempted_at),
    account,
    recipient,
  );
}

function failLaterParts(
  sql: Sql,
  { said, recipient, idx, part }: MessageRecord,
  now: Instant,
): readonly MessageRecord[] {
  const later = sql.all<MessageRecord>(
    'select * from messages where said = ? and recipient = ? and idx = ? and part > ? and settled_at is null',
    said,
    recipient,
    idx,
    part,
  );
  for (const { id } of later) end(sql, id, { state: 'failed', reason: 'an earlier part was not delivered' }, now);
  return later;
}

function end(sql: Sql, id: number, { state, reason }: { state: string; reason: string | null }, now: Instant): void {
  sql.run('update messages set state = ?, reason = ?, settled_at = ? where id = ?', state, reason, now, id);
}

/** Nearly every ring finds nothing late: then the disk is left alone. */
function isAnyLate(sql: Sql, now: Instant): boolean {
  return (
    sql.get(
      `select 1 from messages indexed by messages_fresh where state = 'pending' and fresh_until < ? limit 1`,
      now,
    ) !== undefined
  );
}

function expire(sql: Sql, now: Instant): readonly MessageRow[] {
  const late = sql.all<MessageRecord>(
    `select * from messages indexed by messages_fresh where state = 'pending' and fresh_until < ? order by id`,
    now,
  );
  for (const { id, reason } of late) {
    end(
      sql,
      id,
      { state: 'expired', reason: `not delivered in time${reason === null ? '' : `; last: ${reason}`}` },
      now,
    );
  }
  const parts = late.flatMap((row) => failLaterParts(sql, row, now));
  for (const run of runsOf([...late, ...parts])) settleTellings(sql, run, now);
  return readBack(sql, late);
}

/** A row found `sending` was on its way when talkbell ended: nobody can know whether it was taken. */
function recover(sql: Sql, now: Instant): readonly MessageRow[] {
  const doubtful = sql.all<MessageRecord>(`select * from messages where state = 'sending' order by id`);
  for (const row of doubtful) {
    const reason = 'talkbell ended while it was being sent';
    if (row.if_unclear === 'leave' || row.resent === 1) end(sql, row.id, { state: 'unclear', reason }, now);
    else {
      sql.run(
        `update messages set state = 'pending', next_at = ?, reason = ?, resent = 1 where id = ?`,
        now,
        reason,
        row.id,
      );
    }
  }
  for (const run of runsOf(doubtful)) settleTellings(sql, run, now);
  return readBack(sql, doubtful);
}

function runsOf(rows: readonly MessageRecord[]): ReadonlySet<number> {
  return new Set(rows.flatMap(({ run }) => (run === null ? [] : [run])));
}

function readBack(sql: Sql, rows: readonly MessageRecord[]): readonly MessageRow[] {
  return rows
    .flatMap(({ id }) => sql.all<MessageRecord>('select * from messages where id = ?', id))
    .map((record) => toMessageRow(sql, record));
}
