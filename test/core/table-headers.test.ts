// Which rows and columns of a table head the others, and how a cell is named by them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from '../../src/core/page-hit.ts';
import { pageOf } from './page-fixture.ts';

async function tableOf(rows: string): Promise<Table> {
  return (await pageOf(`<table>${rows}</table>`)).table('table');
}

function shapeOf({ headers, headerRows, headerColumns, rowHeaders }: Table) {
  return { headers, headerRows, headerColumns, rowHeaders };
}

test('a head above, th on the left: both are headers', async () => {
  const table = await tableOf(`<thead><tr><th><th>월<th>화</thead>
    <tr><th>중식<td>국밥<td>카레<tr><th>석식<td>우동<td>죽`);
  assert.deepEqual(shapeOf(table), {
    headers: ['', '월', '화'],
    headerRows: 1,
    headerColumns: 1,
    rowHeaders: ['중식', '석식'],
  });
});

test('scope says which way a header points', async () => {
  const table = await tableOf(`<tr><td scope="col">구분<td scope="col">월
    <tr><th scope="row">중식<td>국밥<tr><th scope="row">석식<td>우동`);
  assert.deepEqual(shapeOf(table), {
    headers: ['구분', '월'],
    headerRows: 1,
    headerColumns: 1,
    rowHeaders: ['중식', '석식'],
  });
  const rows = await tableOf('<tr><th scope="row">가격<th scope="row">중식<tr><th scope="row">값<td>2');
  assert.equal(rows.headerRows, 0, 'a row of row headers is no header row');
});

test('the corner may be an ordinary cell with a word in it', async () => {
  const table = await tableOf('<tr><td>구분<th>월<th>화<tr><td>중식<td>국밥<td>카레');
  assert.deepEqual(shapeOf(table), {
    headers: ['구분', '월', '화'],
    headerRows: 1,
    headerColumns: 1,
    rowHeaders: ['중식'],
  });
});

test('headers of several rows and columns, all of them ordinary cells', async () => {
  const table =
    await tableOf(`<tr><td colspan="4">주간 식단<tr><td rowspan="2">구분<td rowspan="2">코너<td colspan="2">중식
    <tr><td>A<td>B<tr><td>월<td>한식<td>국밥<td>카레`);
  assert.deepEqual(table.headers, ['구분', '코너', '중식 A', '중식 B']);
  assert.equal(table.headerRows, 3);
  assert.equal(table.cell({ row: '월', column: 'B' }), '카레');
  assert.equal(table.cell({ row: '월', column: ['중식', 'A'] }), '국밥');
});

test('two columns of th name a row together', async () => {
  const table = await tableOf(`<thead><tr><th>날짜<th>구분<th>식단</thead>
    <tr><th rowspan=2>11.20(금)<th>중식<td>국밥<tr><th>석식<td>우동
    <tr><th rowspan=2>11.21(토)<th>중식<td>카레<tr><th>석식<td>죽`);
  assert.equal(table.headerColumns, 2);
  assert.deepEqual(table.rowHeaders, ['11.20(금) 중식', '11.20(금) 석식', '11.21(토) 중식', '11.21(토) 석식']);
  assert.equal(table.cell({ row: ['2026-11-20', '석식'], column: '식단' }), '우동');
  assert.equal(table.cell({ row: ['중식', '2026-11-21'], column: '식단' }), '카레');
  assert.throws(
    () => table.cell({ row: '2026-11-20', column: '식단' }),
    /the table `table` has 2 rows for "2026-11-20": "11\.20\(금\) 중식", "11\.20\(금\) 석식"\. Name one: row: \['…', '…'\]\./,
  );
  assert.throws(
    () => table.cell({ row: ['2026-11-20', '야식'], column: '식단' }),
    /has no row "2026-11-20" and "야식"/,
  );
});

test('long texts on the left are no headers, short ones are', async () => {
  const menu = '목살고추장찌개, 꼬마돈까스*케찹, 숙주맛살무침, 청경채겉절이, 쌀밥';
  const table = await tableOf(`<tr><td>중식<td>석식<tr><td>${menu}<td>없음`);
  assert.deepEqual(shapeOf(table), { headers: ['중식', '석식'], headerRows: 1, headerColumns: 0, rowHeaders: [''] });
  assert.equal((await tableOf('<tr><td>번호<td>제목<tr><td>1<td>공지')).headerColumns, 1);
});

test('a table of titles only has the first for a header, as it always had', async () => {
  const table = await tableOf('<tr><td colspan=2>소식<tr><td colspan=2>긴 글<tr><td colspan=2>더 긴 글');
  assert.deepEqual(shapeOf(table), {
    headers: ['소식', '소식'],
    headerRows: 1,
    headerColumns: 0,
    rowHeaders: ['', ''],
  });
  assert.equal((await tableOf('<thead><tr><th colspan=2>소식</thead>')).headerRows, 1);
});

test('a row or a column that is the only one need not be named', async () => {
  const corners = await tableOf(`<tr><td colspan=2>학생식당<tr><td>1코너 중식<td>2코너 중식<tr><td>찌개<td>
    <tr><td colspan=2>`);
  assert.equal(corners.cell({ column: '1코너 중식' }), '찌개');
  assert.equal(corners.cell({ column: '2코너 중식' }), '');
  const facts = await tableOf('<tr><th>가격<td>4,500원<tr><th>시간<td>11:30');
  assert.equal(facts.cell({ row: '가격' }), '4,500원');
  const week = await tableOf('<tr><th><th>월<th>화<tr><th>중식<td>국밥<td>카레<tr><th>석식<td>우동<td>죽');
  assert.throws(
    () => week.cell({ row: '중식' }),
    /the table `table` has several columns with something in that row: name one of "월", "화"/,
  );
  assert.throws(
    () => week.cell({ column: '월' }),
    /several rows with something in that column: name one of "중식", "석식"/,
  );
});

test('what a cell says does not name its own row', async () => {
  const table = await tableOf('<tr><th>코너<th>식단<th>비고<tr><td>A<td>국밥<td>인기');
  assert.equal(table.cell({ row: '인기', column: '식단' }), '국밥');
  assert.throws(() => table.cell({ row: '국밥', column: '식단' }), /has no row "국밥"\. Its rows are "A"\./);
});

test('the dishes of a cell, as in the docstring', async () => {
  const run = { date: '2026-11-20' };
  const week = await tableOf(`<thead><tr><th><th>11.19(목)<th>11.20(금)</thead>
    <tr><th>중식<td>국밥<td>현미밥<br>돈까스 (1.5.6.)<br>배추김치⑨<tr><th>석식<td>우동<td>미운영`);
  assert.deepEqual(
    week.dishes({ row: '중식', column: run.date }).map(({ name }) => name),
    ['현미밥', '돈까스', '배추김치'],
  );
  assert.deepEqual(week.dishes({ row: '중식', column: run.date })[1], { name: '돈까스', allergens: [1, 5, 6] });
  assert.deepEqual(week.dishes({ row: '석식', column: run.date }), []);
  const corners = await tableOf('<tr><td>1코너 중식<td>2코너<tr><td>*중식*<br>찌개<br>쌀밥<br>4,000원 624kcal<td>');
  assert.equal(corners.meals({ column: '1코너 중식' })[0]?.price, 4000);
});
