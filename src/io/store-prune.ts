// Keeps the database from growing without end: old rows go in small batches, each a transaction of its own.
import { kstDay } from '../core/delivery.ts';
import type { Instant } from '../core/job.ts';
import type { Sql } from './store-database.ts';
import { endForsakenRuns } from './store-runs.ts';

const DAY_MS = 86_400_000;
const BATCH_ROWS = 500;
/** Runs of a slot that are kept however old they are. */
const LAST_RUNS = 20;
const LEDGER_DAYS = 40;

/** Gives how many rows went. */
export async function prune(sql: Sql, { now, keepDays }: { now: Instant; keepDays: number }): Promise<number> {
  const before = now - keepDays * DAY_MS;
  const ledger = now - LEDGER_DAYS * DAY_MS;
  if (!(await sql.read(() => isAnyOld(sql, { now, before, ledger })))) return 0;
  await sql.write(() => endForsakenRuns(sql, now));
  const gone = [
    await inBatches(sql, () => pruneMessages(sql, before)),
    await inBatches(sql, () => pruneRuns(sql, before)),
    await inBatches(sql, () => sql.run('delete from ledger where day < ?', kstDay(ledger)).changes),
    await inBatches(sql, () => sql.run('delete from alerts_told where at < ?', ledger).changes),
    await inBatches(sql, () => sql.run('delete from friends where fetched_at < ?', before).changes),
  ].reduce((sum, count) => sum + count, 0);
  if (gone > 0) await giveBackSpace(sql);
  return gone;
}

interface Bounds {
  readonly now: Instant;
  readonly before: Instant;
  readonly ledger: Instant;
}

/** Most days nothing has grown old, and nothing needs to be written. */
function isAnyOld(sql: Sql, { now, before, ledger }: Bounds): boolean {
  const old = sql.get<{ any: number }>(
    `select exists (select 1 from runs where ended_at is null and state = 'waiting' and fresh_until < @now)
         or exists (select 1 from messages where settled_at is not null and settled_at < @before)
         or exists (select 1 from runs where ended_at is not null and ended_at < @before)
         or exists (select 1 from ledger where day < @day)
         or exists (select 1 from alerts_told where at < @ledger)
         or exists (select 1 from friends where fetched_at < @before) as any`,
    { now, before, ledger, day: kstDay(ledger) },
  );
  return old?.any === 1;
}

async function inBatches(sql: Sql, batch: () => number): Promise<number> {
  let gone = 0;
  for (;;) {
    const changes = await sql.write(batch);
    gone += changes;
    if (changes < BATCH_ROWS) return gone;
  }
}

function pruneMessages(sql: Sql, before: Instant): number {
  return sql.run(
    `delete from messages where id in
       (select id from messages where settled_at is not null and settled_at < ? limit ${BATCH_ROWS})`,
    before,
  ).changes;
}

/** A run stays as long as any message of it, and while it is among the last of its slot. */
function pruneRuns(sql: Sql, before: Instant): number {
  return sql.run(
    `delete from runs where id in
       (select r.id from runs r
        where r.ended_at is not null and r.ended_at < ?
          and not exists (select 1 from messages m where m.run = r.id)
          and r.id < (select k.id from runs k where k.job = r.job and k.slot = r.slot
                      order by k.id desc limit 1 offset ${LAST_RUNS - 1})
        limit ${BATCH_ROWS})`,
    before,
  ).changes;
}

/** A little at a time: what is left over is used again by new rows. */
async function giveBackSpace(sql: Sql): Promise<void> {
  await sql.read(() => sql.db.pragma('incremental_vacuum(500)'));
}
