// Runs: what became of each due instant. Every instant has at most one row, alone or in a stretch; a row that is
// written here is the only right to run.
import { StoreError } from '../core/errors.ts';
import type { Instant } from '../core/job.ts';
import type { Claim, RunOutcome, RunRow, RunStore } from '../core/ports.ts';
import type { Sql } from './store-database.ts';

type Runs = Pick<RunStore, 'claim' | 'addManualRun' | 'waiting' | 'beginLook' | 'recoverRuns' | 'run' | 'runs'>;
type Closed = Claim['closed'][number];

export interface RunRecord {
  readonly id: number;
  readonly job: string;
  readonly slot: string;
  readonly due: number;
  readonly last_due: number;
  readonly fresh_until: number;
  readonly manual: number;
  readonly state: RunRow['state'];
  readonly next_look_at: number | null;
  readonly outcome: RunOutcome | null;
  readonly reason: string | null;
  readonly cause: RunRow['cause'] | null;
  readonly sent: string | null;
  readonly looks: number;
  readonly failing: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly found: number | null;
  readonly told: number | null;
}

export function makeRunStore(sql: Sql): Runs {
  return {
    claim: (claim, now) => sql.step('claim', () => takeClaim(sql, claim, now)),
    addManualRun: (run, now) => sql.write(() => addManualRun(sql, run, now)),
    waiting: () => sql.recall('waiting', ['runs', 'jobs', 'slots'], () => waitingRuns(sql)),

    beginLook: (run, now) =>
      sql.step(
        'begin-look',
        () =>
          sql.run(
            `update runs set state = 'looking', looks = looks + 1, next_look_at = null, started_at = coalesce(started_at, @now)
             where id = @run and state = 'waiting'`,
            { run, now },
          ).changes === 1,
      ),

    recoverRuns: (now) =>
      sql.step(
        'recover-runs',
        () =>
          sql.run(
            `update runs set state = 'waiting', next_look_at = ? where ended_at is null and state = 'looking'`,
            now,
          ).changes,
      ),

    run: (id) => sql.read(() => readRun(sql, id)),
    runs: (query) => sql.read(() => listRuns(sql, query)),
  };
}

export function readRun(sql: Sql, id: number | undefined): RunRow | undefined {
  if (id === undefined) return undefined;
  const record = sql.get<RunRecord>('select * from runs where id = ?', id);
  return record && toRunRow(record);
}

/** Waiting runs whose job is gone for longer than they are fresh: nobody else ends them. */
export function endForsakenRuns(sql: Sql, now: Instant): void {
  sql.run(
    `update runs set state = 'done', next_look_at = null, ended_at = @now, sent = null,
       outcome = iif(sent is null, 'skipped', 'told'), reason = iif(sent is null, 'the job was removed', reason)
     where ended_at is null and state = 'waiting' and fresh_until < @now
       and not exists (select 1 from slots s join jobs j on j.id = s.job
                       where s.job = runs.job and s.slot = runs.slot and j.removed_at is null and j.unset = '[]')`,
    { now },
  );
}

function takeClaim(sql: Sql, claim: Claim, now: Instant): RunRow | undefined {
  const slot = sql.get<{ cursor: number }>(
    'select cursor from slots where job = ? and slot = ?',
    claim.job,
    claim.slot,
  );
  if (slot === undefined) return undefined;

  for (const stretch of claim.closed) {
    for (const piece of uncovered(sql, claim, stretch)) closeStretch(sql, { ...claim, ...piece }, now);
  }
  sql.run('update slots set cursor = max(cursor, ?) where job = ? and slot = ?', claim.cursor, claim.job, claim.slot);
  if (claim.run === undefined || claim.run.due <= slot.cursor) return undefined;
  if (rowsOver(sql, claim, { first: claim.run.due, last: claim.run.due }).length > 0) return undefined;

  overtake(sql, claim, now);
  const { id } = sql.run(
    `insert into runs (job, slot, due, last_due, fresh_until, state, looks, started_at)
     values (@job, @slot, @due, @due, @freshUntil, 'looking', 1, @now)`,
    { job: claim.job, slot: claim.slot, ...claim.run, now },
  );
  return readRun(sql, id);
}

/** The rows that cover any instant from first to last, in order of time. Rows of a slot never overlap. */
function rowsOver(sql: Sql, { job, slot }: Claim, { first, last }: Pick<Closed, 'first' | 'last'>) {
  return sql.all<{ due: number; last_due: number }>(
    `select due, last_due from runs
     where manual = 0 and job = @job and slot = @slot and due <= @last and last_due >= @first
       and due >= coalesce((select max(due) from runs where manual = 0 and job = @job and slot = @slot and due <= @first), @first)
     order by due`,
    { job, slot, first, last },
  );
}

/** What of a stretch no row covers: all of it, unless the clock went back. */
function uncovered(sql: Sql, claim: Claim, stretch: Closed): readonly Closed[] {
  const pieces: Closed[] = [];
  let first = stretch.first;
  for (const row of rowsOver(sql, claim, stretch)) {
    if (row.due > first) pieces.push({ ...stretch, first, last: row.due - 1 });
    first = row.last_due + 1;
  }
  return first > stretch.last ? pieces : [...pieces, { ...stretch, first }];
}

/** One that follows another of the same end extends it, so that a job paused for years stays one row. */
function closeStretch(sql: Sql, { job, slot, first, last, outcome, reason }: Closed & Claim, now: Instant): void {
  const before = sql.get<RunRecord>(
    'select * from runs where manual = 0 and job = ? and slot = ? and due < ? order by due desc limit 1',
    job,
    slot,
    first,
  );
  if (before?.outcome === outcome && before.reason === reason && before.looks === 0) {
    sql.run('update runs set last_due = ?, fresh_until = ?, ended_at = ? where id = ?', last, last, now, before.id);
    return;
  }
  sql.run(
    `insert into runs (job, slot, due, last_due, fresh_until, state, outcome, reason, ended_at)
     values (@job, @slot, @first, @last, @last, 'done', @outcome, @reason, @now)`,
    { job, slot, first, last, outcome, reason, now },
  );
}

function overtake(sql: Sql, { job, slot }: Claim, now: Instant): void {
  const overtaken = sql.all<{ id: number; failing: number }>(
    `select id, failing from runs
     where ended_at is null and state = 'waiting' and manual = 0 and job = ? and slot = ?`,
    job,
    slot,
  );
  for (const { id, failing } of overtaken) {
    sql.run(
      `update runs set state = 'done', next_look_at = null, ended_at = ?, sent = null,
         outcome = iif(sent is null, 'coalesced', 'told'),
         reason = iif(sent is null, 'the next run was due' || coalesce('; last: ' || reason, ''), reason) where id = ?`,
      now,
      id,
    );
    if (failing === 1) sql.run('update slots set failures = failures + 1 where job = ? and slot = ?', job, slot);
  }
}

function addManualRun(
  sql: Sql,
  { job, slot, freshUntil }: { job: string; slot: string; freshUntil: Instant },
  now: Instant,
): RunRow {
  if (sql.get('select 1 from slots where job = ? and slot = ?', job, slot) === undefined) {
    throw new StoreError(`The job ${job} has no line named ${slot}. See: talkbell jobs`, { kind: 'other' });
  }
  const { id } = sql.run(
    `insert into runs (job, slot, due, last_due, fresh_until, manual, state, next_look_at)
     values (@job, @slot, @now, @now, @freshUntil, 1, 'waiting', @now)`,
    { job, slot, freshUntil, now },
  );
  return readRun(sql, id) as RunRow;
}

/** Those of jobs that are absent wait for their return. */
function waitingRuns(sql: Sql): readonly RunRow[] {
  return sql
    .all<RunRecord>(
      `select r.* from runs r join jobs j on j.id = r.job join slots s on s.job = r.job and s.slot = r.slot
       where r.ended_at is null and r.state = 'waiting'
         and j.removed_at is null and j.unset = '[]' and j.description is not null
       order by r.next_look_at, r.id`,
    )
    .map(toRunRow);
}

function listRuns(
  sql: Sql,
  { job, limit, before }: { job?: string; limit: number; before?: number },
): readonly RunRow[] {
  const until = before ?? Number.MAX_SAFE_INTEGER;
  const records =
    job === undefined
      ? sql.all<RunRecord>('select * from runs where id < ? order by id desc limit ?', until, limit)
      : sql.all<RunRecord>('select * from runs where job = ? and id < ? order by id desc limit ?', job, until, limit);
  return records.map(toRunRow);
}

function toRunRow(record: RunRecord): RunRow {
  return {
    id: record.id,
    job: record.job,
    slot: record.slot,
    due: record.due,
    lastDue: record.last_due,
    freshUntil: record.fresh_until,
    manual: record.manual === 1,
    state: record.state,
    nextLookAt: record.next_look_at ?? undefined,
    outcome: record.outcome ?? undefined,
    reason: record.reason ?? undefined,
    cause: record.cause ?? undefined,
    sent: record.sent ?? undefined,
    looks: record.looks,
    failing: record.failing === 1,
    startedAt: record.started_at ?? undefined,
    endedAt: record.ended_at ?? undefined,
    found: record.found ?? undefined,
    told: record.told ?? undefined,
  };
}
