// One daemon on one data folder: an exclusive SQLite transaction on lock.db, held for life. The kernel frees it when
// the process dies, kill -9 included; a pid file does not, so the one beside it only says who holds the lock.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ConfigError } from '../core/errors.ts';
import { makeFolder } from './folder.ts';
import { storeError } from './store-errors.ts';

/** A connection that nobody refers to is collected, and its lock with it. */
const held = new Set<Database.Database>();

export type Holder = 'daemon' | 'command';

/** `heldBy` is for people: `daemon, process 4711 on cafe, started ...`. */
export type Lock = { readonly release: () => void } | { readonly heldBy: string };

export function takeLock(dataDir: string, holder: Holder = 'command'): Lock {
  const file = join(dataDir, 'lock.db');
  prepareFolder(dataDir, file);
  const note = join(dataDir, 'lock.txt');
  const db = lockedDatabase(file);
  if (db === undefined) return { heldBy: readNote(note) };

  held.add(db);
  chmodSync(file, 0o600);
  const started = new Date(Date.now() - Math.round(process.uptime() * 1000)).toISOString();
  writeFileSync(note, `${holder}, process ${process.pid} on ${hostname()}, started ${started}\n`, { mode: 0o600 });
  return { release: () => release(db, note) };
}

/** The folder comes with the checkout, readable for everybody; tokens do not belong in such a one. */
function prepareFolder(dataDir: string, file: string): void {
  try {
    makeFolder(dataDir);
    chmodSync(dataDir, 0o700);
  } catch (error) {
    throw error instanceof ConfigError ? error : storeError(error, file);
  }
}

function lockedDatabase(file: string): Database.Database | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    const failure = storeError(error, file);
    if (failure.kind === 'locked') return undefined;
    throw failure;
  }
}

function release(db: Database.Database, note: string): void {
  if (!db.open) return;
  rmSync(note, { force: true });
  held.delete(db);
  db.close();
}

function readNote(note: string): string {
  try {
    return readFileSync(note, 'utf8').trim();
  } catch {
    return 'another process';
  }
}
