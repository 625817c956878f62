// `talkbell recipients`: names that jobs tell, and where each is reached.
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { registerAdd } from './add-recipient.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { suggest } from './nearest.ts';
import { describeAddress, whyUnreached } from './reach.ts';
import { safeAddress } from './recipient-header.ts';
import { makeTable } from './table.ts';
import { withStore } from './with-store.ts';

export function register(program: Command, line: CommandLine): void {
  const recipients = program.command('recipients').description('The names that jobs tell: list, add, remove.');
  recipients
    .command('list', { isDefault: true })
    .description('List them, and what is in the way of reaching them.')
    .option(...JSON_OPTION)
    .action((options: JsonOption) => list(line, options));
  registerAdd(recipients, line);
  recipients
    .command('remove')
    .description('Forget a recipient.')
    .argument('<name>', 'the name')
    .option(...JSON_OPTION)
    .action((name: string, options: JsonOption) => remove(line, name, options));
  recipients.addHelpText(
    'after',
    '\nExamples:\n  talkbell recipients\n  talkbell recipients add team --webhook https://hooks.example.com/T0/B0\n  talkbell recipients add all --group me,team\n  talkbell recipients remove team',
  );
}

async function list(line: CommandLine, options: JsonOption): Promise<void> {
  await withStore(line, async ({ store }) => {
    const people = { recipients: await store.recipients(), accounts: await store.accounts() };
    const views = people.recipients.map(({ name, address }) => {
      const problem = whyUnreached(name, people);
      return { name, address: safeAddress(address), ...(problem === undefined ? {} : { problem }) };
    });
    const rows = people.recipients.map(({ name, address }) => [
      name,
      address.channel,
      describeAddress(address),
      whyUnreached(name, people) ?? 'ok',
    ]);
    const none = ['There is no recipient yet. Log in (talkbell login), or add one (talkbell recipients add --help).'];
    printAnswer(line, options, {
      data: views,
      lines: rows.length === 0 ? none : makeTable(['NAME', 'CHANNEL', 'REACHED AT', 'STATE'], rows),
    });
  });
}

async function remove(line: CommandLine, name: string, options: JsonOption): Promise<void> {
  await withStore(line, async ({ store }) => {
    const names = (await store.recipients()).map((recipient) => recipient.name);
    if (!(await store.removeRecipient(name)))
      throw new ConfigError([`There is no recipient ${name}. ${suggest(name, names)}`]);
    printAnswer(line, options, {
      data: { removed: name },
      lines: [`${name} is removed. Jobs that tell ${name} say so in talkbell jobs.`],
    });
  });
}
