// What every subcommand is handed: where to print, how to fail, when to stop. Tests hand in their own.
import type { Clock } from '../core/ports.ts';

export interface CommandLine {
  readonly env: NodeJS.ProcessEnv;
  readonly now: Clock;
  /** Writes a line on standard output. */
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly isTerminal: boolean;
  /** How wide the terminal is; undefined where there is none. */
  readonly columns?: number | undefined;
  readonly signal: AbortSignal;
  /** Sets the exit code: 1 failed (the default), 2 wrong use. */
  readonly fail: (code?: number) => void;
}
