// What the daemon of the rounds is asked and answers.
export interface RoundQuestion {
  readonly type: 'due';
  /** None when the round is due, one that has been woken before it, or the one that was there for the last round. */
  readonly worker: 'absent' | 'woken' | 'kept';
}

export type RoundAnswer =
  | { readonly type: 'ready' }
  /** All jobs are due at this instant of the real clock. */
  | { readonly type: 'due'; readonly at: number };

export interface FloorQuestion {
  readonly boards: readonly string[];
  readonly hook: string;
}

export interface FloorAnswer {
  readonly ms: number;
  readonly messages: number;
}
