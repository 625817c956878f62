// Selectors proposed from words on a page: on saved boards and menus, and on small pages that each hold one difficulty.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from '../../src/core/page.ts';
import { pageOf } from '../../src/core/page-of.ts';
import { propose, type Wish } from '../../src/core/propose.ts';
import { extractCode } from '../../src/core/propose-extract.ts';
import { isName, isWeak } from '../../src/core/propose-name.ts';
import type { Proposal } from '../../src/core/propose-plan.ts';

const PAGES = join(import.meta.dirname, '../../../shared/pages');
const shared = existsSync(PAGES) ? {} : { skip: '../shared is absent' };
const today = '2026-11-21';

const readShared = (file: string): Promise<Page> =>
  pageOf(readFileSync(join(PAGES, file)), { url: 'https://www.example.ac.kr/board/list.do' });

function proposed(page: Page, ...texts: readonly string[]): readonly Proposal[] {
  return propose(page, { texts, today });
}

async function firstOf(html: string, text: string, wish: Partial<Wish> = {}): Promise<Proposal> {
  const page = await pageOf(html, { url: 'https://www.example.ac.kr/list', contentType: 'text/html' });
  const [first] = propose(page, { texts: [text], today, ...wish });
  assert.ok(first, `nothing is proposed for ${text}`);
  return first;
}

interface Expected {
  readonly text: string;
  /** Another item of the same list. */
  readonly sibling: string;
  /** What the navigation or the head of the table says. */
  readonly not: string;
  readonly count: number;
}

const BOARDS: Readonly<Record<string, Expected>> = {
  'menu/dgu-sangnokwon-mobile.html': { text: '명란계란말이', sibling: '깍두기', not: '구분', count: 5 },
  'menu/inu-coop-2021-03-15.html': { text: '목살고추장찌개', sibling: '숙주맛살무침', not: '1코너', count: 10 },
  'menu/ssu-dorm-week-trimmed.html': { text: '소불고기', sibling: '요구르트', not: '닭갈비', count: 3 },
  'menu/tum-mensa-garching-2024-07-29.html': {
    text: 'Tortellini mit Basilikum-Tomaten-Pesto',
    sibling: 'Fried Chicken Wings mit Barbecuesauce',
    not: 'Studierendenwerk',
    count: 19,
  },
  'notice/catholic-find.html': { text: '<보관중> 이어마이크', sibling: '<보관중> 카드지갑', not: '캠퍼스', count: 10 },
  'notice/catholic-location_songsim.html': { text: '2,000원/일', sibling: '10분당 500원', not: '대학소개', count: 7 },
  'notice/gov-acrc-list-p1.html': {
    text: '2026 유엔반부패협약 일본 2주기 점검 관련 국가방문회의 참석',
    sibling: '유엔반부패협약 제17차 이행점검그룹회의 등 참석',
    not: '첨부파일',
    count: 10,
  },
  'notice/gov-daejeon-list.html': {
    text: '2026 대전광역시의회 베트남 공무국외출장 계획',
    sibling: '대전 체육발전을 위한 연구회 공무국외출장 계획서 및 심사위원회 회의록',
    not: '조회',
    count: 10,
  },
  'notice/gov-ggc-list.html': {
    text: '전문적인 의정활동 지원을 위한 지방의회 조직 구성 방안 연구',
    sibling: '전문적인 의정활동 지원을 위한 지방의회 조직 구성 방안 연구',
    not: '조회수',
    count: 1,
  },
  'notice/konkuk-bbs-article-2-2024.html': {
    text: '신산업융합학과',
    sibling: 'K뷰티산업융합학과',
    not: '건국대학교',
    count: 2,
  },
  'notice/konkuk-cse-notice-2026-page1.html': {
    text: '2026 건국대학교 가이드북 배포 안내(신입생, 재학생)',
    sibling: '2025 건국대학교 가이드북 배포 안내(신입생, 재학생)',
    not: '조회수',
    count: 113,
  },
  'notice/konkuk-cse.html': {
    text: '(필독) 2023학년도 1학기 법정 연구실 안전교육 이수 안내',
    sibling: '(필독) 2023학년도 신입생 대상 온라인 폭력예방교육 수강 안내',
    not: '작성일',
    count: 12,
  },
  'notice/konkuk-job-notice-2024.html': {
    text: "[대학일자리+] '24년 상반기 고용노동부 청년인턴 채용 계획",
    sibling: '[삼성전자 MX사업부] 2024년 상반기 사업부 상담회 (3/13)',
    not: '작성일',
    count: 26,
  },
  'notice/konkuk-old-chinese.html': {
    text: '『2022년도 두산연강재단 장학생 선발 공고』',
    sibling: '교원자격증 발급신청 안내',
    not: '등록일',
    count: 20,
  },
  'notice/konkuk-old-real_estate.html': {
    text: '2022학년도 1학기 취득학점포기 일정 안내',
    sibling: '2022년 1학기 교내 학생자치행사 가이드라인 안내',
    not: '작성일',
    count: 15,
  },
  'notice/konkuk-student-notice-2024.html': {
    text: '2024 건대신문 제68기 수습기자 정기 공개채용',
    sibling: '2024학년도 재학생 신규디자인 학생증 체크카드 교체발급 안내',
    not: '작성일',
    count: 32,
  },
  'notice/korea-univ-noticelist.html': {
    text: '2020학년도 1학기 취득학점 포기제 시행 안내',
    sibling: '2020학년도 여름계절수업(Summer Session) 개설 안내',
    not: '조회수',
    count: 10,
  },
};
/** A table without headers whose cell is a list of paragraphs: no one would take a job from it. */
const MISSED = ['notice/konkuk-bbs-article-2-2024.html'];

const squeeze = (value: unknown): string => JSON.stringify(value).replaceAll(/\s/g, '');

async function isFound(file: string, { text, sibling, not, count }: Expected): Promise<boolean> {
  const [first] = proposed(await readShared(file), text);
  const said = squeeze(first?.items ?? []);
  const inner = (words: string): string => squeeze(words).slice(1, -1);
  return (
    said.includes(inner(text)) &&
    said.includes(inner(sibling)) &&
    !said.includes(inner(not)) &&
    first?.items.length === count
  );
}

describe('saved pages', shared, () => {
  test('the first proposal finds the item, its siblings and not the navigation on 16 of 17 boards and menus', async () => {
    const missed: string[] = [];
    for (const [file, expected] of Object.entries(BOARDS)) if (!(await isFound(file, expected))) missed.push(file);
    assert.equal(Object.keys(BOARDS).length, 17);
    assert.deepEqual(missed, MISSED);
  });

  test('no first proposal of a board or a menu rests on a place among siblings but where nothing has a name', async () => {
    const places: string[] = [];
    for (const [file, { text }] of Object.entries(BOARDS)) {
      const [first] = proposed(await readShared(file), text);
      if (JSON.stringify(first?.plan).includes('nth-child')) places.push(file);
    }
    assert.deepEqual(places, ['notice/catholic-location_songsim.html', ...MISSED]);
  });

  test('the day of a week is named by the run, and the meal by its header', async () => {
    const [first] = proposed(await readShared('menu/ssu-dorm-week-trimmed.html'), '소불고기');
    assert.deepEqual(first?.plan, {
      form: 'cell',
      table: 'table.boxstyle02',
      place: { row: { day: true }, column: '중식' },
      date: '2026-06-01',
      reads: 'dishes',
    });
  });

  test('a post with no address is known by what its link does', async () => {
    const [first] = proposed(
      await readShared('notice/korea-univ-noticelist.html'),
      '2020학년도 1학기 취득학점 포기제 시행 안내',
    );
    assert.equal(first?.kind, 'notices');
    assert.match(String(first?.items[0]?.['id']), /^javascript:view1\(/);
  });

  test('menus in JSON are found through arrays, keys and days', async () => {
    const [day] = proposed(await readShared('menu/snu-snuco-20260401.json'), '파채불고기');
    assert.deepEqual(day?.items, [
      { dish: '파채불고기', price: 6000 },
      { dish: '순두부찌개', price: 3000 },
      { dish: '오코노미온더치킨까스', price: 5500 },
    ]);
    const [school] = proposed(await readShared('menu/neis-meal-20250507.json'), '오이쌈장무침');
    assert.deepEqual(school?.items.map(({ dish }) => dish).slice(0, 3), [
      '작은밥(선택)',
      '스파게티*소시지*루꼴라',
      '옥수수스프',
    ]);
  });
});

const NAV =
  '<nav><ul><li><a href="/a">공지사항</a></li><li><a href="/b">행사 안내</a></li><li><a href="/c">오시는 길</a></li></ul></nav>';
const LIST = (row: (title: string, at: number) => string, container = '<ul class="board">'): string =>
  `${NAV}${container}${['행사 안내', '휴관', '수강신청', '장학금'].map(row).join('')}`;

const WEEK = `<title>주간식단</title><table class="menu"><tr><th>구분</th><th>코너</th><th>11.16(월)</th><th>11.17(화)</th><th>11.18(수)</th><th>11.19(목)</th><th>11.20(금)</th></tr>
  <tr><th rowspan="2">중식</th><th>A코너</th><td>쌀밥<br>된장찌개</td><td>카레</td><td rowspan="3">개교기념일 휴무</td><td>순두부</td><td>보리밥<br>두부 비빔밥</td></tr>
  <tr><th>B코너</th><td colspan="2">돈까스</td><td>우동</td><td>떡볶이</td></tr>
  <tr><th colspan="2">석식</th><td>비빔국수</td><td>김치</td><td>전</td><td>운영 없음</td></tr></table>`;

test('a row under two headers is named by both, and its column by the day of the run', async () => {
  const lunch = (corner: string): readonly string[] => ['중식', corner];
  const cases: readonly (readonly [text: string, row: string | readonly string[], date: string, dishes: string[]])[] = [
    ['두부 비빔밥', lunch('A코너'), '2026-11-20', ['보리밥', '두부 비빔밥']],
    ['된장찌개', lunch('A코너'), '2026-11-16', ['쌀밥', '된장찌개']],
    ['떡볶이', lunch('B코너'), '2026-11-20', ['떡볶이']],
    ['돈까스', lunch('B코너'), '2026-11-16', ['돈까스']],
    ['전', '석식', '2026-11-19', ['전']],
  ];
  for (const [text, row, date, dishes] of cases) {
    const { plan, items, fixedTo } = await firstOf(WEEK, text);
    const place = { row, column: { day: true } };
    assert.deepEqual(plan, { form: 'cell', table: 'table.menu', place, date, reads: 'dishes' });
    assert.deepEqual(
      items.map(({ dish }) => dish),
      dishes,
    );
    assert.equal(fixedTo, undefined);
  }
  const { plan } = await firstOf(WEEK, '떡볶이');
  assert.match(
    extractCode(plan, 'menu', undefined).step,
    /\.dishes\(\{ row: \['중식', 'B코너'\], column: run\.date \}\)/,
  );
});

test('a day beside a meal in the headers of one row, or of one column, is the day of the run', async () => {
  const days = (cells: (day: string) => string): string => ['11.19(목)', '11.20(금)'].map(cells).join('');
  const down = `<table><tr><th>날짜<th>식사<th>식단</tr>${days(
    (day) => `<tr><th rowspan="2">${day}<th>중식<td>밥 ${day}</tr><tr><th>석식<td>국 ${day}</tr>`,
  )}</table>`;
  assert.deepEqual(await placeOf(down, '국 11.20(금)'), { row: [{ day: true }, '석식'], column: '식단' });
  const across = `<table><thead><tr><th rowspan="2">식당${days((day) => `<th colspan="2">${day}`)}</tr><tr>${days(
    () => '<th>중식<th>석식',
  )}</tr></thead><tr><th>학생식당${days((day) => `<td>밥 ${day}<td>국 ${day}`)}</tr></table>`;
  assert.deepEqual(await placeOf(across, '국 11.20(금)'), { row: '학생식당', column: [{ day: true }, '석식'] });
});

async function placeOf(html: string, text: string): Promise<unknown> {
  const { plan } = await firstOf(html, text);
  return plan.form === 'cell' ? plan.place : plan;
}

test('what reads one day for ever comes after what reads the day of the run, and says which', async () => {
  const page = await pageOf(WEEK, { contentType: 'text/html' });
  const cases: readonly (readonly [day: string, texts: readonly string[]])[] = [
    ['11.20(금)', ['두부 비빔밥']],
    ['11.16(월)', ['된장찌개']],
    ['11.16(월)', ['된장찌개', '비빔국수']],
  ];
  for (const [day, texts] of cases) {
    const proposals = proposed(page, ...texts);
    const [byDay, others] = [proposals.slice(0, texts.length), proposals.slice(texts.length)];
    for (const { plan, fixedTo } of byDay) assert.deepEqual([plan.form, fixedTo], ['cell', undefined]);
    assert.ok(others.length > 0);
    for (const { plan, fixedTo } of others) assert.equal(fixedTo, day, JSON.stringify(plan));
  }
});

test('a column that is called by a day is told as that one day', async () => {
  const row = '<tr><th>A코너<td>밥<td>국</tr>';
  const html = `<table><tr><th>코너<th>11.19(목)<th>11.20(금)</tr>${row}${row.replace('국', '면')}</table>`;
  const proposals = proposed(await pageOf(html, { contentType: 'text/html' }), '면');
  const records = proposals.find(({ plan }) => plan.form === 'records');
  assert.deepEqual(records?.plan, { form: 'records', table: undefined, header: '11.20(금)' });
  assert.equal(records?.fixedTo, '11.20(금)');
});

test('what a page marks as today, or a table of one day, is not bound to a day', async () => {
  const marked = WEEK.replace('<td>보리밥', '<td class="today">보리밥');
  const proposals = proposed(await pageOf(marked, { contentType: 'text/html' }), '두부 비빔밥');
  const today = proposals.filter(({ plan }) => JSON.stringify(plan).includes('.today'));
  assert.ok(today.length > 0);
  for (const { fixedTo } of today) assert.equal(fixedTo, undefined);
  const single = '<table class="a"><tr><th>코너<th>11.20(금)</tr><tr><th>A<td>밥</tr><tr><th>B<td>국</tr></table>';
  const rows = proposed(await pageOf(single, { contentType: 'text/html' }), '밥').filter(
    ({ plan }) => plan.form === 'rows',
  );
  assert.ok(rows.length > 0);
  for (const { fixedTo } of rows) assert.equal(fixedTo, undefined);
});

test('classes that a tool made up are passed over, those that a person gave are taken', async () => {
  const html = LIST(
    (title, at) =>
      `<div class="css-1x2y3z sc-bdVaJa item"><a class="title_k3Jx9 jsx-2871293847" href="/view/${at}">${title}</a></div>`,
    '<div class="css-9f8e7d notices">',
  );
  const { plan } = await firstOf(html, '수강신청');
  assert.deepEqual(plan, {
    form: 'rows',
    container: '.notices',
    row: '.item',
    fields: [
      { role: 'main', source: 'a' },
      { role: 'url', source: 'a@href' },
    ],
  });
});

test('names are told from hashes and from how things look', () => {
  for (const name of ['board', 'td-subject', 'b_title', 'c-menu-dish__title', 'listItem', '공지', 'col-2'])
    assert.ok(isName(name), name);
  for (const name of [
    'css-1x2y3z',
    'sc-bdVaJa',
    'jsx-2871293847',
    'Item_title__3kDf9',
    'post-12345',
    '[',
    'a1b2c3',
    'xkcdqwrt',
  ])
    assert.ok(!isName(name), name);
  for (const name of ['mt-4', 'left', 'first', 'active', 'text-sm', 'w8']) assert.ok(isWeak(name), name);
  for (const name of ['title', 'price', 'menu-list', 'notice']) assert.ok(!isWeak(name), name);
});

test('words that stand in the navigation too are taken from the list', async () => {
  const { items, plan } = await firstOf(
    LIST((title, at) => `<li><a href="/view/${at}">${title}</a></li>`),
    '행사 안내',
  );
  assert.deepEqual(
    items.map(({ title }) => title),
    ['행사 안내', '휴관', '수강신청', '장학금'],
  );
  assert.equal(plan.form === 'rows' && plan.container, 'ul.board');
});

test('one thing is not taken from the navigation either', async () => {
  const { plan } = await firstOf('<nav><b id="now">휴관</b></nav><p class="today">휴관</p>', '휴관');
  assert.deepEqual(plan, { form: 'one', selector: '.today', name: undefined });
});

test('the rows of a head and of an advertisement are left out', async () => {
  const row = (title: string): string =>
    `<tr><td>1</td><td class="subject">${title}</td><td class="date">2026-11-20</td></tr>`;
  const html = `<table class="board"><tr><th>번호</th><th>제목</th><th>날짜</th></tr>${row('휴관')}<tr><td colspan="3">광고</td></tr>${row('장학금')}</table>`;
  const { items } = await firstOf(html, '장학금');
  assert.deepEqual(items, [
    { title: '휴관', date: '2026-11-20' },
    { title: '장학금', date: '2026-11-20' },
  ]);
});

test('what some rows lack is marked so', async () => {
  const html = LIST(
    (title, at) => `<li><b class="name">${title}</b>${at === 1 ? '' : `<i class="price">${at + 1},000원</i>`}</li>`,
  );
  const { items, plan } = await firstOf(html, '수강신청');
  assert.ok(plan.form === 'rows' && plan.fields.some(({ source }) => source === '.price?'));
  assert.equal(items[1]?.['price'], undefined);
  assert.equal(items[2]?.['price'], '3,000원');
});

test('a page without a name anywhere is told by its place, and its table by its header', async () => {
  const plain = LIST((title) => `<div><span>${title}</span></div>`, '<div>');
  assert.deepEqual(
    (await firstOf(plain, '휴관')).items.map(({ text }) => text),
    ['행사 안내', '휴관', '수강신청', '장학금'],
  );
  const table = `<table><tr><th>품목<th>값</tr><tr><td>사과<td>비쌈</tr><tr><td>배<td>쌈</tr></table><table><tr><td>x</table>`;
  const { plan, items } = await firstOf(table, '비쌈');
  assert.deepEqual(plan, { form: 'records', table: 'table:contains("품목"):not(:has(table))', header: '값' });
  assert.deepEqual(items, [{ text: '비쌈' }, { text: '쌈' }]);
});

test('a single price is one thing, with the name of the page', async () => {
  const html = `<div class="product"><h1>녹차 100g</h1><p class="price">12,900원</p></div><p class="price">택배 3,000원</p>`;
  const { plan, kind, items } = await firstOf(html, '12,900원');
  assert.deepEqual(plan, { form: 'one', selector: '.price', name: 'h1' });
  assert.equal(kind, 'price');
  assert.deepEqual(items, [{ name: '녹차 100g', price: 12_900, url: 'https://www.example.ac.kr/list' }]);
});

test('of several words, what holds all of them comes first', async () => {
  const html = `<ul id="one"><li>밥</li><li>국</li></ul><ul id="two"><li>빵</li><li>국</li><li>우유</li></ul>`;
  const page = await pageOf(html, { contentType: 'text/html' });
  const [first] = proposed(page, '국', '우유');
  assert.ok(first?.plan.form === 'rows');
  assert.equal(first.plan.container, '#two');
  assert.equal(first.holds, 2);
});

test('words that stand in one row become fields of it, called as their classes are', async () => {
  const row = (dish: string, corner: string): string => `<li><b>${dish}</b> <i class="corner-name">${corner}</i></li>`;
  const html = `<ul class="menu">${row('김밥', '한식')}${row('짜장', '중식')}${row('우동', '일식')}</ul>`;
  const { items } = await firstOf(html, '짜장', { texts: ['짜장', '중식'], kind: 'menu' });
  assert.deepEqual(items[2], { dish: '우동', cornerName: '일식' });
});

test("the author's own selector names the rows", async () => {
  const html = LIST((title, at) => `<li class="post"><a href="/view/${at}">${title}</a></li>`);
  const { plan, items } = await firstOf(html, '휴관', { selector: 'li.post', texts: [] });
  assert.ok(plan.form === 'rows');
  assert.deepEqual([plan.container, plan.row], ['ul.board', 'li.post']);
  assert.equal(items.length, 4);
});

test('a feed needs no words, and data in a script is found where the page does not show it', async () => {
  const rss = `<rss version="2.0"><channel><title>소식</title><item><title>휴관</title><link>https://example.com/1</link></item></channel></rss>`;
  const [feed] = proposed(await pageOf(rss, { contentType: 'application/rss+xml' }));
  assert.deepEqual([feed?.plan.form, feed?.kind, feed?.items.length], ['feed', 'notices', 1]);
  const script = `<div id="app"></div><script>window.DATA = {"list":[{"title":"휴관","id":7},{"title":"장학금","id":8}]};</script>`;
  const { plan, items } = await firstOf(script, '장학금');
  assert.ok(plan.form === 'json' && plan.json.embedded === 'DATA');
  assert.deepEqual(items, [
    { title: '휴관', id: 7 },
    { title: '장학금', id: 8 },
  ]);
});

test('words that are not there give nothing, and many places at most five', async () => {
  const page = await pageOf('<ul><li>밥</li><li>국</li></ul>', { contentType: 'text/html' });
  assert.deepEqual(proposed(page, '김치'), []);
  assert.deepEqual(proposed(page, ''), []);
  const many = await pageOf(`<div>${'<ul class="a"><li><b>국</b></li><li>밥</li></ul>'.repeat(30)}</div>`, {
    contentType: 'text/html',
  });
  assert.ok(proposed(many, '국').length <= 5);
});

test('a large page takes seconds at most', async () => {
  const row = (at: number): string =>
    `<tr><td>${at}</td><td><a href="/v/${at}">글 ${at}</a></td><td>2026-11-20</td></tr>`;
  const html = `<div><div><table><tbody>${Array.from({ length: 8000 }, (_, at) => row(at)).join('')}</tbody></table></div></div>`;
  const page = await pageOf(html, { contentType: 'text/html' });
  const begun = performance.now();
  assert.equal(proposed(page, '글 4321')[0]?.items.length, 8000);
  assert.ok(performance.now() - begun < 15_000);
});
