// `talkbell send RECIPIENT TEXT`: one message, now, outside any job. A running daemon sends it within seconds; without
// one the command does, under the same lock.
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { makeConsoleChannel } from '../channels/console.ts';
import { makeChannels } from '../channels/index.ts';
import { type Channels, findRecipients, writeMessages } from '../core/address.ts';
import { ConfigError, MessageError } from '../core/errors.ts';
import type { Instant } from '../core/job.ts';
import type { MessageRow, NewMessage, Store } from '../core/ports.ts';
import type { Engine } from '../engine.ts';
import { type Config, readConfig } from '../io/config.ts';
import { takeLock } from '../io/lock.ts';
import type { Alone } from './alone.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import { awaitSettled } from './await-settled.ts';
import type { CommandLine } from './command-line.ts';
import { openLaterLock } from './later-lock.ts';
import { isLost, linesOfMessages } from './message-report.ts';
import { suggest } from './nearest.ts';
import { viewMessage } from './run-view.ts';
import { waitsOf } from './waits.ts';
import { withKakao } from './with-kakao.ts';

const FRESH_MS = 60 * 60_000;

interface Wanted {
  readonly to: string;
  readonly text: string;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('send')
    .description('Send a message to a recipient, and say what became of it.')
    .argument('<recipient>', 'the name of a recipient')
    .argument('<text>', 'what to say; - reads standard input')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nIt ends with 1 if the message was not delivered; one that waits for later is no failure.\n\nExamples:\n  talkbell send me "점심 먹으러 가자"\n  df -h | talkbell send me -',
    )
    .action(async (to: string, given: string, options: JsonOption) => {
      const text = given === '-' ? (await readAll(process.stdin)).trimEnd() : given;
      if (text.trim() === '') throw new ConfigError(['There is nothing to say: the text is empty.']);
      await send(line, { to, text }, options);
    });
}

async function send(line: CommandLine, wanted: Wanted, options: JsonOption): Promise<void> {
  const config = readConfig(line.env);
  const lock = takeLock(config.dataDir);
  const messages =
    'release' in lock
      ? await sendAlone(line, { config, release: lock.release, options }, ({ store, channels }) =>
          write(store, wanted, { channels, now: line.now() }),
        )
      : await sendBeside(line, wanted, { config, options });
  const whyWaits = await waitsOf(line, messages);
  const reporting = { zone: config.timezone, whyWaits, printed: 'release' in lock };
  const lines = linesOfMessages(messages, reporting).slice(1);
  printAnswer(line, options, { data: messages.map((row) => viewMessage(row, whyWaits)), lines });
  if (messages.length === 0 || messages.some(isLost)) line.fail();
}

type Written = (engine: Pick<Engine, 'store' | 'channels'>) => Promise<readonly number[]>;

async function sendAlone(line: CommandLine, alone: Alone, begin: Written): Promise<readonly MessageRow[]> {
  const { withEngine } = await import('./alone.ts');
  return withEngine(line, alone, async ({ store, channels, deliverer }) => {
    const ids = await begin({ store, channels });
    const ring = async (): Promise<void> => {
      await deliverer.ring();
      await deliverer.idle();
    };
    return awaitSettled({ store, now: line.now, signal: line.signal, read: () => readMessages(store, ids), ring });
  });
}

/** Leaves it to whoever holds the data folder; when that was no daemon and it goes, the command goes on alone. */
async function sendBeside(
  line: CommandLine,
  wanted: Wanted,
  { config, options }: { config: Config; options: JsonOption },
): Promise<readonly MessageRow[]> {
  const lock = openLaterLock(config.dataDir);
  const messages = await withKakao(line, async ({ store, kakao, now }) => {
    const console = makeConsoleChannel({ write: line.print });
    const channels = makeChannels({ kakao, env: config.env, now, console });
    const ids = await write(store, wanted, { channels, now: now() });
    const read = () => readMessages(store, ids);
    return awaitSettled({ store, now, signal: line.signal, read, ring: undefined, isOver: lock.take });
  });
  const release = lock.release();
  if (release === undefined) return messages;
  return sendAlone(line, { config, release, options }, async () => messages.map(({ id }) => id));
}

async function write(
  store: Store,
  { to, text }: Wanted,
  { channels, now }: { channels: Channels; now: Instant },
): Promise<readonly number[]> {
  const recipients = await store.recipients();
  const { reached, missing } = findRecipients([to], recipients);
  const names = recipients.map(({ name }) => name);
  if (missing.length > 0)
    throw new ConfigError(
      missing.map((name) => `There is no recipient ${name}. ${suggest(name, names)} See: talkbell recipients`),
    );
  const addressing = { channels, nextAt: now, freshUntil: now + FRESH_MS, ifUnclear: 'leave', keys: [] } as const;
  return store.addMessages(
    prepare(() => writeMessages([{ kind: 'text', text }], reached, addressing)),
    'send',
    now,
  );
}

/** What no channel can carry is told as what it is: a text to be changed. */
function prepare(work: () => readonly NewMessage[]): readonly NewMessage[] {
  try {
    return work();
  } catch (error) {
    throw error instanceof MessageError ? new ConfigError(error.problems, { cause: error }) : error;
  }
}

async function readMessages(
  store: Store,
  ids: readonly number[],
): Promise<{ value: readonly MessageRow[]; busy: boolean; messages: readonly MessageRow[] }> {
  const rows = await store.messages({ limit: ids.length + 100, before: Math.max(...ids) + 1 });
  const messages = rows.filter(({ id }) => ids.includes(id)).toReversed();
  return { value: messages, busy: false, messages };
}
