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
import { type Config, readConfig } from '../io/config.ts';
import { takeLock } from '../io/lock.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import { awaitSettled } from './await-settled.ts';
import type { CommandLine } from './command-line.ts';
import { isLost, linesOfMessages } from './message-report.ts';
import { suggest } from './nearest.ts';
import { viewMessage } from './run-view.ts';
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
    .addHelpText('after', '\nExamples:\n  talkbell send me "점심 먹으러 가자"\n  df -h | talkbell send me -')
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
      ? await sendAlone(line, wanted, { config, release: lock.release, options })
      : await sendBeside(line, wanted);
  const lines = linesOfMessages(messages, config.timezone).slice(1);
  printAnswer(line, options, { data: messages.map(viewMessage), lines });
  if (messages.length === 0 || messages.some(isLost)) line.fail();
}

async function sendAlone(
  line: CommandLine,
  wanted: Wanted,
  alone: { config: Config; release: () => void; options: JsonOption },
): Promise<readonly MessageRow[]> {
  const { withEngine } = await import('./alone.ts');
  return withEngine(line, alone, async ({ store, channels, deliverer }) => {
    const ids = await write(store, wanted, { channels, now: line.now() });
    const ring = async (): Promise<void> => {
      await deliverer.ring();
      await deliverer.idle();
    };
    return awaitSettled({ store, now: line.now, signal: line.signal, read: () => readMessages(store, ids), ring });
  });
}

function sendBeside(line: CommandLine, wanted: Wanted): Promise<readonly MessageRow[]> {
  return withKakao(line, async ({ store, kakao, config, now }) => {
    const console = makeConsoleChannel({ write: line.print });
    const ids = await write(store, wanted, {
      channels: makeChannels({ kakao, env: config.env, now, console }),
      now: now(),
    });
    return awaitSettled({ store, now, signal: line.signal, read: () => readMessages(store, ids), ring: undefined });
  });
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
