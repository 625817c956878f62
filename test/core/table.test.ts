import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExtractError } from '../../src/core/errors.ts';
import { pageOf } from './page-fixture.ts';

const WEEK = `<div class="wrap"><table class="week">
  <tr><td></td><th>월</th><th>화</th><th>수</th></tr>
  <tr><th>조식</th><td colspan="2">미운영</td><td>죽<br>김치</td></tr>
  <tr><th rowspan="2">중식</th><td>국밥</td><td>비빔밥</td><td rowspan="2">휴무</td></tr>
  <tr><td>4,500원</td><td>5,000원</td></tr>
  <tr><th>석식</th><td>카레</td></tr>
</table></div>`;

test('merged cells stand at each place they cover, and short rows are filled', async () => {
  const table = (await pageOf(WEEK)).table('table.week');
  assert.deepEqual(table.rows, [
    ['', '월', '화', '수'],
    ['조식', '미운영', '미운영', '죽 김치'],
    ['중식', '국밥', '비빔밥', '휴무'],
    ['중식', '4,500원', '5,000원', '휴무'],
    ['석식', '카레', '', ''],
  ]);
  assert.deepEqual(table.headers, ['', '월', '화', '수']);
  assert.equal(table.hits[4]?.[2], undefined);
  assert.equal(table.hits[2]?.[3], table.hits[3]?.[3]);
  assert.deepEqual(table.hits[1]?.[3]?.lines, ['죽', '김치']);
});

test('a cell is found by its row and its column, whole texts before parts', async () => {
  const table = (await pageOf(WEEK)).table('.wrap');
  assert.equal(table.cell({ row: '중식', column: '화' }), '비빔밥');
  assert.equal(table.cell({ row: /석/, column: /월/g }), '카레');
  assert.equal(table.cell({ row: '4,500원', column: '화' }), '5,000원');
  assert.deepEqual(table.hit({ row: '조식', column: '수' }).lines, ['죽', '김치']);
  const similar = (await pageOf('<table><tr><th>점심 특선<th>점심<tr><td>a<td>b</table>')).table('table');
  assert.equal(similar.cell({ row: 'a', column: '점심' }), 'b');
  assert.equal(similar.cell({ row: 'a', column: '특선' }), 'a');
});

test('several rows of a name that say different things are an error that tells them apart', async () => {
  const rows = `<tr><th rowspan=2>중식<td>A코너<td>국밥<td>우동<tr><td>B코너<td>카레<td>우동`;
  const head = '<tr><th>구분<th>코너<th>11.20(금)<th>11.21(토)';
  const table = (await pageOf(`<table>${head}${rows}</table>`)).table('table');
  assert.throws(
    () => table.dishes({ row: '중식', column: '2026-11-20' }),
    /the table `table` has 2 rows for "중식": "중식 A코너", "중식 B코너"\. Name one, such as row: \['중식', 'B코너'\], or read/,
  );
  assert.throws(() => table.cell({ row: /중식/, column: '금' }), /row: \[\/중식\/, 'B코너'\]/);
  assert.equal(table.cell({ row: ['중식', 'B코너'], column: '2026-11-20' }), '카레');
  assert.equal(table.cell({ row: '중식', column: '2026-11-21' }), '우동', 'both say the same');
  const apart = `<table>${head}<tr><th>A 중식<td>-<td>국밥<td><tr><th>B 중식<td>-<td>카레<td>우동</table>`;
  const two = (await pageOf(apart)).table('table');
  assert.throws(() => two.cell({ row: '중식', column: '금' }), /2 rows for "중식": "A 중식", "B 중식"\. .*'B 중식'\]/);
  assert.throws(
    () => two.cell({ row: '중식', column: '토' }),
    /2 rows/,
    'rows of other names are not one of the other',
  );
  const nameless = '<table><tr><th>구분<th>월<th>화<tr><th rowspan=2>중식<td>국밥<td>우동<tr><td>카레<td>면</table>';
  const own = (await pageOf(nameless)).table('table');
  assert.throws(
    () => own.cell({ row: '중식', column: '화' }),
    /"중식", "중식"\. They have no names of their own: read/,
  );
  assert.throws(() => own.cell({ row: '중식' }), /2 rows for "중식"/);
});

test('several columns of a name that say different things are an error, too', async () => {
  const table = (
    await pageOf(`<table><thead><tr><th rowspan=2>날짜<th colspan=2>중식<tr><th>A코너<th>B코너</thead>
    <tr><td>1일<td>밥<td>면<tr><td>2일<td>휴무<td>휴무</table>`)
  ).table('table');
  assert.throws(
    () => table.cell({ row: '1일', column: '중식' }),
    /has 2 columns for "중식": "중식 A코너", "중식 B코너"\. Name one, such as column: \['중식', 'B코너'\], or read/,
  );
  assert.equal(table.cell({ row: '1일', column: ['중식', 'B코너'] }), '면');
  assert.equal(table.cell({ row: '2일', column: '중식' }), '휴무', 'both say the same');
});

test('beside the dish of a merged header, a cell without words or with a price only is no other', async () => {
  const rows = '<tr><th rowspan=3>중식<td><td>국밥<tr><td>면<td>5,000원<tr><td>6,000원<td>';
  const table = (await pageOf(`<table><tr><th><th>월<th>화${rows}</table>`)).table('table');
  assert.deepEqual(
    [table.cell({ row: '중식', column: '월' }), table.cell({ row: '중식', column: '화' })],
    ['면', '국밥'],
  );
});

test('a row or a column that is missing is told with those that exist', async () => {
  const table = (await pageOf(WEEK)).table('table.week');
  const cell = (row: string | RegExp, column: string | RegExp) => () => table.cell({ row, column });
  assert.throws(
    cell('야식', '월'),
    /the table `table\.week` has no row "야식"\. Its rows are "조식", "중식", "중식", "석식"\./,
  );
  assert.throws(cell('중식', /목/), /has no column \/목\/\. Its columns are "월", "화", "수"\./);
  assert.throws(cell('석식', '수'), /the row "석식" ends before column 4/);
  assert.throws(cell('중식', '국밥'), ExtractError, 'a data cell is no header');
  assert.throws(cell('중식', ''), ExtractError);
});

test('records are keyed by header, doubles numbered and blanks named', async () => {
  const page = await pageOf(`<table><thead><tr><th rowspan=2>날짜<th colspan=2>중식<th>비고<th>비고<th></tr>
    <tr><th>A코너<th>B코너</tr></thead><tbody><tr><td>1일<td>밥<td>면<td>x<td>y<td>z</tbody></table>`);
  assert.deepEqual(page.table('table').records(), [
    { 날짜: '1일', '중식 A코너': '밥', '중식 B코너': '면', 비고: 'x', '비고 (2)': 'y', 'column 6': 'z' },
  ]);
});

test('a head is a header whatever cells it is made of', async () => {
  const page = await pageOf('<table><thead><tr><td>번호<td>제목</thead><tr><th>1<td>공지</table>');
  assert.deepEqual(page.table('table').records(), [{ 번호: '1', 제목: '공지' }]);
});

test('a header named __proto__ is a key like any other', async () => {
  const page = await pageOf('<table><tr><th>__proto__<tr><td>밥</table>');
  assert.deepEqual(Object.entries(page.table('table').records()[0] ?? {}), [['__proto__', '밥']]);
});

test('without any th the first row below a title is the header', async () => {
  const page = await pageOf(
    `<table><tr><td colspan=3>학생식당<tr><td>구분<td>중식<td>석식<tr><td>집밥<td>국밥<td>카레</table>`,
  );
  const table = page.table('table');
  assert.deepEqual([table.headers, table.headerRows], [['구분', '중식', '석식'], 2], 'a title names no column');
  assert.equal(table.cell({ row: '집밥', column: '석식' }), '카레');
  assert.throws(
    () => table.cell({ row: '집밥', column: '조식' }),
    /has no column "조식"\. Its columns are "구분", "중식"/,
  );
});

test('a table without any th may name its columns in any row', async () => {
  const page = await pageOf('<table><tr><td>학생식당<td>교직원식당<tr><td>중식<td>석식<tr><td>국밥<td>카레</table>');
  assert.equal(page.table('table').cell({ row: '국밥', column: '석식' }), '카레');
});

test('a table of labels has no header row: cells are found, records refused', async () => {
  const table = (await pageOf('<table><tr><th>가격<td>4,500원<tr><th>시간<td>11:30</table>')).table('table');
  assert.deepEqual(table.headers, []);
  assert.deepEqual(table.rows[1], ['시간', '11:30']);
  assert.throws(() => table.records(), /the table `table` has no header row\. Use its rows/);
});

test('rows of a table inside a cell do not count', async () => {
  const page = await pageOf(`<table id="layout"><tr><td>메뉴</td><td><table id="in"><tr><th>번호</th><th>제목</th></tr>
    <tr><td>1</td><td>공지</td></tr></table></td></tr></table>`);
  assert.deepEqual(page.table('#layout').rows, [['메뉴', '번호 제목 1 공지']]);
  assert.deepEqual(page.table('#in').records(), [{ 번호: '1', 제목: '공지' }]);
  assert.deepEqual(page.one('#layout').table('table').records(), [{ 번호: '1', 제목: '공지' }]);
  assert.deepEqual(page.one('#in').table().records(), [{ 번호: '1', 제목: '공지' }]);
});

test('heads come first and feet last, and spans end with their group', async () => {
  const page = await pageOf(`<table><tfoot><tr><td>합계</tfoot><tbody><tr><td rowspan=9>가<td>1<tr><td>2</tbody>
    <thead><tr><th>이름<th>수</thead><tbody><tr><td rowspan=0>나<td>3<tr><td>4</tbody></table>`);
  assert.deepEqual(page.table('table').rows, [
    ['이름', '수'],
    ['가', '1'],
    ['가', '2'],
    ['나', '3'],
    ['나', '4'],
    ['합계', ''],
  ]);
});

test('rows that the fast parser leaves without a tbody are rows', async () => {
  const page = await pageOf('<table><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3</table>', { parser: 'fast' });
  assert.deepEqual(page.table('table').records(), [
    { a: '1', b: '2' },
    { a: '1', b: '3' },
  ]);
});

test('absurd spans are cut, nonsense is one, and a grid too big is refused', async () => {
  const cut = (
    await pageOf('<table><tr><td colspan=99999>a<td rowspan=99999>b<tr><td colspan="-2">c<td rowspan=x>d</table>')
  ).table('table');
  assert.equal(cut.rows[0]?.length, 1001);
  assert.equal(cut.rows[1]?.[1], 'd');
  assert.equal(cut.rows.length, 2);
  const bomb = `<table>${'<tr><td colspan=1000 rowspan=65534>x'.repeat(500)}</table>`;
  const page = await pageOf(bomb);
  assert.throws(() => page.table('table'), /the table `table` covers more than 100000 places .*page\.rows/);
});

test('something without a table in it is told', async () => {
  const page = await pageOf('<ul id="x"><li>밥</ul>');
  assert.throws(() => page.table('#x'), /`#x` is a <ul> with no table inside/);
  assert.throws(() => page.table('table'), /no element matches `table`/);
});

test('a table without rows has none', async () => {
  const table = (await pageOf('<table></table>')).table('table');
  assert.deepEqual([table.rows, table.headers, table.hits], [[], [], []]);
  const empty = (await pageOf('<table><thead><tr><th>번호</thead><tbody></tbody></table>')).table('table');
  assert.deepEqual(empty.records(), []);
});
