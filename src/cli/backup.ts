// `talkbell backup FILE`: a copy of the store, taken while it is in use and checked before it takes its place.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { withStore } from './with-store.ts';

interface Options extends JsonOption {
  readonly force?: boolean;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('backup')
    .description('Copy all that talkbell remembers into one file, checked. The daemon may run.')
    .argument('<file>', 'the file to write')
    .option('--force', 'replace the file if it is there')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nLogins in it are sealed: keep the key too (TALKBELL_KEY, or the file key in the data folder), in another place.\n\nExamples:\n  talkbell backup ~/talkbell.db',
    )
    .action((file: string, options: Options) => backUp(line, resolve(file), options));
}

async function backUp(line: CommandLine, file: string, options: Options): Promise<void> {
  checkPlace(file, options);
  await withStore(line, async ({ store, config }) => {
    await store.backup(file);
    const key = config.keyText === undefined ? `${config.dataDir}/key` : 'TALKBELL_KEY';
    printAnswer(line, options, {
      data: { file },
      lines: [`Backed up to ${file}. Its logins open only with the key: keep ${key} too, elsewhere.`],
    });
  });
}

/** Throws ConfigError where a copy cannot be put, or would take the place of something. */
function checkPlace(file: string, { force = false }: Options): void {
  const folder = dirname(file);
  if (!existsSync(folder))
    throw new ConfigError([`The folder ${folder} does not exist. Make it, or name another file.`]);
  if (!existsSync(file)) return;
  if (statSync(file).isDirectory()) throw new ConfigError([`${file} is a folder. Name a file in it.`]);
  if (force) return;
  throw new ConfigError([
    `${file} is there already. Name another file, or replace it: talkbell backup ${file} --force`,
  ]);
}
