// `talkbell friends`: the friends of an account whom this app may write to, as Kakao lists them now.
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { makeTable } from './table.ts';
import { type KakaoContext, requireAccount, withKakao } from './with-kakao.ts';

interface Options extends JsonOption {
  readonly account?: string;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('friends')
    .description('List the friends of an account whom messages can be sent to.')
    .option('--account <name>', 'whose friends; default: the only account, or me')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nKakao lists only friends who have logged in to the same app and agreed to it.\n\nExamples:\n  talkbell friends\n  talkbell friends --account mum\n  talkbell recipients add minji --friend 3141592653 --by me',
    )
    .action((options: Options) => list(line, options));
}

async function list(line: CommandLine, options: Options): Promise<void> {
  await withKakao(line, async (context) => {
    const account = options.account ?? (await defaultAccount(context));
    await requireAccount(context, account);
    const found = await context.kakao.friends.fetch(account, line.signal);
    if (found.kind !== 'ok') throw new ConfigError([`The friends of ${account} could not be listed. ${found.reason}`]);
    const rows = found.value.map(({ id, nickname, allowed }) => [
      nickname ?? '',
      id ?? '',
      allowed ? 'yes' : 'no: only they can change that, in KakaoTalk',
    ]);
    const none = [
      `Kakao lists no friends of ${account}. They have to log in to this app too and agree to friends and messages (talkbell login --friends).`,
    ];
    const data = found.value.map(({ id, nickname, allowed }) => ({ id, nickname, allowed }));
    printAnswer(line, options, {
      data,
      lines: rows.length === 0 ? none : makeTable(['NICKNAME', 'ID', 'MAY BE WRITTEN TO'], rows),
    });
  });
}

async function defaultAccount({ store }: KakaoContext): Promise<string> {
  const names = (await store.accounts()).map(({ name }) => name);
  return names.length === 1 ? (names[0] ?? 'me') : 'me';
}
