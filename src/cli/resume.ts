// `talkbell resume`: a paused job goes on, or an account that is held until its operator acts, or everything after a clock
// that was wrong.
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { findJob } from './find-job.ts';
import { suggest } from './nearest.ts';
import { type Context, withStore } from './with-store.ts';

interface Options extends JsonOption {
  readonly account?: string;
  readonly clock?: boolean;
}

export function register(program: Command, line: CommandLine): void {
  const command = program
    .command('resume')
    .description('Go on with a paused job, or with an account that is held.')
    .argument('[job]', 'the id or file of a job')
    .option('--account <name>', 'the account to go on with, once its trouble is mended')
    .option('--clock', 'take the present time for right, after a clock that was once far ahead')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  talkbell resume lunch\n  talkbell resume --account me\n  talkbell resume --clock',
    )
    .action(async (job: string | undefined, options: Options) => {
      const asked = [job, options.account, options.clock].filter((one) => one !== undefined);
      if (asked.length !== 1) command.error('error: name a job, or --account NAME, or --clock');
      await withStore(line, async (context) => {
        const text = await resume(context, job, options);
        printAnswer(line, options, {
          data: {
            ...(job === undefined ? {} : { job }),
            ...(options.account === undefined ? {} : { account: options.account }),
            result: text,
          },
          lines: [text],
        });
      });
    });
}

async function resume(context: Context, job: string | undefined, { account, clock }: Options): Promise<string> {
  if (job !== undefined) return resumeJob(context, job);
  if (clock === true) {
    await context.store.resetClock(context.now());
    return 'The present time is taken for right; what is due goes on.';
  }
  return resumeAccount(context, account ?? '');
}

async function resumeJob(context: Context, called: string): Promise<string> {
  const { id, pausedAt } = await findJob(context, called);
  if (pausedAt === undefined) return `${id} was not paused.`;
  await context.store.pause(id, undefined);
  return `${id} goes on.`;
}

async function resumeAccount({ store, now }: Context, name: string): Promise<string> {
  const accounts = await store.accounts();
  const row = accounts.find((account) => account.name === name);
  if (row === undefined) {
    throw new ConfigError([
      `There is no account ${name}. ${suggest(
        name,
        accounts.map((account) => account.name),
      )} See: talkbell accounts`,
    ]);
  }
  if (row.state === 'needs-login') throw new ConfigError([`${name} has to log in again: talkbell login --as ${name}`]);
  if (row.state === 'ok') return `${name} was not held.`;
  await store.markAccount(name, { state: 'ok', reason: 'resumed by hand' }, now());
  return `${name} goes on; its waiting messages are due at once.`;
}
