// What has arrived, and every request that was made: the sandbox's two witnesses.
import type { Drawable } from '../draw/drawn.ts';

/** A message as it is handed to KakaoTalk: what was sent, and what of it can be seen. */
export interface Arrived {
  readonly kind: 'text' | 'feed' | 'list' | 'location' | 'commerce' | 'calendar' | 'custom' | 'scrap';
  /** The template as it was parsed, or the fields of a custom or scrap message. */
  readonly object: unknown;
  /** The whole text of a text template. */
  readonly text: string | undefined;
  /** The text as it is displayed. */
  readonly displayed: string | undefined;
  /** What is drawn: cut where KakaoTalk cuts, without the links it drops. */
  readonly shown: Drawable;
  /** What the receiver does not see, in words. */
  readonly warnings: readonly string[];
}

export interface Received extends Arrived {
  readonly id: number;
  readonly at: number;
  readonly via: 'memo' | 'friend';
  /** Whose KakaoTalk it arrived in. */
  readonly userId: number;
  readonly receiver: string;
  readonly senderId: number;
  readonly sender: string;
}

export interface RequestLog {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
  /** `dropped` when the connection was closed instead of an answer. */
  readonly status: number | 'dropped';
  /** The fault that hit it. */
  readonly fault: string | undefined;
}

const MOST_KEPT = 100_000;

export interface Shelf<T> {
  readonly add: (entry: T) => void;
  readonly list: () => readonly T[];
  readonly clear: () => void;
  /** Grows by one with each entry, also over `clear`. */
  readonly count: () => number;
}

export function makeShelf<T>(): Shelf<T> {
  let entries: T[] = [];
  let count = 0;
  return {
    add: (entry) => {
      count += 1;
      entries.push(entry);
      if (entries.length > MOST_KEPT) entries.shift();
    },
    list: () => [...entries],
    clear: () => {
      entries = [];
      count += 1;
    },
    count: () => count,
  };
}
