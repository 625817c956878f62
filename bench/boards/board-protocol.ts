// What the boards' process is asked and answers.
/** Alerts go here, and count as no message. */
export const OWNER_PATH = '/owner';

export type Question =
  | { readonly type: 'open'; readonly jobs: number; readonly bytes: number }
  /** The boards for the next round; what was seen before is forgotten. */
  | { readonly type: 'turn'; readonly to: Turn }
  | { readonly type: 'seen' };

export type Turn = 'new' | 'changed' | 'same';

export type Answer = Opened | { readonly type: 'turned' } | Seen;

export interface Opened {
  readonly type: 'open';
  /** Of each job, in order. */
  readonly ports: readonly { readonly host: string; readonly port: number }[];
  readonly hooks: number;
}

export interface Seen {
  readonly type: 'seen';
  readonly pages: number;
  readonly unchanged: number;
  readonly messages: number;
  readonly lastMessageAt: number;
}
