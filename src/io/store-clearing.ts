// SQLite leaves what was overwritten in free space and in its log. After a change that is to leave nothing of it, both are
// written anew; a note in the store says that this is still to be done, whatever happens in between.
import { StoreError } from '../core/errors.ts';
import type { Sql } from './store-database.ts';
import { storeError } from './store-errors.ts';

/** Part of the transaction that overwrites. */
export function noteClearing(sql: Sql): void {
  sql.run(`insert or replace into notes (name, value) values ('clearing', 1)`);
}

/** Without room, or while another process reads, the next start does it. */
export async function clearIfNoted(sql: Sql, log: (message: string) => void): Promise<void> {
  if (sql.get(`select 1 from notes where name = 'clearing'`) === undefined) return;
  try {
    await sql.read(() => clear(sql));
    await sql.write(() => {
      sql.run(`delete from notes where name = 'clearing'`);
    });
  } catch (error) {
    const failure = storeError(error, sql.file);
    if (failure.kind === 'damaged') throw failure;
    log(`What was overwritten in ${sql.file} is not cleared from it yet; the next start does it. ${failure.message}`);
  }
}

function clear(sql: Sql): void {
  sql.db.exec('vacuum');
  const [done] = sql.db.pragma('wal_checkpoint(TRUNCATE)') as readonly { busy: number }[];
  if (done?.busy === 0) return;
  throw new StoreError(`${sql.file} is being read by another process.`, { kind: 'locked' });
}
