// From what a person calls a job (its id or its file) to the job, and from a slot's name to the slot.
import { nextAfter, previousAtOrBefore } from '../core/calendar.ts';
import { readCronLine } from '../core/cron-line.ts';
import { ConfigError } from '../core/errors.ts';
import type { Instant, JobDescription } from '../core/job.ts';
import type { JobRow } from '../core/ports.ts';
import { idOf } from '../core/read-job.ts';
import { takeLock } from '../io/lock.ts';
import { withJobs } from './load-jobs.ts';
import { suggest } from './nearest.ts';
import { type Context, makeScrubberOf } from './with-store.ts';

interface Named {
  readonly id: string;
  readonly file: string;
}

/** `lunch`, `lunch.ts` and `jobs/lunch.ts` are the same job. Throws ConfigError with the nearest names. */
export function pickJob<T extends Named>(called: string, jobs: readonly T[]): T {
  const name = called.replace(/^.*[/\\]/, '');
  const found =
    jobs.find(({ id }) => id === called) ??
    jobs.find(({ id, file }) => id === name || file === name || idOf(file) === name);
  if (found !== undefined) return found;
  throw new ConfigError([
    `There is no job ${called}. ${suggest(
      name,
      jobs.map(({ id }) => id),
    )} See: talkbell jobs`,
  ]);
}

/** The job as the store has it. A new file is taken up first, unless a daemon is there to do it. */
export async function findJob(context: Context, called: string): Promise<JobRow> {
  const known = await context.store.jobs();
  const isKnown = known.some(({ id, file }) => [id, file, idOf(file)].includes(called.replace(/^.*[/\\]/, '')));
  if (!isKnown) await takeUpAlone(context);
  return pickJob(called, isKnown ? known : await context.store.jobs());
}

async function takeUpAlone(context: Context): Promise<void> {
  const { config, store, now, log } = context;
  const lock = takeLock(config.dataDir);
  if ('heldBy' in lock) return;
  try {
    await withJobs({ config, log, scrubber: makeScrubberOf(config) }, ({ files }) => store.syncJobs(files, now()));
  } finally {
    lock.release();
  }
}

/** The slot of that name; without a name the only one, or the one whose instant lies nearest. Throws ConfigError. */
export function pickSlot({ id, slots, timezone }: JobDescription, called: string | undefined, at: Instant): string {
  const names = Object.keys(slots);
  if (called !== undefined) {
    if (names.includes(called)) return called;
    throw new ConfigError([`The job ${id} has no slot ${called}. It has ${names.join(', ')}.`]);
  }
  const near = names.map((name) => ({ name, distance: distanceTo(slots[name] ?? '', timezone, at) }));
  return near.toSorted((one, other) => one.distance - other.distance)[0]?.name ?? 'main';
}

function distanceTo(line: string, timezone: string, at: Instant): number {
  const cron = readCronLine(line);
  if ('problems' in cron) return Number.POSITIVE_INFINITY;
  const instants = [previousAtOrBefore(cron, timezone, at), nextAfter(cron, timezone, at)];
  return Math.min(
    ...instants.map((instant) => (instant === undefined ? Number.POSITIVE_INFINITY : Math.abs(instant - at))),
  );
}

/** The description a job is scheduled by. Throws ConfigError with why there is none. */
export function descriptionOf({ file, description, unset, problems }: JobRow): JobDescription {
  if (unset.length > 0) {
    throw new ConfigError([
      `jobs/${file} is not set up: add ${unset.map((name) => `${name}=...`).join(' and ')} to .env.`,
    ]);
  }
  if (description !== undefined) return description;
  throw new ConfigError(problems.length > 0 ? problems : [`jobs/${file} has not been loaded yet. See: talkbell jobs`]);
}
