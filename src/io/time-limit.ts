// A time limit that stands still while what it limits has to wait for others.

export interface TimeLimit {
  /** Each pause ends with a resume of its own: the time goes on after the last. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly end: () => void;
}

/** Does not keep the process up. */
export function startTimeLimit(ms: number, onPassed: () => void): TimeLimit {
  let timer: NodeJS.Timeout | undefined;
  let startedAt = 0;
  let leftMs = ms;
  let pauses = 0;
  const start = (): void => {
    startedAt = performance.now();
    timer = setTimeout(onPassed, leftMs).unref();
  };
  start();
  return {
    pause: () => {
      pauses += 1;
      if (pauses > 1) return;
      clearTimeout(timer);
      leftMs -= performance.now() - startedAt;
    },
    resume: () => {
      pauses -= 1;
      if (pauses === 0) start();
    },
    end: () => {
      clearTimeout(timer);
      pauses = Number.POSITIVE_INFINITY;
    },
  };
}

/**
 * What the work comes to, or `late()` if the signal aborts first. Lets go of it then, though the signal lives on: a plain
 * race with the signal would hold what the work came to until the limit passes.
 */
export async function unlessLate<T>(work: Promise<T>, signal: AbortSignal, late: () => T): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const stop = (): void => resolve(late());
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
