import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Page } from '../../src/core/page.ts';
import type { FeedItem } from '../../src/core/page-feed.ts';
import { toPage } from '../../src/io/fetching.ts';
import { fetching, serve } from '../io/http-local.ts';

const NOTHING = {
  title: undefined,
  link: undefined,
  published: undefined,
  summary: undefined,
  author: undefined,
  categories: undefined,
  image: undefined,
};

const PAGES = join(import.meta.dirname, '../../../shared/pages');
const shared = existsSync(PAGES) ? {} : { skip: '../shared is absent' };
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.xml': 'text/xml',
  '.rss': 'application/rss+xml',
  '.atom': 'application/atom+xml',
};

interface Expected {
  readonly items: number;
  readonly charset?: string;
  /** Of the feed, then of the first item. */
  readonly title?: string;
  readonly first?: Partial<FeedItem>;
}

const FEEDS: Readonly<Record<string, Expected | RegExp>> = {
  'feeds/geeknews-feed.xml': {
    items: 3,
    title: 'GeekNews - 개발/기술/스타트업 뉴스 서비스',
    first: {
      title: 'Ask GN: 기억이 안나는 웹사이트를 찾고 있습니다.',
      link: 'https://news.hada.io/topic?id=28441',
      published: '2026-04-12T13:53:56.000Z',
      author: 'princox',
    },
  },
  'feeds/huginn/onethingwell.rss': {
    items: 20,
    first: { title: 'CSVfix', categories: ['csv', 'crossplatform', 'utilities'] },
  },
  'feeds/huginn/podcast.rss': {
    items: 4,
    first: { author: 'John Doe', image: 'http://example.com/podcasts/everything/AllAboutEverything/Episode1.jpg' },
  },
  'feeds/huginn/slickdeals.atom': { items: 79, title: 'SlickDeals.net' },
  'feeds/miniflux/encoding-invalid-prolog.xml': { items: 1, title: '테스트 피드', first: { title: 'Café' } },
  'feeds/miniflux/encoding-iso-8859-1-meta-after-1024.html': /is HTML, not a feed/,
  'feeds/miniflux/encoding-iso-8859-1.html': /is HTML, not a feed/,
  'feeds/miniflux/encoding-iso-8859-1.xml': { items: 0, title: 'Café', charset: 'windows-1252' },
  'feeds/miniflux/encoding-utf8-incorrect-prolog.xml': { items: 1, title: '테스트 피드', charset: 'utf-8' },
  'feeds/miniflux/encoding-windows-1252-incorrect-prolog.xml': { items: 0, title: 'Euro €' },
  'feeds/miniflux/parser-encoding_ISO-8859-1.xml': { items: 40, title: 'Golem.de', charset: 'windows-1252' },
  'feeds/miniflux/parser-encoding_WINDOWS-1251.xml': {
    items: 50,
    first: { title: 'Цитата #17703' },
    charset: 'windows-1251',
  },
  'feeds/miniflux/parser-no_encoding_ISO-8859-1.xml': { items: 9, first: { published: '2018-10-17T10:30:00.000Z' } },
  'feeds/miniflux/parser-urdu_UTF8.xml': { items: 26, first: { link: 'http://www.bbc.com/urdu/pakistan-42575603' } },
  'feeds/miniflux/xml-iso88591.xml': /is XML, not a feed/,
  'feeds/miniflux/xml-iso88591_utf8_mismatch.xml': /is XML, not a feed/,
  'feeds/miniflux/xml-koi8r.xml': {
    items: 2,
    title: 'Пример RSS ленты',
    first: { title: 'Первая новость' },
    charset: 'koi8-r',
  },
  'feeds/rss-parser/content-encoded.rss': { items: 7, first: { title: 'THE CREATIVE FORAGER', author: 'Jeremy Puma' } },
  'feeds/rss-parser/craigslist.rss': {
    items: 25,
    first: { link: 'http://sfbay.craigslist.org/eby/apa/6186664607.html', published: '2017-06-21T17:33:10.000Z' },
  },
  'feeds/rss-parser/giantbomb-podcast.rss': { items: 730, first: { title: 'Giant Bombcast 603: Call of Tuesday' } },
  'feeds/rss-parser/guardian.rss': { items: 55, first: { author: 'David Smith in Washington' } },
  'feeds/rss-parser/gulp-atom.atom': { items: 10, first: { title: 'v3.9.0', author: 'contra' } },
  'feeds/rss-parser/heise.atom': { items: 15, first: { published: '2016-02-01T16:22:00.000Z' } },
  'feeds/rss-parser/missing-fields.atom': {
    items: 1,
    first: { ...NOTHING, id: 'tag:github.com,2008:Repository/11167738/v3.9.0' },
  },
  'feeds/rss-parser/pagination-links.rss': { items: 1, first: { link: 'https://example.test/episode?id=283843' } },
  'feeds/rss-parser/rss-1.rss': { items: 69, title: 'Science twis', first: { author: 'Hines, P. J.' } },
  'charset/cp949/ricanet.com.xml': { items: 10, title: '리카넷', charset: 'cp949' },
  'charset/euc-kr/blog.rss.naver.com.xml': { items: 10, title: 'alphathinker님의 블로그', charset: 'cp949' },
  'charset/shift_jis/milliontimes.jp.xml': { items: 15, title: 'コラム', charset: 'shift_jis' },
  'charset/gb2312/softsea.net.xml': { items: 100, title: '系统工具', charset: 'gb18030' },
  'charset/euc-jp/siesta.co.jp.aozora.xml': { items: 20, title: 'aozora blog', charset: 'euc-jp' },
};

/** Over a real socket, without a charset in the header: the XML declaration has to say it. */
async function fetchFeed(t: TestContext, file: string): Promise<Page> {
  const { origin } = await serve(t, (response) => {
    response.setHeader('content-type', TYPES[extname(file)] ?? '');
    response.end(readFileSync(join(PAGES, file)));
  });
  return toPage(await fetching(t).session.get(`${origin}/${file}`));
}

function check(page: Page, { items: count, title, charset, first = {} }: Expected): void {
  const feed = page.feed();
  assert.equal(feed.items.length, count);
  if (title !== undefined) assert.equal(feed.title, title);
  if (charset !== undefined) assert.equal(page.charset, charset);
  assert.deepEqual({ ...feed.items[0], ...first }, { ...feed.items[0] });
  for (const { link = 'https://', summary = '', published = '2026-01-01' } of feed.items) {
    assert.match(link, /^https?:\/\//);
    assert.doesNotMatch(summary, /<\/?(?:p|div|a|img|br)\b/i);
    assert.match(published, /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d\.000Z)?$/);
  }
}

describe('feeds of the world, fetched', shared, () => {
  test('every saved feed is among them', () => {
    const all = globSync('feeds/**/*.{xml,rss,atom,html}', { cwd: PAGES });
    assert.deepEqual(
      all.filter((file) => FEEDS[file] === undefined),
      [],
    );
  });

  for (const [file, expected] of Object.entries(FEEDS)) {
    test(file, async (t) => {
      const page = await fetchFeed(t, file);
      if (expected instanceof RegExp) assert.throws(() => page.feed(), expected);
      else check(page, expected);
    });
  }
});
