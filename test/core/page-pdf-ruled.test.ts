// Tables of PDFs that are read by the lines drawn around their cells: as browsers and office programs make them, and by
// hand for what those seldom do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Page } from '../../src/core/page.ts';
import { pageOf } from '../../src/core/page-of.ts';
import { type Placed, pdfOf, streamOf } from './pdf-fixture.ts';

type Row = readonly string[];
type Line = readonly [x1: number, y1: number, x2: number, y2: number];

const SIZE = 10;
const STEP = 13;
const XS = [60, 130, 200, 270];
const WEEK: readonly Row[] = [
  ['구분', '월(16)', '화(17)', '수(18)'],
  ['조식/(07시)', '토스트/우유', '쌀밥/계란국', '죽/김치'],
  ['중식/(11시)', '김치찌개/돈까스', '비빔밥/된장국', '짜장면/단무지'],
  ['석식/(17시)', '라면/만두', '잔치국수/전', '떡국/귤'],
];

function open(bytes: Uint8Array): Promise<Page> {
  return pageOf(bytes, { url: 'https://dorm.example.ac.kr/menu.pdf', contentType: 'application/pdf' });
}

/** Where rows begin: each as high as its highest cell, with a point of white above and below. */
function topsOf(rows: readonly Row[], top = 100): readonly number[] {
  const heights = rows.map((row) => Math.max(...row.map((cell) => cell.split('/').length)) * STEP + 2);
  return [top, ...heights.map((_, row) => heights.slice(0, row + 1).reduce((sum, height) => sum + height, top))];
}

/** The texts of cells, each in the middle of its height, a point from its left. */
function texts(rows: readonly Row[], ys: readonly number[], xs: readonly number[] = XS): readonly Placed[] {
  return rows.flatMap((row, at) =>
    row.flatMap((cell, column) => {
      const lines = cell.split('/').filter((line) => line !== '');
      const middle = ((ys[at] ?? 0) + (ys[at + 1] ?? 0)) / 2;
      const first = middle - (lines.length * STEP) / 2 + SIZE;
      return lines.map((text, line) => ({ text, x: (xs[column] ?? 0) + 1, y: first + line * STEP, size: SIZE }));
    }),
  );
}

/** Every line of a grid, from side to side. */
function gridOf(xs: readonly number[], ys: readonly number[]): readonly Line[] {
  const [left = 0, right = 0] = [xs[0], xs.at(-1)];
  const [top = 0, bottom = 0] = [ys[0], ys.at(-1)];
  return [...across(ys, left, right), ...down(xs, top, bottom)];
}

function across(ys: readonly number[], left: number, right: number): readonly Line[] {
  return ys.map((y) => [left, y, right, y]);
}

function down(xs: readonly number[], top: number, bottom: number): readonly Line[] {
  return xs.map((x) => [x, top, x, bottom]);
}

function stroked(lines: readonly Line[]): string {
  return lines.map(([x1, y1, x2, y2]) => `${x1} ${842 - y1} m ${x2} ${842 - y2} l S`).join('\n');
}

function thin(lines: readonly Line[], width = 0.75): string {
  return lines
    .map(([x1, y1, x2, y2]) => `${x1} ${842 - y2 - width} ${x2 - x1 + width} ${y2 - y1 + width} re f`)
    .join('\n');
}

/** As an area with nearly all of it left out. */
function frames(xs: readonly number[], ys: readonly number[]): string {
  return boxes(xs, ys, 0).replaceAll(/(\S+) (\S+) (\S+) (\S+) re S/g, (whole, ...[x, y, width, height]) => {
    const inner = [Number(x) + 1, Number(y) + 1, Number(width) - 2, Number(height) - 2].join(' ');
    return `${whole.replace(' S', '')} ${inner} re f*`;
  });
}

/** Each cell draws its own four sides, a little apart from the next. */
function boxes(xs: readonly number[], ys: readonly number[], apart = 1): string {
  const cells = xs.slice(0, -1).flatMap((x, column) => ys.slice(0, -1).map((y, row) => [x, y, column, row] as const));
  const sides = cells.map(([x, y, column, row]) => {
    const [width, height] = [(xs[column + 1] ?? 0) - x - 2 * apart, (ys[row + 1] ?? 0) - y - 2 * apart];
    return `${x + apart} ${842 - y - apart - height} ${width} ${height} re`;
  });
  return `${sides.join(' S\n')} S`;
}

/** Pieces as long as the white between them. */
function dashed(lines: readonly Line[], size: number): string {
  const step = size * 2;
  const dashes = lines.flatMap(([x1, y1, x2, y2]) =>
    Array.from({ length: Math.round(Math.hypot(x2 - x1, y2 - y1) / step) }, (_, at) =>
      x1 === x2 ? [x1, y1 + at * step, 1, -size] : [x1 + at * step, y1, size, 1],
    ),
  );
  return `${dashes.map(([x = 0, y = 0, width, height]) => `${x} ${842 - y} ${width} ${height} re`).join(' ')} f`;
}

function twice(lines: readonly Line[]): readonly Line[] {
  return lines.flatMap((line) => [line, line.map((at) => at + 2) as unknown as Line]);
}

/** What a person reads in the table: lines of a cell between slashes. */
function read(page: Page, text?: string): readonly Row[] {
  return page.table(text).hits.map((row) => row.map((hit) => hit?.lines.join('/') ?? 'none'));
}

const YS = topsOf(WEEK);
const SIDES = [...XS, 340];
const LINES = gridOf(SIDES, YS);
const FRAME = '59.5 741.5 281 1 re 59.5 740 281 3 re f';

const WAYS: Readonly<Record<string, string>> = {
  'strokes from side to side': stroked(LINES),
  'thin filled rectangles': thin(LINES),
  'a rectangle around each cell': boxes(SIDES, YS),
  frames: frames(SIDES, YS),
  'no lines between its heads': stroked(
    LINES.map(([x1, y1, x2, y2]) => [x1, x1 === x2 && x1 > 60 && x1 < 340 ? (YS[1] ?? 0) : y1, x2, y2]),
  ),
  'no lines at the sides of its heads': stroked([...across(YS, 60, 340), ...down(SIDES, YS[1] ?? 0, YS.at(-1) ?? 0)]),
  'a strip below its heads': stroked([...LINES, ...across([(YS[1] ?? 0) + 5], 60, 340)]),
  'double lines': stroked(twice(LINES)),
  dots: dashed(LINES, 1),
  dashes: dashed(LINES, 5),
  'one path of all lines': LINES.map(([x1, y1, x2, y2]) => `${x1} ${842 - y1} m ${x2} ${842 - y2} l`)
    .join(' ')
    .concat(' S'),
  'thick lines': `3 w ${stroked(LINES)}`,
  'lines under a transform': `q 2 0 0 -2 0 842 cm ${LINES.map((line) => line.map((at) => at / 2))
    .map(([a, b, c, d]) => `${a} ${b} m ${c} ${d} l S`)
    .join(' ')} Q`,
  'no lines at its left and right': stroked(
    gridOf(SIDES, YS).filter(([x1, , x2]) => x1 !== x2 || (x1 > 60 && x1 < 340)),
  ),
  'colours behind its cells': `q 20 w 0.9 G 60 714 m 340 714 l 165 742 m 165 600 l S Q 0.9 g 60 ${842 - 115} 280 15 re f 0 g 60 ${842 - 115} 70 15 re 130 ${842 - 115} 70 15 re B ${stroked(LINES)}`,
  'a frame around the page and an underline': `20 20 555 802 re S ${thin(LINES)} 61 ${842 - 128} 20 0.5 re f ${FRAME}`,
  'lines beside it that a clip hides': `q 0 0 595 842 re W n ${stroked(LINES)} Q q 0 0 9 9 re W n 165 0 m 165 842 l S Q`,
};

for (const [way, drawn] of Object.entries(WAYS)) {
  test(`a week's menu ruled by ${way} is read cell by cell`, async () => {
    const page = await open(pdfOf([texts(WEEK, YS)], { drawn }));
    assert.deepEqual(read(page), WEEK);
    assert.deepEqual(page.table('중식').hit({ row: '중식', column: '화(17)' }).lines, ['비빔밥', '된장국']);
  });
}

test('lines within a form are found, at the place where it is shown', async () => {
  const form = streamOf(stroked(LINES)).replace(
    '<< /Length',
    '<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Matrix [1 0 0 1 50 0] /Length',
  );
  const bytes = pdfOf([texts(WEEK, YS)], { drawn: 'q 1 0 0 1 -50 0 cm /X Do Q', extra: [form] });
  const named = Buffer.from(bytes).toString('latin1').replace('/F 3 0 R >>', '/F 3 0 R >> /XObject << /X 8 0 R >>');
  assert.deepEqual(read(await open(Buffer.from(named, 'latin1'))), WEEK);
});

test('a label of two lines beside exactly two dishes is one row', async () => {
  const day = [WEEK[0] ?? [], WEEK[2] ?? []];
  const ys = topsOf(day);
  const page = await open(pdfOf([texts(day, ys)], { drawn: stroked(gridOf(SIDES, ys)) }));
  assert.deepEqual(read(page), day);
  assert.deepEqual(page.table().hit({ row: '중식', column: '월(16)' }).lines, ['김치찌개', '돈까스']);
});

test('one row of dishes below the names of counters is one cell each', async () => {
  const rows = [
    ['한식', '일품', '분식'],
    ['쌀밥/된장국/제육볶음', '돈까스/우동', '라면/김밥/단무지'],
  ];
  const ys = topsOf(rows);
  const page = await open(pdfOf([texts(rows, ys)], { drawn: thin(gridOf(XS, ys)) }));
  assert.deepEqual(page.table().hit({ column: '일품' }).lines, ['돈까스', '우동']);
});

test('a label merged over two rows names both, and a cell over two columns is in both', async () => {
  const rows = [
    ['구분', '코너', '중식', '', '석식'],
    ['', '', '정식', '일품', ''],
    ['월', 'A', '쌀밥/국', '우동', '전/떡국'],
    ['', 'B', '카레', '라면/귤', '빵'],
  ];
  const xs = [60, 100, 140, 190, 240, 300];
  const ys = topsOf(rows);
  const [top = 0, second = 0, third = 0, fourth = 0, bottom = 0] = ys;
  const lines = [
    ...across([top, third, bottom], 60, 300),
    ...across([second], 140, 240),
    ...across([fourth], 100, 300),
    ...down([60, 100, 140, 240, 300], top, bottom),
    ...down([190], second, bottom),
  ] satisfies readonly Line[];
  const placed = texts(rows, ys, xs).map((word) => (word.text === '월' ? { ...word, y: fourth + 4 } : word));
  const table = (await open(pdfOf([placed], { drawn: thin(lines) }))).table();
  assert.deepEqual(table.headers, ['구분', '코너', '중식 정식', '중식 일품', '석식']);
  assert.deepEqual(table.rows.slice(2), [
    ['월', 'A', '쌀밥 국', '우동', '전 떡국'],
    ['월', 'B', '카레', '라면 귤', '빵'],
  ]);
  assert.equal(table.cell({ row: ['월', 'B'], column: ['중식', '일품'] }), '라면 귤');
});

test('heads and dishes a third of a letter apart belong to the cells on both sides of the line', async () => {
  const rows = [
    ['구분', '11월16일(월)', '11월17일(화)'],
    ['중식', '김치볶음밥', '비빔밥'],
    ['석식', '돈까스 우동국수', '제육볶음'],
  ];
  const xs = [60, 82, 175, 268];
  const ys = topsOf(rows);
  const page = await open(pdfOf([texts(rows, ys, xs)], { drawn: stroked(gridOf(xs, ys)) }));
  assert.match(page.text, /11월16일\(월\) 11월17일\(화\)/);
  assert.deepEqual(page.table().rows, rows);
});

test('a text too long for its cell stays the one of the cell that it begins in', async () => {
  const rows = [
    ['구분', '월', '화', '수'],
    ['중식', '쌀밥', '통새우볶음밥곱빼기', '국'],
    ['석식', '국수', '전', '떡'],
  ];
  const page = await open(pdfOf([texts(rows, topsOf(rows))], { drawn: stroked(gridOf(SIDES, topsOf(rows))) }));
  assert.deepEqual(read(page), rows);
});

test('tables on several pages, and several on one, are tables each, from top to bottom', async () => {
  const prices = [
    ['품목', '가격'],
    ['학생', '4,500원'],
    ['교직원', '6,000원'],
  ];
  const ys = topsOf(prices, 400);
  const drawn = [stroked(LINES), stroked(gridOf([60, 130, 200], ys))].join('\n');
  const words = [...texts(WEEK, YS), ...texts(prices, ys)];
  const loose = [
    ['번호', '전화'],
    ['사무실', '02-1'],
    ['식당', '02-2'],
  ];
  const page = await open(pdfOf([[...words, ...texts(loose, topsOf(loose, 300), [60, 200])], words], { drawn }));
  assert.deepEqual([read(page), read(page, '교직원')], [WEEK, prices]);
  assert.deepEqual(read(page, '식당'), loose);
  assert.throws(() => page.table('학생').cell({ row: '외부인', column: '가격' }), /`#page-1-table-3` has no row/);
  assert.throws(() => page.table('야식'), /begin with "구분.*", "번호.*", "품목.*", "구분.*", "품목/);
});

test('a table within a cell of another has its words for itself', async () => {
  const outer = gridOf([40, 400, 550], [60, 90, 400]);
  const words = [
    ...texts(WEEK, YS),
    ...texts(
      [
        ['식단', '공지'],
        ['', '휴무'],
      ],
      [60, 90, 120],
      [41, 401],
    ),
  ];
  const page = await open(pdfOf([words], { drawn: stroked([...outer, ...LINES]) }));
  assert.deepEqual(read(page, '중식'), WEEK);
});

test('a page that is shown turned has its lines where its words are', async () => {
  const rows = [
    ['구분', '월', '화'],
    ['중식', '밥', '국'],
    ['석식', '면', '떡'],
  ];
  const xs = [60, 130, 200, 270];
  const ys = [100, 150, 200, 250];
  const turned = async (rotate: number): Promise<readonly Row[]> =>
    read(await open(pdfOf([texts(rows, ys, xs)], { drawn: stroked(gridOf(xs, ys)), rotate })));
  assert.deepEqual(
    await turned(180),
    rows.toReversed().map((row) => row.toReversed()),
  );
  assert.deepEqual(
    await turned(90),
    [0, 1, 2].map((column) => rows.map((row) => row[column] ?? '').toReversed()),
  );
});

test('rows of a table with lines between its rows only are those that the lines part', async () => {
  const wide = [60, 160, 260, 360];
  const page = await open(pdfOf([texts(WEEK, YS, wide)], { drawn: stroked(across(YS, 50, 430)) }));
  assert.deepEqual(read(page), WEEK);
});

test('columns that only their heads and the white between them tell are read by them', async () => {
  const lines = [...across(YS, 60, 340), ...down([60, 130, 340], YS[0] ?? 0, YS.at(-1) ?? 0)];
  assert.deepEqual(read(await open(pdfOf([texts(WEEK, YS)], { drawn: stroked(lines) }))), WEEK);
});

test('rows far apart are rows, though lines are drawn around all of them together', async () => {
  const rows = WEEK.map((row) => row.map((cell) => cell.replace(/\/.*/, '')));
  const spread = (step: number): Promise<Page> => {
    const ys = [100, 130, 130 + step, 130 + 2 * step, 130 + 3 * step];
    const [head = 0, top = 0, bottom = 0] = [ys[0], ys[1], ys[4]];
    const lines = [...across([head, top, bottom], 60, 340), ...down(SIDES, head, bottom)];
    return open(pdfOf([texts(rows, ys)], { drawn: stroked(lines) }));
  };
  assert.deepEqual(read(await spread(30)), rows);
  const apart = await spread(60);
  assert.throws(() => apart.table(), /"중식" stands within the same lines, but not in its columns/);
});

const GROUPS: readonly Row[] = [
  ['구분', '가격'],
  ['학생/교직원', '4,500원/6,000원'],
];
const PRICES: readonly Row[] = [['메뉴', '가격'], ...GROUPS.slice(1)];
const REFUSED: Readonly<
  Record<string, { rows: readonly Row[]; lines: (ys: readonly number[]) => readonly Line[]; says: RegExp }>
> = {
  'whose one row may be several': {
    rows: GROUPS,
    lines: (ys) => gridOf([60, 130, 200], ys),
    says: /cells of `#page-1-table-1` \("구분 가격.*"\) cannot be told for sure: the lines of "학생 교직원" may be rows of their own/,
  },
  'whose lines stand side by side in every column': {
    rows: PRICES,
    lines: (ys) => gridOf([60, 130, 200], ys),
    says: /the lines of "학생 교직원" may be rows of their own/,
  },
  'with a text over a line that may be of either side': {
    rows: [WEEK[0] ?? [], ['중식', '밥', '', '국'], ['석식', '/', '', '']],
    lines: (ys) => gridOf(SIDES, ys),
    says: /cannot be told for sure: the text "아주아주긴이름의음식" runs over the line between two of them/,
  },
  'whose rows are parted by lines in some columns only': {
    rows: WEEK,
    lines: (ys) => [
      ...across(ys, 60, 130),
      ...across([ys[0] ?? 0, ys[1] ?? 0, ys.at(-1) ?? 0], 60, 340),
      ...down(SIDES, ys[0] ?? 0, ys.at(-1) ?? 0),
    ],
    says: /the lines of "토스트 우유 김치찌개 돈까스 라면 만두" may be rows of their own/,
  },
};

for (const [what, { rows, lines, says }] of Object.entries(REFUSED)) {
  test(`a table ${what} is refused, and its text is there`, async () => {
    const ys = topsOf(rows);
    const long = what.includes('over a line') ? [{ text: '아주아주긴이름의음식', x: 150, y: (ys[2] ?? 0) + 11 }] : [];
    const page = await open(pdfOf([[...texts(rows, ys), ...long]], { drawn: stroked(lines(ys)) }));
    assert.throws(() => page.table(), says);
    assert.throws(() => page.table(), /Read its lines from page\.text or page\.pages/);
    assert.match(page.text, /구분|메뉴/);
  });
}

test('a table of boxes far apart is not read against what its boxes say', async () => {
  const page = await open(
    pdfOf([texts(WEEK, YS, [60, 160, 260, 360])], { drawn: boxes([56, 156, 256, 356, 456], YS, 3) }),
  );
  assert.throws(() => page.table(), /the lines drawn around "\(07시\)" part it otherwise than its place does/);
});

test('a table in one frame whose last lines would be lost is refused, and a note in the frame is not its matter', async () => {
  const wide = [60, 160, 260, 360];
  const rows = WEEK.map((row) => row.map((cell) => cell.replace(/\/.*/, '')));
  const ys = topsOf(rows);
  const bottom = ys.at(-1) ?? 0;
  const note = { text: '※ 식단은 바뀔 수 있습니다', x: 61, y: bottom + 12 };
  const frame = (height: number): string => `55 ${842 - bottom - height} 400 ${bottom + height - 90} re S`;
  const noted = await open(pdfOf([[...texts(rows, ys, wide), note]], { drawn: frame(18) }));
  assert.deepEqual(read(noted), rows);
  const long = [
    { text: '추석 연휴에는 모든 식당이 쉽니다', x: 161, y: bottom + 11 },
    ...texts([['', '만두', '전', '귤']], [bottom + 15, bottom + 30], wide),
  ];
  const cut = await open(pdfOf([[...texts(rows, ys, wide), ...long]], { drawn: frame(32) }));
  assert.throws(() => cut.table(), /below it is no row of its own by its place, but by the line drawn below it/);
});

const HEAPS: Readonly<Record<string, string>> = {
  'a hundred thousand lines': Array.from(
    { length: 100_000 },
    (_, at) => `${at % 500} ${(at * 7) % 800} m ${(at % 500) + 30} ${(at * 7) % 800} l S`,
  ).join('\n'),
  'a hundred thousand lines in one path': `${Array.from({ length: 100_000 }, (_, at) => `${at % 500} ${(at * 7) % 800} m ${(at % 500) + 30} ${(at * 7) % 800} l`).join('\n')} S`,
  'a net of three thousand lines': stroked(
    gridOf(
      Array.from({ length: 1500 }, (_, at) => at * 4),
      Array.from({ length: 1500 }, (_, at) => at * 4),
    ),
  ),
  'a net of fifty thousand places': stroked(
    gridOf(
      Array.from({ length: 300 }, (_, at) => at * 4),
      Array.from({ length: 300 }, (_, at) => at * 4),
    ),
  ),
};

for (const [what, drawn] of Object.entries(HEAPS)) {
  test(`a page with ${what} has its text, and an error for a table`, { timeout: 20_000 }, async () => {
    const page = await open(pdfOf([texts(WEEK, YS, [60, 160, 260, 360])], { drawn }));
    assert.match(page.text, /김치찌개 비빔밥 짜장면/);
    assert.throws(() => page.table('중식'), /its page has more drawn lines than talkbell reads/);
  });
}

function saved(name: string): Uint8Array {
  return gunzipSync(readFileSync(join(import.meta.dirname, 'pdf', name)));
}

test("a browser's PDF with merged labels, labels of two lines, and a point of white around texts", async () => {
  const page = await open(saved('chromium.pdf.gz'));
  assert.deepEqual(read(page), [
    ['구분', '코너', '월(16)', '화(17)', '수(18)', '목(19)', '금(20)'],
    ['조식/(07:30)', 'A', '쌀밥/국', '죽/김치', '빵/우유', '쌀밥/전', '떡국/귤'],
    ['중식', 'A', '비빔밥/국', '우동/김밥', '김치전/떡', '쌀국수/빵', '전/국밥'],
    ['중식', 'B', '라면', '카레', '짜장면', '국수', '라면'],
    ['석식/(17:30)', 'A', '카레/김치', '휴무', '휴무', '짬뽕/귤', '국수/전'],
  ]);
  assert.equal(page.table().cell({ row: ['중식', 'B'], column: '2026-11-18' }), '짜장면');
});

test("a browser's PDF without marks, in which texts of several cells are one piece", async () => {
  const page = await open(saved('chromium-unmarked.pdf.gz'));
  assert.match(page.text, /11\.16\(월\) 김치볶음밥 미역국 돈까스정식 세트 라면/);
  assert.deepEqual(page.table().headers, ['구분', '중식 A코너(정식)', '중식 B코너(일품)', '석식']);
  assert.deepEqual(page.table().rows.slice(2), [
    ['11.16(월)', '김치볶음밥 미역국', '돈까스정식 세트', '라면'],
    ['11.17(화)', '비빔밥', '우동', '카레'],
  ]);
});

test("an office program's PDF with a text that is too long for its cell", async () => {
  const page = await open(saved('libreoffice.pdf.gz'));
  assert.deepEqual(read(page), [
    ['구분', '월(16)', '화(17)', '수(18)'],
    ['조식/(07:30)', '토스트/우유', '쌀밥/계란국', '누룽지/김치'],
    ['중식', '김치찌개/돈까스', '비빔밥/된장국', '짜장면/단무지'],
    ['중식', '라면', '우동', '카레라이스와돈까스'],
    ['석식/(17:30)', '라면/만두', '추석 연휴로 쉽니다', '추석 연휴로 쉽니다'],
  ]);
});
