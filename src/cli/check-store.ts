// check: the key and the database, and what in it waits for a person.
import { existsSync } from 'node:fs';
import { ConfigError, StoreError } from '../core/errors.ts';
import type { Clock, Store } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import type { Config } from '../io/config.ts';
import { loadKeys } from '../io/key.ts';
import { openStore } from '../io/store.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { storeFileOf } from './with-store.ts';

const DAY_MS = 24 * 60 * 60_000;

export type Opened =
  | { readonly findings: readonly Finding[]; readonly store: Store }
  | { readonly findings: readonly Finding[] };

/** Makes neither key nor database. */
export async function openForCheck(config: Config, now: Clock): Promise<Opened> {
  const file = storeFileOf(config);
  const isNew = !existsSync(file);
  try {
    const keys = loadKeys(config, { create: false });
    const from = config.keyText === undefined ? `${config.dataDir}/key; keep a copy elsewhere` : 'TALKBELL_KEY';
    const found = ok('key', from);
    if (isNew) return { findings: [found, nothingYet(file)] };
    return { findings: [found], store: await openStore({ file, ...keys, now, keepDays: config.keepDays }) };
  } catch (error) {
    if (error instanceof StoreError) return { findings: [fail('database', error.message)] };
    if (!(error instanceof ConfigError)) throw error;
    const isFirst = isNew && config.keyText === undefined && !existsSync(`${config.dataDir}/key`);
    if (isFirst)
      return {
        findings: [warn('key', `There is no key yet. The first start makes ${config.dataDir}/key.`), nothingYet(file)],
      };
    const lost =
      existsSync(`${config.dataDir}/key`) || config.keyText !== undefined
        ? ''
        : ' Bring the old key back: with a new one, everybody has to log in again.';
    return { findings: error.problems.map((problem) => fail('key', `${problem}${lost}`)) };
  }
}

function nothingYet(file: string): Finding {
  return warn('database', `There is no ${file} yet. The first start makes it.`);
}

export async function checkStore(
  store: Store,
  { now, zone }: { readonly now: number; readonly zone: string },
): Promise<readonly Finding[]> {
  const problems = await store.check();
  if (problems.length > 0) {
    return [
      fail(
        'database',
        `It is damaged: ${problems.slice(0, 3).join('; ')}. Stop talkbell and restore a backup: talkbell restore data/backups/FILE`,
      ),
    ];
  }
  await store.tryWrite();
  return [
    ok('database', 'whole and writable'),
    ...(await checkClock(store, now, zone)),
    ...(await checkOutbox(store)),
    ...(await checkAlerts(store, zone)),
  ];
}

async function checkClock(store: Store, now: number, zone: string): Promise<readonly Finding[]> {
  const newest = await store.touchClock(0);
  if (newest - now <= DAY_MS) return [];
  return [
    fail(
      'clock',
      `The clock is more than a day before the newest time in the database (${showTime(zone, newest)}): nothing runs until it is set right.`,
    ),
  ];
}

async function checkOutbox(store: Store): Promise<readonly Finding[]> {
  const { pending = 0, unclear = 0, failed = 0 } = await store.countMessages();
  const waiting = ok('outbox', `${pending} waiting`);
  if (unclear === 0 && failed === 0) return [waiting];
  return [
    waiting,
    warn(
      'outbox',
      `${failed} failed and ${unclear} may or may not have arrived. See: talkbell outbox --state failed, and --state unclear`,
    ),
  ];
}

async function checkAlerts(store: Store, zone: string): Promise<readonly Finding[]> {
  return (await store.alerts()).map(({ text, since }) => warn('alert', `Since ${showTime(zone, since)}: ${text}`));
}
