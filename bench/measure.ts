// What every measurement stands on: both sides in turn in the same minute, several times, the median with its spread.
import { arch, cpus, platform } from 'node:os';

/** One line of the table of results. */
export interface Row {
  readonly what: string;
  /** With unit, as a person reads it: `212 ms`. */
  readonly ours: string;
  /** What it is measured against, named: `urlwatch 1,204 ms`. */
  readonly peer?: string;
  /** As a person reads it: `0.18 ×`. */
  readonly ratio?: string;
  /** As a person reads it: `≤ 0.15 ×`. */
  readonly goal?: string;
  /** Absent where there is no goal, or the peer is not to be had. */
  readonly holds?: boolean;
  /** How far the runs lay apart: `± 6 %`; and whatever a reader must know. */
  readonly note?: string;
}

/** A measurement by itself: `npm run bench -- NAME` runs it alone. */
export interface Bench {
  readonly name: string;
  /** About how long it takes, in seconds. */
  readonly seconds: number;
  readonly run: (ports: BenchPorts) => Promise<readonly Row[]>;
}

export interface BenchPorts {
  /** Tells a person what goes on. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Sample {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

export function sampleOf(values: readonly number[]): Sample {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return {
    median: median ?? Number.NaN,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    count: sorted.length,
  };
}

/** Runs the sides in turn, so that a busy minute falls on all of them. Gives each side's own figures. */
export async function inTurn<Side extends string>(
  times: number,
  sides: Readonly<Record<Side, () => Promise<number>>>,
): Promise<Readonly<Record<Side, Sample>>> {
  const names = Object.keys(sides) as Side[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>;
  for (let round = 0; round < times; round += 1) {
    for (const name of names) values[name].push(await sides[name]());
  }
  return Object.fromEntries(names.map((name) => [name, sampleOf(values[name])])) as Record<Side, Sample>;
}

/** `± 6 %`: half of what lies between the least and the most, against the median. */
export function spreadOf({ median, least, most, count }: Sample): string {
  return `${count} runs, ± ${Math.round((100 * (most - least)) / 2 / median)} %`;
}

export function ratioOf(ours: number, peer: number): string {
  return `${(ours / peer).toFixed(2)} ×`;
}

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(2)} ms` : `${Math.round(value).toLocaleString('en')} ms`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 2 : 0)} MB`;
}

export function machine(): string {
  const [cpu] = cpus();
  return `${cpu?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${platform()} ${arch()}, Node ${process.version}`;
}
