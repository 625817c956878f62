// The commands and the words between them: commander's part. Each command is a file of its own, loaded only when it is
// called.
import { Command, CommanderError } from 'commander';
import type { CommandLine } from './command-line.ts';

type Register = (program: Command, line: CommandLine) => void;

const COMMANDS: Readonly<Record<string, () => Promise<{ readonly register: Register }>>> = {
  start: () => import('./start.ts'),
  run: () => import('./run.ts'),
  jobs: () => import('./jobs.ts'),
  check: () => import('./check.ts'),
  why: () => import('./why.ts'),
  new: () => import('./new.ts'),
  fixture: () => import('./fixture.ts'),
  pause: () => import('./pause.ts'),
  resume: () => import('./resume.ts'),
  login: () => import('./login.ts'),
  accounts: () => import('./accounts.ts'),
  recipients: () => import('./recipients.ts'),
  friends: () => import('./friends.ts'),
  send: () => import('./send.ts'),
  outbox: () => import('./outbox.ts'),
  history: () => import('./history.ts'),
  sandbox: () => import('./sandbox.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  key: () => import('./key.ts'),
  demo: () => import('./demo.ts'),
};

const WRONG_USE = 2;

/** Runs the command that the words call. Help is no failure, a wrong word is wrong use; both are said already. */
export async function runProgram(argv: readonly string[], line: CommandLine): Promise<void> {
  const program = await makeProgram(argv[0], line);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    line.fail(error.exitCode === 0 ? 0 : WRONG_USE);
  }
}

/** What was called is enough; all of them only for help and for a wrong word. */
async function makeProgram(called: string | undefined, line: CommandLine): Promise<Command> {
  const program = new Command('talkbell')
    .description('Looks at web pages on a schedule and tells people in KakaoTalk what it found.')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(see talkbell --help)')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong use.\nSettings stand in .env; see .env.example.');
  const known = called === undefined ? undefined : COMMANDS[called];
  const loads = known === undefined ? Object.values(COMMANDS) : [known];
  for (const { register } of await Promise.all(loads.map((load) => load()))) register(program, line);
  return program;
}
