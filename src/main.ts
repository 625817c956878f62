// The daemon: configuration -> parts -> start -> stop on the one signal. Everything that goes on by itself is begun here.
import { join } from 'node:path';
import { endsSoon } from './core/holiday.ts';
import type { Log } from './core/log.ts';
import { endPast } from './core/owner.ts';
import type { Clock, Random } from './core/ports.ts';
import { makeScrubber } from './core/redact.ts';
import { endFarHolds, tellLogins, tellStanding } from './core/standing.ts';
import { dateIn } from './core/zone.ts';
import { claimData, type Engine, openEngine } from './engine.ts';
import type { Config } from './io/config.ts';
import { type Doorbell, startDoorbell } from './io/doorbell.ts';
import { collectAtRest, heapBytes, openCollector } from './io/garbage.ts';
import { startHeartbeat } from './io/heartbeat.ts';
import { pruneKept } from './io/kept-pages.ts';
import { openLeftovers } from './io/leftovers.ts';
import { openLog } from './io/log.ts';
import { dailyBackup } from './io/store-backup.ts';
import { waitFor } from './io/wait.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A day is what the note is compared by. */
const NOTE_MS = 10 * 60_000;
const UPKEEP_MS = 5 * 60_000;
/** The bell rings every 15 s. */
const MOST_SILENCE_MS = 60_000;
/** pm2 kills after its kill_timeout of 15 s: what is under way has to end before. */
const LONGEST_STOP_MS = 12_000;
/** As long as nothing may have happened before the memory of what did is given back. */
const REST_MS = 5000;
const GROWN_BYTES = 2_000_000;

export interface DaemonSettings {
  readonly config: Config;
  readonly signal: AbortSignal;
  readonly now?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  readonly print?: (line: string) => void;
  /** Called once schedule and delivery are running. */
  readonly onReady?: (engine: Engine) => void;
}

/** Runs until the signal aborts. Throws ConfigError when it cannot start. */
export async function runDaemon(settings: DaemonSettings): Promise<void> {
  const { config, now = Date.now, random = Math.random, print = console.log } = settings;
  const end = new AbortController();
  const signal = AbortSignal.any([settings.signal, end.signal]);
  const release = await claimData(config, signal);
  const scrubber = makeScrubber();
  const log = settings.log ?? openLog({ level: config.logLevel, scrubber });
  const bell: { kick: () => void } = { kick: () => {} };
  const rest = collectAtRest({ restMs: REST_MS, grownBytes: GROWN_BYTES, collect: openCollector(), heapBytes });
  try {
    const onChange = (): void => {
      rest.note();
      bell.kick();
    };
    const engine = await openEngine({ config, log, scrubber, signal, now, random, print, onChange });
    try {
      // A file that hangs or a lease that is held must not hold up a stop.
      await Promise.race([begin(engine, { config, log, now }), aborted(signal)]);
      const health: Health = { rangAt: now(), waits: false, notedAt: Number.NEGATIVE_INFINITY };
      const doorbell = startBell(engine, { log, now, signal, health, version: await engine.store.version() });
      bell.kick = doorbell.kick;
      log.info(
        { data: config.dataDir, jobs: config.jobsDir, timezone: config.timezone, pid: process.pid },
        'talkbell runs',
      );
      settings.onReady?.(engine);
      rest.note();
      startUpkeep(engine, { config, log, now, signal, health, kick: doorbell.kick });
      await aborted(signal);
      log.info({}, 'talkbell is stopping');
      await doorbell.idle();
    } finally {
      end.abort();
      await withinTime(engine.close(), log);
    }
  } finally {
    release();
  }
  log.info({}, 'talkbell has stopped');
}

interface Context {
  readonly config: Config;
  readonly log: Log;
  readonly now: Clock;
}

/** What the last daemon left: a worker that loops, runs and messages half done, a refresh whose answer is on disk. */
export async function begin(engine: Engine, { config, log, now }: Context): Promise<void> {
  const onError = (error: unknown): void => log.warn({ err: error }, 'the note of workers could not be written');
  for (const pid of openLeftovers(config.dataDir, onError).end()) {
    log.warn({ pid }, 'a worker of an earlier daemon was still there and was ended');
  }
  const { store, owner, kakao } = engine;
  const { resealed, recipients } = await store.reseal();
  if (resealed.length > 0) log.info({ accounts: resealed }, 'logins that an older key opened are sealed anew');
  if (recipients.length > 0) log.info({ recipients }, 'webhooks that an older key opened are sealed anew');
  const runs = await store.recoverRuns(now());
  const messages = await store.recoverMessages(now());
  if (runs > 0 || messages.length > 0)
    log.warn({ runs, messages: messages.length }, 'the last daemon did not end in order');
  await tellStanding(owner, store, now());
  await kakao.keeper.recover();
  await engine.library.begin();
}

/** What the heartbeat tells: whether the bell rings and finds what it needs. */
export interface Health {
  rangAt: number;
  /** For a clock that is right. */
  waits: boolean;
  /** When the store last took note of the time. */
  notedAt: number;
}

interface BellSettings extends Pick<Context, 'log' | 'now'> {
  readonly signal: AbortSignal;
  readonly health: Health;
  /** The store's version before the first ring. */
  readonly version: number;
}

function startBell(engine: Engine, { log, now, signal, health, version }: BellSettings): Doorbell {
  const seen = { version };
  return startDoorbell({
    ring: async () => {
      if (await isClockBehind(engine, { log, now, health })) return undefined;
      const nextAt = await engine.ring();
      health.rangAt = now();
      return nextAt;
    },
    hasNews: async () => {
      const last = seen.version;
      seen.version = await engine.store.version();
      return seen.version !== last;
    },
    now,
    monotonic: () => performance.now(),
    wait: waitFor,
    onStep: (stepMs) => log.warn({ stepMs: Math.round(stepMs) }, 'the clock was set, or the machine slept'),
    onError: (error) => log.error({ err: error }, 'what was due could not be started; it is tried again'),
    signal,
  });
}

/** A clock far before the newest time on disk is wrong: acting on it would tell yesterday's news tomorrow. */
export async function isClockBehind(
  { store }: Engine,
  { log, now, health }: { log: Log; now: Clock; health: Health },
): Promise<boolean> {
  const sinceNote = now() - health.notedAt;
  // What is compared by the day needs no write at every ring; a clock that goes back is looked at again.
  if (!health.waits && sinceNote >= 0 && sinceNote < NOTE_MS) return false;
  const newest = await store.touchClock(now());
  health.notedAt = now();
  const behind = newest - now() > DAY_MS;
  if (behind && !health.waits) {
    const at = new Date(newest).toISOString();
    log.error(
      { newest: at },
      'the clock is more than a day before the newest time in the store: nothing runs until it is right; if it is right now, talkbell resume --clock',
    );
  }
  health.waits = behind;
  return behind;
}

interface Upkeep extends Context {
  readonly health: Health;
  readonly signal: AbortSignal;
  readonly kick: () => void;
}

/** What is done now and then: job files, tokens, backups, pruning, the list of holidays, the heartbeat. */
function startUpkeep(engine: Engine, { config, log, now, signal, health, kick }: Upkeep): void {
  const care = (): void => {
    void takeCare(engine, { config, log, now }).then(kick);
  };
  engine.library.follow(kick, signal);
  engine.library.refresh().then(kick, (error: unknown) => {
    // A stop closes the store under it; the next start loads them.
    if (!signal.aborted) log.error({ err: error }, 'the job files could not be loaded');
  });
  const timer = setInterval(care, UPKEEP_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  care();
  if (config.heartbeatUrl !== undefined) {
    startHeartbeat({
      url: config.heartbeatUrl,
      isWell: () => isWell(engine, health, now()),
      signal,
      log,
    });
  }
}

/** Each step by itself: a backup that fails on a full disk must not keep the old from being pruned. */
export async function takeCare(engine: Engine, { config, log, now }: Context): Promise<void> {
  const { store, owner, kakao, holidays } = engine;
  const steps: Readonly<Record<string, () => Promise<void>>> = {
    logins: async () => {
      for (const { key, text } of await kakao.keeper.maintain(now())) await owner.tell(key, text);
      // A command may have been the first to find one dead.
      await tellLogins(owner, store);
      await endFarHolds(store, now());
    },
    holidays: async () => {
      const year = await holidays.knownUntil();
      await endPast(owner, store, { now: now(), holidaysUntil: year });
      if (endsSoon(year, dateIn('Asia/Seoul', now()))) await owner.tell(`holidays:${year}`, holidaysEnd(year));
    },
    alerts: () => owner.tellHeld(),
    pruning: async () => {
      const pruned = await store.prune(now());
      if (pruned > 0) log.info({ pruned }, 'old history is pruned');
      const forgotten = await pruneKept(config.dataDir, now());
      if (forgotten > 0) log.info({ jobs: forgotten }, 'old pages of failed looks are removed');
    },
    backup: async () => {
      const file = await dailyBackup(store, join(config.dataDir, 'backups'), now());
      if (file !== undefined) log.info({ file }, 'backed up');
    },
  };
  for (const [step, work] of Object.entries(steps)) {
    await work().catch((error: unknown) => log.error({ step, err: error }, 'upkeep failed; it is tried again'));
  }
}

/** Whether the bell rings, the clock is right, and every login lives: all that only a person could mend otherwise. */
async function isWell({ store }: Engine, { rangAt, waits }: Health, now: number): Promise<boolean> {
  if (waits || now - rangAt > MOST_SILENCE_MS) return false;
  return (await store.accounts()).every(({ state }) => state !== 'needs-login');
}

function holidaysEnd(year: number): string {
  return `The list of holidays ends with ${year}: from then on nothing is skipped. Update talkbell, or write the days into data/holidays.json.`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function withinTime(work: Promise<void>, log: Log): Promise<void> {
  const timer: { late?: NodeJS.Timeout } = {};
  const late = new Promise<'late'>((resolve) => {
    timer.late = setTimeout(() => resolve('late'), LONGEST_STOP_MS);
  });
  const ended = await Promise.race([work, late]);
  clearTimeout(timer.late);
  if (ended === 'late') log.warn({}, 'something was still under way after 12 s; the next start takes it up');
}
