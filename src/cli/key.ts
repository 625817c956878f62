// `talkbell key rotate`: a new key for logins and webhooks. The new key is in its place before anything is sealed with it, and
// the old one still opens what was not reached: a rotation broken off at any point loses nothing, and goes on by itself.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ConfigError, StoreError } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { showTimesIn } from '../core/show-time.ts';
import { type Config, readConfig } from '../io/config.ts';
import { replaceKeyFile } from '../io/key.ts';
import { takeLock } from '../io/lock.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { makeCommandLog, makeScrubberOf, openStoreFor } from './with-store.ts';

export function register(program: Command, line: CommandLine): void {
  const key = program.command('key').description('The key that logins and webhooks are sealed with: rotate.');
  key
    .command('rotate')
    .description('Seal every login and webhook with a new key. Stop the daemon first.')
    .option(...JSON_OPTION)
    .addHelpText('after', `\n${EXPLAINED}\n\nExamples:\n  talkbell key rotate\n  talkbell key rotate --json`)
    .action((options: JsonOption) => rotate(line, options));
  key.addHelpText('after', '\nExamples:\n  talkbell key rotate');
}

const EXPLAINED = `Makes a new file key in the data folder and keeps the old one beside it as key.old-TIME: it opens the backups made before.
Whoever had the old key and the database has the logins and webhooks: then let everybody log in again too, and make the webhooks anew.
With TALKBELL_KEY: name the old one TALKBELL_OLD_KEY, set a new TALKBELL_KEY (openssl rand -base64 32), and call this.`;

async function rotate(line: CommandLine, options: JsonOption): Promise<void> {
  const config = readConfig(line.env);
  const lock = takeLock(config.dataDir);
  if ('heldBy' in lock)
    throw new ConfigError([
      `talkbell works on ${config.dataDir} (${showTimesIn(config.timezone, lock.heldBy)}). Stop it, then rotate the key.`,
    ]);
  try {
    if (config.keyText === undefined) await rotateFile(line, config, options);
    else await rotateSetting(line, config, options);
  } finally {
    lock.release();
  }
}

async function rotateFile(line: CommandLine, config: Config, options: JsonOption): Promise<void> {
  const file = join(config.dataDir, 'key');
  if (!existsSync(file)) throw new ConfigError([`There is no ${file} to replace. The first start or login makes it.`]);
  await withStoreOf(line, config, refuseUnopened);
  const oldFile = replaceKeyFile(config.dataDir, line.now());
  const sealed = await withStoreOf(line, config, resealAll);
  printAnswer(line, options, {
    data: { ...sealed, key: file, oldKey: oldFile },
    lines: [
      `${file} is new. ${told(sealed)} Keep a copy of it elsewhere.`,
      `The old one is ${oldFile}: it opens the backups made before. Delete it together with them.`,
    ],
  });
}

async function rotateSetting(line: CommandLine, config: Config, options: JsonOption): Promise<void> {
  if (config.oldKeyText === undefined) {
    throw new ConfigError([
      'The key is TALKBELL_KEY, which talkbell reads and never writes. Where it is set, name it TALKBELL_OLD_KEY, set TALKBELL_KEY to a new one (openssl rand -base64 32), and call talkbell key rotate again.',
    ]);
  }
  await withStoreOf(line, config, refuseUnopened);
  const sealed = await withStoreOf(line, config, resealAll);
  printAnswer(line, options, {
    data: sealed,
    lines: [`${told(sealed)} Now remove TALKBELL_OLD_KEY; backups made before open only with it.`],
  });
}

async function withStoreOf<T>(line: CommandLine, config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const log = makeCommandLog(line, makeScrubberOf(config));
  const store = await openStoreFor(config, { now: line.now, log });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Nothing is changed while something is sealed with a key that is not there. */
async function refuseUnopened(store: Store): Promise<void> {
  for (const { name } of await store.accounts()) {
    await store.tokens(name);
    await store.rawAnswer(name);
  }
  for (const { address } of await store.recipients()) {
    if ('sealed' in address) throw new StoreError(`${address.reason} Nothing was overwritten.`, { kind: 'key' });
  }
}

interface Sealed {
  readonly accounts: readonly string[];
  readonly webhooks: readonly string[];
}

async function resealAll(store: Store): Promise<Sealed> {
  await store.reseal();
  const recipients = await store.recipients();
  return {
    accounts: (await store.accounts()).map(({ name }) => name),
    webhooks: recipients.filter(({ address }) => address.channel === 'webhook').map(({ name }) => name),
  };
}

function told({ accounts, webhooks }: Sealed): string {
  const all = [accounts.join(', '), ...(webhooks.length === 0 ? [] : [`webhooks ${webhooks.join(', ')}`])];
  const named = all.filter((part) => part !== '').join('; ');
  return named === '' ? 'There was no login or webhook to seal.' : `Sealed with it: ${named}.`;
}
