// A talkbell of the simulation: the real engine over the real store, with every port of it in the hands of a process
// that may die at any of them.
import { writeFileSync } from 'node:fs';
import { makeChannels } from '../../src/channels/index.ts';
import { MessageError, StoreError } from '../../src/core/errors.ts';
import type { Look } from '../../src/core/job.ts';
import type { Log } from '../../src/core/log.ts';
import { lookOnce } from '../../src/core/look.ts';
import type { Channel, Outcome, Store } from '../../src/core/ports.ts';
import { makeRun } from '../../src/core/run.ts';
import type { LookTask } from '../../src/core/worker-protocol.ts';
import { composeEngine, type Engine } from '../../src/engine.ts';
import type { Library } from '../../src/io/library.ts';
import { takeLock } from '../../src/io/lock.ts';
import { openStore } from '../../src/io/store.ts';
import type { Workers } from '../../src/io/workers.ts';
import { type KakaoParts, openKakaoParts } from '../../src/kakao/parts.ts';
import { begin, isClockBehind, takeCare } from '../../src/main.ts';
import { type SimulatedBell, startBell } from './bell.ts';
import { type SimulatedProcess, startProcess } from './crash.ts';
import type { Shown } from './jobs.ts';
import { modelFetching } from './jobs.ts';
import { makeDice, seededRandom } from './random.ts';
import { diskIsFull, isNothing, type World } from './world.ts';

const CARE_MS = 2 * 60 * 60_000;
const LONGEST_STOP_MS = 12_000;
const HOUR_MS = 3_600_000;
const WRITES =
  /^(syncJobs|pause|claim|addManualRun|beginLook|endLook|recoverRuns|addMessages|beginAttempt|settle|expire|recoverMessages|saveLogin|beginRefresh|saveRawAnswer|commitRefresh|abandonRefresh|markAccount|openAlert|closeAlert|markTold|lease|touchClock|resetClock|tryWrite|prune|backup|saveRecipient)$/;

export interface Daemon {
  readonly process: SimulatedProcess;
  readonly bell: () => SimulatedBell | undefined;
  /** Ends in order, as by a signal. */
  readonly stop: () => Promise<void>;
  /** Closes what a dead process left open: only the simulation's own files. */
  readonly sweep: () => void;
}

export interface Opened {
  readonly process: SimulatedProcess;
  readonly store: Store;
  readonly raw: Store;
  readonly kakao: KakaoParts;
}

/** A process with its store and its way to Kakao: the daemon, or a command beside it. */
export async function openProcess(
  world: World,
  { name, onDeath }: { name: string; onDeath: (at: string) => void },
): Promise<Opened> {
  const { time } = world;
  const process = startProcess({
    name,
    time,
    onDeath: (at) => {
      world.tell(`${name} dies ${at}`);
      onDeath(at);
    },
    beforeCall: (port, method) => {
      if (port === 'store' && WRITES.test(method)) diskIsFull(world);
    },
    afterCall: (port, method, call) => {
      if (port !== 'store') return;
      if (isNothing(call.result)) return;
      if (WRITES.test(method))
        world.tell(`${name} ${method}${method === 'markAccount' ? ` ${JSON.stringify(call.given)}` : ''}`);
      world.afterStore(method, call);
    },
  });
  // The clock takes a turn of the event loop for the sign that all has come to rest.
  const nextTurn = (): Promise<void> => Promise.resolve();
  const raw = await openStore({ file: world.file, key: world.key, now: time.wall, random: world.random, nextTurn });
  const guarded = process.through('store', { ...raw, backup: async (to: string) => writeFileSync(to, '') });
  const store: Store = {
    ...guarded,
    lease: async (...given) => {
      const lease = await guarded.lease(...given);
      return lease && process.through('lease', lease);
    },
  };
  const http = process.through('http', world.kakao.networkOf(process.delay));
  const config = {
    restApiKey: 'key',
    clientSecret: 'secret',
    redirectUri: 'http://localhost/',
    authUrl: 'https://kauth.example',
    apiUrl: 'https://kapi.example',
  };
  const kakao = openKakaoParts({ config, store, now: time.wall, http, wait: process.delay });
  return { process, store, raw, kakao };
}

export async function startDaemon(world: World, onDeath: (at: string) => void): Promise<Daemon> {
  const { time } = world;
  const lock = takeLock(world.folder, 'daemon');
  if (!('release' in lock)) world.fail('single', `a daemon cannot start because of ${lock.heldBy}`);
  const opened = await openProcess(world, {
    name: 'daemon',
    onDeath: (at) => {
      if ('release' in lock) lock.release();
      onDeath(at);
    },
  });
  const { process, raw } = opened;
  const stopping = new AbortController();
  const state: { bell: SimulatedBell | undefined; engine: Engine | undefined } = { bell: undefined, engine: undefined };
  const kick = (): void => state.bell?.kick();
  const log = makeLog(world);
  const engine = composeEngine(partsOf(world, opened, { signal: stopping.signal, log, kick }));
  const context = { config: { dataDir: world.folder } as never, log, now: time.wall };
  const health = { rangAt: 0, waits: false, notedAt: Number.NEGATIVE_INFINITY };

  const run = async (): Promise<void> => {
    await begin(engine, context);
    state.engine = engine;
    state.bell = startBell({
      process,
      time,
      signal: stopping.signal,
      ring: async () =>
        (await isClockBehind(engine, { log, now: time.wall, health })) ? time.wall() + 15_000 : engine.ring(),
      onError: (error) => world.tell(`ring failed: ${String(error)}`),
    });
    careFor(engine);
  };
  const careFor = (cared: Engine): void => {
    if (!process.isAlive() || stopping.signal.aborted) return;
    takeCare(cared, context).then(kick, (error: unknown) => noteError(world, error));
    time.after(CARE_MS, () => careFor(cared));
  };
  run().catch((error: unknown) => {
    noteError(world, error);
    process.kill();
  });
  return {
    process,
    bell: () => state.bell,
    stop: async () => {
      stopping.abort();
      await state.bell?.idle();
      await Promise.race([engine.close(), process.delay(LONGEST_STOP_MS)]);
      process.kill();
    },
    sweep: () => void raw.close().catch(() => {}),
  };
}

function partsOf(
  world: World,
  { process, store, kakao }: Opened,
  { signal, log, kick }: { signal: AbortSignal; log: Log; kick: () => void },
) {
  const channels = makeChannels({ kakao, now: world.time.wall, env: {}, console: hookChannel(world, process) });
  return {
    config: { owner: world.owners, quiet: world.quiet, budget: world.budget, timezone: 'Asia/Seoul' },
    store,
    kakao,
    channels: { ...channels, webhook: hookChannel(world, process) },
    workers: process.through('workers', workersOf(world, process)),
    openLibrary: () => libraryOf(world, store),
    holidays: world.holidays,
    wait: process.wait,
    log,
    signal,
    now: world.time.wall,
    random: world.random,
    onChange: kick,
  };
}

function libraryOf({ jobs, time }: World, store: Store): Library {
  return {
    begin: () =>
      store.syncJobs(
        jobs.map(({ file }) => file),
        time.wall(),
      ),
    refresh: async () => false,
    sourceOf: ({ file, hash }) => ({ file, hash, path: file }),
    follow: () => {},
  };
}

function workersOf(world: World, process: SimulatedProcess): Workers {
  const dice = makeDice(seededRandom(world.seed, 'looks'));
  return {
    load: async () => world.jobs.map(({ file }) => file),
    expect: () => {},
    warm: () => {},
    pid: () => undefined,
    close: async () => {},
    look: (task) => lookAt(world, task, { process, afterMs: dice.between(50, 4000) }),
  } as Workers;
}

async function lookAt(
  world: World,
  task: LookTask,
  { process, afterMs }: { process: SimulatedProcess; afterMs: number },
): Promise<Look> {
  const index = world.jobs.findIndex(({ description }) => description.id === task.run.job);
  const job = world.jobs[index];
  if (job === undefined) throw new Error(`There is no job ${task.run.job}.`);
  const { due, manual, look } = task.run;
  world.tell(`look ${look} at ${task.run.job}/${task.run.slot} due ${new Date(due).toISOString()}`);
  const end = world.checker.onLook({
    job: task.run.job,
    due,
    manual,
    look,
    freshUntil: due + job.description.freshForMs,
  });
  const how = world.now('page').find((trouble) => trouble.job === index)?.how ?? 'right';
  await process.delay(how === 'hangs' ? task.timeLimitMs : afterMs);
  end();
  if (how === 'hangs') return { kind: 'failed', failure: { kind: 'timeout', message: 'it did not give back control' } };
  const known = task.known === undefined ? undefined : new Map(task.known);
  return lookOnce(job.definition, makeRun(task.run), {
    fetching: modelFetching(shownOf(world, index, how)),
    known,
    onStep: () => {},
  });
}

/** A list that gets a new entry every few hours. */
function shownOf({ time, start }: World, job: number, how: Shown['how']): Shown {
  const newest = Math.floor((time.truth() - start) / (HOUR_MS * (2 + job)));
  const count = how === 'flood' ? 40 : 6;
  return {
    how,
    items: Array.from({ length: count }, (_, index) =>
      how === 'flood' ? `광고 ${newest * 100 + index}` : `글 ${newest - index}`,
    ),
  };
}

/** A webhook, or the console: one row a call, with troubles of its own. */
function hookChannel(world: World, process: SimulatedProcess): Channel {
  const dice = makeDice(seededRandom(world.seed, 'hook'));
  const channel: Channel = {
    batch: 1,
    prepare: (saying) => {
      if (saying.kind === 'text' && saying.text.trim() === '') throw new MessageError(['The message is blank.']);
      return [saying];
    },
    deliver: async (rows) => {
      const outcomes: Outcome[] = [];
      for (const { id, freshUntil } of rows)
        outcomes.push(await post(world, process, { id, freshUntil, ms: dice.between(10, 900) }));
      return outcomes;
    },
  };
  const { deliver } = process.through('hook', { deliver: channel.deliver });
  return { ...channel, deliver };
}

async function post(
  world: World,
  process: SimulatedProcess,
  { id, freshUntil, ms }: { id: number; freshUntil: number; ms: number },
): Promise<Outcome> {
  const trouble = world.now('hook')[0];
  if (world.time.wall() > freshUntil) return { kind: 'retry', reason: 'no longer fresh' };
  await process.delay(ms);
  if (trouble?.how === 'refused') return { kind: 'retry', reason: 'the hook refused the connection' };
  if (trouble?.how === 'busy') return { kind: 'retry', reason: 'the hook is busy', retryAfterMs: 30_000 };
  if (trouble === undefined || trouble.taken) {
    world.tell(`hook took message ${id}`);
    world.checker.onTaken({ id }, '');
  }
  return trouble === undefined ? { kind: 'sent' } : { kind: 'unclear', reason: 'the connection to the hook broke' };
}

function makeLog(world: World): Log {
  const note = (facts: object): void => {
    if ('err' in facts) noteError(world, facts.err);
  };
  return { debug: () => {}, info: () => {}, warn: () => {}, error: note };
}

/** A full disk is foreseen; any other error is a fault of the code. */
export function noteError(world: World, error: unknown): void {
  if (error instanceof StoreError && error.kind === 'full') world.tell('the disk is full');
  else world.fail('sound', error instanceof Error ? (error.stack ?? error.message) : String(error));
}
