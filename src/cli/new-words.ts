// What a new job is called for, when it looks and who is told: as the options say, as a person answers, else as usual.
import { readCronLine } from '../core/cron-line.ts';
import { type JobWords, scheduleFor } from '../core/propose-job.ts';
import type { JobKind, Proposal } from '../core/propose-plan.ts';
import type { Config } from '../io/config.ts';
import type { Asker } from './ask.ts';
import type { Asked, Options } from './new-check.ts';

export const KINDS: readonly JobKind[] = ['notices', 'menu', 'price', 'custom'];
const KOREA = 'Asia/Seoul';

export interface Deciding {
  readonly asked: Asked;
  readonly options: Options;
  readonly config: Config;
  readonly today: string;
}

export async function decide(
  { asked, options, config, today }: Deciding,
  { plan, kind: guessed }: Proposal,
  asker?: Asker,
): Promise<JobWords> {
  const kind = plan.form === 'feed' ? guessed : (options.kind ?? (await askKind(asker, guessed)));
  const otherwise = scheduleFor(plan, kind);
  const schedule = options.schedule ?? (await askSchedule(asker, otherwise));
  const to = options.to ?? (asker === undefined ? 'me' : await asker.ask('Who is told', 'me'));
  const zone = options.timezone ?? config.timezone;
  const { timezone } = options;
  return { ...asked, kind, schedule, to, timezone, today, skipsHolidays: zone === KOREA };
}

/** A price is read from one place; nothing else makes it another kind of job. */
async function askKind(asker: Asker | undefined, guessed: JobKind): Promise<JobKind> {
  if (asker === undefined) return guessed;
  const fitting = KINDS.filter((kind) => kind !== 'price' || guessed === 'price');
  const sorted = [guessed, ...fitting.filter((kind) => kind !== guessed)];
  return (
    sorted[
      await asker.choose(
        'What does the job do',
        sorted.map((kind) => `${kind}: ${ABOUT[kind]}`),
      )
    ] ?? guessed
  );
}

const ABOUT: Readonly<Record<JobKind, string>> = {
  notices: 'tells what is new on a list, once',
  menu: 'tells all of it before a meal',
  price: 'tells when a price falls',
  custom: 'tells all of it at each time',
};

async function askSchedule(asker: Asker | undefined, otherwise: string): Promise<string> {
  if (asker === undefined) return otherwise;
  const line = await asker.ask('When does it look (a cron line: minute hour day month weekday)', otherwise);
  return 'problems' in readCronLine(line) ? askSchedule(asker, otherwise) : line;
}
