// Tables of PDFs over several pages, and several on a page: which of them are one, and which one is meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExtractError } from '../../src/core/errors.ts';
import type { Page } from '../../src/core/page.ts';
import { type Placed, pdfOf } from './pdf-fixture.ts';
import { laid, open, type Row, read, topsOf, XS } from './pdf-layout.ts';

const HEAD = ['일자', '조식', '중식', '석식'];
const FIRST: readonly Row[] = [
  HEAD,
  ['16일(월)', '토스트/우유', '김치찌개/돈까스', '라면'],
  ['17일(화)', '쌀밥', '비빔밥/된장국', '국수/전'],
];
const SECOND: readonly Row[] = [
  HEAD,
  ['18일(수)', '죽', '짜장면/단무지/군만두', '떡국/귤'],
  ['19일(목)', '빵', '제육볶음', '우동/김밥'],
];

/** The lines of a grid around every cell, in the coordinates of a PDF. */
function gridOf(rows: readonly Row[]): string {
  const ys = topsOf(rows);
  const [left = 0, right = 0, top = 0, bottom = 0] = [XS[0], XS.at(-1), ys[0], ys.at(-1)];
  const across = ys.map((y) => `${left} ${842 - y} m ${right} ${842 - y} l S`);
  const down = XS.map((x) => `${x} ${842 - top} m ${x} ${842 - bottom} l S`);
  return [...across, ...down].join('\n');
}

function footed(page: readonly Placed[], number: number): readonly Placed[] {
  const title = { text: '11월 기숙사 식단', x: 220, y: 60 };
  return [title, ...page, { text: `- ${number} -`, x: 280, y: 800 }];
}

function failure(page: Page, row: string, table?: string): ExtractError {
  try {
    page.table(table).cell({ row, column: '중식' });
  } catch (error) {
    assert.ok(error instanceof ExtractError);
    return error;
  }
  return assert.fail('the cell was read');
}

for (const [how, drawn] of [
  ['by gaps', ''],
  ['by lines', gridOf(FIRST)],
] as const)
  test(`a table whose head comes again on the next page goes on there, read ${how}`, async () => {
    const second = [HEAD, ...SECOND.slice(1).map((row) => row.map((cell) => cell.replace('/군만두', '')))];
    const pages = [footed(laid(FIRST), 1), footed(laid(second), 2)];
    const page = await open(pdfOf(pages, { drawn }));
    assert.deepEqual(read(page), [...FIRST, ...second.slice(1)]);
    assert.deepEqual(page.table().hit({ row: '2026-11-19', column: '석식' }).lines, ['우동', '김밥']);
    assert.deepEqual(read(page, '#page-2-table-1'), read(page, '#page-1-table-1'));
    assert.equal(failure(page, '2026-11-20').isOld, true);
  });

test('below the same lines, the next days go on without a head', async () => {
  const rest = [
    ['18일(수)', '죽', '밥', '국'],
    ['19일(목)', '빵/잼', '면/전', '떡'],
    ['20일(금)', '귤', '배', '콩'],
  ];
  const one = [HEAD, ['16일(월)', '쌀밥/국', '전', '김'], ['17일(화)', '묵', '회', '찜']];
  const page = await open(pdfOf([laid(one), laid(rest)], { drawn: gridOf(one) }));
  assert.equal(page.table().cell({ row: '2026-11-19', column: '석식' }), '떡');
  assert.deepEqual(read(page), [...one, ...rest]);
});

test('under a title of its own, a table with the same head is another, and its days are no sign of an old page', async () => {
  const title = { text: '교직원식당', x: 220, y: 80 };
  const page = await open(pdfOf([laid(FIRST), [title, ...laid(SECOND)]]));
  assert.deepEqual(read(page), FIRST);
  const error = failure(page, '2026-11-18');
  assert.equal(error.isOld, false);
  assert.match(
    error.message,
    /has no row "2026-11-18"\. .* The table `#page-2-table-1` has it: choose it with page\.table\('#page-2-table-1'\)\.$/,
  );
  assert.equal(page.table('#page-2-table-1').cell({ row: '2026-11-18', column: '조식' }), '죽');
  assert.equal(failure(page, '2026-11-20').isOld, true);
});

test('the same labels again are those of another table', async () => {
  const [one, other] = [
    [
      ['구분', '월(16)', '화(17)'],
      ['중식', '비빔밥', '국수'],
      ['석식', '라면', '떡국'],
    ],
    [
      ['구분', '월(16)', '화(17)'],
      ['중식', '돈까스', '우동'],
      ['석식', '김밥', '냉면'],
    ],
  ];
  const page = await open(pdfOf([laid(one ?? []), laid(other ?? [])]));
  assert.deepEqual(read(page), one);
  assert.deepEqual(read(page, '#page-2-table-1'), other);
  assert.deepEqual(read(page, '돈까스'), other);
});

for (const [how, isRuled] of [
  ['by gaps', false],
  ['by lines', true],
] as const)
  test(`a row that the page break cuts is refused, and no other, read ${how}`, async () => {
    const more = [...FIRST, ['18일(수)', '죽', '짜장면/단무지', '전']];
    const rest = [
      HEAD,
      ['', '', '군만두/김', ''],
      ['19일(목)', '빵/잼', '제육볶음', '우동'],
      ['20일(금)', '밥', '떡/귤', '면'],
    ];
    const page = await open(pdfOf([laid(more)], isRuled ? { drawn: gridOf(more) } : {}));
    assert.equal(page.table().cell({ row: '2026-11-18', column: '중식' }), '짜장면 단무지');
    const cut = await open(pdfOf([laid(more), laid(rest)], isRuled ? { drawn: gridOf(more) } : {}));
    assert.match(
      failure(cut, '2026-11-18').message,
      /a cell of `#page-1-table-1` cannot be told for sure: the rows around the page break/,
    );
    assert.equal(cut.table().cell({ row: '2026-11-17', column: '중식' }), '비빔밥 된장국');
    assert.equal(cut.table().cell({ row: '2026-11-20', column: '중식' }), '떡 귤');
  });

test('tables side by side are in order from left to right', async () => {
  const rows = [
    ['시간', '메뉴'],
    ['중식', '국수'],
    ['석식', '라면'],
  ];
  const right = rows.map(([label = '', menu = '']) => [label, `${menu}2`]);
  const xs = [60, 110, 200, 280, 330, 420];
  const ys = topsOf(rows);
  const down = xs.map((x) => `${x} ${842 - (ys[0] ?? 0)} m ${x} ${842 - (ys.at(-1) ?? 0)} l S`);
  const sides = [
    [60, 200, 0],
    [280, 420, -0.4],
  ];
  const across = sides.flatMap(([from = 0, to = 0, off = 0]) =>
    ys.map((y) => `${from} ${842 - y - off} m ${to} ${842 - y - off} l S`),
  );
  const words = [...laid(right, { xs: xs.slice(3) }), ...laid(rows, { xs: xs.slice(0, 3) })];
  const page = await open(pdfOf([words], { drawn: [...down, ...across].join('\n') }));
  assert.deepEqual(read(page), rows);
  assert.deepEqual(read(page, '#page-1-table-2'), right);
});

test('a row that goes on over the page break without a head is refused, and no other', async () => {
  const one = [
    ['구분', '월(16)', '화(17)', '수(18)'],
    ['조식', '죽', '빵', '떡'],
    ['중식', '쌀밥/국', '면', '전'],
  ];
  const rest = [
    ['', '김치', '귤', ''],
    ['석식', '라면', '만두', '국수'],
    ['야식', '떡/묵', '전', '감'],
  ];
  const page = await open(pdfOf([laid(one), laid(rest)], { drawn: gridOf(one) }));
  const ask = (row: string): string => page.table().cell({ row, column: '2026-11-16' });
  assert.equal(ask('조식'), '죽');
  assert.throws(() => ask('중식'), /a cell of `#page-1-table-1` cannot be told for sure/);
});

test('a day in a table that is refused is no sign of an old page either', async () => {
  const title = { text: '교직원식당', x: 220, y: 80 };
  const nameless = SECOND.map((row, at) => (at === 0 ? ['일자', '조식', '', '석식'] : row));
  const page = await open(pdfOf([laid(FIRST), [title, ...laid(nameless, { across: 'left' })]]));
  const error = failure(page, '2026-11-18');
  assert.equal(error.isOld, false);
  assert.match(error.message, /The table `#page-2-table-1` has it/);
  assert.match(failure(page, '2026-11-18', '#page-2-table-1').message, /no head stands above "짜장면 단무지 군만두"/);
});

test('weekdays without a date in another table leave an old page an old page', async () => {
  const old = [
    ['구분', '9(월)', '10(화)', '13(금)'],
    ['중식', '비빔밥', '국수', '우동'],
    ['석식', '라면', '떡국', '냉면'],
  ];
  const always = [['분식', '월', '화', '금'], ...old.slice(1)];
  const page = await open(pdfOf([laid(old), laid(always)]));
  const isOld = (error: unknown): boolean => error instanceof ExtractError && error.isOld;
  assert.throws(() => page.table().cell({ row: '중식', column: '2026-11-20' }), isOld);
});
