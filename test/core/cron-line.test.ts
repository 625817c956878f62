// Cron lines: which are taken, and what is said of those that are not.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CronLine, readCronLine, readsBothDays } from '../../src/core/cron-line.ts';
import { intervalOf } from '../../src/core/cron-times.ts';

const VALIDITY = join(import.meta.dirname, '../../../shared/cron/cron-validity.json');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface ValidityCase {
  readonly expr: string;
  readonly engines: Readonly<Record<string, boolean>>;
}

function problemsOf(line: string): readonly string[] {
  const read = readCronLine(line);
  return 'problems' in read ? read.problems : [];
}

function readLine(line: string): CronLine {
  const read = readCronLine(line);
  assert.ok(!('problems' in read), line);
  return read;
}

const skip = existsSync(VALIDITY) ? false : '../shared is absent';

test('every shared line is judged as node-cron 4.6.0 judges it', { skip }, () => {
  const cases: readonly ValidityCase[] = JSON.parse(readFileSync(VALIDITY, 'utf8'));
  assert.ok(cases.length > 30);
  for (const { expr, engines } of cases) assert.equal(problemsOf(expr).length === 0, engines['node-cron@4.6.0'], expr);
});

test('a wrong line names every wrong field and what it may hold', () => {
  const problems = problemsOf('63 25 * foo 9');
  assert.equal(problems.length, 4);
  assert.match(problems[0] ?? '', /'63 25 \* foo 9' has '63' as its minute: allowed are \*, 0 to 59/);
  assert.match(problems[1] ?? '', /'25' as its hour: allowed are \*, 0 to 23/);
  assert.match(problems[2] ?? '', /'foo' as its month: .* jan to dec/);
  assert.match(problems[3] ?? '', /'9' as its day of week: .* sun to sat/);
});

test('a line with too few or too many fields is told how many it needs', () => {
  assert.match(problemsOf('')[0] ?? '', /has 0 fields: give five .* or six/);
  assert.match(problemsOf('5')[0] ?? '', /has 1 field: /);
  assert.match(problemsOf('* * * * * * *')[0] ?? '', /has 7 fields/);
  assert.match(problemsOf('1;2 * * * *')[0] ?? '', /characters/);
});

test('a line whose day never comes is refused', () => {
  for (const line of ['0 0 31 2 *', '0 0 30 2 1', '0 0 31 4,6 *', '0 0 30W 2 *', '0 0 L-30 2 *', '0 0 31 2 1']) {
    assert.match(problemsOf(line)[0] ?? '', /never due/, line);
  }
  for (const line of ['0 0 29 2 *', '0 0 29 2 1', '0 0 31 1,2 *', '0 0 * * 6#5'])
    assert.deepEqual(problemsOf(line), []);
});

test('a huge range is refused before it is written out', () => {
  assert.equal(problemsOf('0-999999999 * * * *').length, 1);
  assert.equal(problemsOf(`${'0,'.repeat(500)}0 * * * *`).length, 1);
});

test('names, nicknames, tabs and wrapping ranges are read', () => {
  assert.deepEqual(readLine('0\t9 * * mon-fri').days, readLine('0 9 * * 1-5').days);
  assert.deepEqual(readLine('@daily').hours.values, [0]);
  assert.deepEqual(readLine('0 22-2 * * *').hours.values, [0, 1, 2, 22, 23]);
  assert.deepEqual(readLine('0 0 * * 5-1').days, readLine('0 0 * * 0,1,5,6').days);
});

test('an hour field goes by real time only when it is literally every hour', () => {
  for (const line of ['0 * * * *', '0 */1 * * *', '0 0-23 * * *', '@hourly']) assert.ok(readLine(line).everyHour, line);
  for (const line of ['0 */2 * * *', '0 1-23 * * *', '0 9 * * *']) assert.ok(!readLine(line).everyHour, line);
});

test('day of month and day of week count as both set only when both restrict', () => {
  for (const line of ['0 9 13 * 5', '0 9 L * 1-5', '0 9 */2 * 5#1']) assert.ok(readsBothDays(readLine(line)), line);
  for (const line of ['0 9 13 * *', '0 9 * * 5', '0 9 1-31 * 5', '0 9 13 * 0-7', '0 9 ? * 5']) {
    assert.ok(!readsBothDays(readLine(line)), line);
  }
});

test('the shortest time between two instants is known', () => {
  const intervals = {
    '*/30 * * * * *': 30_000,
    '* * * * *': MINUTE_MS,
    '*/10 * * * *': 10 * MINUTE_MS,
    '0 * * * *': HOUR_MS,
    '30,45 9-17 * * *': 15 * MINUTE_MS,
    '0,59 * * * *': MINUTE_MS,
    '0 0,23 * * *': HOUR_MS,
    '0 9,13 * * *': 4 * HOUR_MS,
    '30 7 * * 1-5': DAY_MS,
    '0 9 * * 5': 7 * DAY_MS,
    '0 9 1 * *': 28 * DAY_MS,
    '0 0 1 1 *': 365 * DAY_MS,
    '0 0 29 2 *': 4 * 365 * DAY_MS + DAY_MS,
  };
  for (const [line, ms] of Object.entries(intervals)) assert.equal(intervalOf(readLine(line)), ms, line);
});
