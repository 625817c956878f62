// What `talkbell new` is asked for, and whether it can be: a name for a file, an address, a schedule.
import { readCronLine } from '../core/cron-line.ts';
import { ConfigError, FetchError } from '../core/errors.ts';
import type { JobKind } from '../core/propose-plan.ts';
import { isZone } from '../core/zone.ts';
import { readUrl, safeUrl } from '../io/http-url.ts';

export interface Options {
  readonly text: readonly string[];
  readonly selector?: string;
  readonly kind?: JobKind;
  readonly pick?: number;
  readonly schedule?: string;
  readonly to?: string;
  readonly timezone?: string;
  readonly page?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export interface Asked {
  readonly name: string;
  readonly url: string;
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** What is shorter is more likely the number of a page. */
const SHORTEST_KEY = 12;

/** Throws ConfigError with every problem. */
export function checkAsked({ name, url }: Asked, { schedule, timezone, to }: Options): void {
  const cron = schedule === undefined ? undefined : readCronLine(schedule);
  const problems = [
    ...(NAME.test(name) && name.length <= 64
      ? []
      : [`'${name}' is no name for a job. Write it in small letters with dashes, such as school-notices.`]),
    ...addressProblems(url),
    ...(cron !== undefined && 'problems' in cron
      ? cron.problems.map((problem) => `--schedule '${schedule}': ${problem}`)
      : []),
    ...(timezone === undefined || isZone(timezone)
      ? []
      : [`--timezone '${timezone}' is not a time zone. Write it as Asia/Seoul.`]),
    ...(to === undefined || /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(to)
      ? []
      : [`--to '${to}' is no name of a recipient.`]),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
}

function addressProblems(url: string): readonly string[] {
  try {
    const { username, password } = readUrl(url);
    if (username === '' && password === '') return [];
    return [
      `${safeUrl(url)} holds a log-in, which would stand in the job's file. Leave it out; the job gives it with auth and secret().`,
    ];
  } catch (error) {
    if (error instanceof FetchError) return [error.message];
    throw error;
  }
}

/** The name of a part of the address that nobody is to see. */
export function keyIn(url: string): string | undefined {
  const { searchParams } = new URL(safeUrl(url));
  const masked = [...searchParams].find(
    ([name, value]) => value === '***' && (new URL(url).searchParams.get(name)?.length ?? 0) >= SHORTEST_KEY,
  );
  return masked?.[0];
}
