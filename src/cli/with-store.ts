// What most commands need: the configuration, the store, and a log that speaks to the person at the terminal. The store
// is shared with a running daemon, which notices within seconds what a command wrote.
import { join } from 'node:path';
import type { Log } from '../core/log.ts';
import type { Clock, Store } from '../core/ports.ts';
import { makeScrubber, type Scrubber } from '../core/redact.ts';
import { type Config, readConfig } from '../io/config.ts';
import { loadKeys } from '../io/key.ts';
import { takeLock } from '../io/lock.ts';
import { openStore } from '../io/store.ts';
import type { CommandLine } from './command-line.ts';

export interface Context {
  readonly config: Config;
  readonly store: Store;
  readonly log: Log;
  readonly now: Clock;
}

/** Throws ConfigError or StoreError when there is nothing to work on. */
export async function withStore<T>(line: CommandLine, work: (context: Context) => Promise<T>): Promise<T> {
  const config = readConfig(line.env);
  const log = makeCommandLog(line, makeScrubberOf(config));
  const store = await openStoreFor(config, { now: line.now, log });
  try {
    return await work({ config, store, log, now: line.now });
  } finally {
    await store.close();
  }
}

/** Without the rest of the engine, so that a command starts fast. */
export function openStoreFor(config: Config, { now, log }: Pick<Context, 'now' | 'log'>): Promise<Store> {
  const keys = loadKeys(config, { create: true });
  return openStore({
    file: storeFileOf(config),
    ...keys,
    now,
    keepDays: config.keepDays,
    log: (message) => log.info({}, message),
    mayMigrate: () => !isDaemonRunning(config.dataDir),
  });
}

function isDaemonRunning(dataDir: string): boolean {
  const lock = takeLock(dataDir, 'command');
  // A daemon of before wrote less about itself.
  if (!('release' in lock)) return lock.holder !== 'command';
  lock.release();
  return false;
}

export function storeFileOf({ dataDir }: Config): string {
  return join(dataDir, 'talkbell.db');
}

/** Knows the secrets of the configuration. */
export function makeScrubberOf({ kakao, keyText, oldKeyText }: Config): Scrubber {
  const scrubber = makeScrubber();
  for (const value of [kakao.restApiKey, kakao.clientSecret, keyText, oldKeyText])
    if (value !== undefined) scrubber.add(value);
  return scrubber;
}

/** Warnings, errors and what job files print go to standard error; the rest is for the daemon's log alone. */
export function makeCommandLog({ printError }: Pick<CommandLine, 'printError'>, scrubber: Scrubber): Log {
  const say = (facts: object, message: string): void => printError(scrubber.scrub(`${message}${causeIn(facts)}`));
  return {
    debug: () => {},
    info: (facts, message) => {
      if ('from' in facts && facts.from === 'job') say(facts, `[job] ${message}`);
    },
    warn: say,
    error: say,
  };
}

function causeIn(facts: object): string {
  return 'err' in facts && facts.err instanceof Error ? ` (${facts.err.message})` : '';
}
