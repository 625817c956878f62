// check: each job file, the cron lines that read otherwise than in crontab, and where messages link to.

import { nextAfter } from '../core/calendar.ts';
import { readCronLine, readsBothDays } from '../core/cron-line.ts';
import type { JobDescription, JobFile } from '../core/job.ts';
import type { Recipient, Store } from '../core/ports.ts';
import type { Scrubber } from '../core/redact.ts';
import { showTime } from '../core/show-time.ts';
import type { Config } from '../io/config.ts';
import { plainText } from '../kakao/plain.ts';
import { checkRobots } from './check-robots.ts';
import type { CommandLine } from './command-line.ts';
import { type Finding, fail, note, ok, warn } from './finding.ts';
import { withJobs } from './load-jobs.ts';
import { howToReach, type People, whyUnreached } from './reach.ts';
import { makeCommandLog } from './with-store.ts';

const RECENT_MESSAGES = 200;

interface CheckedJobs {
  readonly config: Config;
  readonly store: Store | undefined;
  readonly line: CommandLine;
  readonly scrubber: Scrubber;
}

interface At {
  readonly now: number;
  /** The zone that times are shown in. */
  readonly zone: string;
}

export async function checkJobs({ config, store, line, scrubber }: CheckedJobs): Promise<readonly Finding[]> {
  const log = makeCommandLog(line, scrubber);
  const { files, robots } = await withJobs({ config, log, scrubber }, async (jobs) => ({
    files: jobs.files,
    robots: await checkRobots(jobs, line.now()),
  }));
  const people = { recipients: (await store?.recipients()) ?? [], accounts: (await store?.accounts()) ?? [] };
  if (files.length === 0)
    return [warn('jobs', `There are no job files in ${config.jobsDir}. Copy one there, or set TALKBELL_JOBS.`)];
  return [
    ...files.flatMap((file) => checkFile(file, people, { now: line.now(), zone: config.timezone })),
    ...robots,
    ...(await checkLinks(store, people.recipients)),
  ];
}

function checkFile(file: JobFile, people: People, at: At): readonly Finding[] {
  const about = `jobs/${file.file}`;
  if (file.kind === 'broken') return file.problems.map((problem) => fail(about, problem));
  if (file.kind === 'unset')
    return [
      warn(
        about,
        `Not set up: add ${file.settings.map((name) => `${name}=...`).join(' and ')} to .env, or remove the file.`,
      ),
    ];
  const { description } = file;
  const troubles = description.to.flatMap((name) => {
    const trouble = whyUnreached(name, people);
    const remedy = howToReach(name, people);
    const text = `It tells ${name}: ${trouble}${remedy === undefined ? '' : `: ${remedy}`}`;
    return trouble === undefined ? [] : [warn(about, text)];
  });
  return [ok(about, nextOf(description, at)), ...troubles, ...checkDays(about, description)];
}

function nextOf({ slots, timezone }: JobDescription, { now, zone }: At): string {
  const instants = Object.values(slots).flatMap((line) => {
    const cron = readCronLine(line);
    return 'problems' in cron ? [] : (nextAfter(cron, timezone, now) ?? []);
  });
  const first = instants.toSorted((one, other) => one - other)[0];
  return first === undefined ? 'never due' : `next ${showTime(zone, first)}`;
}

function checkDays(about: string, { slots }: JobDescription): readonly Finding[] {
  return Object.entries(slots).flatMap(([slot, line]) => {
    const cron = readCronLine(line);
    if ('problems' in cron || !readsBothDays(cron)) return [];
    return [
      warn(
        about,
        `The line ${slot} ('${line}') restricts day of month and day of week: both must hold, where crontab takes either. talkbell jobs shows its next days.`,
      ),
    ];
  });
}

/** Kakao answers with success all the same, so nobody can find out by asking. */
async function checkLinks(store: Store | undefined, recipients: readonly Recipient[]): Promise<readonly Finding[]> {
  if (!recipients.some(({ address }) => 'account' in address)) return [];
  const rows = (await store?.messages({ limit: RECENT_MESSAGES })) ?? [];
  const links = rows.filter(({ address }) => 'account' in address).map(({ saying }) => plainText(saying).link);
  const domains = [
    ...new Set(links.flatMap((link) => (link !== undefined && URL.canParse(link) ? [new URL(link).origin] : []))),
  ];
  const shown = domains.length === 0 ? '' : ` Messages of late link to ${domains.join(', ')}.`;
  return [
    note(
      'links',
      `KakaoTalk opens only links to domains registered for the app, and drops others without a word: register them in Kakao Developers under [앱] > [제품 링크 관리] > [웹 도메인].${shown}`,
    ),
  ];
}
