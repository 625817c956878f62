// What is wrong with a job file is said before it is due: file, field and remedy, all problems at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { readJob } from '../../src/core/read-job.ts';

const steps = { fetch: () => '', extract: () => [], render: () => '' };
const watch = { key: () => '', tell: () => true };
const good = { schedule: '20 11 * * 1-5', to: 'me', ...steps };
const watching = (options: object) => ({
  ...good,
  schedule: { hourly: '0 * * * *', evening: '5 18 * * *' },
  watch: { key: () => '', tell: () => true, ...options },
});
const read = (exported: unknown) => readJob('lunch.ts', exported, { timezone: 'Asia/Seoul' });

function problemsOf(exported: unknown): string {
  const result = read(exported);
  assert.equal(result.kind, 'broken');
  return result.kind === 'broken' ? result.problems.join('\n') : '';
}

test('a job gets its name from the file and its defaults from the design', () => {
  const result = read(good);
  assert.deepEqual(result.kind === 'job' && result.description, {
    id: 'lunch',
    file: 'lunch.ts',
    slots: { main: '20 11 * * 1-5' },
    timezone: 'Asia/Seoul',
    to: ['me'],
    freshForMs: 3_600_000,
    recheckMs: 600_000,
    skipHolidays: false,
    watches: false,
    ifUnclear: 'leave',
    timeLimitMs: 120_000,
  });
});

test('a watching job stays fresh for three days', () => {
  const result = read({ ...good, watch: { key: () => '', tell: () => true } });
  assert.equal(result.kind === 'job' && result.description.freshForMs, 3 * 86_400_000);
});

test('every option is read', () => {
  const result = read({
    ...good,
    schedule: { lunch: '20 11 * * *', dinner: '0 17 * * *' },
    to: ['me', 'family', 'me'],
    id: 'food',
    timezone: 'Europe/Berlin',
    freshFor: '90m',
    recheck: '5m',
    alertAfter: 2,
    skip: 'holidays',
    ifUnclear: 'resend',
    timeLimit: '10s',
  });
  assert.deepEqual(result.kind === 'job' && result.description, {
    id: 'food',
    file: 'lunch.ts',
    slots: { lunch: '20 11 * * *', dinner: '0 17 * * *' },
    timezone: 'Europe/Berlin',
    to: ['me', 'family'],
    freshForMs: 5_400_000,
    recheckMs: 300_000,
    alertAfter: 2,
    skipHolidays: true,
    watches: false,
    ifUnclear: 'resend',
    timeLimitMs: 10_000,
  });
});

const broken: readonly (readonly [string, unknown, RegExp])[] = [
  ['no default export', undefined, /jobs\/lunch\.ts exports no job\. Write: export default defineJob/],
  ['an unknown field', { ...good, freshfor: '1h' }, /there is no field "freshfor"; did you mean "freshFor"/],
  ['a cron line that is none', { ...good, schedule: '99 * * * *' }, /"schedule" "99 \* \* \* \*".*minute/],
  ['a cron line of a named slot', { ...good, schedule: { lunch: 'noon' } }, /"schedule\.lunch" "noon"/],
  ['a day that never comes', { ...good, schedule: '0 0 31 2 *' }, /"schedule"/],
  ['an empty schedule', { ...good, schedule: {} }, /"schedule" has no line/],
  [
    'a duration that is none',
    { ...good, freshFor: 'an hour' },
    /"freshFor" "an hour" is not a duration\. Write it as '90m'/,
  ],
  ['a zone that is none', { ...good, timezone: 'Asia/Soul' }, /"timezone" "Asia\/Soul" is not a time zone/],
  ['a missing step', { ...good, render: undefined }, /"render" is missing/],
  ['a step that is no function', { ...good, extract: [] }, /"extract" must be a function/],
  ['no recipient', { ...good, to: [] }, /"to" names nobody/],
  ['a missing recipient', { ...good, to: undefined }, /"to"/],
  ['a time limit beyond an hour', { ...good, timeLimit: '2h' }, /"timeLimit" is longer than an hour/],
  ['a skip nobody knows', { ...good, skip: 'sundays' }, /"skip" must be 'holidays', or be left out\.$/],
  ['a half watch', { ...good, watch: { key: () => '' } }, /"watch\.tell" is missing/],
  [
    'a watch that settles in no look',
    watching({ settled: 0 }),
    /"watch\.settled" must be a whole number of looks, from 1 to 100/,
  ],
  [
    'a watch that never settles',
    watching({ settled: 101 }),
    /"watch\.settled" must be a whole number of looks, from 1 to 100/,
  ],
  ['a watch that settles in time', watching({ settled: '2' }), /"watch\.settled" must be a whole number of looks/],
  ['a number that is a text', { ...good, alertAfter: '2' }, /"alertAfter" .*expected (int|number), received string/],
  ['a misspelt option of watch', watching({ settle: 2 }), /no field "settle"; did you mean "settled"/],
  ['a digest of no line', watching({ digest: 'evning' }), /"watch\.digest" names "evning", .*hourly, evening\./],
  [
    'a digest of one line',
    { ...watching({ digest: 'main' }), schedule: '0 * * * *' },
    /"watch\.digest" needs a schedule/,
  ],
  ['a digest nobody gathers for', { ...watching({ digest: 'a' }), schedule: { a: '0 * * * *' } }, /the only line/],
  ['a link that is none', { ...good, link: 'javascript:alert(1)' }, /"link" must be an http or https address/],
];

for (const [what, exported, error] of broken) {
  test(`${what} is told with file, field and remedy`, () => {
    assert.match(problemsOf(exported), error);
  });
}

test('all problems are told at once', () => {
  assert.equal(problemsOf({ ...good, freshFor: 'x', recheck: 'y', colour: 1 }).split('\n').length, 3);
});

test('the options of fetching are read, and each that is wrong is told without what may be secret', () => {
  const options = { cookies: 'keep', robots: 'obey', proxy: 'socks5://me:pw@proxy.example:1080' };
  assert.equal(read({ ...good, ...options }).kind, 'job');
  const problems = problemsOf({ ...good, cookies: true, robots: 'ignore', proxy: 'me:hunter22@proxy' });
  assert.equal(
    problems,
    `jobs/lunch.ts: "cookies" must be 'keep', or be left out.
jobs/lunch.ts: "robots" must be 'obey', or be left out.
jobs/lunch.ts: "proxy" must be the address of a proxy. Write it like http://proxy.example:3128.`,
  );
});

const NAME = 'must be a name of letters, digits, dots, dashes or underscores, 64 at most.';
const TWO_FAULTS = "\"99 99 * * *\": The cron line '99 99 * * *' has '99' as its";
const LIST = 'a range (2-5), a step (*/2) or a list of these (2,4).';

/** Each with all that is said of it. */
const sentences: readonly (readonly [object, ...string[]])[] = [
  [
    { schedule: '99 99 * * *' },
    `"schedule" ${TWO_FAULTS} minute: allowed are *, 0 to 59, ${LIST}`,
    `"schedule" ${TWO_FAULTS} hour: allowed are *, 0 to 23, ${LIST}`,
  ],
  [{ schedule: { a: 5 } }, '"schedule.a" invalid input: expected string, received number.'],
  [{ schedule: { a: undefined } }, '"schedule.a" is missing.'],
  [{ schedule: undefined }, '"schedule" is missing.'],
  [{ schedule: 5 }, '"schedule" invalid input: expected string or object, received number.'],
  [{ schedule: new Map() }, '"schedule" must be a cron line, or an object of them by name.'],
  [
    { schedule: { 'my slot': '* * * * *', b: 'x' } },
    `"schedule.my slot" ${NAME}`,
    '"schedule.b" "x": The cron line \'x\' has 1 field: give five (minute, hour, day of month, month, day of week), or six with seconds first.',
  ],
  [{ schedule: JSON.parse('{"__proto__": 5, "lunch": "* * * * *"}') }, `"schedule.__proto__" ${NAME}`],
  [
    { to: ['me', 5, undefined, 'a b'] },
    '"to.1" invalid input: expected string, received number.',
    '"to.2" is missing.',
    `"to.3" ${NAME}`,
  ],
  [{ to: 'x'.repeat(65), id: '.lunch' }, `"to" ${NAME}`, `"id" ${NAME}`],
  [{ id: null }, '"id" invalid input: expected string, received null.'],
  [{ timezone: 9 }, '"timezone" invalid input: expected string, received number.'],
  [{ recheck: {} }, '"recheck" invalid input: expected string, received object.'],
  [{ timeLimit: 'x' }, `"timeLimit" "x" is not a duration. Write it as '90m', '1h30m' or '3d'.`],
  [{ correct: 'yes' }, '"correct" must be true or false.'],
  [{ ifUnclear: null }, `"ifUnclear" must be 'leave' or 'resend'.`],
  [{ proxy: 8080 }, '"proxy" invalid input: expected string, received number.'],
  [{ link: 8080 }, '"link" must be an http or https address.'],
  [{ link: 'http:example.com' }, '"link" must be an http or https address.'],
  [{ link: 'https://' }, '"link" must be an http or https address.'],
  [{ watch: [] }, '"watch" invalid input: expected object, received array.'],
  [
    { watch: { key: null } },
    '"watch.key" must be a function.',
    '"watch.tell" is missing. Every job has this step: a function.',
  ],
  [
    { watch: { ...watch, settled: Number.POSITIVE_INFINITY, digest: 'a b' } },
    '"watch.settled" must be a whole number of looks, from 1 to 100.',
    `"watch.digest" ${NAME}`,
  ],
  [{ watch: { ...watch, settled: 1.5 } }, '"watch.settled" must be a whole number of looks, from 1 to 100.'],
  [
    { watch: { ...watch, digests: 1, x: undefined } },
    'there is no field "digests"; did you mean "digest".',
    'there is no field "x". Fields are key, tell, settled, digest.',
  ],
];

for (const [given, ...expected] of sentences) {
  test(`of ${inspect(given, { breakLength: Infinity })} it is said: ${expected.join(' ')}`, () => {
    assert.deepEqual(
      problemsOf({ ...good, ...given }).split('\n'),
      expected.map((sentence) => `jobs/lunch.ts: ${sentence}`),
    );
  });
}

test('a field that is no field is told whatever its name, and an inherited one too', () => {
  for (const key of ['__proto__', 'constructor', 'toString']) {
    const extra = Object.fromEntries([[key, 1]]);
    assert.match(problemsOf({ ...good, ...extra }), new RegExp(`^jobs/lunch.ts: there is no field "${key}"[^\n]*$`));
  }
  assert.match(problemsOf(Object.create({ ...good, colour: 1 })), /^jobs\/lunch.ts: there is no field "colour"[^\n]*$/);
  assert.equal(read(Object.create(good)).kind, 'job');
});

test('an export that is no plain object, and a schedule that is none, are told', () => {
  assert.equal(problemsOf([]), 'jobs/lunch.ts: "" invalid input: expected object, received array.');
  class Lines {
    lunch = '20 11 * * *';
  }
  for (const schedule of [5, null, [], new Date(0), new Map([['lunch', '20 11 * * *']]), new Lines()]) {
    assert.match(problemsOf({ ...good, schedule }), /^jobs\/lunch\.ts: "schedule" [^\n]+$/);
  }
  assert.equal(read({ ...good, schedule: Object.assign(Object.create(null), { lunch: '20 11 * * *' }) }).kind, 'job');
});

test('what is counted is a whole number from 1 to 1000, written as a number', () => {
  for (const count of [1, 1000]) assert.equal(read({ ...good, alertAfter: count, most: count }).kind, 'job');
  for (const count of [0, 1001, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', 5n, null]) {
    assert.match(problemsOf({ ...good, alertAfter: count, most: count }), /^.* "alertAfter" .*\n.* "most" .*$/);
  }
  assert.equal(problemsOf({ ...good, most: 0 }), 'jobs/lunch.ts: "most" must be a whole number from 1 to 1000.');
});

test('an optional field may be there without a value', () => {
  const names = ['id', 'timezone', 'freshFor', 'recheck', 'alertAfter', 'skip', 'correct', 'ifUnclear', 'most'];
  const more = ['timeLimit', 'cookies', 'robots', 'proxy', 'link', 'watch'];
  const absent = Object.fromEntries([...names, ...more].map((name) => [name, undefined]));
  assert.deepEqual(read({ ...good, ...absent }), { ...read(good), definition: { ...good, ...absent } });
});

test('a link may have space around it, and any spelling of its protocol', () => {
  assert.equal(read({ ...good, link: ' HTTPS://example.com/ ' }).kind, 'job');
});
