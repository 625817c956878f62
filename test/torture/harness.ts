// Kills the real daemon with SIGKILL, again and again, on the same data folder, and lets it come to rest at the end.
// The sandbox lives in this process, the daemon in another.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { MessageState } from '../../src/core/ports.ts';
import { plainText } from '../../src/kakao/plain.ts';
import { begin, type Running } from '../processes.ts';
import { findFaults, LATE } from './checker.ts';
import { PERIODS, type Scene, setScene } from './scene.ts';

const DIE_AT = join(import.meta.dirname, 'die-at.ts');
/** A point that is not reached by then is not reached in this life of the daemon. */
const PATIENCE_MS = 3000;
const REST_MS = 20_000;

export type Kill =
  | { readonly point: string; readonly times: number }
  /** So long after the process was started. */
  | { readonly afterMs: number };

export function describeKill(kill: Kill): string {
  return 'point' in kill ? `${kill.point}, occurrence ${kill.times}` : `after ${kill.afterMs} ms`;
}

export interface Verdict {
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<MessageState, number>>;
  readonly runs: number;
  /** Logins that a person had to make because the answer of a rotation was lost. */
  readonly logins: number;
}

export interface Torture extends AsyncDisposable {
  /** Starts the daemon and kills it. Gives false when the point was not reached and it was killed all the same. */
  readonly kill: (kill: Kill) => Promise<boolean>;
  readonly reached: () => ReadonlySet<string>;
  /** Nothing more comes due; the daemon delivers what is left and is stopped in order. Then all is judged. */
  readonly judge: () => Promise<Verdict>;
}

interface State {
  readonly scene: Scene;
  readonly reachedFile: string;
  readonly loggedInAt: Map<string, number>;
  logins: number;
  lives: number;
}

export async function startTorture(): Promise<Torture> {
  const scene = await setScene();
  const state: State = {
    scene,
    reachedFile: join(scene.house.folder, 'reached'),
    loggedInAt: new Map(),
    logins: 0,
    lives: 0,
  };
  appendFileSync(state.reachedFile, '');
  return {
    kill: (kill) => killOnce(state, kill),
    reached: () => new Set(readFileSync(state.reachedFile, 'utf8').split('\n')),
    judge: () => judge(state),
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

function startDaemon({ scene, reachedFile }: State, env: NodeJS.ProcessEnv = {}): Running {
  const args = ['--disable-warning=ExperimentalWarning', '--import', DIE_AT, 'src/talkbell.js', 'start'];
  return begin(process.execPath, args, { env: { ...scene.house.env, TORTURE_REACHED: reachedFile, ...env } });
}

async function killOnce(state: State, kill: Kill): Promise<boolean> {
  await prepare(state);
  const env = 'point' in kill ? { TORTURE_POINT: kill.point, TORTURE_TIMES: `${kill.times}` } : {};
  await using daemon = startDaemon(state, env);
  const late = wait('point' in kill ? PATIENCE_MS : kill.afterMs, 'late');
  const first = await Promise.race([daemon.ended, late]);
  if (first !== 'late' && first !== 'SIGKILL') throw new Error(`It ended with ${first}:\n${daemon.output()}`);
  return first !== 'late' || 'afterMs' in kill;
}

/**
 * Six hours pass, and an hour of alerts: access tokens have ended, and the owner may be told again, also of what the hour
 * had held back. A message has lost its freshness, so that each life has one that expires. Every other time the store does not know that the tokens ended, so that Kakao says it with a 401.
 */
async function prepare(state: State): Promise<void> {
  await logInWhoIsAsked(state);
  await writeLateMessage(state);
  state.lives += 1;
  state.scene.expireAccess();
  inDatabase(state, (db) => {
    db.exec('delete from alerts_told');
    db.prepare("insert or ignore into alerts (key, text, since) values ('torture', 'held back before', ?)").run(
      Date.now(),
    );
    if (state.lives % 2 === 0) db.prepare('update accounts set access_expires_at = ?').run(Date.now());
  });
}

async function writeLateMessage({ scene }: State): Promise<void> {
  const now = Date.now();
  const message = {
    recipient: 'late',
    address: { channel: 'console' },
    saying: { kind: 'text', text: 'no longer news' },
    index: 0,
    part: 1,
    parts: 1,
    nextAt: now,
    freshUntil: now - 1,
    ifUnclear: 'leave',
    keys: [],
  } as const;
  await scene.withStore((store) => store.addMessages([message], LATE, now));
}

function inDatabase<T>({ scene }: State, work: (db: Database.Database) => T): T {
  const db = new Database(join(scene.config.dataDir, 'talkbell.db'), { timeout: 5000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** The owner does what an alert asks for, and nothing unasked: a login that has ended unsaid stays so, and is found. */
async function logInWhoIsAsked(state: State): Promise<void> {
  const asked = await state.scene.withStore(async (store) => {
    const dead = (await store.accounts()).filter(({ state }) => state === 'needs-login');
    const told = (await store.messages({ limit: 500 })).filter(
      ({ about, state }) => about === 'owner' && (state === 'sent' || state === 'unclear'),
    );
    return dead.filter(({ name }) =>
      told.some(
        ({ saying, createdAt }) =>
          createdAt > (state.loggedInAt.get(name) ?? 0) &&
          plainText(saying).text.includes(`talkbell login --as ${name}`),
      ),
    );
  });
  for (const { name } of asked) {
    await state.scene.logIn(name);
    state.loggedInAt.set(name, Date.now());
    state.logins += 1;
  }
}

/** On a busy machine no life may have been long enough for two looks: there must be news to judge. */
async function untilNews(state: State): Promise<void> {
  const count = (): number =>
    inDatabase(state, (db) => Number(db.prepare(`select count(*) from messages where job = 'news'`).pluck().get()));
  if (count() > 0) return;
  await using _daemon = startDaemon(state);
  const deadline = Date.now() + REST_MS;
  while (count() === 0 && Date.now() < deadline) await wait(100);
}

async function judge(state: State): Promise<Verdict> {
  await untilNews(state);
  await prepare(state);
  inDatabase(state, (db) => db.prepare('update jobs set paused_at = ?').run(Date.now()));
  await using daemon = startDaemon(state);
  await untilAtRest(state, daemon);
  daemon.child.kill('SIGTERM');
  const code = await daemon.ended;
  const { scene, logins } = state;
  return scene.withStore(async (store) => {
    const limit = Number.MAX_SAFE_INTEGER;
    const evidence = {
      runs: await store.runs({ limit }),
      messages: await store.messages({ limit }),
      slots: await store.slots(),
      accounts: await store.accounts(),
      arrivals: scene.arrivals(),
      periods: PERIODS,
    };
    const damage = await store.check();
    const ending = code === 0 ? [] : [`the last daemon ended with ${code}:\n${daemon.output()}`];
    return {
      faults: [...damage, ...ending, ...findFaults(evidence)],
      counts: await store.countMessages(),
      runs: evidence.runs.length,
      logins,
    };
  });
}

/** Waits until every run has its outcome and every message its end; what needs a person gets one. */
async function untilAtRest(state: State, daemon: Running): Promise<void> {
  const deadline = Date.now() + REST_MS;
  const open = (): number =>
    inDatabase(state, (db) =>
      Number(
        db
          .prepare(
            `select (select count(*) from messages where settled_at is null) + (select count(*) from runs where ended_at is null)`,
          )
          .pluck()
          .get(),
      ),
    );
  await daemon.says('talkbell runs');
  while (open() > 0 && Date.now() < deadline) {
    await wait(100);
    await logInWhoIsAsked(state);
  }
}
