// What is wrong with a job file is said before it is due: file, field and remedy, all problems at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJob } from '../../src/core/read-job.ts';

const steps = { fetch: () => '', extract: () => [], render: () => '' };
const good = { schedule: '20 11 * * 1-5', to: 'me', ...steps };
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
