// Durations as people write them: `90m`, `1h30m`, `3d`. Whole numbers, largest unit first, each unit at most once.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 366 * DAY_MS;

const SHAPE = /^(?:(\d{1,9})d)? ?(?:(\d{1,9})h)? ?(?:(\d{1,9})m)? ?(?:(\d{1,9})s)?$/;

const UNITS = [
  { letter: 'd', ms: DAY_MS },
  { letter: 'h', ms: HOUR_MS },
  { letter: 'm', ms: MINUTE_MS },
  { letter: 's', ms: SECOND_MS },
] as const;

/** What a duration looks like, for the error of one that does not. */
export const DURATION_SHAPE = "a duration such as '30s', '90m', '1h30m' or '3d', at most 366 days";

/** Milliseconds, or undefined for what is no duration: fractions (write `1h30m`, not `1.5h`), zero, more than 366 days. */
export function parseDuration(text: string): number | undefined {
  const match = SHAPE.exec(text.trim());
  if (match === null) return undefined;

  const ms = UNITS.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit.ms, 0);
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}

/** The two largest units, rounded down: `2h 40m`. `parseDuration` reads it back, unless it is under a second. */
export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))}ms`;

  const counts = UNITS.map((unit, index) => {
    const larger = UNITS[index - 1];
    return { letter: unit.letter, count: Math.floor((larger === undefined ? ms : ms % larger.ms) / unit.ms) };
  });
  const first = counts.findIndex(({ count }) => count > 0);
  const shown = counts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ letter, count }) => `${count}${letter}`).join(' ');
}
