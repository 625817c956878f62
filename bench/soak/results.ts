// The soak in words: a line for each day, and the page of results.
import { cpus, release } from 'node:os';
import type { Soaked } from './soak.ts';
import { type DaySample, thirdsOf } from './verdict.ts';

const MB = 2 ** 20;
const DEFAULT_KEEP_DAYS = 90;
/** As the store forgets. */
const FORGET_DAYS = 180;
const MOST_PROBLEMS = 50;

export const HEAD = line(
  'day heap resident handles resources listeners workers database log messages runs memory'.split(' '),
);

export function describeDay(sample: DaySample): string {
  const { day, heapUsed, rss, handles, resources, listeners, workers, database, log, rows } = sample;
  const sizes = [heapUsed, rss].map(inMb);
  const counts = [handles, resources, listeners].map((all) => `${sum(all)}`);
  return line([
    `${day}`,
    ...sizes,
    ...counts,
    `${workers}`,
    ...[database, log].map(inMb),
    ...[rows.messages, rows.runs, rows.memory].map(String),
  ]);
}

function line(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(9)).join(' ');
}

export interface Told {
  readonly days: number;
  readonly jobs: number;
  readonly seed: number;
  readonly keepDays: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

export function describeResults(soaked: Soaked, told: Told): string {
  const { days, jobs, seed, keepDays, seconds, problems } = told;
  const { counts, samples } = soaked;
  const verdict =
    problems.length === 0
      ? 'RESULT level: nothing grew, nothing was lost, and what the store calls sent arrived once.'
      : 'RESULT not level:';
  return [
    '# The soak',
    '',
    `\`npm run soak -- --days ${days} --jobs ${jobs} --seed ${seed}\`, on ${new Date().toISOString().slice(0, 10)} in ${Math.round(seconds)} s.`,
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${process.platform} ${release()}, Node ${process.versions.node}.`,
    '',
    verdict,
    ...problems.slice(0, MOST_PROBLEMS).map((problem) => `- ${problem}`),
    '',
    '| | median of the middle third | median of the last third |',
    '|---|---|---|',
    ...tableOf(samples),
    '',
    `RESULT instants: ${counts.instants} were due, and each has one outcome: ${listCounts(counts.runs)}.`,
    `RESULT messages: ${listCounts(counts.messages)}.`,
    `RESULT pages: ${counts.pages.pages} requests, ${counts.pages.unchanged} unchanged (304), ${counts.pages.broken} refused.`,
    `RESULT logins: ${counts.refreshes} refreshes, ${counts.rotations} rotated refresh tokens.`,
    `RESULT workers: ${samples.at(-1)?.workers ?? 0} started; Node's warnings: ${samples.at(-1)?.warnings.length ?? 0}.`,
    ...describeBound(samples, keepDays),
    ...describeEnd(samples.at(-1)),
    '',
    '```',
    HEAD,
    ...samples.map(describeDay),
    '```',
    '',
  ].join('\n');
}

function tableOf(samples: readonly DaySample[]): readonly string[] {
  const rows: readonly (readonly [string, (sample: DaySample) => number, (value: number) => string])[] = [
    ['heap after collection', ({ heapUsed }) => heapUsed, (value) => `${inMb(value)} MB`],
    ['resident memory', ({ rss }) => rss, (value) => `${inMb(value)} MB`],
    ['open handles', ({ handles }) => sum(handles), String],
    ['resources of the event loop', ({ resources }) => sum(resources), String],
    ['listeners', ({ listeners }) => sum(listeners), String],
    ['history in the database', ({ database, remembered }) => database - remembered, (value) => `${inMb(value)} MB`],
    ['write-ahead log', ({ log }) => log, (value) => `${inMb(value)} MB`],
    ['rows of messages', ({ rows }) => rows.messages, String],
    ['rows of runs', ({ rows }) => rows.runs, String],
    ['what watching jobs remember', ({ remembered }) => remembered, (value) => `${inMb(value)} MB`],
  ];
  return rows.map(([name, measure, show]) => {
    const { middle, last } = thirdsOf(samples, measure);
    return `| ${name} | ${show(middle)} | ${show(last)} |`;
  });
}

/** Honest about what was not measured: the default keeps longer than the soak lasts. */
function describeBound(samples: readonly DaySample[], keepDays: number): readonly string[] {
  const { last: history } = thirdsOf(samples, ({ database, remembered }) => database - remembered);
  const [first, end] = [samples[0]?.remembered ?? 0, samples.at(-1)?.remembered ?? 0];
  const perDay = (end - first) / Math.max(samples.length - 1, 1);
  return [
    `RESULT history: kept for ${keepDays} days it levels at ${inMb(history)} MB; at the default of ${DEFAULT_KEEP_DAYS} days that makes at most about ${Math.ceil(((history / keepDays) * DEFAULT_KEEP_DAYS) / MB)} MB.`,
    `RESULT remembered: what watching jobs know takes ${inMb(end)} MB and grows by ${Math.round(perDay / 1024)} KB a day of new entries, which are forgotten after ${FORGET_DAYS} days: about ${Math.ceil((first + perDay * FORGET_DAYS) / MB)} MB in the end.`,
  ];
}

function describeEnd(sample: DaySample | undefined): readonly string[] {
  if (sample === undefined) return [];
  const { handles, resources, listeners, rows } = sample;
  const kinds = Object.entries({ handles, resources, listeners, rows });
  return kinds.map(([name, all]) => `RESULT ${name} at the end: ${listCounts(all)}.`);
}

function listCounts(counts: Readonly<Record<string, number>>): string {
  const total = sum(counts);
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return `${total} (${parts.join(', ')})`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function inMb(bytes: number): string {
  return (bytes / MB).toFixed(1);
}
