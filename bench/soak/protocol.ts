// What the soak's driver asks of the daemon it started, and what it is answered: one question at a time.
import type { Instant } from '../../src/core/job.ts';

export type Question =
  /** Sets the clock, does all that is due, and answers when nothing is under way any more. */
  | { readonly type: 'at'; readonly at: Instant }
  /** The upkeep of every five minutes, and what follows from it. */
  | { readonly type: 'care' }
  /** Takes up the jobs folder as it is now. */
  | { readonly type: 'reload' }
  | { readonly type: 'sample' }
  | { readonly type: 'stop' };

export type Answer =
  | { readonly type: 'idle'; readonly nextAt: Instant | undefined }
  | { readonly type: 'sample'; readonly sample: ProcessSample };

/** What the daemon's process holds after a garbage collection, with nothing under way. */
export interface ProcessSample {
  readonly heapUsed: number;
  /** With what V8 reserves for garbage, of which a month within minutes makes more at a time than life does. */
  readonly rss: number;
  /** Open file descriptors by what they are. */
  readonly handles: Readonly<Record<string, number>>;
  /** What keeps the event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners of the process by event, and of the signal that ends it. */
  readonly listeners: Readonly<Record<string, number>>;
  /** Warnings of Node so far. */
  readonly warnings: readonly string[];
  /** Workers started so far. */
  readonly workers: number;
}
