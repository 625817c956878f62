// What a job's author gets from the compiler without writing a type. `tsc` checks this file in `npm run check`: an
// expected error that does not come fails it as much as one that does. At run time little is left to prove.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  above,
  below,
  changed,
  changedBy,
  defineJob,
  feed,
  fell,
  type Get,
  type GetOptions,
  type Item,
  isNew,
  type JobDefinition,
  notYet,
  type Rendered,
  type Run,
  rose,
  type Told,
  type Watch,
} from 'talkbell';

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** Compiles only if the value's type is exactly the one named. */
function hasType<Wanted>() {
  return <Given>(_value: Given, _proof: Same<Given, Wanted>): void => {};
}

test('run.slot is one of the names of the schedule, in every step', () => {
  const job = defineJob({
    schedule: { lunch: '20 11 * * *', dinner: '0 17 * * *' },
    to: 'me',
    fetch: (get, run) => {
      hasType<'lunch' | 'dinner'>()(run.slot, true);
      return get(`https://dorm.example.ac.kr/${run.slot}`);
    },
    extract: (page, run) => {
      hasType<'lunch' | 'dinner'>()(run.slot, true);
      // @ts-expect-error: there is no such slot
      if (run.slot === 'breakfast') return [];
      return page.rows(`#${run.slot}`, 'li', { dish: '.name' });
    },
    render: (dishes, run) => {
      const title = { lunch: '점심', dinner: '저녁' }[run.slot];
      const lacking = { lunch: '점심' };
      // @ts-expect-error: a table that lacks a slot cannot be asked by it
      void lacking[run.slot];
      return [title, ...dishes.map(({ dish }) => dish)].join('\n');
    },
  });
  assert.deepEqual(Object.keys(job.schedule), ['lunch', 'dinner']);
  hasType<{ readonly lunch: '20 11 * * *'; readonly dinner: '0 17 * * *' }>()(job.schedule, true);
});

test('a schedule of one line has the slot main', () => {
  const job = defineJob({
    schedule: '20 11 * * *',
    to: ['me', 'family'],
    fetch: (_get, run) => run.slot,
    extract: (slot) => {
      hasType<'main'>()(slot, true);
      return [{ slot }];
    },
    render: ([first]) => first?.slot,
  });
  assert.equal(job.schedule, '20 11 * * *');
});

test('rows have the fields that were asked for: text, text that may lack, or what a function gives', () => {
  const job = defineJob({
    schedule: '20 11 * * *',
    to: 'me',
    fetch: (get) => get('https://dorm.example.ac.kr/'),
    extract: (page) =>
      page.rows('#lunch', 'li', {
        dish: '.name',
        price: '.price?',
        link: 'a@href',
        photo: 'img@src?',
        lines: (row) => row.lines,
        count: (row) => row.all('b').length,
      }),
    render: (dishes) => {
      const [first] = dishes;
      if (first === undefined) return undefined;
      hasType<string>()(first.dish, true);
      hasType<string | undefined>()(first.price, true);
      hasType<string>()(first.link, true);
      hasType<string | undefined>()(first.photo, true);
      hasType<readonly string[]>()(first.lines, true);
      hasType<number>()(first.count, true);
      // @ts-expect-error: nobody asked for this field
      void first.name;
      // @ts-expect-error: a price may lack, so that it cannot be used as if it were there
      void first.price.length;
      return first.dish;
    },
  });
  assert.equal(typeof job.extract, 'function');
});

test('items of one step are the items of the next, also through a fetch that is no page', () => {
  const job = defineJob({
    schedule: '0 * * * *',
    to: 'me',
    fetch: async () => ({ rates: { KRW: 1480.5 } }),
    extract: ({ rates }) => Object.entries(rates).map(([name, rate]) => ({ name, rate })),
    watch: {
      key: (item) => {
        hasType<{ name: string; rate: number }>()(item, true);
        // @ts-expect-error: the items have no such field
        void item.price;
        return item.name;
      },
      tell: ({ rate, before }) => before !== undefined && rate < before.rate,
    },
    render: (items) =>
      items.map(({ name, rate, before }) => {
        hasType<{ name: string; rate: number } | undefined>()(before, true);
        // @ts-expect-error: it may be the first time that the item is seen
        void before.rate;
        return `${name} ${before?.rate ?? '?'} → ${rate}`;
      }),
  });
  const told = [{ name: 'KRW', rate: 1480.5, before: { name: 'KRW', rate: 1490 } }];
  assert.equal(job.watch?.tell(told[0] ?? assert.fail()), true);
});

test('isNew and changed serve any watching job', () => {
  const watching = (tell: Watch<{ url: string }>['tell']) =>
    defineJob({
      schedule: '0 * * * *',
      to: 'me',
      fetch: () => 1,
      extract: () => [{ url: 'https://a.test/' }],
      watch: { key: ({ url }) => url, tell },
      render: (items) => items.map(({ url }) => feed({ title: '새 글', link: url })),
    });
  assert.equal(watching(isNew).watch?.tell({ url: '1' }), true);
  assert.equal(watching(changed).watch?.tell({ url: '1' }), false);
});

test('thresholds name a field that the items have, and that holds a number or a text', () => {
  const job = defineJob({
    schedule: { hourly: '0 * * * *', evening: '5 18 * * *' },
    to: 'me',
    fetch: (get) => get('https://shop.example.com/'),
    extract: (page) =>
      page.rows('table', 'tr', { name: '.name', price: '.price', was: '.was?', seats: (row) => row.lines }),
    watch: { key: ({ name }) => name, tell: fell('price', { by: '5%' }), settled: 2, digest: 'evening' },
    render: (items) => {
      hasType<string | undefined>()(items[0]?.before?.price, true);
      return items.map(({ name, price }) => `${name} ${price}`);
    },
  });
  type Tell = NonNullable<typeof job.watch>['tell'];
  const tells: readonly Tell[] = [rose('was'), above('price', 1), below('price', 1), changedBy('price', 100)];
  // @ts-expect-error: the items have no such field
  const misspelt: Tell = fell('prise');
  // @ts-expect-error: a list is no number
  const list: Tell = fell('seats');
  // @ts-expect-error: a part has a percent sign
  const part = (): Tell => fell('price', { by: '5' });
  hasType<'hourly' | 'evening' | undefined>()(job.watch?.digest, true);
  assert.equal([...tells, misspelt, list, part].length, 7);
});

/** Never called: each of these is a mistake that the compiler has to find. */
export function mistakes(): void {
  const fetch = (get: Get) => get('https://a.test/');
  const render = (): Rendered => '밥';
  const extract = () => [{ n: 1 }];

  // @ts-expect-error: a job has to say whom it tells
  defineJob({ schedule: '0 * * * *', fetch, extract, render });
  // @ts-expect-error: a misspelt field
  defineJob({ schedule: '0 * * * *', to: 'me', freshFr: '1h', fetch, extract, render });
  // @ts-expect-error: the one thing that can be skipped
  defineJob({ schedule: '0 * * * *', to: 'me', skip: 'sundays', fetch, extract, render });
  // @ts-expect-error: durations are words
  defineJob({ schedule: '0 * * * *', to: 'me', freshFor: 90, fetch, extract, render });
  // @ts-expect-error: items are records
  defineJob({ schedule: '0 * * * *', to: 'me', fetch, extract: () => ['밥'], render });
  // @ts-expect-error: render gives text or a template
  defineJob({ schedule: '0 * * * *', to: 'me', fetch, extract, render: () => 42 });
  // @ts-expect-error: a key is text or a number
  defineJob({ schedule: '0 * * * *', to: 'me', fetch, extract, watch: { key: ({ n }) => [n], tell: isNew }, render });
  const schedule = { hourly: '0 * * * *', evening: '5 18 * * *' } as const;
  const key = ({ n }: { n: number }) => n;
  // @ts-expect-error: a digest is a line of the schedule
  defineJob({ schedule, to: 'me', fetch, extract, watch: { key, tell: isNew, digest: 'eve' }, render });
  // @ts-expect-error: there is no such method
  defineJob({ schedule: '0 * * * *', to: 'me', fetch: (get) => get('/', { method: 'LOOK' }), extract, render });
  // @ts-expect-error: a field of a form is text, a number, a box or several texts
  void ((get: Get) => get.form('/', { fields: { id: {} } }));
  // @ts-expect-error: a feed has a title
  feed({ description: '밥' });
}

test('what stands after notYet is never reached, which the compiler knows', () => {
  const dateOf = (date: string | undefined): string => date ?? notYet('no date');
  hasType<string>()(dateOf('2026-11-20'), true);
  assert.throws(() => dateOf(undefined), /no date/);
});

test('the types an author may name are exported', () => {
  const run = (slot: Run<'main'>['slot']): Told<Item> => ({ slot });
  const options: GetOptions = { form: { date: '20261120' }, charset: 'cp949' };
  const job: JobDefinition['to'] = ['me'];
  assert.deepEqual([run('main'), options.charset, job], [{ slot: 'main' }, 'cp949', ['me']]);
});
