// What daemon and worker say to each other: plain data, as JSON over the channel of the child process.
import type { Failure, Instant, Item, JobFile, Later, Look, Validator } from './job.ts';
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
  /** What waits to settle or for a digest. */
  readonly later?: readonly (readonly [key: string, later: Later])[];
  /** The job's file has changed since the last look. */
  readonly isEdited?: boolean;
  readonly watches: boolean;
  /** The run may be corrected: `sent` is what it has said, once it has. */
  readonly correction?: { readonly sent: string | undefined };
  readonly validators: readonly Validator[];
  /** The cookies a job keeps from one look to the next. */
  readonly cookies?: string;
  /** Asks robots.txt of the first page the job gets, and fetches nothing: for `talkbell check`. */
  readonly robotsOnly?: true;
  /** Where to keep the pages of a look that failed, or of any. */
  readonly keep?: { readonly folder: string; readonly always: boolean };
  /** A saved page in the place of every page the job gets: for dry runs. */
  readonly page?: { readonly path: string };
}

/** What is known of a host that is to be left alone, or may soon be. */
export interface HostNote {
  /** With its port, if it has one. */
  readonly host: string;
  readonly askedUntil: Instant;
  readonly failingUntil: Instant;
  /** Requests in a row that failed. */
  readonly failed: number;
  /** The paths that failed last; none when the host does not answer at all. */
  readonly paths: readonly string[];
}

/** A robots.txt as it was read. Without a text, the site has none. */
export interface RobotsNote {
  readonly origin: string;
  readonly until: Instant;
  readonly text?: string;
}

/** What one worker learns of the network and the next one should know: politeness must not end with a process. */
export interface Learned {
  readonly hosts: readonly HostNote[];
  readonly robots: readonly RobotsNote[];
}

export type ToWorker =
  | {
      readonly type: 'load';
      readonly sources: readonly JobSource[];
      readonly timezone: string;
      readonly learned?: Learned | undefined;
    }
  | { readonly type: 'look'; readonly id: number; readonly task: LookTask };

export type FromWorker =
  | { readonly type: 'importing'; readonly file: string }
  | { readonly type: 'learned'; readonly learned: Partial<Learned> }
  | { readonly type: 'loaded'; readonly files: readonly JobFile[]; readonly secrets: readonly string[] }
  /** A step begins; without a step, the look is over. */
  | { readonly type: 'step'; readonly id: number; readonly step?: NonNullable<Failure['step']> }
  /** The look waits for others, or goes on: its time stands still meanwhile. */
  | { readonly type: 'waits'; readonly id: number; readonly waits: boolean }
  | { readonly type: 'looked'; readonly id: number; readonly look: Look };
