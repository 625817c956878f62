// The waits of fetching: a sleep that a signal ends early, and the one deadline of a whole request.
import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after the time, or at once when the signal aborts. Never rejects. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (ms, signal) => {
  // An aborted wait is over: whoever waits looks at the signal.
  await delay(ms, undefined, { signal }).catch(() => undefined);
};

export interface Deadline {
  /** Aborts when the time is up, or with the signal it was made from. */
  readonly signal: AbortSignal;
  /** Begins to count. Only the first call counts. */
  readonly start: () => void;
  readonly started: () => boolean;
  readonly remainingMs: () => number;
  readonly passed: () => boolean;
  readonly end: () => void;
}

export function openDeadline(totalMs: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let startedAt: number | undefined;
  let passed = false;

  const stop = () => controller.abort(outer.reason);
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop, { once: true });

  function start(): void {
    if (timer !== undefined) return;
    startedAt = performance.now();
    timer = setTimeout(() => {
      passed = true;
      controller.abort(new DOMException('The time is up.', 'TimeoutError'));
    }, totalMs);
  }

  return {
    signal: controller.signal,
    start,
    started: () => timer !== undefined,
    remainingMs: () => totalMs - (startedAt === undefined ? 0 : performance.now() - startedAt),
    passed: () => passed,
    end: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', stop);
    },
  };
}
