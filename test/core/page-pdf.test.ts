import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import { ExtractError, FetchError } from '../../src/core/errors.ts';
import type { Page } from '../../src/core/page.ts';
import { pageOf, readPage } from '../../src/core/page-of.ts';
import { toPage } from '../../src/io/fetching.ts';
import { fetching, serve } from '../io/http-local.ts';
import { type Placed, pdfByMap, pdfOf } from './pdf-fixture.ts';

const URL_OF_PDF = 'https://dorm.example.ac.kr/files/menu.pdf';
const COLUMNS = [60, 140, 240, 340];

function open(bytes: Uint8Array, contentType = 'application/pdf'): Promise<Page> {
  return pageOf(bytes, { url: URL_OF_PDF, contentType });
}

/** One row of a table: lines of each cell from the top, the label of the first column in the middle of its height. */
function rowOf(y: number, label: string, ...cells: readonly string[]): readonly Placed[] {
  const lines = cells.map((cell) => cell.split(' '));
  const tallest = Math.max(1, ...lines.map(({ length }) => length));
  const placed = lines.flatMap((cell, column) =>
    cell.map((text, line) => ({ text, x: COLUMNS[column + 1] ?? 0, y: y + line * 14 })),
  );
  return [...placed, { text: label, x: COLUMNS[0] ?? 0, y: y + (tallest - 1) * 7 }];
}

const DAYS = ['구분', '월 (11/16)', '화 (11/17)', '수 (11/18)'].map((text, at) => ({
  text,
  x: COLUMNS[at] ?? 0,
  y: 100,
}));
const MENU: readonly Placed[] = [
  { text: '11월 셋째 주 식단표', x: 220, y: 60, size: 16 },
  ...DAYS,
  ...rowOf(130, '조식', '쌀밥 계란국', '잡곡밥 콩나물국 김치', '토스트'),
  ...rowOf(184, '중식', '김치찌개 돈까스 요구르트', '비빔밥 된장국', '짜장면 단무지 군만두'),
  ...rowOf(238, '석식', '카레라이스 피클', '제육볶음 상추쌈 쌈장', '미운영'),
  { text: '※ 식단은 사정에 따라 바뀔 수 있습니다. 원산지: 쌀(국내산), 김치(국내산)', x: 60, y: 300 },
];
const PRICES: readonly Placed[] = [
  { text: '가격 안내', x: 60, y: 60 },
  ...['품목', '가격'].map((text, at) => ({ text, x: 60 + at * 120, y: 90 })),
  ...['학생', '4,500원'].map((text, at) => ({ text, x: 60 + at * 120, y: 110 })),
  ...['교직원', '6,000원'].map((text, at) => ({ text, x: 60 + at * 120, y: 130 })),
];

async function refused(bytes: Uint8Array): Promise<string> {
  const page = await open(bytes);
  assert.equal(page.kind, 'pdf');
  assert.deepEqual(page.body, bytes);
  const messages = [() => page.text, () => page.pages, () => page.table()].map((act) => {
    try {
      act();
    } catch (error) {
      assert.ok(error instanceof ExtractError, String(error));
      assert.equal(error.url, URL_OF_PDF);
      return error.message;
    }
    return assert.fail('the PDF was read');
  });
  assert.equal(new Set(messages).size, 1);
  return messages[0] ?? '';
}

test('the text of a PDF is its lines from top to bottom, page by page', async () => {
  const page = await open(pdfOf([MENU, PRICES]));
  assert.equal(page.kind, 'pdf');
  assert.equal(page.charset, 'binary');
  assert.equal(page.pages.length, 2);
  assert.deepEqual(page.pages[0]?.split('\n').slice(0, 4), [
    '11월 셋째 주 식단표',
    '구분 월 (11/16) 화 (11/17) 수 (11/18)',
    '쌀밥 잡곡밥 토스트',
    '조식 계란국 콩나물국',
  ]);
  assert.equal(page.pages[1], '가격 안내\n품목 가격\n학생 4,500원\n교직원 6,000원');
  assert.equal(page.text, page.pages.join('\n'));
  assert.equal(page.title, undefined);
  const lines = page.pages[0]?.split('\n').filter((line) => line.includes('중식'));
  assert.deepEqual(lines, ['중식 돈까스 된장국 단무지']);
});

test("a week's menu is a table: columns by where they stand, rows by the white between them", async () => {
  const week = (await open(pdfOf([MENU, PRICES]))).table();
  assert.deepEqual(week.rows, [
    ['구분', '월 (11/16)', '화 (11/17)', '수 (11/18)'],
    ['조식', '쌀밥 계란국', '잡곡밥 콩나물국 김치', '토스트'],
    ['중식', '김치찌개 돈까스 요구르트', '비빔밥 된장국', '짜장면 단무지 군만두'],
    ['석식', '카레라이스 피클', '제육볶음 상추쌈 쌈장', '미운영'],
  ]);
  assert.deepEqual(week.hit({ row: '중식', column: /^월/ }).lines, ['김치찌개', '돈까스', '요구르트']);
  assert.equal(week.records()[2]?.['수 (11/18)'], '미운영');
});

test('a table is named by a text that stands in it', async () => {
  const page = await open(pdfOf([MENU, PRICES]));
  assert.equal(page.table('가격').cell({ row: '교직원', column: '가격' }), '6,000원');
  assert.deepEqual(page.table('조식').hit({ row: '중식', column: /월/ }).lines, ['김치찌개', '돈까스', '요구르트']);
  assert.throws(
    () => page.table('야식'),
    /menu\.pdf is a PDF that has no table with "야식" in it\. Its tables begin with "구분 월 \(11\/16\).*", "품목 가격 학생/,
  );
  assert.throws(
    () => page.table('가격').cell({ row: '외부인', column: '가격' }),
    /`#page-2-table-1` has no row "외부인"/,
  );
});

test('a cell over several columns covers them', async () => {
  const words = [...DAYS, ...rowOf(130, '중식', '밥', '국', '면'), ...rowOf(150, '석식', '떡', '빵', '죽')];
  const merged = [
    { text: '추석 연휴로 모든 식당이 쉽니다 (11/16~11/17)', x: 140, y: 170 },
    { text: '야식', x: 60, y: 170 },
  ];
  const { rows } = (await open(pdfOf([[...words, ...merged]]))).table();
  assert.deepEqual(rows.at(-1)?.slice(0, 3), ['야식', merged[0]?.text, merged[0]?.text]);
  assert.deepEqual(rows[1], ['중식', '밥', '국', '면']);
});

const HEADS = ['구분', '11.16(월)', '11.17(화)', '11.18(수)'];
const TWO_MEALS = [
  HEADS,
  ['중식', '쌀밥 된장찌개', '카레 단무지', '라면'],
  ['석식', '비빔국수', '김치 밥', '냉면 만두'],
];

/** Each cell in the middle of its row, as browsers print tables: with as much white between rows as `white` says. */
function printed(white: number, left = COLUMNS): readonly Placed[] {
  const step = 13;
  let top = 100;
  return TWO_MEALS.flatMap((row) => {
    const cells = row.map((cell) => cell.split(' '));
    const tallest = Math.max(...cells.map(({ length }) => length));
    const from = top;
    top += tallest * step + white;
    return cells.flatMap((cell, column) =>
      cell.map((text, line) => {
        const y = from + (line + (tallest - cell.length) / 2) * step;
        return { text, x: left[column] ?? 0, y };
      }),
    );
  });
}

for (const white of [2, 6, 12, 25])
  test(`no dish is lost beside a label in the middle of its row, with ${white} points of white between rows`, async () => {
    const table = (await open(pdfOf([printed(white)]))).table('중식');
    assert.deepEqual(table.rows, TWO_MEALS);
    assert.deepEqual(table.hit({ row: '중식', column: '11.17(화)' }).lines, ['카레', '단무지']);
  });

test('lines that stand evenly are those around the label in their middle, or those below the label at their top', async () => {
  const around = ['구분', '', '중식', '', '', '석식', ''];
  const below = ['구분', '중식', '', '', '석식', '', ''];
  for (const labels of [around, below]) {
    const words = labels.flatMap((label, line) => [
      ...(label === '' ? [] : [{ text: label, x: 60, y: 100 + line * 14 }]),
      { text: line === 0 ? '월' : `찬${line}`, x: 140, y: 100 + line * 14 },
      { text: line === 0 ? '화' : `국${line}`, x: 240, y: 100 + line * 14 },
    ]);
    assert.deepEqual((await open(pdfOf([words]))).table('중식').rows, [
      ['구분', '월', '화'],
      ['중식', '찬1 찬2 찬3', '국1 국2 국3'],
      ['석식', '찬4 찬5 찬6', '국4 국5 국6'],
    ]);
  }
});

test('heads that fill their narrow columns are heads, and a title above them is none', async () => {
  const left = [60, 87, 174, 261];
  const title = { text: '주간 식단표 2026.11.16', x: 60, y: 80 };
  const table = (await open(pdfOf([[title, ...printed(9, left)]]))).table('구분');
  assert.deepEqual(table.rows, TWO_MEALS);
});

test('prose has no table', async () => {
  const prose = Array.from({ length: 8 }, (_, line) => ({
    text: '가나다라 마바사 아자차카 타파하',
    x: 60,
    y: 60 + line * 14,
  }));
  const page = await open(pdfOf([prose]));
  assert.throws(
    () => page.table(),
    /is a PDF that has no table\. No columns were found in it\. Read its lines from page\.text/,
  );
});

const MAPS = [
  ['KSCms-UHC-H', 'cp949'],
  ['KSCms-UHC-HW-H', 'cp949'],
  ['KSC-EUC-H', 'cp949'],
  ['UniKS-UCS2-H', 'utf-16be'],
  ['UniKS-UTF16-H', 'utf-16be'],
] as const;

for (const [map, charset] of MAPS) {
  test(`an older PDF that only names the character map ${map} is read`, async () => {
    const line = '11월 식단: 똠양꿍 (4,500원) 漢字';
    const page = await open(pdfByMap(map, iconv.encode(line, charset)));
    assert.equal(page.text, line);
  });
}

test('a page that is shown upside down is read as it is shown', async () => {
  const page = await open(pdfOf([PRICES], { rotate: 180 }));
  const lines = page.text.split('\n');
  assert.deepEqual([lines[0]?.includes('교직원'), lines.at(-1)], [true, '가격 안내']);
});

test('a PDF is known by its content, whatever the server calls it', async (t) => {
  const body = pdfOf([PRICES]);
  const { origin } = await serve(t, (response, { url }) => {
    response.setHeader('content-type', new URL(url, 'http://x').searchParams.get('type') ?? '');
    response.setHeader('content-disposition', "attachment; filename*=UTF-8''%EC%8B%9D%EB%8B%A8.pdf");
    response.end(body);
  });
  const { session } = fetching(t);
  for (const type of [
    'application/pdf',
    'application/octet-stream',
    'text/html; charset=utf-8',
    'binary/octet-stream',
  ]) {
    const page = await toPage(await session.get(`${origin}/get?type=${encodeURIComponent(type)}`));
    assert.equal(page.kind, 'pdf', type);
    assert.match(page.text, /학생 4,500원/);
    assert.equal(page.filename, '식단.pdf');
    assert.throws(
      () => page.one('p'),
      /is a PDF, not HTML or XML, and has no elements\. Read it with page\.text, page\.pages or/,
    );
    assert.throws(() => page.json(), /is a PDF, not JSON/);
  }
  const junk = Buffer.concat([Buffer.from('Warning: headers already sent\n'), body]);
  assert.match((await open(junk)).text, /학생/);
});

test('a page that is no PDF says so when it is asked for pages', async () => {
  const page = await open(new TextEncoder().encode('<p>점검 중'), 'application/pdf');
  assert.equal(page.kind, 'html');
  assert.throws(() => page.pages, /menu\.pdf is HTML, not a PDF\. Read its elements/);
});

test('a PDF that is locked, broken, too long or a scan is an error with its address, and its bytes stay', async () => {
  const good = pdfOf([PRICES]);
  const lock = `/Encrypt << /Filter /Standard /V 1 /R 2 /P -1 /O <${'41'.repeat(32)}> /U <${'42'.repeat(32)}> >> /ID [<00><00>]`;
  assert.match(await refused(pdfOf([PRICES], { trailer: lock })), /menu\.pdf is a PDF locked with a password/);
  assert.match(
    await refused(good.subarray(0, good.length / 2)),
    /menu\.pdf is a PDF that cannot be read \(Invalid PDF/,
  );
  assert.match(await refused(Buffer.from('%PDF-1.7\n')), /cannot be read/);
  assert.match(
    await refused(pdfOf([[]])),
    /is a PDF without any text\. It is probably a scan: .*readPicture\(page, ocr\)/,
  );
  const book = Array.from({ length: 201 }, () => [{ text: '쪽', x: 60, y: 60 }]);
  assert.match(await refused(pdfOf(book)), /has 201 pages, more than the 200 talkbell reads/);
  assert.equal((await open(pdfOf(book.slice(1)))).pages.length, 200);
});

test('reading ends when the look does', async () => {
  const signal = AbortSignal.abort(new FetchError('the look is over', { url: URL_OF_PDF }));
  const page = readPage({ url: URL_OF_PDF, status: 200, headers: {}, body: pdfOf([PRICES]), signal });
  await assert.rejects(page, /the look is over/);
});

const SAVED = join(import.meta.dirname, '../../../shared/pages/suites/urlwatch/pdf-test.pdf');

test('a PDF of the world', { skip: !existsSync(SAVED) && '../shared is absent' }, async () => {
  const page = await open(readFileSync(SAVED));
  assert.deepEqual(page.pages, ['A PDF Document that can be turned into plain text.']);
});
