// Holidays: the user's own word against the official list, and when the owner hears that the list ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsSoon, holidayName, readOwnDays } from '../../src/core/holiday.ts';

test('the user’s own word wins over the official list', () => {
  assert.equal(holidayName(['어린이날', '부처님 오신 날'], undefined), '어린이날, 부처님 오신 날');
  assert.equal(holidayName(undefined, '개교기념일'), '개교기념일');
  assert.equal(holidayName(['어린이날'], '운동회'), '운동회');
  assert.equal(holidayName(['어린이날'], false), undefined);
  assert.equal(holidayName(undefined, undefined), undefined);
});

test('own days are dates with a name or false', () => {
  const days = { '2026-12-24': '개교기념일', '2026-05-05': false };
  assert.deepEqual(readOwnDays(days), { days });
  assert.deepEqual(readOwnDays({}), { days: {} });
});

test('what is wrong in own days is said by its date', () => {
  assert.deepEqual(readOwnDays({ '2026-02-30': 'x', '2026-12-24': true, '2026-12-25': ' ' }), {
    problems: [
      '2026-02-30 is no date: write days as "2026-12-24".',
      '2026-12-24 must be the name of the holiday, or false for a working day.',
      '2026-12-25 must be the name of the holiday, or false for a working day.',
    ],
  });
  const problem = 'It must be an object such as {"2026-12-24": "개교기념일", "2026-05-05": false}.';
  for (const data of [[], null, undefined, 'x', 3]) assert.deepEqual(readOwnDays(data), { problems: [problem] });
  for (const name of ['', null, 3, {}, []]) {
    assert.deepEqual(readOwnDays({ '2026-12-24': name }), {
      problems: ['2026-12-24 must be the name of the holiday, or false for a working day.'],
    });
  }
  for (const date of ['__proto__', '2026-2-3', ' 2026-12-24', '2026', 'x']) {
    assert.deepEqual(readOwnDays(Object.fromEntries([[date, true]])), {
      problems: [`${date} is no date: write days as "2026-12-24".`],
    });
  }
});

test('the name of an own day is read without the space around it', () => {
  assert.deepEqual(readOwnDays({ '2026-12-24': ' 개교기념일\n' }), { days: { '2026-12-24': '개교기념일' } });
});

test('the owner hears sixty days before the list ends, and from then on', () => {
  assert.equal(endsSoon(2027, '2026-12-31'), false);
  assert.equal(endsSoon(2027, '2027-11-01'), false);
  assert.equal(endsSoon(2027, '2027-11-02'), true);
  assert.equal(endsSoon(2027, '2028-03-01'), true);
});
