// Who has the store open, as rows of the store: one left by a process that is no more means it did not close it, and
// the file is looked over before it is used.
import { existsSync } from 'node:fs';
import type { Instant } from '../core/job.ts';
import { isAlive } from './process-start.ts';
import type { Sql } from './store-database.ts';
import { damagedError, storeError } from './store-errors.ts';
import { schemaVersion } from './store-schema.ts';

/** Throws StoreError (`damaged`) when the last process did not close the store and the file is not whole. */
export function checkAfterCrash(sql: Sql, { hadLog, log }: { hadLog: boolean; log: (message: string) => void }): void {
  if (schemaVersion(sql) === 0) return;
  const left = sql
    .all<{ pid: number }>('select pid from opened')
    .filter(({ pid }) => pid === process.pid || !isAlive(pid));
  if (left.length === 0) return;
  if (!hadLog) log(`${sql.file} was not closed and its log ${sql.file}-wal is gone: what was saved last may be lost.`);
  const found = sql.db.pragma('quick_check') as readonly { quick_check: string }[];
  const problems = found.map((row) => row.quick_check).filter((line) => line !== 'ok');
  if (problems.length > 0) throw damagedError(sql.file, problems);
}

/** Gives what takes the note back. Without room on the disk there is no note, and the store can still be read. */
export async function noteOpening(sql: Sql, now: Instant, log: (message: string) => void): Promise<() => void> {
  try {
    const id = await sql.write(() => {
      for (const { id, pid } of sql.all<{ id: number; pid: number }>('select id, pid from opened')) {
        if (pid === process.pid || !isAlive(pid)) sql.run('delete from opened where id = ?', id);
      }
      // A lease ends with the process that took it: the next refresh must not wait a minute for one that was killed.
      if (sql.get('select 1 from opened') === undefined) sql.run('update leases set until = 0');
      return sql.run('insert into opened (pid, at) values (?, ?)', process.pid, now).id;
    });
    // Into the file itself, so that a log that disappears is noticed.
    sql.db.pragma('wal_checkpoint(PASSIVE)');
    return () => takeBack(sql, id, log);
  } catch (error) {
    const failure = storeError(error, sql.file);
    if (failure.kind !== 'full') throw failure;
    log(failure.message);
    return () => undefined;
  }
}

function takeBack(sql: Sql, id: number, log: (message: string) => void): void {
  try {
    sql.run('delete from opened where id = ?', id);
  } catch (error) {
    log(storeError(error, sql.file).message);
  }
}

export function hasLog(file: string): boolean {
  return existsSync(`${file}-wal`);
}
