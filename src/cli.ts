// The `talkbell` command: what every command is handed, and how a failure is said. The daemon carries neither the other
// commands nor the reader of their words. Exit codes: 0 done, 1 failed, 2 wrong use, 78 (start only) wrongly configured.
import type { CommandLine } from './cli/command-line.ts';
import { ConfigError, StoreError } from './core/errors.ts';

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
    await call(argv, line);
  } catch (error) {
    explain(error, line, argv);
  }
}

/** `talkbell start`, as pm2 and systemd call it, has no words to read: without their reader it holds 7 MB less. */
async function call(argv: readonly string[], line: CommandLine): Promise<void> {
  if (argv.length === 1 && argv[0] === 'start') return (await import('./cli/start.ts')).start(line);
  return (await import('./cli/program.ts')).runProgram(argv, line);
}

function explain(error: unknown, line: CommandLine, argv: readonly string[]): void {
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
