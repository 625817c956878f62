// Backups: copied while the store is in use, and checked before they take their place.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { kstDay } from '../core/delivery.ts';
import { StoreError } from '../core/errors.ts';
import type { Instant } from '../core/job.ts';
import type { Store } from '../core/ports.ts';
import { makeFolder } from './folder.ts';
import type { Sql } from './store-database.ts';
import { damagedError, storeError } from './store-errors.ts';

const KEPT_BACKUPS = 7;
const DAILY = /^talkbell-\d{4}-\d{2}-\d{2}\.db$/;
/** Made before the schema changes: worth no more than the daily ones of its time, and perhaps less well sealed. */
const BEFORE_SCHEMA = /^before-schema-\d+\.db$/;
const DAY_MS = 86_400_000;

/** Copies the store to a file, replacing it only when the copy is whole. */
export async function backupTo(sql: Pick<Sql, 'db' | 'file'>, to: string): Promise<void> {
  const file = resolve(to);
  refuseLiveFile(sql.file, file);
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    await sql.db.backup(draft);
    finishCopy(draft);
    renameSync(draft, file);
    syncFile(dirname(file));
  } catch (error) {
    throw storeError(error, file);
  } finally {
    removeDatabase(draft);
  }
}

/**
 * Makes today's backup in the folder unless it is there, and keeps the newest seven, and those made before a change of the
 * schema for seven days. Gives the file if it was made.
 */
export async function dailyBackup(
  store: Pick<Store, 'backup'>,
  folder: string,
  now: Instant,
): Promise<string | undefined> {
  const file = join(folder, `talkbell-${kstDay(now)}.db`);
  if (existsSync(file)) return undefined;
  makeFolder(folder);
  await store.backup(file);
  const names = readdirSync(folder);
  const daily = names.filter((name) => DAILY.test(name)).sort();
  const beforeSchema = names.filter((name) => BEFORE_SCHEMA.test(name) && isOlder(join(folder, name), now));
  for (const name of [...daily.slice(0, -KEPT_BACKUPS), ...beforeSchema]) rmSync(join(folder, name), { force: true });
  return file;
}

function isOlder(file: string, now: Instant): boolean {
  return statSync(file).mtimeMs < now - KEPT_BACKUPS * DAY_MS;
}

function refuseLiveFile(live: string, file: string): void {
  const real = existsSync(dirname(file)) ? join(realpathSync(dirname(file)), basename(file)) : file;
  const lives = [realpathSync(live), resolve(live)].flatMap((name) => [name, `${name}-wal`, `${name}-shm`]);
  const target = existsSync(real) ? realpathSync(real) : real;
  if (!lives.includes(target) && !lives.includes(file)) return;
  throw new StoreError(`A backup cannot take the place of the store itself (${live}). Name another file.`, {
    kind: 'other',
  });
}

/** Checks a copy, makes it one file without a log beside it, and waits for the disk. */
export function finishCopy(draft: string): void {
  const db = new Database(draft);
  try {
    const problems = problemsOf(db);
    if (problems.length > 0) throw damagedError(draft, problems);
    db.pragma('journal_mode = DELETE');
  } finally {
    db.close();
  }
  chmodSync(draft, 0o600);
  syncFile(draft);
}

/** Every problem integrity_check and foreign_key_check find. */
export function problemsOf(db: Database.Database): readonly string[] {
  const found = db.pragma('integrity_check') as readonly { integrity_check: string }[];
  const dangling = db.pragma('foreign_key_check') as readonly { table: string; rowid: number | null; parent: string }[];
  return [
    ...found.map((row) => row.integrity_check).filter((line) => line !== 'ok'),
    ...dangling.map((row) => `row ${row.rowid ?? '?'} of ${row.table} points to a row of ${row.parent} that is absent`),
  ];
}

export function removeDatabase(file: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
}

export function syncFile(file: string): void {
  const handle = openSync(file, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
