// The jobs of the soak: what a household and an office might watch, two hundred times. Each job asks a host of its own,
// so that politeness to one host holds back nobody.
import { makeDice, seededRandom } from '../../test/simulation/random.ts';

export type Kind = 'menu' | 'notices' | 'hourly' | 'price' | 'flaky' | 'quits';

export interface SoakJob {
  readonly id: string;
  readonly index: number;
  readonly kind: Kind;
  readonly slots: Readonly<Record<string, string>>;
  readonly to: readonly string[];
  readonly host: string;
}

/** Kakao logins, by the sandbox's name of the person. */
export const ACCOUNTS: Readonly<Record<string, string>> = { 민지: 'me', 준호: 'mum', 서연: 'dad' };
export const HOOKS: readonly string[] = Array.from({ length: 10 }, (_, index) => `hook-${index}`);
export const OWNER = 'owner';
export const ZONE = 'Asia/Seoul';

const KINDS: readonly Kind[] = [
  ...(['menu', 'notices', 'hourly', 'price', 'menu', 'notices', 'menu', 'flaky', 'menu', 'notices'] as const),
];

export interface Plan {
  readonly jobs: number;
  readonly seed: number;
  /** How often the most eager jobs look. A host rests for a second after each request, in real time. */
  readonly everyHours: number;
}

export function planJobs({ jobs, seed, everyHours }: Plan): readonly SoakJob[] {
  const dice = makeDice(seededRandom(seed, 'jobs'));
  return Array.from({ length: jobs }, (_, index) => {
    // One job ends its worker now and then: every look under way must begin again.
    const kind = index === 0 ? 'quits' : (KINDS[index % KINDS.length] ?? 'menu');
    return {
      id: `${kind}-${index}`,
      index,
      kind,
      slots: slotsOf(kind, { minute: dice.between(0, 5) * 10, everyHours }),
      to: recipientsOf(index),
      host: `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    };
  });
}

/** At every tenth minute, so that many are due together. */
function slotsOf(
  kind: Kind,
  { minute, everyHours }: { readonly minute: number; readonly everyHours: number },
): Readonly<Record<string, string>> {
  switch (kind) {
    case 'menu':
      return { lunch: `${minute} 11 * * *`, dinner: `${minute} 17 * * *` };
    case 'notices':
      return { main: `${minute} 8,11,14,18 * * *` };
    case 'hourly':
      return { main: `${minute} */${everyHours} * * *` };
    case 'price':
      return { main: `${minute} 9,21 * * *` };
    case 'flaky':
      return { main: `${minute} 10 * * *` };
    case 'quits':
      return { main: '30 12 * * *' };
  }
}

function recipientsOf(index: number): readonly string[] {
  const hook = HOOKS[index % HOOKS.length] ?? '';
  const account = Object.values(ACCOUNTS)[index % 3] ?? '';
  if (index % 4 === 0) return [account];
  return index % 10 === 3 ? [account, hook] : [hook];
}

/** The job file. `note` changes it without changing what it does, as an edit does. */
export function sourceOf(job: SoakJob, { port, note }: { readonly port: number; readonly note: string }): string {
  return `// ${note}
import { changed, defineJob, isNew, notYet } from 'talkbell';

export default defineJob({
  schedule: ${JSON.stringify(job.slots)},
  to: ${JSON.stringify(job.to)},
  ${OPTIONS[job.kind] ?? ''}
  fetch: (get) => get('http://${job.host}:${port}/${job.kind}'),
  ${STEPS[job.kind]}
});
`;
}

const OPTIONS: Partial<Readonly<Record<Kind, string>>> = {
  menu: `recheck: '30m',`,
  flaky: `recheck: '50m', alertAfter: 1,`,
  quits: `recheck: '45m', alertAfter: 1,`,
};

const MENU = `extract: (page, run) => {
    if (page.one('.day').text !== run.date) notYet('the page still shows another day');
    return page.rows('#dishes', 'li', { dish: '.name', price: '.price' });
  },
  render: (dishes, run) => [run.job + ' ' + run.slot + ' ' + run.date, ...dishes.map(({ dish, price }) => '- ' + dish + ' ' + price)].join('\\n'),`;

const LIST = `extract: (page) => page.rows('#list', 'li', { title: 'a', link: 'a@href' }),
  watch: { key: ({ link }) => link, tell: isNew },
  render: (items, run) => [run.job + ' ' + run.date + ' ' + run.time, ...items.map(({ title }) => title)].join('\\n'),`;

const STEPS: Readonly<Record<Kind, string>> = {
  menu: MENU,
  flaky: MENU,
  notices: LIST,
  hourly: LIST,
  price: `extract: (page) => page.json().products,
  watch: { key: ({ name }) => name, tell: changed },
  render: (items, run) => [run.job + ' ' + run.date + ' ' + run.time, ...items.map(({ name, price, before }) => name + ': ' + before.price + ' -> ' + price)].join('\\n'),`,
  quits: `extract: (page, run) => {
    if (page.maybe('.quit')) process.exit(3);
    return [{ day: run.date }];
  },
  render: (items, run) => run.job + ' went on ' + run.date,`,
};
