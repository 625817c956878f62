// `talkbell backup FILE`: a copy of the store, taken while it is in use and checked before it takes its place.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { withStore } from './with-store.ts';

export function register(program: Command, line: CommandLine): void {
  program
    .command('backup')
    .description('Copy all that talkbell remembers into one file, checked. The daemon may run.')
    .argument('<file>', 'the file to write')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nLogins in it are sealed: keep the key too (TALKBELL_KEY, or the file key in the data folder), in another place.\n\nExamples:\n  talkbell backup ~/talkbell.db',
    )
    .action((file: string, options: JsonOption) => backUp(line, resolve(file), options));
}

async function backUp(line: CommandLine, file: string, options: JsonOption): Promise<void> {
  await withStore(line, async ({ store, config }) => {
    await store.backup(file);
    const key = config.keyText === undefined ? `${config.dataDir}/key` : 'TALKBELL_KEY';
    printAnswer(line, options, {
      data: { file },
      lines: [`Backed up to ${file}. Its logins open only with the key: keep ${key} too, elsewhere.`],
    });
  });
}
