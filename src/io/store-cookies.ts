// The cookies that jobs keep from one look to the next: session cookies are secrets, so they are sealed, each jar bound to
// its job. One that does not open counts as none: the job logs in again.

import { StoreError } from '../core/errors.ts';
import type { Instant } from '../core/job.ts';
import { isSealedWith, seal, unsealWithAny } from './seal.ts';
import type { Sql } from './store-database.ts';

export const COOKIES = `
-- Sealed column: jar. The cookies a job keeps are forgotten when its file is gone.
create table cookies (
  job text primary key references jobs (id) on delete cascade,
  jar blob not null,
  saved_at integer not null
) strict, without rowid;
create trigger cookies_gone after update of removed_at on jobs when new.removed_at is not null begin
  delete from cookies where job = new.id;
end;
`;

/** Written once more than the worker keeps to. */
const MOST_LENGTH = 128 * 1024;
const NONE = '[]';

interface Row {
  readonly job: string;
  readonly jar: Buffer;
}

export function recallCookies(sql: Sql, job: string): string | undefined {
  const row = sql.get<Row>('select job, jar from cookies where job = ?', job);
  return row && open(sql, row);
}

/** Part of the transaction that ends a look. Undefined: as they were. */
export function saveCookies(
  sql: Sql,
  { job, cookies, now }: { readonly job: string; readonly cookies: string | undefined; readonly now: Instant },
): void {
  if (cookies === undefined) return;
  if (cookies === NONE || cookies.length > MOST_LENGTH) {
    sql.run('delete from cookies where job = ?', job);
    return;
  }
  const jar = seal(sql.keyring[0], cookies, about(job));
  sql.run('insert or replace into cookies (job, jar, saved_at) values (?, ?, ?)', job, jar, now);
}

export function hasOldCookies(sql: Sql): boolean {
  return sql.keyring.length > 1 && oldRows(sql).length > 0;
}

/** Seals with the present key what an older one opens; what none opens is of no use to anybody. */
export function resealCookies(sql: Sql): void {
  for (const row of oldRows(sql)) {
    const cookies = open(sql, row);
    if (cookies === undefined) sql.run('delete from cookies where job = ?', row.job);
    else sql.run('update cookies set jar = ? where job = ?', seal(sql.keyring[0], cookies, about(row.job)), row.job);
  }
}

function oldRows(sql: Sql): readonly Row[] {
  const rows = sql.all<Row>('select job, jar from cookies order by job');
  return rows.filter(({ jar }) => !isSealedWith(sql.keyring[0], jar));
}

function open(sql: Sql, { job, jar }: Row): string | undefined {
  try {
    return unsealWithAny(sql.keyring, jar, about(job));
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

function about(job: string): string {
  return `cookies of job ${job}`;
}
