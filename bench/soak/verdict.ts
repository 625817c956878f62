// Whether a month was level. Memory of the last third of the days is held against that of the middle one, so that what
// grows once, while caches fill, does not count. The database has reached its bound when the last third begins.
import type { Held } from './audit.ts';
import type { ProcessSample } from './protocol.ts';

const MB = 2 ** 20;
/** How far the median of the last third may lie over that of the middle third. */
const MEMORY_GROWTH = 1.1;
/** V8 may double the room for young objects once more: seen from 96 to 164 MB of heap with 25 in use. */
const RESIDENT_SLACK = 64 * MB;
const DATABASE_GROWTH = 1.05;
/** Garbage collection leaves that much more or less. */
const MEMORY_SLACK = MB;
/** The log is cut back to 8 MB. */
const MOST_LOG = 8 * MB + MB;

export interface DaySample extends ProcessSample, Held {
  readonly day: number;
  readonly database: number;
  readonly log: number;
}

/** Counts that may not grow at all: handles, resources, listeners. Gives a sentence for each that did. */
export function findCountGrowth(samples: readonly DaySample[]): readonly string[] {
  const warned = samples.at(-1)?.warnings ?? [];
  return [
    ...(['handles', 'resources', 'listeners'] as const).flatMap((field) => {
      const names = new Set(samples.flatMap((sample) => Object.keys(sample[field])));
      return [...names].flatMap((name) =>
        growthOf(samples, `${field} (${name})`, (sample) => sample[field][name] ?? 0),
      );
    }),
    ...warned.map((warning) => `Node warned: ${warning}`),
  ];
}

export function findSizeGrowth(samples: readonly DaySample[]): readonly string[] {
  const log = Math.max(...samples.map((sample) => sample.log));
  return [
    ...growthOf(samples, 'heap', ({ heapUsed }) => heapUsed, { by: MEMORY_GROWTH, slack: MEMORY_SLACK }),
    ...growthOf(samples, 'resident memory', ({ rss }) => rss, { by: MEMORY_GROWTH, slack: RESIDENT_SLACK }),
    ...growthAtEnd(samples, 'history', ({ database, remembered }) => database - remembered),
    ...growthAtEnd(samples, 'rows of messages', ({ rows }) => rows.messages),
    ...growthAtEnd(samples, 'rows of runs', ({ rows }) => rows.runs),
    ...(log > MOST_LOG ? [`The write-ahead log grew to ${Math.round(log / MB)} MB; it is to be cut back to 8.`] : []),
  ];
}

type Measure = (sample: DaySample) => number;

function growthOf(
  samples: readonly DaySample[],
  name: string,
  measure: Measure,
  allowed: { readonly by: number; readonly slack: number } = { by: 1, slack: 0 },
): readonly string[] {
  const { middle, last } = thirdsOf(samples, measure);
  if (last <= middle * allowed.by + allowed.slack) return [];
  return [`${name} grew: ${Math.round(middle)} in the middle third of the days, ${Math.round(last)} in the last.`];
}

/** Pruning keeps the last 20 runs of a slot: for a slot due once a day that takes 20 days of 30 to fill. */
function growthAtEnd(samples: readonly DaySample[], name: string, measure: Measure): readonly string[] {
  const values = samples.slice(-Math.floor(samples.length / 3)).map(measure);
  const [first = 0] = values;
  const most = Math.max(...values);
  if (most <= first * DATABASE_GROWTH) return [];
  return [`${name} grew within the last third of the days, from ${first} to ${most}.`];
}

export interface Thirds {
  readonly middle: number;
  readonly last: number;
}

export function thirdsOf(samples: readonly DaySample[], measure: Measure): Thirds {
  const third = Math.floor(samples.length / 3);
  const values = samples.map(measure);
  return { middle: median(values.slice(third, -third)), last: median(values.slice(-third)) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
