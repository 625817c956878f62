// A column or row named by a day: `run.date` finds the header that means it, however pages write days.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesDay, readDay } from '../../src/core/date-words.ts';
import { ExtractError } from '../../src/core/errors.ts';
import type { Table } from '../../src/core/page-hit.ts';
import { pageOf } from './page-fixture.ts';

/** A Friday. */
const DATE = '2026-11-20';

function means(text: string, date = DATE): boolean {
  const day = readDay(date);
  assert.ok(day);
  return namesDay([text], day);
}

const FORMS: readonly ((month: number, day: number, weekday: string) => string)[] = [
  (month, day, weekday) => `${month}.${day}(${weekday})`,
  (month, day) => `${month}/${day}`,
  (month, day) => `2026년 ${month}월 ${day}일`,
  (_, day, weekday) => `${day}일(${weekday})`,
  (month, day) => `2026-${month}-${day}`,
  (month, day, weekday) => `${month}월 ${day}일 ${weekday}요일`,
  (_, day, weekday) => `${weekday}(${day})`,
  (_month, _day, weekday) => weekday,
  (_month, _day, weekday) => `${weekday}요일`,
];

function weekOf(form: (month: number, day: number, weekday: string) => string): Promise<Table> {
  const heads = [...'월화수목금'].map((weekday, index) => `<th>${form(11, 16 + index, weekday)}`).join('');
  return tableOf(`<tr><th>구분${heads}<tr><th>중식<td>월밥<td>화밥<td>수밥<td>목밥<td>금밥`);
}

async function tableOf(rows: string): Promise<Table> {
  return (await pageOf(`<table>${rows}</table>`)).table('table');
}

test('every way a Korean page heads a day finds the column of that day', async () => {
  for (const form of FORMS) {
    const table = await weekOf(form);
    const found = [16, 17, 18, 19, 20].map((day) => table.cell({ row: /중식/, column: `2026-11-${day}` }));
    assert.deepEqual(found, ['월밥', '화밥', '수밥', '목밥', '금밥'], form(11, 20, '금'));
  }
});

test('rows are found by days, too', async () => {
  const table = await tableOf('<tr><th>날짜<th>중식<tr><td>11.19(목)<td>국밥<tr><td>11.20(금)<td>카레');
  assert.equal(table.cell({ row: DATE, column: '중식' }), '카레');
  const board = await tableOf(
    '<tr><th>번호<th>제목<th>작성일<tr><td>2<td>공지<td>2026.11.20<tr><td>1<td>옛글<td>2026.11.19',
  );
  assert.equal(board.cell({ row: DATE, column: '제목' }), '공지');
});

test('other ways to write the day', () => {
  const forms = [
    '2026.11.20.(금)',
    '2026. 11. 20.',
    '20261120',
    '26.11.20',
    "'26.11.20",
    '11월20일',
    '20(금)',
    '금 (11/20)',
  ];
  const more = [
    '오늘 11.20(금)',
    'FRI',
    'Friday 11/20',
    '11.20.',
    '11월 20일(금) 식단',
    '금 20일',
    '１１．２０（금）',
    '11 / 20',
  ];
  for (const text of [...forms, ...more, '(금)', '11.20(금) 중식', '11-20(금)', '20일']) assert.ok(means(text), text);
});

test('what only looks like the day is not it', () => {
  const days = [
    '11.21(금)',
    '11.20(목)',
    '월',
    '11.2',
    '1.20',
    '2025-11-20',
    '2025년 11월 20일',
    '목',
    '13.20',
    '금(21)',
  ];
  const words = [
    '현금',
    '금액',
    '월~금',
    '20',
    '11:20',
    '중식 11.20',
    '20일 전',
    '11월',
    '금 특식',
    '11.30~12.30',
    '구분',
    '',
  ];
  for (const text of [
    ...days,
    ...words,
    '20일(목)',
    '11.16 ~ 11.20',
    '11.20, 11.27(금)',
    '20일(금·토)',
    '11월 20일 ~ 22일',
    '111.20',
    '금'.repeat(100_000),
  ]) {
    assert.ok(!means(text), text.slice(0, 20));
  }
  assert.equal(readDay('2026-02-30'), undefined);
  assert.equal(readDay('11.20'), undefined);
});

test('the year a header leaves out is the one asked for, if the weekday agrees', () => {
  assert.ok(means('11.20(금)', '2026-11-20'));
  assert.ok(!means('11.20(금)', '2025-11-20'), 'a Thursday: a page of another year');
  assert.ok(means('12.31', '2026-12-31'));
  assert.ok(means('2.29(목)', '2028-02-29') === false && means('2.29(화)', '2028-02-29'));
});

test('headers of several rows must agree: a weekday above a date', async () => {
  const table = await tableOf(`<thead><tr><th>구분<th>목<th>금<th>금<tr><th><th>11/19<th>11/20<th>11/27</thead>
    <tr><th>중식<td>a<td>b<td>c`);
  assert.equal(table.cell({ row: '중식', column: DATE }), 'b');
  assert.equal(table.cell({ row: '중식', column: '2026-11-27' }), 'c');
  const numbers = await tableOf(`<thead><tr><th>구분<th>목<th>금<tr><th><th>19<th>20</thead><tr><th>중식<td>a<td>b`);
  assert.equal(numbers.cell({ row: '중식', column: DATE }), 'b');
  assert.throws(() => numbers.cell({ row: '중식', column: '2026-11-27' }), /has no column "2026-11-27"/);
});

test('the week in a title or caption keeps the Friday of another week from being told', async () => {
  const week = (title: string) =>
    `<caption>주간식단표 ${title}</caption><tr><th>구분<th>목<th>금<tr><th>중식<td>a<td>b`;
  assert.equal((await tableOf(week('2026.11.16 ~ 11.20'))).cell({ row: '중식', column: DATE }), 'b');
  for (const title of ['2026.11.9 ~ 11.13', '11월 9일(월)~13일(금)', '11.9~13', '2025.11.16 ~ 11.21']) {
    const table = await tableOf(week(title));
    assert.throws(
      () => table.cell({ row: '중식', column: DATE }),
      /has no column "2026-11-20"\. .*It is titled "주간식단표/,
    );
  }
  const row = await tableOf('<tr><th colspan=3>2026.11.9~11.13<tr><th>구분<th>목<th>금<tr><th>중식<td>a<td>b');
  assert.throws(
    () => row.cell({ row: '중식', column: DATE }),
    /Its columns are "구분", "목", "금"\. It is titled "2026/,
  );
  const turn = await tableOf(week('12.28~1.1'));
  assert.equal(turn.cell({ row: '중식', column: '2027-01-01' }), 'b');
  const nextYear = { row: '중식', column: '2027-01-08' };
  assert.throws(() => turn.cell(nextYear), /It is titled "주간식단표 12\.28~1\.1"/);
  const hours = await tableOf(week('중식 11.30~12.30'));
  assert.equal(hours.cell({ row: '중식', column: DATE }), 'b', 'opening hours are no week');
});

test('weeks side by side are told apart by the range above their weekdays', async () => {
  const table = await tableOf(`<thead><tr><th rowspan=2>구분<th colspan=2>11.9~11.13<th colspan=2>11.16~11.20
    <tr><th>목<th>금<th>목<th>금</thead><tr><th>중식<td>a<td>b<td>c<td>d`);
  const read = (column: string): string => table.cell({ row: '중식', column });
  assert.deepEqual([read('2026-11-13'), read('2026-11-19'), read(DATE)], ['b', 'c', 'd']);
  assert.throws(() => read('2026-11-27'), /has no column "2026-11-27"/);
});

test('a table without any th may name its days in any row, and the first that does counts', async () => {
  const table =
    await tableOf(`<tr><td>학생식당<td>교직원식당<td>카페<tr><td>구분<td>11/19<td>11/20<tr><td>중식<td>a<td>b
    <tr><td>접수<td>11/20<td>11/20`);
  assert.equal(table.cell({ row: '중식', column: DATE }), 'b');
});

test('a cell that is no header names its row only by the whole date', async () => {
  const table = await tableOf('<tr><th>번호<th>평점<th>날짜<tr><td>1<td>11.20<td>-<tr><td>2<td>4.5<td>2026. 11. 20.');
  assert.equal(table.cell({ row: DATE, column: '번호' }), '2');
});

test('a day is looked for before the other names of a row', async () => {
  const table =
    await tableOf(`<tr><td>날짜<td>구분<td>식단<tr><td rowspan=2>11.20(금)<td>중식<td>국밥<tr><td>석식<td>우동
    <tr><td>중식<td>시간<td>11:30`);
  for (const row of [
    [DATE, '중식'],
    ['중식', DATE],
  ]) {
    assert.equal(table.cell({ row, column: '식단' }), '국밥');
  }
});

test('a day that several headers mean is an error that names them', async () => {
  const table = await tableOf('<tr><th>구분<th>금 (1주)<th>11/20<th>11월 20일 특식<tr><th>중식<td>a<td>b<td>c');
  assert.throws(
    () => table.cell({ row: '중식', column: DATE }),
    /the table `table` has 2 columns for "2026-11-20": "11\/20", "11월 20일 특식"\. Name one: column: \['…', '…'\]/,
  );
  assert.equal(table.cell({ row: '중식', column: [DATE, '특식'] }), 'c');
  const twoWeeks = await tableOf('<tr><th>구분<th>금<th>금<tr><th>중식<td>a<td>b');
  assert.throws(() => twoWeeks.cell({ row: '중식', column: DATE }), /has 2 columns for "2026-11-20": "금", "금"/);
});

test('a day that no header means is an error that names those there are', async () => {
  const table = await weekOf((month, day, weekday) => `${month}.${day}(${weekday})`);
  assert.throws(
    () => table.cell({ row: '중식', column: '2026-11-21' }),
    /has no column "2026-11-21"\. Its columns are "구분", "11\.16\(월\)", "11\.17\(화\)"/,
  );
});

test('a table whose days are all before the one asked for is known to be old', async () => {
  const isOld = (table: Table, place: Parameters<Table['cell']>[0]): boolean => {
    try {
      table.cell(place);
    } catch (error) {
      assert.ok(error instanceof ExtractError, String(error));
      return error.isOld;
    }
    return assert.fail('found');
  };
  const monday = { row: '중식', column: '2026-11-23' };
  const week = (caption: string, heads = '<th>월<th>화') =>
    tableOf(`<caption>${caption}</caption><tr><th>구분${heads}<tr><th>중식<td>a<td>b`);
  for (const caption of ['11.16 ~ 11.20', '2026년 11월 16일(월)~20일(금)', '2025.11.23 ~ 11.27'])
    assert.ok(isOld(await week(caption), monday), caption);
  for (const caption of ['11.30 ~ 12.4', '중식 11.30~12.30']) {
    const heads = '<th>화<th>수';
    assert.ok(!isOld(await week(caption, heads), monday), caption);
  }
  assert.ok(!isOld(await week('11.16 ~ 11.20', '<th>11.23(월)<th>11.24(화)'), monday), 'title and headers disagree');
  for (const form of FORMS.slice(0, 7)) assert.ok(isOld(await weekOf(form), monday), form(11, 16, '월'));
  for (const form of FORMS)
    if (form !== FORMS[7] && form !== FORMS[8]) {
      assert.ok(!isOld(await weekOf(form), { row: '중식', column: '2026-11-13' }), form(11, 16, '월'));
    }
  assert.ok(!isOld(await week('', '<th>주간<th>야간'), monday), 'no day at all');
  assert.ok(
    !isOld(await week('11.16 ~ 11.20'), { row: '야식', column: '2026-11-16' }),
    'the row is missing, not the day',
  );
  const rows = await tableOf('<tr><th>날짜<th>중식<tr><td>11.19(목)<td>국밥<tr><td>11.20(금)<td>카레');
  assert.ok(isOld(rows, { row: ['2026-11-23', '중식'], column: '중식' }));
  assert.ok(!isOld(rows, { row: [DATE, '석식'], column: '중식' }), 'the day is there');
});
