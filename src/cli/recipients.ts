// `talkbell recipients`: names that jobs tell, and where each is reached.
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { webhookProblems } from '../channels/webhook-address.ts';
import { ConfigError } from '../core/errors.ts';
import type { Address } from '../core/ports.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { suggest } from './nearest.ts';
import { describeAddress, whyUnreached } from './reach.ts';
import { isLiteralSecret, readHeader, safeAddress } from './recipient-header.ts';
import { makeTable } from './table.ts';
import { type Context, withStore } from './with-store.ts';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;

interface AddOptions extends JsonOption {
  readonly kakao?: string;
  readonly friend?: string;
  readonly by?: string;
  readonly webhook?: string;
  readonly method?: 'POST' | 'PUT';
  readonly header: readonly string[];
  readonly body?: string;
  readonly console?: boolean;
  readonly group?: string;
}

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

function registerAdd(recipients: Command, line: CommandLine): void {
  const command = recipients
    .command('add')
    .description('Add a recipient, or change one. Name one way to reach it.')
    .argument('<name>', 'what jobs write in `to`')
    .option('--kakao <account>', 'the memo of a Kakao account to itself')
    .option('--friend <id>', 'a friend of an account, by Kakao id or nickname')
    .option('--by <account>', 'the account whose friend it is')
    .option('--webhook <url>', 'an http or https address that takes the message')
    .addOption(new Option('--method <method>', 'how the webhook is called').choices(['POST', 'PUT']))
    .option(
      '--header <header>',
      "a header of the webhook, such as 'Authorization: env:HOOK_TOKEN'; may be repeated",
      collect,
      [],
    )
    .option('--body <template>', 'the body of the webhook with {{text}} and the like, or @FILE')
    .option('--console', 'the terminal, or the log of the daemon')
    .option('--group <names>', 'other recipients, as A,B')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      "\nExamples:\n  talkbell recipients add mum --friend 3141592653 --by me\n  talkbell recipients add phone --webhook https://ntfy.example.com/menu --header 'Authorization: env:NTFY_TOKEN' --body '{{text}}'",
    );
  command.action((name: string, options: AddOptions) => {
    const address = readAddress(options, (problem) => command.error(`error: ${problem}`));
    return add(line, { name, address }, options);
  });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Exactly one way to reach it; what belongs to another way is wrong use. */
function readAddress(options: AddOptions, refuse: (problem: string) => never): Address {
  const { kakao, friend, by, webhook, group } = options;
  const ways = [kakao, friend, webhook, group, options.console].filter((way) => way !== undefined);
  if (ways.length !== 1) refuse('name one of --kakao, --friend, --webhook, --console and --group');
  if ((friend === undefined) !== (by === undefined)) refuse('--friend ID and --by ACCOUNT go together');
  const extras = options.method !== undefined || options.header.length > 0 || options.body !== undefined;
  if (webhook === undefined && extras) refuse('--method, --header and --body belong to --webhook');
  if (kakao !== undefined) return { channel: 'kakao-memo', account: kakao };
  if (friend !== undefined && by !== undefined) return { channel: 'kakao-friend', account: by, friend };
  if (webhook !== undefined) return readWebhook(webhook, options, refuse);
  if (group === undefined) return { channel: 'console' };
  const members = group
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  return members.length === 0 ? refuse('--group names nobody; write --group A,B') : { channel: 'group', members };
}

function readWebhook(url: string, { method, header, body }: AddOptions, refuse: (problem: string) => never): Address {
  const headers = Object.fromEntries(
    header.map(
      (text) =>
        readHeader(text) ??
        refuse(`'${text.split(':')[0]}' is no header; write it as 'Name: value' or 'Name: env:SETTING'`),
    ),
  );
  const address = {
    channel: 'webhook',
    url,
    ...(method === undefined ? {} : { method }),
    ...(header.length === 0 ? {} : { headers }),
    ...(body === undefined ? {} : { body: body.startsWith('@') ? readBody(body.slice(1)) : body }),
  } as const;
  const problems = webhookProblems(address);
  return problems.length > 0 ? refuse(problems.join(' ')) : address;
}

function readBody(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`The file ${file} of --body cannot be read. Check its name.`], { cause: error });
  }
}

async function add(
  line: CommandLine,
  { name, address }: { name: string; address: Address },
  options: JsonOption,
): Promise<void> {
  if (!NAME.test(name)) {
    throw new ConfigError([
      `'${name}' cannot be a recipient's name: use letters, digits, dots, dashes or underscores, 64 at most.`,
    ]);
  }
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
    const missing = address.members.filter((member) => !known.includes(member));
    const problems = missing.map((member) => `There is no recipient ${member}. ${suggest(member, known)}`);
    if (address.members.includes(name)) problems.push(`The group ${name} cannot hold itself.`);
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
  if (address.channel !== 'webhook') return [];
  return Object.entries(address.headers ?? {}).flatMap(([header, value]) => {
    const name = /(?:^|\s)env:(\S+)$/.exec(value)?.[1];
    if (name !== undefined)
      return config.env[name] === undefined
        ? [`Note: ${name} has no value yet. Add the line ${name}=... to .env.`]
        : [];
    if (!isLiteralSecret(header, value)) return [];
    return [
      `Note: the value of ${header} looks like a secret and is stored as it stands. Better: put it into .env and write 'env:NAME'.`,
    ];
  });
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
