// The jobs of a story: real definitions, looked at by the real steps, over modelled pages.
import { defineJob, notYet } from '../../src/core/define-job.ts';
import { FetchError } from '../../src/core/errors.ts';
import { getOf } from '../../src/core/form.ts';
import type { Get, JobDefinition, JobDescription, JobFile } from '../../src/core/job.ts';
import type { Fetching } from '../../src/core/look.ts';
import { pageOf } from '../../src/core/page-of.ts';
import { readJob } from '../../src/core/read-job.ts';
import { isNew } from '../../src/core/watch.ts';
import { type Dice, makeDice, seededRandom } from './random.ts';

export interface SimulatedJob {
  readonly definition: JobDefinition;
  readonly description: JobDescription;
  readonly file: JobFile;
}

/** What a page shows to one look. */
export interface Shown {
  readonly how: 'fails' | 'shape' | 'not-yet' | 'hangs' | 'flood' | 'right';
  /** Names of what is on it. */
  readonly items: readonly string[];
}

type Options = Pick<JobDefinition, 'schedule' | 'to'> &
  Partial<Pick<JobDefinition, 'timezone' | 'freshFor' | 'recheck' | 'skip' | 'ifUnclear'>>;

interface Listed {
  readonly name: string;
}

function menuJob(options: Options, { long }: { long: boolean }): JobDefinition {
  return defineJob({
    ...options,
    fetch: async (get: Get, run) => (await get(`https://menu.example/${run.job}`)).json() as Listed[],
    extract: (items: Listed[]) => readItems(items),
    render: (items, run) => {
      const text = `${run.job} ${run.slot} ${run.due.toISOString()} ${items.map(({ name }) => name).join(', ')}`;
      return long ? [`${text}\n${'가나다라마바사 '.repeat(40)}`, `${text} 끝`] : text;
    },
  }) as unknown as JobDefinition;
}

function boardJob(options: Options): JobDefinition {
  return defineJob({
    ...options,
    fetch: async (get: Get, run) => (await get(`https://board.example/${run.job}`)).json() as Listed[],
    extract: (items: Listed[]) => readItems(items),
    watch: { key: ({ name }: Listed) => name, tell: isNew },
    render: (items, run) => `${run.job} ${run.due.toISOString()} ${items.map(({ name }) => name).join(', ')}`,
  }) as unknown as JobDefinition;
}

function readItems(items: readonly Listed[] | 'not yet' | 'other'): readonly Listed[] {
  if (items === 'not yet') notYet('the page still shows yesterday');
  if (items === 'other') throw new Error('the page has changed its shape');
  return items;
}

const ZONES = ['America/New_York', 'Australia/Lord_Howe', 'America/Havana', 'Europe/Berlin'];

const KINDS: readonly ((dice: Dice, to: readonly string[]) => JobDefinition)[] = [
  (_, to) =>
    menuJob(
      {
        schedule: { breakfast: '30 7 * * 1-5', lunch: '20 11 * * 1-5', dinner: '0 17 * * 1-5' },
        freshFor: '90m',
        skip: 'holidays',
        to,
      },
      { long: false },
    ),
  (dice, to) => boardJob({ schedule: `${dice.between(0, 59)} * * * *`, to }),
  (dice, to) =>
    menuJob({ schedule: `${dice.between(0, 59)} ${dice.between(6, 21)} * * *`, freshFor: '1d', to }, { long: true }),
  (dice, to) =>
    menuJob(
      { schedule: `${dice.between(0, 59)} 9,18 * * *`, ifUnclear: 'resend', freshFor: '6h', to },
      { long: false },
    ),
  (dice, to) =>
    boardJob({ schedule: `*/${dice.pick([20, 30])} 8-20 * * 1-5`, freshFor: '2h', ifUnclear: 'resend', to }),
  (dice, to) =>
    boardJob({
      schedule: { night: '30 2 * * *', hourly: '15 * * * *' },
      timezone: dice.pick(ZONES),
      freshFor: '40m',
      recheck: '5m',
      to,
    }),
];

const QUIET = [0, 0, 0, 3, 2, 0];
/** Jobs that are due every hour or oftener take most of the time, and are one in three. */
const MIXED = [0, 0, 2, 2, 3, 3, 1, 4, 5];

/** `quiet`: jobs that are due once or thrice a day. */
export function jobsOf(
  seed: number,
  { count, recipients, quiet }: { count: number; recipients: readonly string[]; quiet: boolean },
): readonly SimulatedJob[] {
  const dice = makeDice(seededRandom(seed, 'jobs'));
  return Array.from({ length: count }, (_, index) => {
    const kind = quiet ? (QUIET[index % QUIET.length] ?? 0) : dice.pick(MIXED);
    const definition = KINDS[kind]?.(dice, aFew(dice, recipients));
    return takeUp(`job-${index}.ts`, definition as JobDefinition);
  });
}

function aFew(dice: Dice, names: readonly string[]): readonly string[] {
  const chosen = names.filter(() => dice.chance(0.4));
  return chosen.length === 0 ? [dice.pick(names)] : chosen;
}

function takeUp(file: string, definition: JobDefinition): SimulatedJob {
  const read = readJob(file, definition, { timezone: 'Asia/Seoul' });
  if (read.kind === 'broken') throw new Error(read.problems.join('\n'));
  const { description } = read;
  return { definition, description, file: { kind: 'job', file, hash: `hash of ${file}`, description } };
}

/** The network of one look, showing what the page shows. */
export function modelFetching({ how, items }: Shown): Fetching {
  const get = getOf(async (address) => {
    const url = String(address);
    if (how === 'fails') throw new FetchError(`${url} answered with HTTP 503.`, { url, status: 503 });
    const shown = how === 'not-yet' ? 'not yet' : how === 'shape' ? 'other' : items.map((name) => ({ name }));
    return pageOf(JSON.stringify(shown), { url, contentType: 'application/json' });
  });
  return {
    fetch: async (step) => ({ kind: 'raw', raw: await step(get) }),
    validators: () => [],
    suspects: () => [],
    link: () => 'https://menu.example/',
  };
}
