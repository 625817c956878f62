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
