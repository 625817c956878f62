// `talkbell restore FILE`: puts a backup in the place of the store, while no daemon runs.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { readConfig } from '../io/config.ts';
import { takeLock } from '../io/lock.ts';
import { restoreStore } from '../io/store-restore.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { storeFileOf } from './with-store.ts';

export function register(program: Command, line: CommandLine): void {
  program
    .command('restore')
    .description('Put a backup in the place of the store. Stop the daemon first.')
    .argument('<file>', 'a backup, such as one of data/backups')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nWhat it replaces is kept beside it. Messages that were waiting are not sent again, and logins are verified on first use.\n\nExamples:\n  talkbell restore data/backups/talkbell-2026-11-20.db',
    )
    .action((file: string, options: JsonOption) => restore(line, resolve(file), options));
}

async function restore(line: CommandLine, from: string, options: JsonOption): Promise<void> {
  const config = readConfig(line.env);
  const lock = takeLock(config.dataDir);
  if ('heldBy' in lock)
    throw new ConfigError([`talkbell works on ${config.dataDir} (${lock.heldBy}). Stop it, then restore.`]);
  try {
    const { kept } = await restoreStore({ from, to: storeFileOf(config), now: line.now() });
    const before = kept === undefined ? [] : [`What was there is kept as ${kept}.`];
    const lines = [`Restored ${from}.`, ...before, 'Start talkbell, and see what waits: talkbell check'];
    printAnswer(line, options, { data: { from, ...(kept === undefined ? {} : { kept }) }, lines });
  } finally {
    lock.release();
  }
}
