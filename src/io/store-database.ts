// The connection to SQLite: its settings, its prepared statements, and the one way to write: BEGIN IMMEDIATE, tried again
// without blocking the event loop while another process writes.
import { closeSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { StoreError } from '../core/errors.ts';
import type { Random } from '../core/ports.ts';
import { makeFolder } from './folder.ts';
import type { Step } from './points.ts';
import type { Keyring } from './seal.ts';
import { makeWriter, type Patiently } from './store-commit.ts';
import { damagedError, hasBackup, isBusy, storeError } from './store-errors.ts';
import { makeMemo, tableWritten } from './store-memo.ts';

/** Of pages of the file. */
const CACHE_KB = 1024;
/** How long SQLite itself waits for a lock, blocking the event loop. */
const BUSY_TIMEOUT_MS = 250;
/** How long a lock is waited for in all. */
const LOCK_PATIENCE_MS = 5_000;
const LOCK_PAUSE_MS = 250;

export type Bind = string | number | null | Buffer;
type Binds = readonly (Bind | Readonly<Record<string, Bind>>)[];

export interface Sql {
  readonly file: string;
  /** For what is sealed in it. */
  readonly keyring: Keyring;
  readonly db: Database.Database;
  /** The type of a row is what the statement selects: this is where SQL's untyped rows enter. */
  readonly all: <Row>(text: string, ...binds: Binds) => readonly Row[];
  readonly get: <Row>(text: string, ...binds: Binds) => Row | undefined;
  /** Gives the number of rows changed and the id of the row inserted. */
  readonly run: (text: string, ...binds: Binds) => { readonly changes: number; readonly id: number };
  readonly read: <T>(work: () => T) => Promise<T>;
  /** A read of whole tables, done again only once one of them was written to. The same text stands for the same read. */
  readonly recall: <T>(name: string, tables: readonly string[], work: () => T) => Promise<T>;
  /** Changes whenever another connection has written. */
  readonly version: () => number;
  /** `work` is one transaction: all of it is on disk when the promise resolves, or none. */
  readonly write: <T>(work: () => T) => Promise<T>;
  /** The same, with a named point right before and right after the commit. */
  readonly step: <T>(step: Step, work: () => T) => Promise<T>;
  /** Every statement prepared so far. */
  readonly statements: () => readonly string[];
  /** Waits for writes begun, then closes. */
  readonly close: (last: () => void) => Promise<void>;
}

export async function openSql(
  file: string,
  {
    keyring,
    random = Math.random,
    lockPatienceMs = LOCK_PATIENCE_MS,
    nextTurn = setImmediate<undefined>,
  }: { keyring: Keyring; random?: Random; lockPatienceMs?: number; nextTurn?: () => Promise<void> },
): Promise<Sql> {
  const db = openDatabase(file);
  const closing = new AbortController();
  const patience = { file, random, lockPatienceMs, signal: closing.signal };
  const patiently: Patiently = (work, since) => retryBusy(work, patience, since);
  try {
    await patiently(() => {
      refuseForeign(db, file);
      setPragmas(db, file);
    });
  } catch (error) {
    db.close();
    throw error;
  }
  return sqlOver(db, { file, keyring, patiently, nextTurn, closing });
}

function sqlOver(
  db: Database.Database,
  {
    file,
    keyring,
    patiently,
    nextTurn,
    closing,
  }: {
    file: string;
    keyring: Keyring;
    patiently: Patiently;
    nextTurn: () => Promise<void>;
    closing: AbortController;
  },
): Sql {
  const cache = new Map<string, Prepared>();
  const prepare = (text: string): Prepared => {
    const prepared = cache.get(text) ?? { statement: db.prepare(text), table: tableWritten(text) };
    cache.set(text, prepared);
    return prepared;
  };
  const dataVersion = db.prepare('pragma data_version').pluck();
  const version = (): number => Number(dataVersion.get());
  const memo = makeMemo(version);
  const { ino } = statSync(file);
  const { write, afterAll } = makeWriter({ db, memo, patiently, nextTurn, check: () => refuseIfMoved(file, ino) });
  return {
    file,
    keyring,
    db,
    all: <Row>(text: string, ...binds: Binds) => {
      const { statement, table } = prepare(text);
      if (table !== undefined) memo.note(table);
      return statement.all(...binds) as Row[];
    },
    get: <Row>(text: string, ...binds: Binds) => {
      const { statement, table } = prepare(text);
      if (table !== undefined) memo.note(table);
      return statement.get(...binds) as Row | undefined;
    },
    run: (text, ...binds) => {
      const { statement, table } = prepare(text);
      const { changes, lastInsertRowid } = statement.run(...binds);
      if (table !== undefined && changes > 0) memo.note(table);
      return { changes, id: Number(lastInsertRowid) };
    },
    read: (work) => patiently(work),
    recall: (name, tables, work) => patiently(() => memo.recall(name, tables, work)),
    version,
    write: (work) => write(work),
    step: (step, work) => write(work, step),
    statements: () => [...cache.keys()],
    close: (last) =>
      afterAll(() => {
        closing.abort();
        if (!db.open) return;
        last();
        db.close();
      }),
  };
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly table: string | undefined;
}

async function retryBusy<T>(
  work: () => T,
  {
    file,
    random,
    lockPatienceMs,
    signal,
  }: { file: string; random: Random; lockPatienceMs: number; signal: AbortSignal },
  since = performance.now(),
): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      const failure = storeError(error, file);
      if (!isBusy(error) || performance.now() - since > lockPatienceMs || signal.aborted) throw failure;
    }
    await sleep(LOCK_PAUSE_MS * (0.5 + random() / 2), undefined, { signal }).catch(() => undefined);
  }
}

/** SQLite goes on writing into a file that was deleted under it. */
function refuseIfMoved(file: string, ino: number): void {
  if (statSync(file, { throwIfNoEntry: false })?.ino === ino) return;
  throw new StoreError(`${file} was moved, deleted or replaced while it is in use. Start talkbell again.`, {
    kind: 'other',
  });
}

function openDatabase(file: string): Database.Database {
  try {
    makeFolder(dirname(file));
    refuseEmptied(file);
    // SQLite gives the files beside it the mode of this one.
    closeSync(openSync(file, 'a', 0o600));
    return new Database(file, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw storeError(error, file);
  }
}

/** Tables without a version of ours are somebody else's. */
function refuseForeign(db: Database.Database, file: string): void {
  if (db.pragma('user_version', { simple: true }) !== 0) return;
  const tables = db.prepare('select name from sqlite_master').pluck().all();
  if (tables.length === 0) return;
  throw damagedError(file, [`it is not a database of talkbell; in it: ${tables.join(', ')}`]);
}

/** A first start that was killed leaves an empty file, but neither a log nor a backup. */
function refuseEmptied(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.size !== 0) return;
  const hadLog = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (hadLog || hasBackup(dirname(file))) throw damagedError(file, ['it is empty']);
}

function setPragmas(db: Database.Database, file: string): void {
  // Takes hold only in a file without tables.
  db.pragma('auto_vacuum = INCREMENTAL');
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  db.pragma(`journal_size_limit = ${8 * 1024 * 1024}`);
  db.pragma('temp_store = MEMORY');
  // Of better-sqlite3 it would be 16 MB, taken one by one as a history grows; the system keeps the file at hand besides.
  db.pragma(`cache_size = -${CACHE_KB}`);
  if (mode === 'wal' && db.pragma('synchronous', { simple: true }) === 2) return;
  throw new StoreError(
    `${file} does not take the settings that keep it safe (WAL, synchronous FULL). Put it on a local disk, not on a network one.`,
    { kind: 'other' },
  );
}
