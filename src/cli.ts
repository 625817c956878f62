// The `talkbell` command. Each subcommand is a file of cli/, loaded only when it is called, so that the daemon does not
// carry them. Exit codes: 0 done, 1 failed, 2 wrong use, 78 (start only) cannot start as configured.
import { Command, CommanderError } from 'commander';
import type { CommandLine } from './cli/command-line.ts';
import { ConfigError, StoreError } from './core/errors.ts';

type Register = (program: Command, line: CommandLine) => void;

const COMMANDS: Readonly<Record<string, () => Promise<{ readonly register: Register }>>> = {
  start: () => import('./cli/start.ts'),
  run: () => import('./cli/run.ts'),
  jobs: () => import('./cli/jobs.ts'),
  check: () => import('./cli/check.ts'),
  why: () => import('./cli/why.ts'),
  new: () => import('./cli/new.ts'),
  fixture: () => import('./cli/fixture.ts'),
  pause: () => import('./cli/pause.ts'),
  resume: () => import('./cli/resume.ts'),
  login: () => import('./cli/login.ts'),
  accounts: () => import('./cli/accounts.ts'),
  recipients: () => import('./cli/recipients.ts'),
  friends: () => import('./cli/friends.ts'),
  send: () => import('./cli/send.ts'),
  outbox: () => import('./cli/outbox.ts'),
  history: () => import('./cli/history.ts'),
  sandbox: () => import('./cli/sandbox.ts'),
  backup: () => import('./cli/backup.ts'),
  restore: () => import('./cli/restore.ts'),
  key: () => import('./cli/key.ts'),
  demo: () => import('./cli/demo.ts'),
};

const WRONG_USE = 2;
const FAILED = 1;

/** Runs one command and sets the exit code. */
export async function runCli(argv: readonly string[]): Promise<void> {
  // Whoever reads may close the pipe before all is said: `talkbell jobs | head`.
  process.stdout.on('error', () => {});
  const line: CommandLine = {
    env: process.env,
    now: Date.now,
    print: (text) => void process.stdout.write(`${text}\n`),
    printError: (text) => void process.stderr.write(`${text}\n`),
    isTerminal: process.stdout.isTTY === true,
    columns: process.stdout.columns,
    signal: untilSignal(),
    fail: (code = FAILED) => {
      process.exitCode = code;
    },
  };
  try {
    const program = await makeProgram(argv[0], line);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    explain(error, line, argv);
  }
}

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

function explain(error: unknown, line: CommandLine, argv: readonly string[]): void {
  if (error instanceof CommanderError) {
    line.fail(error.exitCode === 0 ? 0 : WRONG_USE);
    return;
  }
  // A script that asked for JSON gets JSON, whatever comes.
  if (argv.includes('--json')) line.print(JSON.stringify({ error: sentenceOf(error) }));
  line.printError(sentenceOf(error));
  if (process.exitCode === undefined) line.fail();
}

/** A stack is for faults of talkbell's own; what a person can mend is said without one. */
function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StoreError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The one signal that stops everything: Ctrl-C, pm2's stop, systemd's. */
function untilSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort());
  // On Windows, and where pm2 is told to, the stop comes as a message.
  process.on('message', (message) => message === 'shutdown' && controller.abort());
  return controller.signal;
}
