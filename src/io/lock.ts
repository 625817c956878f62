// One daemon on one data folder: an exclusive SQLite transaction on lock.db, held for life. The kernel frees it when
// the process dies, kill -9 included; a pid file does not, so the one beside it only says who holds the lock, and is
// believed only while that very process lives: whoever takes the lock writes it a moment later.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ConfigError } from '../core/errors.ts';
import { makeFolder } from './folder.ts';
import { isAlive, startTime } from './process-start.ts';
import { storeError } from './store-errors.ts';

/** A connection that nobody refers to is collected, and its lock with it. */
const held = new Set<Database.Database>();

export type Holder = 'daemon' | 'command';

/** `heldBy` is for people: `daemon, process 4711 on cafe, started ...`. `holder` is absent where nobody can know. */
export type Lock = { readonly release: () => void } | { readonly heldBy: string; readonly holder: Holder | undefined };

export function takeLock(dataDir: string, holder: Holder = 'command'): Lock {
  const file = join(dataDir, 'lock.db');
  prepareFolder(dataDir, file);
  const note = join(dataDir, 'lock.txt');
  const db = lockedDatabase(file);
  if (db === undefined) return readNote(note);

  held.add(db);
  chmodSync(file, 0o600);
  writeFileSync(note, noteOf(holder), { mode: 0o600 });
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

/** A line for people, and one that tells this process from a later one of the same pid. */
function noteOf(holder: Holder): string {
  const started = new Date(Date.now() - Math.round(process.uptime() * 1000)).toISOString();
  const forPeople = `${holder}, process ${process.pid} on ${hostname()}, started ${started}`;
  return `${forPeople}\n${startTime(process.pid) ?? ''}\n`;
}

const NOTE = /^(daemon|command), process (\d+) on (\S+), started \S+$/;

function readNote(note: string): Exclude<Lock, { release: () => void }> {
  const [forPeople = '', began = ''] = readLines(note);
  const [, holder, pid, host] = NOTE.exec(forPeople) ?? [];
  const isLeft = host === hostname() && !isProcess(Number(pid), began);
  if (holder === undefined || isLeft) return { heldBy: 'another process', holder: undefined };
  return { heldBy: forPeople, holder: holder === 'daemon' ? 'daemon' : 'command' };
}

function readLines(note: string): readonly string[] {
  try {
    return readFileSync(note, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function isProcess(pid: number, began: string): boolean {
  return began === '' ? isAlive(pid) : startTime(pid) === began;
}
