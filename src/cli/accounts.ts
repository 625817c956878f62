// `talkbell accounts`: Kakao logins, how long they last, and what is in their way.
import type { Command } from 'commander';
import type { Instant } from '../core/job.ts';
import type { AccountRow } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import { withToken } from '../kakao/with-token.ts';
import { isoOf, JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { makeTable } from './table.ts';
import { reasonOf } from './waits.ts';
import { type KakaoContext, requireAccount, withKakao } from './with-kakao.ts';
import { withStore } from './with-store.ts';

const DAY_MS = 24 * 60 * 60_000;

interface RemoveOptions extends JsonOption {
  readonly unlink?: boolean;
}

export function register(program: Command, line: CommandLine): void {
  const accounts = program.command('accounts').description('Kakao logins: list, remove.');
  accounts
    .command('list', { isDefault: true })
    .description('List them, with the days they last.')
    .option(...JSON_OPTION)
    .action((options: JsonOption) => list(line, options));
  accounts
    .command('remove')
    .description('Forget a login. Its recipient stays, and waits for a new login.')
    .argument('<name>', 'the name of the account')
    .option('--unlink', 'also take back its consent at Kakao')
    .option(...JSON_OPTION)
    .action((name: string, options: RemoveOptions) => remove(line, name, options));
  accounts.addHelpText('after', '\nExamples:\n  talkbell accounts\n  talkbell accounts remove mum --unlink');
}

async function list(line: CommandLine, options: JsonOption): Promise<void> {
  await withStore(line, async ({ store, config, now }) => {
    const rows = await store.accounts();
    const cells = rows.map((row) => [
      row.name,
      row.kakaoId ?? '',
      stateOf(row, config.timezone),
      `${daysLeft(row, now())}`,
      row.scopes.join(', '),
    ]);
    const none = ['Nobody is logged in. Log in with: talkbell login'];
    const data = rows.map((row) => viewAccount(row, now()));
    printAnswer(line, options, {
      data,
      lines:
        rows.length === 0
          ? none
          : makeTable(['NAME', 'KAKAO ID', 'STATE', 'DAYS LEFT', 'AGREED TO'], cells, line.columns),
    });
  });
}

/** Whole days until the login ends, if Kakao does not renew it. */
export function daysLeft({ refreshExpiresAt }: AccountRow, now: Instant): number {
  return Math.max(Math.floor((refreshExpiresAt - now) / DAY_MS), 0);
}

function viewAccount(row: AccountRow, now: Instant): object {
  return {
    name: row.name,
    kakaoId: row.kakaoId,
    state: row.state,
    reason: row.reason,
    heldUntil: isoOf(row.heldUntil),
    scopes: row.scopes,
    accessExpiresAt: isoOf(row.accessExpiresAt),
    refreshExpiresAt: isoOf(row.refreshExpiresAt),
    daysLeft: daysLeft(row, now),
  };
}

function stateOf(row: AccountRow, zone: string): string {
  const { state, heldUntil } = row;
  if (state === 'ok') return 'ok';
  const reason = reasonOf(row);
  const until = heldUntil === undefined ? '' : ` until ${showTime(zone, heldUntil)}`;
  return `${state}${until}${reason === '' ? '' : `: ${reason}`}`;
}

async function remove(line: CommandLine, name: string, options: RemoveOptions): Promise<void> {
  await withKakao(line, async (context) => {
    await requireAccount(context, name);
    const unlinked = options.unlink === true ? await unlink(context, name, line.signal) : undefined;
    if (unlinked !== undefined && unlinked !== 'done') {
      line.printError(
        `Kakao did not take back the consent of ${name}: ${unlinked} The login is kept; without --unlink it is only forgotten here.`,
      );
      return line.fail();
    }
    await context.store.removeAccount(name);
    const consent =
      unlinked === 'done'
        ? 'Its consent at Kakao is taken back.'
        : 'Kakao still lists the app among its linked services.';
    printAnswer(line, options, {
      data: { removed: name, unlinked: unlinked === 'done' },
      lines: [`The login ${name} is forgotten. ${consent}`],
    });
  });
}

async function unlink({ kakao }: KakaoContext, account: string, signal: AbortSignal): Promise<string> {
  const settled = await withToken({ keeper: kakao.keeper, account, signal }, (token) =>
    kakao.api.unlink(token, signal),
  );
  return settled.kind === 'ok' ? 'done' : settled.reason;
}
