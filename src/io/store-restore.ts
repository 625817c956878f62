// Puts a backup in the place of the store, after a check. What it knows is old, and it says so.
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../core/errors.ts';
import type { Instant } from '../core/job.ts';
import { makeFolder } from './folder.ts';
import { finishCopy, removeDatabase, syncFile } from './store-backup.ts';
import { storeError } from './store-errors.ts';
import { MIGRATIONS } from './store-schema.ts';

/**
 * Puts a backup in the place of the store, which nobody has open. What it knows is old, so accounts are to be verified
 * and messages that were on their way are unclear. The file it replaces is kept beside it. Gives that file's name.
 */
export async function restoreStore({
  from,
  to,
  now,
}: {
  from: string;
  to: string;
  now: Instant;
}): Promise<{ readonly kept: string | undefined }> {
  const draft = `${resolve(to)}.${randomBytes(6).toString('hex')}.tmp`;
  if (!existsSync(from)) throw new StoreError(`There is no backup ${from}.`, { kind: 'other' });
  try {
    makeFolder(dirname(draft));
    copyWithLog(from, draft);
    prepareRestored(draft, { from, now });
    const kept = keepAside(to, now);
    renameSync(draft, to);
    syncFile(dirname(resolve(to)));
    return { kept };
  } catch (error) {
    throw storeError(error, from);
  } finally {
    removeDatabase(draft);
  }
}

/** A backup of ours is one file; a copy made by hand may have its log beside it. */
function copyWithLog(from: string, draft: string): void {
  copyFileSync(from, draft);
  chmodSync(draft, 0o600);
  if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${draft}-wal`);
}

function prepareRestored(draft: string, { from, now }: { from: string; now: Instant }): void {
  const db = new Database(draft);
  try {
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version < 1 || version > MIGRATIONS.length) throw unknownSchema(from, version);
    db.transaction(() => markRestored(db, now)).immediate();
  } finally {
    db.close();
  }
  finishCopy(draft);
}

function markRestored(db: Database.Database, now: Instant): void {
  db.prepare(
    `update accounts set state = 'verify', reason = 'restored from a backup' where state <> 'needs-login'`,
  ).run();
  db.prepare(
    `update messages set state = 'unclear', settled_at = ?, reason = 'restored from a backup: it may have been sent since'
     where settled_at is null`,
  ).run(now);
  db.prepare('delete from leases').run();
  db.prepare('delete from opened').run();
}

function unknownSchema(from: string, version: number): StoreError {
  return version < 1
    ? new StoreError(`${from} is not a backup of talkbell. Name a file from the folder data/backups.`, {
        kind: 'other',
      })
    : new StoreError(`${from} was written by a newer talkbell (schema ${version}). Install that one first.`, {
        kind: 'newer',
      });
}

/** The log goes with its database, whose place is taken at once after: in between, the old file alone is a clean prefix. */
function keepAside(to: string, now: Instant): string | undefined {
  if (!existsSync(to)) return undefined;
  const kept = `${to}.before-restore-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  copyFileSync(to, kept);
  chmodSync(kept, 0o600);
  syncFile(kept);
  if (existsSync(`${to}-wal`)) renameSync(`${to}-wal`, `${kept}-wal`);
  rmSync(`${to}-shm`, { force: true });
  return kept;
}
