// `talkbell recipients add`: checked before it is kept, so that a slip is told now and not at the first message.
import { type Command, Option } from 'commander';
import { ConfigError } from '../core/errors.ts';
import type { Address } from '../core/ports.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { requireName } from './names.ts';
import { suggest } from './nearest.ts';
import { describeAddress } from './reach.ts';
import { type AddressOptions, readAddress } from './recipient-address.ts';
import { isLiteralSecret, safeAddress, settingsIn } from './recipient-header.ts';
import { type Context, withStore } from './with-store.ts';

export function registerAdd(recipients: Command, line: CommandLine): void {
  const command = recipients
    .command('add')
    .description('Add a recipient, or change one. Name one way to reach it.')
    .argument('<name>', 'what jobs write in `to`')
    .option('--kakao <account>', 'the memo of a Kakao account to itself')
    .option('--friend <id>', 'a friend of an account, by Kakao id or nickname')
    .option('--by <account>', 'the account whose friend it is')
    .option('--webhook <url>', 'an http or https address that takes the message')
    .addOption(new Option('--method <method>', 'how the webhook is called').choices(['POST', 'PUT']))
    .addOption(
      new Option(
        '--header <header>',
        "a header of the webhook, such as 'Authorization: env:HOOK_TOKEN'; may be repeated",
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--body <template>', 'the body of the webhook with {{text}} and the like, or @FILE')
    .option('--console', 'the terminal, or the log of the daemon')
    .option('--group <names>', 'other recipients, as A,B')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      "\nExamples:\n  talkbell recipients add mum --friend 3141592653 --by me\n  talkbell recipients add phone --webhook https://ntfy.example.com/menu --header 'Authorization: env:NTFY_TOKEN' --body '{{text}}'",
    );
  command.action((name: string, options: AddressOptions & JsonOption) => {
    const address = readAddress(options, (problem) => command.error(`error: ${problem}`));
    return add(line, { name, address }, options);
  });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function add(
  line: CommandLine,
  { name, address }: { name: string; address: Address },
  options: JsonOption,
): Promise<void> {
  requireName(name);
  await withStore(line, async (context) => {
    await checkExists(context, name, address);
    await context.store.saveRecipient({ name, address }, context.now());
    for (const warning of warningsOf(address, context)) line.printError(warning);
    const lines = [`${name} is reached at ${describeAddress(address)}.`, `Try it: talkbell send ${name} hello`];
    printAnswer(line, options, { data: { name, address: safeAddress(address) }, lines });
  });
}

async function checkExists({ store }: Context, name: string, address: Address): Promise<void> {
  if (address.channel === 'group') {
    const known = (await store.recipients()).map((recipient) => recipient.name);
    const missing = address.members.filter((member) => member !== name && !known.includes(member));
    const problems = missing.map((member) => `There is no recipient ${member}. ${suggest(member, known)}`);
    if (address.members.includes(name))
      problems.push(`The group ${name} cannot hold itself: leave ${name} out of --group.`);
    if (problems.length > 0) throw new ConfigError(problems);
  }
  if (!('account' in address)) return;
  const accounts = (await store.accounts()).map((account) => account.name);
  if (accounts.includes(address.account)) return;
  throw new ConfigError([
    `There is no account ${address.account}. ${suggest(address.account, accounts)} Make it with: talkbell login --as ${address.account}`,
  ]);
}

function warningsOf(address: Address, { config }: Context): readonly string[] {
  if (address.channel !== 'webhook' || 'sealed' in address) return [];
  const { headers = {} } = address;
  const unset = settingsIn(headers).filter((name) => config.env[name] === undefined);
  const literal = Object.entries(headers).filter(([name, value]) => isLiteralSecret(name, value));
  return [
    ...unset.map((name) => `Note: ${name} has no value yet. Add the line ${name}=... to .env.`),
    ...literal.map(
      ([name]) =>
        `Note: the value of ${name} looks like a secret and is stored, sealed. If other programs use it too, put it into .env and write 'env:SETTING'.`,
    ),
  ];
}
