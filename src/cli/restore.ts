// `talkbell restore FILE`: puts a backup in the place of the store, while no daemon runs.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { showTimesIn } from '../core/show-time.ts';
import { readConfig } from '../io/config.ts';
import { takeLock } from '../io/lock.ts';
import { restoreStore } from '../io/store-restore.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { storeFileOf } from './with-store.ts';

/** What a file of SQLite begins with. */
const HEADER = 'SQLite format 3\0';

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
    throw new ConfigError([
      `talkbell works on ${config.dataDir} (${showTimesIn(config.timezone, lock.heldBy)}). Stop it, then restore.`,
    ]);
  try {
    if (!isDatabase(from)) throw noBackup(from);
    const to = storeFileOf(config);
    const { kept } = await restoreStore({ from, to, now: line.now() }).catch((error: unknown) => {
      throw isForeign(error) ? noBackup(from, error) : error;
    });
    const before = kept === undefined ? [] : [`What was there is kept as ${kept}.`];
    const lines = [`Restored ${from}.`, ...before, 'Start talkbell, and see what waits: talkbell check'];
    printAnswer(line, options, { data: { from, ...(kept === undefined ? {} : { kept }) }, lines });
  } finally {
    lock.release();
  }
}

/** A file that is not there is told by the restoring itself. */
function isDatabase(file: string): boolean {
  if (!existsSync(file)) return true;
  if (!statSync(file).isFile()) return false;
  const bytes = Buffer.alloc(HEADER.length);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, bytes);
  } finally {
    closeSync(handle);
  }
  return bytes.toString('latin1') === HEADER;
}

/** A database of another program lacks our tables. */
function isForeign(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_ERROR';
}

function noBackup(file: string, cause?: unknown): ConfigError {
  return new ConfigError([`${file} is no backup of talkbell. Name one, such as a file of data/backups.`], { cause });
}
