// Reads what a job file exports: unknown fields, bad cron lines, bad durations and missing steps are told with field
// and remedy, all at once, before the job is ever due.
import { z } from 'zod';
import { readCronLine } from './cron-line.ts';
import { parseDuration } from './duration.ts';
import type { JobDefinition, JobDescription } from './job.ts';
import { isProxy, PROXY_SHAPE } from './proxy.ts';
import { isZone } from './zone.ts';

const DEFAULT_FRESH_MS = 60 * 60_000;
const DEFAULT_FRESH_WATCHED_MS = 3 * 24 * 60 * 60_000;
const DEFAULT_RECHECK_MS = 10 * 60_000;
const DEFAULT_TIME_LIMIT_MS = 2 * 60_000;
const LONGEST_TIME_LIMIT_MS = 60 * 60_000;
/** Looks in a row that an item may have to settle. */
const MOST_LOOKS = 100;
const LOOKS = `must be a whole number of looks, from 1 to ${MOST_LOOKS}.`;

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;

const cron = z.string().superRefine((line, context) => {
  const read = readCronLine(line);
  if (!('problems' in read)) return;
  for (const problem of read.problems) context.addIssue({ code: 'custom', message: `"${line}": ${problem}` });
});

const duration = z.string().refine((text) => parseDuration(text) !== undefined, {
  error: (issue) => `${JSON.stringify(issue.input)} is not a duration. Write it as '90m', '1h30m' or '3d'.`,
});

const step = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function', {
  error: (issue) =>
    issue.input === undefined ? 'is missing. Every job has this step: a function.' : 'must be a function.',
});

const name = z.string().regex(NAME, 'must be a name of letters, digits, dots, dashes or underscores, 64 at most.');

const watch = z.strictObject({
  key: step,
  tell: step,
  settled: z.int(LOOKS).min(1, LOOKS).max(MOST_LOOKS, LOOKS).optional(),
  digest: name.optional(),
});

const definition = z.strictObject({
  schedule: z.union([cron, z.record(name, cron).refine((lines) => Object.keys(lines).length > 0, 'has no line.')]),
  to: z.union([name, z.array(name).min(1, 'names nobody. Name at least one recipient.')]),
  id: name.optional(),
  timezone: z
    .string()
    .refine(isZone, {
      error: (issue) => `${JSON.stringify(issue.input)} is not a time zone. Write it as 'Asia/Seoul'.`,
    })
    .optional(),
  freshFor: duration.optional(),
  recheck: duration.optional(),
  alertAfter: z.int().min(1).max(1000).optional(),
  skip: z.literal('holidays', "must be 'holidays', or be left out").optional(),

  correct: z.boolean('must be true or false').optional(),
  ifUnclear: z.enum(['leave', 'resend'], "must be 'leave' or 'resend'").optional(),
  most: z.int().min(1).max(1000).optional(),
  timeLimit: duration
    .refine((text) => (parseDuration(text) ?? 0) <= LONGEST_TIME_LIMIT_MS, 'is longer than an hour, which is the most.')
    .optional(),
  cookies: z.literal('keep', "must be 'keep', or be left out").optional(),
  robots: z.literal('obey', "must be 'obey', or be left out").optional(),
  proxy: z.string().refine(isProxy, `must be the address of a proxy. ${PROXY_SHAPE}`).optional(),
  link: z.url({ protocol: /^https?$/, error: 'must be an http or https address.' }).optional(),
  fetch: step,
  extract: step,
  watch: watch.optional(),
  render: step,
});

export type ReadJob =
  | { readonly kind: 'job'; readonly definition: JobDefinition; readonly description: JobDescription }
  | { readonly kind: 'broken'; readonly problems: readonly string[] };

/** Reads the default export of a job file. Problems name the file, the field and what to do. */
export function readJob(file: string, exported: unknown, { timezone }: { readonly timezone: string }): ReadJob {
  if (typeof exported !== 'object' || exported === null) {
    return { kind: 'broken', problems: [`jobs/${file} exports no job. Write: export default defineJob({ ... });`] };
  }
  const read = definition.safeParse(exported, { reportInput: true });
  if (!read.success) return { kind: 'broken', problems: read.error.issues.flatMap((issue) => problemsOf(file, issue)) };
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

function problemsOf(file: string, issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `jobs/${file}: there is no field "${key}"${suggestion(key, issue.path)}.`);
  }
  if (issue.code === 'invalid_union') {
    const fitting =
      issue.errors.find((errors) => errors.some(({ code }) => code !== 'invalid_type')) ?? issue.errors.at(-1) ?? [];
    return fitting.flatMap((inner) => problemsOf(file, { ...inner, path: [...issue.path, ...inner.path] }));
  }
  const field = issue.path.map(String).join('.');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return [`jobs/${file}: "${field}" ${missing ? 'is missing.' : withStop(lowerFirst(issue.message))}`];
}

function suggestion(key: string, path: readonly PropertyKey[]): string {
  const known = path.length === 0 ? Object.keys(definition.shape) : Object.keys(watch.shape);
  const near = known.find((field) => field.toLowerCase().startsWith(key.toLowerCase().slice(0, 4)));
  return near === undefined ? `. Fields are ${known.join(', ')}` : `; did you mean "${near}"`;
}

function withStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}
