// Writes as transactions. What is asked for within one turn of the event loop is committed together: the disk is waited
// for once, each write still is whole or not there at all, and one that fails undoes itself alone.
import type Database from 'better-sqlite3';
import { point, type Step } from './points.ts';
import type { Memo } from './store-memo.ts';

/** What comes after waits for the next commit: until then the event loop is blocked. */
const LONGEST_BATCH_MS = 10;

export type Patiently = <T>(work: () => T, since?: number) => Promise<T>;

export interface Writer {
  /** Resolves when the work is on disk; rejects when nothing of it is. */
  readonly write: <T>(work: () => T, step?: Step) => Promise<T>;
  /** Waits for the writes begun, then does this. */
  readonly afterAll: (work: () => void) => Promise<void>;
}

export interface WriterPorts {
  readonly db: Database.Database;
  readonly memo: Memo;
  /** Tries again what a lock stopped, until that has lasted too long. */
  readonly patiently: Patiently;
  /** Lets other writes be asked for. */
  readonly nextTurn: () => Promise<void>;
  /** Throws when nothing may be written any more. */
  readonly check: () => void;
}

interface Asked {
  readonly work: () => unknown;
  readonly step: Step | undefined;
  readonly since: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Done = { readonly value: unknown } | { readonly error: unknown };

export function makeWriter({ db, memo, patiently, nextTurn, check }: WriterPorts): Writer {
  const bounds = prepareBounds(db, memo);
  const waiting: Asked[] = [];
  const state: { flushing: Promise<void> | undefined } = { flushing: undefined };
  const commit = (batch: readonly Asked[]): Promise<readonly Done[]> =>
    patiently(() => {
      check();
      return commitTogether(bounds, batch);
    }, batch[0]?.since);
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      await nextTurn();
      const batch = waiting.splice(0);
      const done = await commitOrSplit(batch, commit);
      waiting.unshift(...batch.slice(done.length));
      for (const [index, one] of done.entries()) settle(batch[index], one);
    }
    state.flushing = undefined;
  };
  return {
    write: <T>(work: () => T, step?: Step) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ work, step, since: performance.now(), resolve: resolve as Asked['resolve'], reject });
        state.flushing ??= flush();
      }),
    afterAll: async (work) => {
      while (state.flushing !== undefined) await state.flushing;
      work();
    },
  };
}

/** When all together fail, one of them may be what the disk has no room for: then each is tried by itself. */
async function commitOrSplit(
  batch: readonly Asked[],
  commit: (batch: readonly Asked[]) => Promise<readonly Done[]>,
): Promise<readonly Done[]> {
  try {
    return await commit(batch);
  } catch (error) {
    if (batch.length === 1) return [{ error }];
  }
  const done: Done[] = [];
  for (const asked of batch) done.push(...(await commitOrSplit([asked], commit)));
  return done;
}

function settle(asked: Asked | undefined, done: Done): void {
  if ('error' in done) asked?.reject(done.error);
  else asked?.resolve(done.value);
}

interface Bounds {
  readonly begin: () => void;
  readonly commit: () => void;
  readonly undo: () => void;
  /** A part of the transaction that can be undone alone. */
  readonly beginPart: () => void;
  readonly endPart: () => void;
  /** False when SQLite has undone all of the transaction by itself, as a full disk makes it. */
  readonly undoPart: () => boolean;
}

function prepareBounds(db: Database.Database, memo: Memo): Bounds {
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const [beginPart, endPart] = [db.prepare('SAVEPOINT part'), db.prepare('RELEASE part')];
  return {
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    undo: () => {
      memo.forget();
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (db.inTransaction) db.exec('ROLLBACK');
    },
    beginPart: () => void beginPart.run(),
    endPart: () => void endPart.run(),
    undoPart: () => {
      memo.forget();
      if (!db.inTransaction) return false;
      db.exec('ROLLBACK TO part; RELEASE part');
      return true;
    },
  };
}

/** Gives what became of the first of them, one at least: the others are for the next commit. */
function commitTogether(bounds: Bounds, batch: readonly Asked[]): readonly Done[] {
  const until = performance.now() + LONGEST_BATCH_MS;
  const done: Done[] = [];
  bounds.begin();
  try {
    for (const asked of batch) {
      if (done.length > 0 && performance.now() > until) break;
      done.push(batch.length === 1 ? { value: asked.work() } : workApart(bounds, asked.work));
    }
    const steps = batch
      .slice(0, done.length)
      .flatMap(({ step }, index) => (step && 'value' in (done[index] ?? {}) ? [step] : []));
    for (const step of steps) point(`before ${step}`);
    bounds.commit();
    for (const step of steps) point(`after ${step}`);
    return done;
  } catch (error) {
    bounds.undo();
    throw error;
  }
}

function workApart({ beginPart, endPart, undoPart }: Bounds, work: () => unknown): Done {
  beginPart();
  try {
    const value = work();
    endPart();
    return { value };
  } catch (error) {
    if (!undoPart()) throw error;
    return { error };
  }
}
