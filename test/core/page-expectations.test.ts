import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Page } from '../../src/core/page.ts';
import { toPage } from '../../src/io/fetching.ts';
import { fetching, serve } from '../io/http-local.ts';

const PAGES = join(import.meta.dirname, '../../../shared/pages');
const shared = existsSync(PAGES) ? {} : { skip: '../shared is absent' };

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.json': 'application/json',
  '.xml': 'text/xml',
  '.rss': 'application/rss+xml',
  '.atom': 'application/atom+xml',
};

interface Expectation {
  readonly file: string;
  readonly expect: Readonly<Record<string, string | readonly string[]>>;
  readonly must_not: readonly string[];
}

function readExpectations(): readonly Expectation[] {
  if (!existsSync(PAGES)) return [];
  const all: readonly Expectation[] = JSON.parse(readFileSync(join(PAGES, 'expectations.json'), 'utf8'));
  return all.filter(({ file }) => extname(file) in TYPES);
}

/** Over a real socket, decoded and read as for a job. */
async function fetchPage(t: TestContext, file: string): Promise<Page> {
  const { origin } = await serve(t, (response) => {
    response.setHeader('content-type', TYPES[extname(file)] ?? '');
    response.end(readFileSync(join(PAGES, file)));
  });
  return toPage(await fetching(t).session.get(`${origin}/${file}`));
}

function readEverything(page: Page, file: string): string {
  if (file.endsWith('.json')) return squeeze(valuesOf(page.json()).join('\n'));
  const attributes = page.all('*').flatMap((hit) => Object.keys(hit.$.attr() ?? {}).map((name) => hit.attr(name)));
  const body = page.maybe('body') ?? page.one(':root');
  return squeeze([page.title ?? '', body.text, ...attributes].join('\n'));
}

function valuesOf(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => [key, ...valuesOf(inner)]);
  }
  return [String(value)];
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ');
}

describe('what a person takes from a real page comes out of it', shared, () => {
  const expectations = readExpectations();

  test('there are pages to read', () => assert.ok(expectations.length >= 40, `${expectations.length} pages`));

  for (const { file, expect, must_not: mustNot } of expectations) {
    test(file, async (t) => {
      const everything = readEverything(await fetchPage(t, file), file);
      for (const [what, texts] of Object.entries(expect)) {
        for (const text of [texts].flat()) assert.ok(everything.includes(squeeze(text)), `${what}: ${text}`);
      }
      for (const text of mustNot) assert.ok(!everything.includes(squeeze(text)), `not ${text}`);
    });
  }
});

describe('jobs on real pages', shared, () => {
  test('the menu of a cafeteria whose table has no th', async (t) => {
    const table = (await fetchPage(t, 'menu/dgu-sangnokwon-mobile.html')).table('li table');
    assert.deepEqual(
      table.rows.map((row) => row[0]),
      ['구분', '집밥', '한그릇 (한정판매)'],
    );
    assert.deepEqual(table.headers, ['구분', '중식', '석식']);
    const lunch = table.hit({ row: '집밥', column: '중식' }).lines;
    assert.deepEqual([lunch[0], lunch[2], lunch.at(-1)], ['쇠고기국밥(뚝)', '명란계란말이', '￦ 7,000']);
    assert.equal(table.cell({ row: '한그릇', column: '석식' }), '');
    assert.equal(table.records()[0]?.['석식']?.startsWith('간장파불고기(뚝)'), true);
  });

  test('a week of meals', async (t) => {
    const table = (await fetchPage(t, 'menu/ssu-dorm-week-trimmed.html')).table('table.boxstyle02');
    assert.equal(table.cell({ row: /2026-06-01/, column: '중식' }), '김치콩나물국 소불고기 요구르트');
    assert.deepEqual(table.hit({ row: /2026-06-02/, column: '석식' }).lines, ['돼지고기김치찌개', '계란말이']);
    assert.equal(table.cell({ row: /2026-06-01/, column: '야식' }), '');
    assert.throws(
      () => table.cell({ row: /2026-06-03/, column: '중식' }),
      /Its rows are "2026-06-01 \(월\)", "2026-06-02 \(화\)"/,
    );
  });

  test('a canteen among several, each with a title row', async (t) => {
    const page = await fetchPage(t, 'menu/inu-coop-2021-03-15.html');
    const canteen = page.table('table:has(td:contains("학생식당")):not(:has(table))');
    assert.match(canteen.rows[2]?.[0] ?? '', /목살고추장찌개/);
    assert.match(canteen.cell({ row: /천원의아침/, column: /2코너 중식/ }), /./);
  });

  test('a notice board: rows with absolute links', async (t) => {
    const page = await fetchPage(t, 'notice/konkuk-cse-notice-2026-page1.html');
    const rows = page.rows('table.board-table', 'tbody > tr', {
      number: '.td-num',
      title: '.td-subject strong',
      link: '.td-subject a@href',
      date: '.td-date',
      file: '.td-file span?',
    });
    const { origin } = new URL(page.url);
    assert.deepEqual(rows[0], {
      number: '일반공지',
      title: '2026 건국대학교 가이드북 배포 안내(신입생, 재학생)',
      link: `${origin}/bbs/cse/775/1167245/artclView.do`,
      date: '2026.02.10',
      file: '2',
    });
    assert.ok(rows.length >= 10);
  });

  test('an empty notice board gives no rows, and a renamed one an error that knows better', async (t) => {
    const page = await fetchPage(t, 'notice/konkuk-cse-notice_empty_tbody.html');
    assert.deepEqual(page.rows('table.board-table tbody', 'tr', { title: 'a' }), []);
    assert.deepEqual(page.table('table.board-table').records(), []);
    assert.throws(() => page.rows('table.boardTable tbody', 'tr', { title: 'a' }), /`table\.board-table tbody` \(1\)/);
  });

  test('an old notice board says the same as its saved answers', async (t) => {
    const page = await fetchPage(t, 'notice/konkuk-old-chinese.html');
    const records = page.table('table.board').records();
    const answers = records.map((_, index): { subject: string; postedDate: string } =>
      JSON.parse(readFileSync(join(PAGES, `notice/konkuk-old-chinese-answers/${index + 1}.json`), 'utf8')),
    );
    assert.equal(answers.length, 20);
    assert.deepEqual(
      records.map((row) => ({ subject: row['제목'], postedDate: row['등록일'] })),
      answers.map(({ subject, postedDate }) => ({ subject, postedDate })),
    );
  });

  test('school meals from an API', async (t) => {
    const page = await fetchPage(t, 'menu/neis-meal-20250507.json');
    assert.match(JSON.stringify(page.json()), /스파게티\*소시지\*루꼴라/);
    assert.throws(() => page.one('.meal'), /is JSON.*page\.json\(\)/);
  });
});
