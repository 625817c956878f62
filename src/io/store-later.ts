// What watching jobs keep for later: states that are not settled, and those gathered for a digest. It changes in the
// transaction of the look that saw it, so that nothing gathered is lost or told twice.
import type { Later } from '../core/job.ts';
import { readLater } from './store-columns.ts';
import type { Sql } from './store-database.ts';

type Entries = readonly (readonly [key: string, later: Later])[];

/** A row that is damaged counts as not there: the next look sees its item again. */
export function recallLater(sql: Sql, job: string): Entries {
  return readRows(sql, job).flatMap(({ key, state }) => {
    const later = readLater(state);
    return later === undefined ? [] : [[key, later] as const];
  });
}

export function replaceLater(sql: Sql, job: string, entries: Entries): void {
  const old = new Map(readRows(sql, job).map(({ key, state }) => [key, state]));
  for (const [key, later] of entries) {
    const state = JSON.stringify(later);
    if (old.get(key) !== state) write(sql, { job, key, state });
    old.delete(key);
  }
  dropLater(sql, job, [...old.keys()]);
}

export function dropLater(sql: Sql, job: string, keys: readonly string[]): void {
  for (const key of keys) sql.run('delete from later where job = ? and key = ?', job, key);
}

/** What a digest told and nobody got: unless the item has changed since, which is gathered already. */
export function gatherAgain(sql: Sql, { job, key, item }: { job: string; key: string; item: string }): void {
  const row = sql.get<{ state: string }>('select state from later where job = ? and key = ?', job, key);
  const later = row === undefined ? {} : (readLater(row.state) ?? {});
  if (later.gathered !== undefined) return;
  write(sql, { job, key, state: JSON.stringify({ ...later, gathered: JSON.parse(item) }) });
}

function readRows(sql: Sql, job: string): readonly { readonly key: string; readonly state: string }[] {
  return sql.all<{ key: string; state: string }>('select key, state from later where job = ? order by key', job);
}

function write(sql: Sql, row: { readonly job: string; readonly key: string; readonly state: string }): void {
  sql.run(
    'insert into later (job, key, state) values (@job, @key, @state) on conflict (job, key) do update set state = @state',
    row,
  );
}
