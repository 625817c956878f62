// Jobs and their slots. A slot's instants count from the moment its line was first seen; a changed line is a new one.
// A job whose file is gone leaves the schedule, but its rows and its memory stay.
import type { Instant, JobFile } from '../core/job.ts';
import type { JobRow, RunStore, SlotRow } from '../core/ports.ts';
import { readDescription, readNames } from './store-columns.ts';
import type { Sql } from './store-database.ts';

type JobStore = Pick<RunStore, 'syncJobs' | 'jobs' | 'pause' | 'slots'>;

interface JobRecord {
  readonly id: string;
  readonly file: string;
  readonly hash: string;
  readonly description: string | null;
  readonly problems: string;
  readonly unset: string;
  readonly removed_at: number | null;
  readonly paused_at: number | null;
  readonly learned_at: number | null;
}

type Loaded = Extract<JobFile, { kind: 'job' }>;
type Unloaded = Exclude<JobFile, Loaded>;

export function makeJobStore(sql: Sql): JobStore {
  const known: Known = { rows: new Map() };
  return {
    syncJobs: (files, now) => sql.write(() => syncJobs(sql, files, now)),

    jobs: () =>
      sql.recall('jobs', ['jobs'], () =>
        toJobRows(
          sql.all<JobRecord>(
            `select id, file, hash, description, problems, unset, removed_at, paused_at, learned_at
             from jobs where removed_at is null order by id`,
          ),
          known,
        ),
      ),

    pause: (job, at) =>
      sql.write(() => sql.run('update jobs set paused_at = ? where id = ?', at ?? null, job).changes === 1),

    slots: () =>
      sql.recall('slots', ['jobs', 'slots'], () =>
        sql.all<SlotRow>(
          `select s.job, s.slot, s.cron, s.timezone, s.cursor, s.failures
           from jobs j join slots s on s.job = j.id
           where j.removed_at is null and j.unset = '[]' and j.description is not null
           order by s.job, s.slot`,
        ),
      ),
  };
}

/** Files that load come first, so that one that does not cannot take the id of another. */
function syncJobs(sql: Sql, files: readonly JobFile[], now: Instant): void {
  const before = sql.all<JobRecord>('select * from jobs order by removed_at is not null, id');
  const byId = new Map(before.map((row) => [row.id, row]));
  const present = new Set<string>();
  for (const file of files) {
    if (file.kind !== 'job' || present.has(file.description.id)) continue;
    present.add(file.description.id);
    takeLoaded(sql, file, { known: byId.get(file.description.id), now });
  }
  for (const file of files) {
    if (file.kind === 'job') continue;
    const known = before.find((row) => row.file === file.file && !present.has(row.id) && isKept(row, file));
    const id = known?.id ?? freeId(file.file, new Set([...present, ...before.map((row) => row.id)]));
    present.add(id);
    takeUnloaded(sql, file, { id, known, now });
  }
  for (const row of before) if (!present.has(row.id)) remove(sql, row, now);
}

function takeLoaded(
  sql: Sql,
  { file, hash, description }: Loaded,
  { known, now }: { known: JobRecord | undefined; now: Instant },
): void {
  sql.run(
    `insert into jobs (id, file, hash, description) values (@id, @file, @hash, @description)
     on conflict (id) do update set file = @file, hash = @hash, description = @description,
       problems = '[]', unset = '[]', removed_at = null`,
    { id: description.id, file, hash, description: JSON.stringify(description) },
  );
  if (known !== undefined && wasAbsent(known)) skipAbsence(sql, known.id, now);
  sql.run(
    'delete from slots where job = ? and slot not in (select value from json_each(?))',
    description.id,
    JSON.stringify(Object.keys(description.slots)),
  );
  for (const [slot, cron] of Object.entries(description.slots)) {
    sql.run(
      `insert into slots (job, slot, cron, timezone, cursor) values (@job, @slot, @cron, @timezone, @now)
       on conflict (job, slot) do update set cron = @cron, timezone = @timezone, cursor = @now, failures = 0
       where cron <> @cron or timezone <> @timezone`,
      { job: description.id, slot, cron, timezone: description.timezone, now },
    );
  }
}

/** A broken edit leaves the job on its last good description; one without its settings is not due. */
function takeUnloaded(
  sql: Sql,
  file: Unloaded,
  { id, known, now }: { id: string; known: JobRecord | undefined; now: Instant },
): void {
  sql.run(
    `insert into jobs (id, file, hash, problems, unset) values (@id, @file, @hash, @problems, @unset)
     on conflict (id) do update set file = @file, hash = @hash, problems = @problems, unset = @unset, removed_at = null`,
    {
      id,
      file: file.file,
      hash: file.hash,
      problems: JSON.stringify(file.kind === 'broken' ? file.problems : []),
      unset: JSON.stringify(file.kind === 'unset' ? file.settings : []),
    },
  );
  if (file.kind === 'broken' && known !== undefined && wasAbsent(known)) skipAbsence(sql, id, now);
}

/** A job that was removed does not go on because a file of its name is there that does not load: it may be any other. */
function isKept({ removed_at }: JobRecord, { kind }: Unloaded): boolean {
  return kind !== 'broken' || removed_at === null;
}

function wasAbsent(known: JobRecord): boolean {
  return known.removed_at !== null || known.unset !== '[]';
}

/** Instants while the job was absent do not count. */
function skipAbsence(sql: Sql, job: string, now: Instant): void {
  sql.run('update slots set cursor = max(cursor, ?) where job = ?', now, job);
}

function remove(sql: Sql, row: JobRecord, now: Instant): void {
  if (row.description === null) sql.run('delete from jobs where id = ?', row.id);
  else sql.run('update jobs set removed_at = ? where id = ? and removed_at is null', now, row.id);
}

/** The id a file has by its name, or the whole name when another job has that id. */
function freeId(file: string, taken: ReadonlySet<string>): string {
  const id = file.replace(/\.[^.]+$/, '');
  return taken.has(id) ? file : id;
}

/** What the rows came to when they were read last: each look writes to the table, and hardly ever to what is read here. */
interface Known {
  rows: ReadonlyMap<string, JobRow>;
}

function toJobRows(records: readonly JobRecord[], known: Known): readonly JobRow[] {
  const rows = records.map((record) => {
    const text = JSON.stringify(record);
    return [text, known.rows.get(text) ?? toJobRow(record)] as const;
  });
  known.rows = new Map(rows);
  return rows.map(([, row]) => row);
}

function toJobRow(row: JobRecord): JobRow {
  const description = row.description === null ? undefined : readDescription(row.description);
  const problems = readNames(row.problems);
  const unset = readNames(row.unset);
  const isDamaged =
    problems === undefined || unset === undefined || (row.description !== null && description === undefined);
  return {
    id: row.id,
    file: row.file,
    hash: row.hash,
    description,
    problems: isDamaged ? [`What is stored of jobs/${row.file} is damaged. Save the file again.`] : (problems ?? []),
    unset: unset ?? [],
    pausedAt: row.paused_at ?? undefined,
    learnedAt: row.learned_at ?? undefined,
  };
}
