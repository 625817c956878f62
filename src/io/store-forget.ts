// The bound of what one watching job remembers: by age, by number and by size, and always the items unseen for longest
// go first. What stood in the last look is never forgotten: the core bounds it.
import type { Instant, Item } from '../core/job.ts';
import type { Sql } from './store-database.ts';

const FORGET_AFTER_MS = 180 * 86_400_000;
const MOST_KEYS = 5_000;
const MOST_BYTES = 4 * 1024 * 1024;

export function forget(
  sql: Sql,
  {
    job,
    seen,
    now,
  }: { readonly job: string; readonly seen: readonly (readonly [string, Item])[]; readonly now: Instant },
): void {
  sql.run('delete from memory where job = ? and seen_at < ?', job, now - FORGET_AFTER_MS);
  const kept = sql.get<{ count: number; bytes: number }>(
    'select count(*) as count, total(octet_length(item) + octet_length(key)) as bytes from memory where job = ?',
    job,
  );
  if (kept === undefined || (kept.count <= MOST_KEYS && kept.bytes <= MOST_BYTES)) return;
  // When an item was seen is noted now and then only.
  const keys = JSON.stringify(seen.map(([key]) => key));
  sql.run('update memory set seen_at = ? where job = ? and key in (select value from json_each(?))', now, job, keys);
  sql.run(
    `delete from memory where job = @job and seen_at < @now and key in
       (select key from
         (select key, row_number() over newest as place, sum(octet_length(item) + octet_length(key)) over newest as bytes
          from memory where job = @job
          window newest as (order by seen_at desc, key rows unbounded preceding))
        where place > @mostKeys or bytes > @mostBytes)`,
    { job, now, mostKeys: MOST_KEYS, mostBytes: MOST_BYTES },
  );
}
