// What daemon and worker say to each other: plain data, as JSON over the channel of the child process.
import type { Failure, Item, JobFile, Look, Validator } from './job.ts';
import type { RunData } from './run.ts';

/** A file of the jobs folder, by name and content. */
export interface JobSource {
  readonly file: string;
  readonly path: string;
  /** Changes with the file and with every `_helper` beside it. */
  readonly hash: string;
  /** A copy of the file as it last loaded, for when it does not load now. */
  readonly lastGood?: string;
  /** The file itself never ends its import: only its last good version is loaded. */
  readonly skipFile?: boolean;
}

export interface LookTask {
  readonly source: JobSource;
  readonly run: RunData;
  readonly timeLimitMs: number;
  /** What a watching job knows; absent before its first run. */
  readonly known?: readonly (readonly [key: string, item: Item])[];
  readonly watches: boolean;
  readonly validators: readonly Validator[];
  /** A saved page in the place of every page the job gets: for dry runs. */
  readonly page?: { readonly path: string };
}

export type ToWorker =
  | { readonly type: 'load'; readonly sources: readonly JobSource[]; readonly timezone: string }
  | { readonly type: 'look'; readonly id: number; readonly task: LookTask };

export type FromWorker =
  | { readonly type: 'importing'; readonly file: string }
  | { readonly type: 'loaded'; readonly files: readonly JobFile[]; readonly secrets: readonly string[] }
  /** A step begins; without a step, the look is over. */
  | { readonly type: 'step'; readonly id: number; readonly step?: NonNullable<Failure['step']> }
  | { readonly type: 'looked'; readonly id: number; readonly look: Look };
