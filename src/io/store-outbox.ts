// The outbox: pending -> sending -> settled. A row is `sending` on disk before anything is sent, so that a crash leaves
// a trace; messages to one recipient keep their order.
import { randomUUID } from 'node:crypto';
import { kstDay } from '../core/delivery.ts';
import type { Instant } from '../core/job.ts';
import type { AfterAttempt, MessageRow, OutboxStore } from '../core/ports.ts';
import type { Sql } from './store-database.ts';
import { settleTellings } from './store-memory.ts';
import { insertMessages, isDamaged, type MessageRecord, toMessageRow } from './store-messages.ts';

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
      }),

    expire: (now) => sql.step('expire', () => expire(sql, now)),
    recoverMessages: (now) => sql.step('recover-messages', () => recover(sql, now)),
  };
}

/** What is due already waits for something other than time (its turn, its account), whose end rings the bell itself. */
function nextMessageAt(sql: Sql, now: Instant): Instant | undefined {
  const found = sql.get<{ at: number | null }>(
    `select min(at) as at from (
       select min(next_at) as at from messages where state = 'pending' and next_at > @now
       union all select min(fresh_until) + 1 from messages where state = 'pending' and fresh_until >= @now
       union all select min(held_until) from accounts where state in ('held', 'needs-login') and held_until > @now)`,
    { now },
  );
  return found?.at ?? undefined;
}

/** A row that can no longer be read is failed on the way, so that those behind it go on. */
async function readDue(sql: Sql, now: Instant, limit: number): Promise<readonly MessageRow[]> {
  const due = await sql.read(() => dueRecords(sql, now, limit));
  const damaged = due.filter(isDamaged);
  if (damaged.length === 0) return due.map(toMessageRow);
  await sql.write(() => {
    const rows = damaged.flatMap(({ id }) => settleOne(sql, id, { state: 'failed', reason: DAMAGED }, now));
    for (const run of runsOf(rows)) settleTellings(sql, run, now);
  });
  return readDue(sql, now, limit);
}

/**
 * The first open row of each recipient; one that was never tried and waits for a later time (quiet hours, tomorrow's
 * budget) lets later ones pass. A held account holds its rows back until the hold ends, if it does; one that needs a
 * login only once its access token has ended, for until then that serves.
 */
function dueRecords(sql: Sql, now: Instant, limit: number): readonly MessageRecord[] {
  return sql.all<MessageRecord>(
    `select m.* from messages m
       where m.state = 'pending' and m.next_at <= @now and m.fresh_until >= @now
         and m.id in (select min(e.id) from messages e where e.settled_at is null
                        and not (e.state = 'pending' and e.attempts = 0 and e.next_at > @now) group by e.recipient)
         and not exists (select 1 from accounts a where a.name = m.account
                           and (a.held_until is null or a.held_until > @now)
                           and (a.state = 'held' or (a.state = 'needs-login' and a.access_expires_at <= @now)))
       order by m.id limit @limit`,
    { now, limit },
  );
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

function expire(sql: Sql, now: Instant): readonly MessageRow[] {
  const late = sql.all<MessageRecord>(
    `select * from messages where state = 'pending' and fresh_until < ? order by id`,
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
  return rows.flatMap(({ id }) => sql.all<MessageRecord>('select * from messages where id = ?', id)).map(toMessageRow);
}
