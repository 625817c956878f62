// The parts of talkbell, made from the configuration and put together once: the daemon runs them by its doorbell, a
// command without a daemon by hand.
import { join } from 'node:path';
import { makeConsoleChannel } from './channels/console.ts';
import { makeChannels } from './channels/index.ts';
import type { Channels } from './core/address.ts';
import { type Deliverer, makeDeliverer } from './core/deliverer.ts';
import { ConfigError, StoreError } from './core/errors.ts';
import type { Instant } from './core/job.ts';
import type { Log } from './core/log.ts';
import { makeOwner, type Owner } from './core/owner.ts';
import type { Clock, Random, Store } from './core/ports.ts';
import type { Scrubber } from './core/redact.ts';
import { makeScheduler, type Scheduler } from './core/scheduler.ts';
import { showTimesIn } from './core/show-time.ts';
import { type Config, environmentOfJobs } from './io/config.ts';
import { type Holidays, openHolidays } from './io/holidays.ts';
import { keptFolder } from './io/kept-pages.ts';
import { loadKeys } from './io/key.ts';
import { openLeftovers } from './io/leftovers.ts';
import { type Library, openLibrary } from './io/library.ts';
import { takeLock } from './io/lock.ts';
import { openStore } from './io/store.ts';
import { waitFor } from './io/wait.ts';
import { openWorkers, type Workers } from './io/workers.ts';
import { type KakaoParts, openKakaoParts } from './kakao/parts.ts';

const IDLE_WORKER_MS = 60_000;
const IMPORT_MS = 5000;
const STORE_RETRY_MS = 15_000;
/** The longest a command works alone: it waits three minutes for what it sends. */
const COMMAND_PATIENCE_MS = 200_000;
const LOCK_GLANCE_MS = 200;
const WAKE_BEFORE_MS = 3000;
const ALARM_HORIZON_MS = 20_000;
/** Under the 12 s that a stop may take, and over the 10 s that a call may. */
const CALL_PATIENCE_MS = 10_500;
/** Looks under way when the stop comes: what does not end soon is looked at again by the next start. */
const LOOK_PATIENCE_MS = 3000;
/** Kakao shows messages that come in a burst out of order. */
const PAUSE_MS = 400;

export interface EngineSettings {
  readonly config: Config;
  readonly log: Log;
  readonly scrubber: Scrubber;
  readonly signal: AbortSignal;
  readonly now: Clock;
  readonly random: Random;
  /** Something may be due at once. */
  readonly onChange: () => void;
  /** Where the console channel writes. */
  readonly print: (line: string) => void;
  /** Default: for real. */
  readonly wait?: EngineParts['wait'];
}

export interface Engine {
  readonly store: Store;
  readonly kakao: KakaoParts;
  readonly channels: Channels;
  readonly owner: Owner;
  readonly scheduler: Scheduler;
  readonly deliverer: Deliverer;
  readonly library: Library;
  readonly workers: Workers;
  readonly holidays: Holidays;
  /** Starts what is due in both loops. Gives the next instant at which something will be. */
  readonly ring: () => Promise<Instant | undefined>;
  /** Lets looks be, waits for calls and refreshes under way, and closes everything. */
  readonly close: () => Promise<void>;
}

/** Opens the store alone, for commands that only read or write it. */
export async function openStoreOf(config: Config, { now, log }: { now: Clock; log: Log }): Promise<Store> {
  const keys = loadKeys(config, { create: true });
  const file = join(config.dataDir, 'talkbell.db');
  return openStore({ file, ...keys, now, keepDays: config.keepDays, log: (message) => log.info({}, message) });
}

/**
 * Takes the data folder for the daemon. A command that has it gives it back within moments, so that is waited for;
 * another daemon does not: throws ConfigError.
 */
export async function claimData(
  { dataDir, timezone }: Pick<Config, 'dataDir' | 'timezone'>,
  signal: AbortSignal,
): Promise<() => void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(COMMAND_PATIENCE_MS)]);
  let seen: string | undefined;
  for (;;) {
    const lock = takeLock(dataDir, 'daemon');
    if ('release' in lock) return lock.release;
    // A process of another machine cannot be looked for: what it wrote is believed once it stands for two glances.
    const isDaemon = lock.holder === 'daemon' && lock.heldBy === seen;
    if (isDaemon || patience.aborted)
      throw new ConfigError([describeHolder(dataDir, showTimesIn(timezone, lock.heldBy))]);
    seen = lock.heldBy;
    await waitFor(LOCK_GLANCE_MS, patience);
  }
}

function describeHolder(dataDir: string, heldBy: string): string {
  return `Another talkbell works on ${dataDir} (${heldBy}). Stop it first, or give this one its own TALKBELL_DATA. Under pm2, run one instance in fork mode.`;
}

/** The caller holds the data folder. */
export async function openEngine(settings: EngineSettings): Promise<Engine> {
  const { config, log, now } = settings;
  registerSecrets(config, settings.scrubber);
  const store = await openStoreOf(config, { now, log });
  const workers = openWorkersOf(settings);
  const kakao = openKakaoParts({ config: config.kakao, store, now });
  return composeEngine({
    ...settings,
    store,
    kakao,
    channels: makeChannels({ kakao, now, env: config.env, console: makeConsoleChannel({ write: settings.print }) }),
    workers,
    keptFolder: (job) => keptFolder(config.dataDir, job),
    openLibrary: (owner) => openLibrary({ config, store, workers, owner, now, log }),
    holidays: openHolidays(config.dataDir),
    wait: settings.wait ?? waitFor,
  });
}

/** What an engine is made of once everything outside is open. */
export interface EngineParts
  extends Pick<Engine, 'store' | 'kakao' | 'channels' | 'workers' | 'holidays'>,
    Pick<EngineSettings, 'log' | 'signal' | 'now' | 'random' | 'onChange'> {
  readonly config: Pick<Config, 'owner' | 'quiet' | 'budget' | 'timezone'>;
  readonly keptFolder?: (job: string) => string;
  readonly openLibrary: (owner: Owner) => Library;
  /** Resolves after the time, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function composeEngine(parts: EngineParts): Engine {
  const { config, store, kakao, channels, workers, holidays, log, signal, now, random, onChange, wait } = parts;
  const owner = makeOwner({ store, channels, owner: config.owner, now, log, onMessage: onChange });
  const library = parts.openLibrary(owner);
  const patiently = <T>(work: () => Promise<T>): Promise<T> => retryStore(work, parts);
  const scheduler = makeScheduler({
    store,
    look: workers.look,
    sourceOf: library.sourceOf,
    keptFolder: parts.keptFolder,
    holidayOn: (date) => nameHoliday(holidays, owner, date),
    channels,
    owner,
    now,
    log,
    quiet: config.quiet,
    patiently,
    breathe: () => wait(0, signal),
    onChange,
  });
  const deliverer = makeDeliverer({
    store,
    channels,
    owner,
    budget: config.budget,
    quiet: config.quiet,
    timezone: config.timezone,
    pause: (until) => wait(PAUSE_MS, until),
    now,
    random,
    log,
    signal,
    callSignal: laterThan(signal),
    patiently,
    onChange,
  });
  const wake = makeAlarm(parts);
  return {
    store,
    kakao,
    channels,
    owner,
    scheduler,
    deliverer,
    library,
    workers,
    holidays,
    ring: async () => {
      // One loop that fails must not stop the other.
      const [looking, telling] = await Promise.allSettled([scheduler.ring(), deliverer.ring()]);
      if (looking.status === 'fulfilled') wake(looking.value);
      return earlier(resultOf(looking), resultOf(telling));
    },
    close: () => closeAll(parts, { deliverer, scheduler }),
  };
}

/** In this order: calls and looks under way, then what they use, the store last. */
async function closeAll(
  { workers, kakao, store, wait }: EngineParts,
  { deliverer, scheduler }: Pick<Engine, 'deliverer' | 'scheduler'>,
): Promise<void> {
  await Promise.all([deliverer.idle(), waitAtMost(LOOK_PATIENCE_MS, scheduler.idle(), wait)]);
  await workers.close();
  await scheduler.idle();
  await kakao.keeper.idle();
  await kakao.close();
  await store.close();
}

/** Wakes the worker a little before the next look, so that nobody waits for its start. */
function makeAlarm({ workers, now, wait, signal }: EngineParts): (nextAt: Instant | undefined) => void {
  const set = { for: Number.NEGATIVE_INFINITY };
  return (nextAt) => {
    // The bell rings every 15 s at least: what lies further off is set by a later ring.
    if (nextAt === undefined || nextAt === set.for || nextAt - now() > ALARM_HORIZON_MS) return;
    set.for = nextAt;
    void wait(Math.max(nextAt - now() - WAKE_BEFORE_MS, 0), signal).then(() => signal.aborted || workers.warm());
  };
}

/** A wrong file of own holidays must not cost a lunch: the owner is told, and the day counts as none. */
async function nameHoliday(holidays: Holidays, owner: Owner, date: string): Promise<string | undefined> {
  const told = 'holidays-file';
  try {
    const name = await holidays.nameOf(date);
    await owner.recover(told, 'The file of own holidays is read again.');
    return name;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await owner.tell(told, `The holidays cannot be read: ${why} Until then no day is skipped.`);
    return undefined;
  }
}

function registerSecrets(config: Config, scrubber: Scrubber): void {
  const { kakao, keyText, oldKeyText, heartbeatUrl } = config;
  for (const value of [kakao.restApiKey, kakao.clientSecret, keyText, oldKeyText, heartbeatUrl]) {
    if (value !== undefined) scrubber.add(value);
  }
}

function openWorkersOf({ config, log, scrubber }: EngineSettings): Workers {
  const leftovers = openLeftovers(config.dataDir, (error) => log.warn({ err: error }, 'the worker could not be noted'));
  return openWorkers({
    env: { ...environmentOfJobs(config.env), NODE_COMPILE_CACHE: join(config.dataDir, 'cache') },
    timezone: config.timezone,
    ...config.worker,
    importMs: IMPORT_MS,
    idleMs: IDLE_WORKER_MS,
    onOutput: (line) => log.info({ from: 'job' }, line),
    scrub: scrubber.scrub,
    onSecrets: (names) => {
      for (const name of names) scrubber.add(config.env[name] ?? '');
    },
    onStart: leftovers.note,
    onEnd: leftovers.forget,
  });
}

/** What a run found is worth waiting for: a disk that is full now is emptied some day. */
async function retryStore<T>(
  work: () => Promise<T>,
  { log, signal, wait }: Pick<EngineParts, 'log' | 'signal' | 'wait'>,
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError) || signal.aborted) throw error;
      log.error({ err: error }, 'the store does not take what a run found; it is tried again in 15 s');
      await wait(STORE_RETRY_MS, signal);
    }
  }
}

/** Calls under way when the stop comes are given time to end: one that is broken off is one nobody knows the end of. */
function laterThan(signal: AbortSignal): AbortSignal {
  const later = new AbortController();
  signal.addEventListener('abort', () => void setTimeout(() => later.abort(), CALL_PATIENCE_MS).unref(), {
    once: true,
  });
  return later.signal;
}

async function waitAtMost(ms: number, work: Promise<void>, wait: EngineParts['wait']): Promise<void> {
  const done = new AbortController();
  await Promise.race([work.finally(() => done.abort()), wait(ms, done.signal)]);
}

function resultOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

function earlier(one: Instant | undefined, other: Instant | undefined): Instant | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
