// The sandbox's clock: it goes on with the time given, and can be moved, so that sixty days pass at a word.

export interface Clock {
  readonly now: () => number;
  readonly set: (ms: number) => void;
  readonly advance: (ms: number) => void;
}

const KOREA_MS = 9 * 3_600_000;
const DAY_MS = 86_400_000;

export function makeClock(base: () => number): Clock {
  let movedMs = 0;
  return {
    now: () => base() + movedMs,
    set: (ms) => {
      movedMs = ms - base();
    },
    advance: (ms) => {
      movedMs += ms;
    },
  };
}

/** Korea's day of an instant: `2026-11-20`. */
export function koreanDate(at: number): string {
  return new Date(at + KOREA_MS).toISOString().slice(0, 10);
}

/** The day that daily numbers count in, when it begins at another hour than midnight. */
export function countingDay(at: number, resetHour: number): number {
  return Math.floor((at + KOREA_MS - resetHour * 3_600_000) / DAY_MS);
}
