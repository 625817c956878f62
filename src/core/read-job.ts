// Reads what a job file exports: unknown fields, bad cron lines, bad durations and missing steps are told with field
// and remedy, all at once, before the job is ever due.
import * as v from '@badrap/valita';
import { readCronLine } from './cron-line.ts';
import { parseDuration } from './duration.ts';
import type { JobDefinition, JobDescription } from './job.ts';
import { isProxy, PROXY_SHAPE } from './proxy.ts';
import { isWebAddress } from './web-address.ts';
import { isZone } from './zone.ts';

const DEFAULT_FRESH_MS = 60 * 60_000;
const DEFAULT_FRESH_WATCHED_MS = 3 * 24 * 60 * 60_000;
const DEFAULT_RECHECK_MS = 10 * 60_000;
const DEFAULT_TIME_LIMIT_MS = 2 * 60_000;
const LONGEST_TIME_LIMIT_MS = 60 * 60_000;
/** Looks in a row that an item may have to settle. */
const MOST_LOOKS = 100;
const LOOKS = `must be a whole number of looks, from 1 to ${MOST_LOOKS}.`;
const MOST_COUNT = 1000;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;
const NO_NAME = 'must be a name of letters, digits, dots, dashes or underscores, 64 at most.';
const NO_CRON_LINE = 'is no cron line.';

const name = v.string().assert((text) => NAME.test(text), NO_NAME);
const cron = v.string().assert((line) => cronProblems(line).length === 0, NO_CRON_LINE);
const misnamed = v.unknown().assert(() => false, NO_NAME);

/** Every slot is told by its name, whether the name is wrong or its line. */
const lines = v
  .record()
  .assert(isPlain, 'must be a cron line, or an object of them by name.')
  .assert((given) => Object.keys(given).length > 0, 'has no line.')
  .chain((given, options) => {
    const slots = Object.keys(given).map((slot) => [slot, NAME.test(slot) ? cron : misnamed] as const);
    return v.object(Object.fromEntries(slots)).try(given, options);
  });

const duration = textOf(
  (text) => parseDuration(text) !== undefined,
  "is not a duration. Write it as '90m', '1h30m' or '3d'.",
);

// Optional, so that one that is left out is told in the words of a step, and not as any other field.
const step = v
  .unknown()
  .optional()
  .chain((given) => {
    if (typeof given === 'function') return v.ok(given);
    return v.err(given === undefined ? 'is missing. Every job has this step: a function.' : 'must be a function.');
  });

const count = v
  .number()
  .assert((given) => isFrom1To(given, MOST_COUNT), `must be a whole number from 1 to ${MOST_COUNT}.`);

const watch = v.object({
  key: step,
  tell: step,
  settled: v
    .unknown()
    .assert((given) => isFrom1To(given, MOST_LOOKS), LOOKS)
    .optional(),
  digest: name.optional(),
});

const definition = v.object({
  schedule: v.union(cron, lines),
  to: v.union(
    name,
    v.array(name).assert((names) => names.length > 0, 'names nobody. Name at least one recipient.'),
  ),
  id: name.optional(),
  timezone: textOf(isZone, "is not a time zone. Write it as 'Asia/Seoul'.").optional(),
  freshFor: duration.optional(),
  recheck: duration.optional(),
  alertAfter: count.optional(),
  skip: oneOf(['holidays'], "must be 'holidays', or be left out.").optional(),

  correct: oneOf([true, false], 'must be true or false.').optional(),
  ifUnclear: oneOf(['leave', 'resend'], "must be 'leave' or 'resend'.").optional(),
  most: count.optional(),
  timeLimit: duration
    .assert((text) => (parseDuration(text) ?? 0) <= LONGEST_TIME_LIMIT_MS, 'is longer than an hour, which is the most.')
    .optional(),
  cookies: oneOf(['keep'], "must be 'keep', or be left out.").optional(),
  robots: oneOf(['obey'], "must be 'obey', or be left out.").optional(),
  proxy: v.string().assert(isProxy, `must be the address of a proxy. ${PROXY_SHAPE}`).optional(),
  link: v
    .unknown()
    .assert((given) => typeof given === 'string' && isWebAddress(given), 'must be an http or https address.')
    .optional(),
  fetch: step,
  extract: step,
  watch: watch.optional(),
  render: step,
});

type Issue = v.Err['issues'][number];

export type ReadJob =
  | { readonly kind: 'job'; readonly definition: JobDefinition; readonly description: JobDescription }
  | { readonly kind: 'broken'; readonly problems: readonly string[] };

/** Reads the default export of a job file. Problems name the file, the field and what to do. */
export function readJob(file: string, exported: unknown, { timezone }: { readonly timezone: string }): ReadJob {
  if (typeof exported !== 'object' || exported === null) {
    return { kind: 'broken', problems: [`jobs/${file} exports no job. Write: export default defineJob({ ... });`] };
  }
  const read = definition.try(exported);
  if (!read.ok) return { kind: 'broken', problems: read.issues.flatMap((issue) => problemsOf(file, issue, exported)) };
  const job = exported as JobDefinition;
  const problem = digestProblem(job);
  if (problem !== undefined) return { kind: 'broken', problems: [`jobs/${file}: "watch.digest" ${problem}`] };
  if (job.correct === true && job.watch !== undefined) {
    const both = 'is not for a job with "watch", which tells what changed as it is. Leave one of them out.';
    return { kind: 'broken', problems: [`jobs/${file}: "correct" ${both}`] };
  }
  return { kind: 'job', definition: job, description: describe(file, job, timezone) };
}

/** The id a file has unless its job names another. */
export function idOf(file: string): string {
  return file.replace(/\.[mc]?[jt]s$/, '');
}

/** A digest is of several lines: the others gather for it. */
function digestProblem({ schedule, watch }: JobDefinition): string | undefined {
  const digest = watch?.digest;
  if (digest === undefined) return undefined;
  if (typeof schedule === 'string')
    return `needs a schedule of several lines, such as { hourly: '${schedule}', ${digest}: '0 18 * * *' }.`;
  const slots = Object.keys(schedule);
  if (!slots.includes(digest)) return `names "${digest}", which is no line of the schedule: ${slots.join(', ')}.`;
  return slots.length > 1 ? undefined : `names the only line of the schedule: no other line gathers for "${digest}".`;
}

function describe(file: string, job: JobDefinition, timezone: string): JobDescription {
  const watches = job.watch !== undefined;
  return {
    id: job.id ?? idOf(file),
    file,
    slots: typeof job.schedule === 'string' ? { main: job.schedule } : { ...job.schedule },
    timezone: job.timezone ?? timezone,
    to: [...new Set(typeof job.to === 'string' ? [job.to] : job.to)],
    freshForMs: millisecondsOf(job.freshFor, watches ? DEFAULT_FRESH_WATCHED_MS : DEFAULT_FRESH_MS),
    recheckMs: millisecondsOf(job.recheck, DEFAULT_RECHECK_MS),
    ...(job.alertAfter === undefined ? {} : { alertAfter: job.alertAfter }),
    skipHolidays: job.skip === 'holidays',
    watches,
    ...(job.correct === true ? { corrects: true } : {}),
    ifUnclear: job.ifUnclear ?? 'leave',
    timeLimitMs: millisecondsOf(job.timeLimit, DEFAULT_TIME_LIMIT_MS),
  };
}

function millisecondsOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
}

function problemsOf(file: string, issue: Issue, exported: unknown): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `jobs/${file}: there is no field "${key}"${suggestion(String(key), issue.path)}.`);
  }
  const given = issue.path.reduce(fieldOf, exported);
  return sentencesOf(issue, given).map((sentence) => `jobs/${file}: "${issue.path.join('.')}" ${sentence}`);
}

function sentencesOf(issue: Issue, given: unknown): readonly string[] {
  if (issue.code === 'custom_error') {
    return issue.message === NO_CRON_LINE ? cronProblems(String(given)) : [issue.message ?? 'is wrong.'];
  }
  if (issue.code !== 'invalid_type' || given === undefined) return ['is missing.'];
  return [`invalid input: expected ${issue.expected.join(' or ')}, received ${kindOf(given)}.`];
}

function cronProblems(line: string): readonly string[] {
  const read = readCronLine(line);
  return 'problems' in read ? read.problems.map((problem) => `"${line}": ${problem}`) : [];
}

function fieldOf(given: unknown, key: string | number): unknown {
  return typeof given === 'object' && given !== null ? Reflect.get(given, key) : undefined;
}

function kindOf(given: unknown): string {
  if (given === null) return 'null';
  return Array.isArray(given) ? 'array' : typeof given;
}

function suggestion(key: string, path: readonly unknown[]): string {
  const known = path.length === 0 ? Object.keys(definition.shape) : Object.keys(watch.shape);
  const near = known.find((field) => field.toLowerCase().startsWith(key.toLowerCase().slice(0, 4)));
  return near === undefined ? `. Fields are ${known.join(', ')}` : `; did you mean "${near}"`;
}

/** A text, quoted in the sentence that says what is wrong with it. */
function textOf(fits: (text: string) => boolean, sentence: string): v.Type<string> {
  return v.string().chain((text) => (fits(text) ? v.ok(text) : v.err(`${JSON.stringify(text)} ${sentence}`)));
}

function oneOf(values: readonly unknown[], sentence: string): v.Type {
  return v.unknown().assert((given) => values.includes(given), sentence);
}

function isFrom1To(given: unknown, most: number): boolean {
  return Number.isInteger(given) && Number(given) >= 1 && Number(given) <= most;
}

/** An object as `{}` makes it, in whatever realm: a Map or a Date has no lines. */
function isPlain(given: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
