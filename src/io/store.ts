// The store: all that talkbell remembers, in one SQLite file. This file puts its parts together.
import { resolve } from 'node:path';
import { StoreError } from '../core/errors.ts';
import type { Instant } from '../core/job.ts';
import type { Clock, Random, Store } from '../core/ports.ts';
import { makeAccountStore } from './store-accounts.ts';
import { makeAlertStore } from './store-alerts.ts';
import { backupTo, problemsOf } from './store-backup.ts';
import { clearIfNoted } from './store-clearing.ts';
import { openSql, type Sql } from './store-database.ts';
import { fullError, isNearlyFull, storeError } from './store-errors.ts';
import { makeJobStore } from './store-jobs.ts';
import { takeLease } from './store-lease.ts';
import { makeLookStore } from './store-looks.ts';
import { makeMessageStore } from './store-messages.ts';
import { checkAfterCrash, hasLog, noteOpening } from './store-opening.ts';
import { makeOutboxStore } from './store-outbox.ts';
import { makePeopleStore } from './store-people.ts';
import { prune } from './store-prune.ts';
import { reseal } from './store-reseal.ts';
import { makeRunStore } from './store-runs.ts';
import { migrate, refuseOlder } from './store-schema.ts';

const KEEP_DAYS = 90;
const PROBE_BYTES = 16 * 1024;

export interface StoreOptions {
  readonly file: string;
  /** What tokens and webhooks are sealed with. */
  readonly key: Buffer;
  /** What they may still be sealed with, after the key was replaced. */
  readonly olderKeys?: readonly Buffer[];
  readonly now: Clock;
  readonly random?: Random;
  readonly log?: (message: string) => void;
  /** How long settled messages and ended runs are kept. Default 90. */
  readonly keepDays?: number;
  /** How long a lock of another process is waited for. Default 5 s. */
  readonly lockPatienceMs?: number;
  /** Lets other writes be asked for before a commit. Default: until the next turn of the event loop. */
  readonly nextTurn?: () => Promise<void>;
  /** Whether an older schema may be changed now: not below a daemon of before that is still running. Default: always. */
  readonly mayMigrate?: () => boolean;
}

/** Throws StoreError when the file is damaged, newer than this talkbell, locked or not writable. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { now, log = () => undefined } = options;
  const file = resolve(options.file);
  const hadLog = hasLog(file);
  const sql = await openSql(file, { ...options, keyring: [options.key, ...(options.olderKeys ?? [])] });
  try {
    refuseOlder(sql, options.mayMigrate ?? (() => true));
    checkAfterCrash(sql, { hadLog, log });
    await migrate(sql, log);
    await clearIfNoted(sql, log);
    const closed = await noteOpening(sql, now(), log);
    return composeStore(sql, { ...options, closed });
  } catch (error) {
    sql.db.close();
    throw storeError(error, file);
  }
}

type Composed = Pick<StoreOptions, 'now' | 'log' | 'keepDays'> & { readonly closed: () => void };

export function composeStore(sql: Sql, { now, log = () => undefined, keepDays = KEEP_DAYS, closed }: Composed): Store {
  return {
    ...makeJobStore(sql),
    ...makeRunStore(sql),
    ...makeLookStore(sql),
    ...makeOutboxStore(sql),
    ...makeMessageStore(sql),
    ...makeAccountStore(sql, { keyring: sql.keyring, now }),
    ...makeAlertStore(sql),
    ...makePeopleStore(sql),
    lease: (name, forMs, at) => takeLease(sql, { name, forMs }, at),
    version: () => sql.read(sql.version),
    touchClock: (at) => sql.write(() => touchClock(sql, at)),
    resetClock: (at) =>
      sql.write(() => {
        sql.run(`insert or replace into notes (name, value) values ('clock', ?)`, at);
      }),
    tryWrite: () => tryWrite(sql),
    prune: (at) => prune(sql, { now: at, keepDays }),
    reseal: () => reseal(sql, log),
    backup: (to) => backupTo(sql, to),
    check: () => sql.read(() => problemsOf(sql.db)).catch(asProblem),
    close: () => sql.close(closed),
  };
}

/** Damage may be too great for SQLite to list it. */
function asProblem(error: unknown): readonly string[] {
  if (error instanceof StoreError && error.kind === 'damaged') return [error.message];
  throw error;
}

function touchClock(sql: Sql, at: Instant): Instant {
  const newest = sql.get<{ value: number }>(`select value from notes where name = 'clock'`)?.value ?? at - 1;
  if (newest >= at) return newest;
  sql.run(`insert or replace into notes (name, value) values ('clock', ?)`, at);
  return at;
}

/** Room that the log has already taken lets a small write through on a full disk, so the disk is asked as well. */
async function tryWrite(sql: Sql): Promise<void> {
  await sql.write(() => {
    sql.run(`insert or replace into notes (name, value) values ('probe', zeroblob(${PROBE_BYTES}))`);
  });
  await sql.write(() => {
    sql.run(`delete from notes where name = 'probe'`);
  });
  if (isNearlyFull(sql.file)) throw fullError(sql.file);
}
