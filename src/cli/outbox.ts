// `talkbell outbox`: what was written and what became of it; once more, or not at all, by hand.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../core/errors.ts';
import type { MessageRow, MessageState } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { readCount } from './numbers.ts';
import { firstWords, progressOf, viewMessage } from './run-view.ts';
import { makeTable } from './table.ts';
import { readWaits } from './waits.ts';
import { type Context, withStore } from './with-store.ts';

const STATES: readonly MessageState[] = ['pending', 'sending', 'sent', 'failed', 'expired', 'unclear'];
const ROWS = 20;
const HOUR_MS = 60 * 60_000;

interface Options extends JsonOption {
  readonly state?: MessageState;
  readonly limit: number;
}

export function register(program: Command, line: CommandLine): void {
  const outbox = program.command('outbox').description('Messages and what became of them: list, retry, drop.');
  outbox
    .command('list', { isDefault: true })
    .description('List them, newest first.')
    .addOption(new Option('--state <state>', 'only those of one state').choices(STATES))
    .option('--limit <n>', 'how many', readCount, ROWS)
    .option(...JSON_OPTION)
    .action((options: Options) => list(line, options));
  outbox
    .command('retry')
    .description('Write a message that failed, expired or is unclear once more; it is fresh for an hour.')
    .argument('<id>', 'its number', readId)
    .option(...JSON_OPTION)
    .action((id: number, options: JsonOption) => change(line, { id, options }, retry));
  outbox
    .command('drop')
    .description('Give up a message that waits.')
    .argument('<id>', 'its number', readId)
    .option(...JSON_OPTION)
    .action((id: number, options: JsonOption) => change(line, { id, options }, drop));
  outbox.addHelpText(
    'after',
    '\nExamples:\n  talkbell outbox\n  talkbell outbox --state unclear\n  talkbell outbox retry 12\n  talkbell outbox drop 12',
  );
}

function readId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the number of a message, as talkbell outbox shows it.');
}

async function list(line: CommandLine, { state, limit, ...options }: Options): Promise<void> {
  await withStore(line, async ({ store, config, now }) => {
    const whyWaits = await readWaits(store, { now: now(), zone: config.timezone });
    const rows = await store.messages({ ...(state === undefined ? {} : { state }), limit });
    const cells = rows.map((row) => [
      String(row.id),
      showTime(config.timezone, row.createdAt),
      row.job ?? row.about ?? '',
      row.recipient,
      firstWords(row),
      progressOf(row, { zone: config.timezone, whyWaits }),
    ]);
    const counts = Object.entries(await store.countMessages()).filter(([, count]) => count > 0);
    const total =
      counts.length === 0
        ? 'The outbox is empty.'
        : `In all: ${counts.map(([name, count]) => `${count} ${name}`).join(', ')}.`;
    const table = makeTable(['ID', 'WRITTEN', 'ABOUT', 'TO', 'SAYS', 'STATE'], cells, line.columns);
    printAnswer(line, options, {
      data: rows.map((row) => viewMessage(row, whyWaits)),
      lines: cells.length === 0 ? [total] : [...table, '', total],
    });
  });
}

type Change = (context: Context, row: MessageRow) => Promise<string>;

async function change(
  line: CommandLine,
  { id, options }: { id: number; options: JsonOption },
  apply: Change,
): Promise<void> {
  await withStore(line, async (context) => {
    const row = (await context.store.messages({ limit: 1, before: id + 1 })).find((message) => message.id === id);
    if (row === undefined) throw new ConfigError([`There is no message ${id}. See: talkbell outbox`]);
    const text = await apply(context, row);
    printAnswer(line, options, { data: { id, result: text }, lines: [text] });
  });
}

/** A message that has its end keeps it: the same words are written as a new one. */
async function retry({ store, config, now }: Context, row: MessageRow): Promise<string> {
  if (row.state === 'pending') {
    const whyWaits = await readWaits(store, { now: now(), zone: config.timezone });
    throw new ConfigError([
      `Message ${row.id} waits and goes out by itself. It is ${progressOf(row, { zone: config.timezone, whyWaits })}`,
    ]);
  }
  if (row.state === 'sending') throw new ConfigError([`Message ${row.id} is on its way now.`]);
  if (row.state === 'sent')
    throw new ConfigError([`Message ${row.id} was sent. To say it again: talkbell send ${row.recipient} TEXT`]);
  const at = now();
  const { recipient, address, saying } = row;
  const again = {
    recipient,
    address,
    saying,
    index: 0,
    part: 1,
    parts: 1,
    nextAt: at,
    freshUntil: at + HOUR_MS,
    ifUnclear: 'leave',
    keys: [],
  } as const;
  const [id] = await store.addMessages([again], `message ${row.id} again`, at);
  return `Written once more as message ${id}; a running daemon sends it within seconds.`;
}

async function drop({ store, now }: Context, row: MessageRow): Promise<string> {
  if (row.state !== 'pending') throw new ConfigError([`Message ${row.id} does not wait: it is ${row.state}.`]);
  await store.settle([{ id: row.id, after: { state: 'failed', reason: 'given up by hand' } }], now());
  return `Message ${row.id} is given up.`;
}
