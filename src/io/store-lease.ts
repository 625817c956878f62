// Leases: locks with an end, shared by all processes on the data folder.
import type { Instant } from '../core/job.ts';
import type { Lease } from '../core/ports.ts';
import type { Sql } from './store-database.ts';

/** The fence rises with every lease of a name, so that one that has ended cannot release the next. */
export async function takeLease(
  sql: Sql,
  { name, forMs }: { name: string; forMs: number },
  now: Instant,
): Promise<Lease | undefined> {
  const fence = await sql.step('take-lease', () => {
    // One that ends further ahead than any lease can was taken before the clock went back.
    const held = sql.get(
      'select 1 from leases where name = ? and until > ? and until <= ?',
      name,
      now,
      now + 2 * forMs,
    );
    if (held !== undefined) return undefined;
    return sql.get<{ fence: number }>(
      `insert into leases (name, fence, until) values (@name, 1, @until)
       on conflict (name) do update set fence = fence + 1, until = @until returning fence`,
      { name, until: now + forMs },
    )?.fence;
  });
  if (fence === undefined) return undefined;
  return {
    release: () =>
      sql.step('release-lease', () => {
        sql.run('update leases set until = 0 where name = ? and fence = ?', name, fence);
      }),
  };
}
