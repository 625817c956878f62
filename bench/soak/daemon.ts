// The daemon of the soak: the real engine, doorbell and upkeep in a process of their own, on a clock that its parent sets.
// Only the pauses between messages are shortened.
import { getEventListeners } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../../src/core/job.ts';
import type { Log } from '../../src/core/log.ts';
import { makeScrubber } from '../../src/core/redact.ts';
import { claimData, type Engine, openEngine } from '../../src/engine.ts';
import { type Config, readConfig } from '../../src/io/config.ts';
import { type Doorbell, startDoorbell } from '../../src/io/doorbell.ts';
import { openLog } from '../../src/io/log.ts';
import { waitFor } from '../../src/io/wait.ts';
import { begin, isClockBehind, takeCare } from '../../src/main.ts';
import type { Answer, ProcessSample, Question } from './protocol.ts';

/** A wait on the simulated clock would have no end; for real it is this many times shorter. */
const FASTER = 100;
/** Sockets that were let go close within this time. */
const QUIET_MS = 500;

interface Soaked {
  readonly config: Config;
  readonly log: Log;
  readonly engine: Engine;
  readonly doorbell: Doorbell;
  readonly clock: { now: Instant };
  readonly rung: { count: number; nextAt: Instant | undefined };
  readonly workers: { pid: number | undefined; count: number };
  readonly stop: AbortController;
  readonly release: () => void;
}

const warnings: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
const soaked = start();
/** A driver that was killed leaves no daemon behind. */
const orphaned = (): never => process.exit(1);
process.on('disconnect', orphaned);
process.on('message', (question) => void soaked.then((parts) => answer(parts, question as Question)));

async function start(): Promise<Soaked> {
  const clock = { now: Number(process.env['SOAK_START']) };
  const now = (): Instant => clock.now;
  const config = readConfig(process.env);
  const stop = new AbortController();
  const release = await claimData(config, stop.signal);
  const scrubber = makeScrubber();
  const log = openLog({ level: config.logLevel, scrubber });
  const bell: { kick: () => void } = { kick: () => {} };
  const engine = await openEngine({
    config,
    log,
    scrubber,
    signal: stop.signal,
    now,
    random: Math.random,
    print: () => {},
    onChange: () => bell.kick(),
    wait: (ms, signal) => waitFor(ms / FASTER, signal),
  });
  await begin(engine, { config, log, now });
  const rung = { count: 0, nextAt: undefined as Instant | undefined };
  const doorbell = startBell(engine, { log, clock, rung, signal: stop.signal });
  bell.kick = doorbell.kick;
  engine.library.follow(doorbell.kick, stop.signal);
  await engine.library.refresh();
  return { config, log, engine, doorbell, clock, rung, workers: { pid: undefined, count: 0 }, stop, release };
}

interface Ringing extends Pick<Soaked, 'log' | 'clock' | 'rung'> {
  readonly signal: AbortSignal;
}

function startBell(engine: Engine, { log, clock, rung, signal }: Ringing): Doorbell {
  const now = (): Instant => clock.now;
  const health = { rangAt: now(), waits: false, notedAt: Number.NEGATIVE_INFINITY };
  return startDoorbell({
    ring: async () => {
      rung.count += 1;
      const at = now();
      if (await isClockBehind(engine, { log, now, health })) return undefined;
      const nextAt = await engine.ring();
      rung.nextAt = nextAt !== undefined && nextAt > at ? nextAt : undefined;
      return nextAt;
    },
    hasNews: async () => false,
    now,
    monotonic: () => performance.now(),
    wait: waitFor,
    onStep: () => {},
    onError: (error) => log.error({ err: error }, 'what was due could not be started; it is tried again'),
    signal,
  });
}

async function answer(parts: Soaked, question: Question): Promise<void> {
  const { config, log, engine, doorbell, clock } = parts;
  switch (question.type) {
    case 'at':
      clock.now = question.at;
      doorbell.kick();
      return tell({ type: 'idle', nextAt: await settle(parts) });
    case 'care':
      await takeCare(engine, { config, log, now: () => clock.now });
      doorbell.kick();
      return tell({ type: 'idle', nextAt: await settle(parts) });
    case 'reload':
      await engine.library.refresh();
      doorbell.kick();
      return tell({ type: 'idle', nextAt: await settle(parts) });
    case 'sample':
      return tell({ type: 'sample', sample: await takeSample(parts) });
    case 'stop':
      return end(parts);
  }
}

function tell(message: Answer): void {
  process.send?.(message);
}

/** Whatever ends rings the bell: when all is still and it has not rung since, nothing is left to do. */
async function settle({ engine, doorbell, rung, workers }: Soaked): Promise<Instant | undefined> {
  for (;;) {
    const { count } = rung;
    await doorbell.idle();
    await engine.scheduler.idle();
    await engine.deliverer.idle();
    await doorbell.idle();
    const pid = engine.workers.pid();
    if (pid !== undefined && pid !== workers.pid) {
      workers.pid = pid;
      workers.count += 1;
    }
    if (rung.count === count) return rung.nextAt;
  }
}

async function takeSample({ stop, workers }: Soaked): Promise<ProcessSample> {
  await pause(QUIET_MS);
  globalThis.gc?.();
  // What finalizers let go is garbage of its own.
  await pause(1);
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const events = process.eventNames();
  return {
    heapUsed,
    rss,
    handles: countBy(openHandles()),
    resources: countBy(process.getActiveResourcesInfo()),
    listeners: {
      ...Object.fromEntries(events.map((event) => [String(event), process.listenerCount(event)])),
      'abort of the daemon': getEventListeners(stop.signal, 'abort').length,
    },
    warnings,
    workers: workers.count,
  };
}

/** Only Linux tells. A path as it stands, a socket or pipe by its kind. */
function openHandles(): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const [kind = ''] = readlinkSync(`/proc/self/fd/${fd}`).split(':');
      return [kind.startsWith('/') ? 'file' : kind];
    } catch {
      // The folder's own, closed since.
      return [];
    }
  });
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(names.toSorted(), (name) => name);
  return Object.fromEntries([...groups].map(([name, all]) => [name, all.length]));
}

async function end({ engine, doorbell, stop, release }: Soaked): Promise<void> {
  await doorbell.idle();
  stop.abort();
  await engine.close();
  release();
  // From here it ends by itself, or holds something that it should have let go.
  process.off('disconnect', orphaned);
  process.disconnect?.();
}
