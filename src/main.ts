// The daemon: configuration -> parts -> start -> stop on the one signal. Everything that goes on by itself is begun here.
import { join } from 'node:path';
import { endsSoon } from './core/holiday.ts';
import type { Log } from './core/log.ts';
import type { Clock, Random } from './core/ports.ts';
import { makeScrubber } from './core/redact.ts';
import { dateIn } from './core/zone.ts';
import { claimData, type Engine, openEngine } from './engine.ts';
import type { Config } from './io/config.ts';
import { type Doorbell, startDoorbell } from './io/doorbell.ts';
import { startHeartbeat } from './io/heartbeat.ts';
import { openLeftovers } from './io/leftovers.ts';
import { openLog } from './io/log.ts';
import { dailyBackup } from './io/store-backup.ts';

const DAY_MS = 24 * 60 * 60_000;
const UPKEEP_MS = 5 * 60_000;
/** pm2 kills after its kill_timeout of 15 s: what is under way has to end before. */
const LONGEST_STOP_MS = 12_000;

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
  const { config, signal, now = Date.now, random = Math.random, print = console.log } = settings;
  const release = await claimData(config, signal);
  const scrubber = makeScrubber();
  const log = settings.log ?? openLog({ level: config.logLevel, scrubber });
  const bell: { kick: () => void } = { kick: () => {} };
  try {
    const onChange = (): void => bell.kick();
    const engine = await openEngine({ config, log, scrubber, signal, now, random, print, onChange });
    try {
      await begin(engine, { config, log, now });
      const doorbell = startBell(engine, { log, now, signal, version: await engine.store.version() });
      bell.kick = doorbell.kick;
      startUpkeep(engine, { config, log, now, signal, kick: doorbell.kick });
      log.info(
        { data: config.dataDir, jobs: config.jobsDir, timezone: config.timezone, pid: process.pid },
        'talkbell runs',
      );
      settings.onReady?.(engine);
      await aborted(signal);
      log.info({}, 'talkbell is stopping');
      await doorbell.idle();
    } finally {
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
  const pid = openLeftovers(config.dataDir).end();
  if (pid !== undefined) log.warn({ pid }, 'a worker of an earlier daemon was still there and was ended');
  const { store, owner, kakao } = engine;
  const runs = await store.recoverRuns(now());
  const messages = await store.recoverMessages(now());
  if (runs > 0 || messages.length > 0)
    log.warn({ runs, messages: messages.length }, 'the last daemon did not end in order');
  for (const { job, recipient, state, reason } of messages) {
    if (state !== 'unclear' || job === undefined) continue;
    await owner.tell(
      `undelivered:${recipient}`,
      `A message of ${job} to ${recipient} may or may not have arrived. ${reason ?? ''} See talkbell outbox.`,
    );
  }
  await kakao.keeper.recover();
  await engine.library.begin();
}

interface BellSettings extends Pick<Context, 'log' | 'now'> {
  readonly signal: AbortSignal;
  /** The store's version before the first ring. */
  readonly version: number;
}

function startBell(engine: Engine, { log, now, signal, version }: BellSettings): Doorbell {
  const clock = { waits: false };
  const seen = { version };
  return startDoorbell({
    ring: async () => ((await isClockBehind(engine, { log, now, clock })) ? undefined : engine.ring()),
    hasNews: async () => {
      const last = seen.version;
      seen.version = await engine.store.version();
      return seen.version !== last;
    },
    now,
    monotonic: () => performance.now(),
    onStep: (stepMs) => log.warn({ stepMs: Math.round(stepMs) }, 'the clock was set, or the machine slept'),
    onError: (error) => log.error({ err: error }, 'what was due could not be started; it is tried again'),
    signal,
  });
}

/** A clock far before the newest time on disk is wrong: acting on it would tell yesterday's news tomorrow. */
async function isClockBehind(
  { store }: Engine,
  { log, now, clock }: { log: Log; now: Clock; clock: { waits: boolean } },
): Promise<boolean> {
  const newest = await store.touchClock(now());
  const behind = newest - now() > DAY_MS;
  if (behind && !clock.waits) {
    const at = new Date(newest).toISOString();
    log.error(
      { newest: at },
      'the clock is more than a day before the newest time in the store: nothing runs until it is right (talkbell check)',
    );
  }
  clock.waits = behind;
  return behind;
}

interface Upkeep extends Context {
  readonly signal: AbortSignal;
  readonly kick: () => void;
}

/** What is done now and then: job files, tokens, backups, pruning, the list of holidays, the heartbeat. */
function startUpkeep(engine: Engine, { config, log, now, signal, kick }: Upkeep): void {
  const care = (): void => {
    takeCare(engine, { config, log, now }).then(kick, (error: unknown) =>
      log.error({ err: error }, 'upkeep failed; it is tried again'),
    );
  };
  engine.library.follow(kick, signal);
  engine.library
    .refresh()
    .then(kick, (error: unknown) => log.error({ err: error }, 'the job files could not be loaded'));
  const timer = setInterval(care, UPKEEP_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  care();
  if (config.heartbeatUrl !== undefined) {
    startHeartbeat({
      url: config.heartbeatUrl,
      isWell: async () => (await engine.store.alerts()).length === 0,
      signal,
      log,
    });
  }
}

async function takeCare(engine: Engine, { config, log, now }: Context): Promise<void> {
  const { store, owner, kakao, holidays } = engine;
  for (const { key, text } of await kakao.keeper.maintain(now())) await owner.tell(key, text);
  for (const { name, state } of await store.accounts()) {
    if (state === 'ok') await owner.recover(`login:${name}`, `The account ${name} is logged in again.`);
  }
  await owner.tellHeld();
  const year = await holidays.knownUntil();
  if (endsSoon(year, dateIn('Asia/Seoul', now()))) await owner.tell(`holidays:${year}`, holidaysEnd(year));
  const file = await dailyBackup(store, join(config.dataDir, 'backups'), now());
  if (file === undefined) return;
  const pruned = await store.prune(now());
  log.info({ file, pruned }, 'backed up');
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
