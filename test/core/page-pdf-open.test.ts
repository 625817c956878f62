// Tables of PDFs without lines around their cells: what their places tell is read, and what they do not tell is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExtractError } from '../../src/core/errors.ts';
import { pdfOf } from './pdf-fixture.ts';
import { laid, open, type Row, read, topsOf } from './pdf-layout.ts';

const WEEK: readonly Row[] = [
  ['구분', '월(16)', '화(17)', '수(18)'],
  ['조식', '토스트/우유', '쌀밥/계란국/김치', '죽'],
  ['중식/(11:30)', '김치찌개/돈까스', '비빔밥', '짜장면/단무지/군만두'],
  ['석식', '라면/만두/단무지', '', '떡국/귤'],
];
const PRICES: readonly Row[] = [
  ['메뉴', '작은', '보통', '큰'],
  ['커피', '2000', '2500', '3000'],
  ['홍차', '', '3500', '4000'],
  ['녹차', '2800', '', '3300'],
];

async function refusal(rows: readonly Row[], layout: Parameters<typeof laid>[1], text?: string): Promise<string> {
  const page = await open(pdfOf([laid(rows, layout)]));
  try {
    page.table(text);
  } catch (error) {
    assert.ok(error instanceof ExtractError);
    assert.match(error.message, /cannot be told for sure: .* Read its lines from page\.text or page\.pages\.$/);
    return error.message;
  }
  return assert.fail(JSON.stringify(page.table(text).rows));
}

for (const down of ['middle', 'top'] as const)
  for (const pad of [3, 5, 9])
    test(`a week is read with texts at the ${down} of their rows and ${pad} points of white around them`, async () => {
      assert.deepEqual(read(await open(pdfOf([laid(WEEK, { down, pad })]))), WEEK);
    });

for (const across of ['left', 'right'] as const)
  test(`heads in the middle of their columns head the cells at the ${across} of them`, async () => {
    const table = (await open(pdfOf([laid(PRICES, { across, head: 'center', xs: [60, 100, 220, 340, 460] })]))).table();
    assert.deepEqual(table.rows, PRICES);
    assert.equal(table.cell({ row: '홍차', column: '보통' }), '3500');
    assert.equal(table.cell({ row: '홍차', column: '작은' }), '');
  });

test('a column without a head is refused', async () => {
  const rows = PRICES.map((row, at) => (at === 0 ? ['메뉴', '작은', '', '큰'] : row));
  assert.match(await refusal(rows, { across: 'left' }), /no head stands above "2500"/);
});

test('the meals of a day that stand beside its only date are refused, not read as one', async () => {
  const rows = [
    ['날짜', '구분', '메뉴', '가격'],
    ['16일(월)', '조식/중식/석식', '토스트/돈까스/라면', '4000/6500/6000'],
    ['17일(화)', '조식/중식/석식', '쌀밥/비빔밥/국수', '4000/6500/6000'],
  ];
  assert.match(await refusal(rows, {}), /"조식" and "중식" and "석식" may label a row each/);
  const unnamed = rows.map((row, at) => (at === 0 ? ['날짜', '때', '메뉴', '가격'] : row));
  assert.match(await refusal(unnamed, {}), /may label a row each/);
});

test('a label merged over two rows of counters is refused', async () => {
  const rows = [
    ['구분', '코너', '월(16)', '화(17)'],
    ['', 'A', '쌀밥/국', '죽'],
    ['중식', '', '', ''],
    ['', 'B', '라면', '국수/전'],
  ];
  assert.match(await refusal(rows, { pad: 1 }), /"국" and "국수" stand apart as rows do/);
});

test('labels at the bottom of their rows are refused', async () => {
  assert.match(await refusal(WEEK, { down: 'bottom' }), /"조식" does not stand in line with the rest of its row/);
});

test('rows that stand no further from each other than the lines of their cells are refused', async () => {
  const rows = WEEK.map((row) => row.map((cell) => cell.replace('조식', '조식/(08:00)')));
  assert.match(await refusal(rows, { pad: 0 }), /may be a head and a row below it/);
  const spread = [
    ['구분', '월(16)', '화(17)'],
    ['조식', '빵', '죽'],
    ['', '우유', '김치'],
    ['', '잼', '귤'],
    ['중식', '밥', '면'],
    ['', '국', '전'],
  ];
  assert.match(await refusal(spread, { down: 'top', pad: 4 }), /its lines stand as far from each other as its rows/);
});

test('the days of a second table below the first head what is below them', async () => {
  const staff = [
    ['교직원', '수(18)', '화(17)', '월(16)'],
    ['중식', '떡국', '국수/전', '우동/김밥'],
    ['간식', '귤', '배', '감'],
  ];
  const below = laid(staff, { top: (topsOf(WEEK).at(-1) ?? 0) + 8 });
  const page = await open(pdfOf([[...laid(WEEK), ...below]]));
  assert.deepEqual(read(page, '구분'), WEEK);
  assert.deepEqual(read(page, '교직원'), staff);
  assert.equal(page.table('교직원').cell({ row: '간식', column: '2026-11-16' }), '감');
});

test('two tables side by side are two, and one that lacks a column says which has it', async () => {
  const [students, staff] = [
    [
      ['시간', '학생'],
      ['조식', '야채죽/장조림'],
      ['중식', '비빔밥'],
    ],
    [
      ['시간', '교직원'],
      ['조식', '쌀밥'],
      ['중식', '제육볶음/상추쌈/쌈장'],
    ],
  ];
  const page = await open(
    pdfOf([[...laid(students ?? [], { xs: [60, 110, 200] }), ...laid(staff ?? [], { xs: [280, 330, 420] })]]),
  );
  assert.deepEqual(read(page), students);
  assert.deepEqual(read(page, '#page-1-table-2'), staff);
  assert.throws(
    () => page.table().cell({ row: '중식', column: '교직원' }),
    /has no column "교직원"\. .* The table `#page-1-table-2` has it: choose it with page\.table\('#page-1-table-2'\)\.$/,
  );
});

test('what stands alone in its column may be of the rows beside it, so only those cells are refused', async () => {
  const rows = WEEK.map((row, at) =>
    row.map((cell, column) => (column !== 2 || at === 0 ? cell : at === 2 ? '휴무' : '')),
  );
  const table = (await open(pdfOf([laid(rows)]))).table();
  assert.equal(table.cell({ row: '중식', column: '화(17)' }), '휴무');
  assert.equal(table.cell({ row: '석식', column: '월(16)' }), '라면 만두 단무지');
  for (const ask of [table.cell, table.hit, table.dishes, table.meals])
    assert.throws(
      () => ask({ row: '석식', column: '화(17)' }),
      /a cell of `#page-1-table-1` cannot be told for sure: "휴무" is the only text of its column, and may stand for this row/,
    );
  for (const ask of [() => table.rows, () => table.hits, () => table.records()])
    assert.throws(ask, /some cells of `#page-1-table-1` cannot be told for sure/);
  assert.deepEqual(table.rowHeaders, ['조식', '중식 (11:30)', '석식']);
});

test('a row beside one that lost its label is refused too, for the line may be its own', async () => {
  const rows = [
    ['일시', '11월 25일'],
    ['', '학생회관 2층'],
    ['장소', '(승강기 이용)'],
    ['대상', '재학생'],
    ['문의', '생활지원팀'],
  ];
  const table = (await open(pdfOf([laid(rows)]))).table();
  assert.equal(table.cell({ row: '대상', column: '11월 25일' }), '재학생');
  assert.throws(() => table.cell({ row: '장소', column: '11월 25일' }), /"학생회관 2층" stands beside no label/);
});

test('texts that run into each other over the columns are refused', async () => {
  const words = laid(WEEK).map((word) => (word.text === '김치찌개' ? { ...word, text: '아주매운김치찌개와밥' } : word));
  const page = await open(
    pdfOf([[...words.filter(({ text }) => text !== '비빔밥'), { text: '비빔밥', x: 235, y: 198 }]]),
  );
  assert.throws(() => page.table(), /"아주매운김치찌개와밥비빔밥" runs over several columns, and may be several texts/);
});

test('heads that come again in the body, with others beside the days, are refused', async () => {
  const rows = [
    ['학생', '월(16)', '화(17)', '비고'],
    ['중식', '비빔밥', '국수', '찬물'],
    ['석식', '라면', '떡국', '더운물'],
    ['교직원', '화(17)', '월(16)', '비고'],
    ['중식', '돈까스', '우동', '찬물'],
    ['석식', '김밥', '냉면', '더운물'],
  ];
  assert.match(await refusal(rows, {}), /"교직원 화\(17\) 월\(16\) 비고" may be the head of another table/);
});

test('a time below a label is no label of its own', async () => {
  const rows = [
    ['구분', '월(16)', '화(17)'],
    ['조식/(08:00)', '죽/김치', '빵/우유'],
    ['중식/(11:30)', '면/전', '밥/국'],
    ['석식/(17:30)', '떡/묵', '회/찜'],
  ];
  assert.match(await refusal(rows, {}), /"\(08:00\)" may belong to the row above it/);
});

test('lines with more white between them than others of the same row are refused', async () => {
  const rows = [
    ['구분', '월(16)', '화(17)'],
    ['중식', '쌀밥/국/라면/전', '죽/김/면/귤'],
    ['석식', '밥/나물', '빵/잼'],
  ];
  const lower = ['라면', '전', '면', '귤'];
  const upper = ['쌀밥', '국', '죽', '김'];
  const words = laid(rows, { pad: 9 }).map((word) => {
    const off = lower.includes(word.text) ? 2.5 : upper.includes(word.text) ? -2.5 : 0;
    return { ...word, y: word.y + off };
  });
  const page = await open(pdfOf([words]));
  assert.throws(() => page.table(), /"(?:국|김)" and "(?:라면|면)" stand apart as rows do/);
});

test('a table without a head above its labels is read, also where days come again', async () => {
  const rows = [
    ['', '월', '화', '월'],
    ['중식', '비빔밥', '국수', '우동'],
    ['석식', '라면', '떡국', '냉면/전'],
  ];
  assert.deepEqual(read(await open(pdfOf([laid(rows)]))), rows);
});
