// What the examples of the docstrings find: one cafeteria's site on loopback that answers for every host, and the names
// they use without making them: a page, a run, items.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { defineJob, type Get, getOf, type Hit, type Page, pageOf } from 'talkbell';
import { isProxy } from '../src/core/proxy.ts';
import { toPage } from '../src/io/fetching.ts';
import { pdfOf } from './core/pdf-fixture.ts';
import { fetching, type Seen, serve } from './io/http-local.ts';
import { runOf } from './jobs/job-fixture.ts';

/** The page of an address that no other rule names, and of `menu.html`. */
export const MENU = `<!doctype html><html lang="ko"><head><title>오늘의 식단</title>
<meta charset="utf-8"><meta name="csrf-token" content="k7"><meta property="og:image" content="/photo.jpg">
<script type="application/ld+json">{"@type":"Product","name":"돈까스","offers":{"@type":"Offer","price":"5500"}}</script>
<script id="__NEXT_DATA__" type="application/json">{"props":{"date":"2026-11-20"}}</script>
<script>var menuData = [{"dish":"김치찌개"}];</script></head><body>
<h2>점심</h2><p class="week">2026-11-19</p>
<div id="menu"><ul id="lunch">
<li data-id="1"><a href="/dish/1"><b class="name">김치찌개</b></a> <span class="price">4,000원</span></li>
<li data-id="2"><a href="/dish/2"><b class="name">돈까스</b></a> <span class="price">5,500원</span></li></ul></div>
<p class="notice-closed">11월 21일은 휴무입니다.</p>
<ul id="photos"><li><b>김치찌개</b><img src="/photo/1.jpg" alt=""></li></ul>
<table class="today"><tr><td>김치찌개<br>돈까스</td></tr></table>
<dl><dt>가격</dt><dd>4,000원</dd></dl>
<section id="week"><table class="week">
<tr><th></th><th>11.19(목)</th><th>11.20(금)</th></tr>
<tr><th>조식</th><td>토스트<br>우유</td><td>미운영</td></tr>
<tr><th>중식</th><td>비빔밥</td><td class="lunch">김치찌개 (5.9.)<br>소불고기<br>요구르트</td></tr>
<tr><th>석식</th><td>카레</td><td>잔치국수</td></tr></table></section>
<table class="month"><tr><th>날짜</th><th>끼니</th><th>식단</th></tr>
<tr><th rowspan="2">11월 19일</th><th>중식</th><td>비빔밥</td></tr><tr><th>석식</th><td>카레</td></tr>
<tr><th rowspan="2">11월 20일</th><th>중식</th><td>김치찌개</td></tr><tr><th>석식</th><td>잔치국수</td></tr></table>
<table class="corners"><tr><th>1코너 중식</th><th>2코너 중식</th></tr>
<tr><td>[한식]<br>쌀밥<br>된장국<br>4,000원<br>[양식]<br>돈까스<br>샐러드<br>5,500원</td><td>라면</td></tr></table>
<table class="board"><tr><th>번호</th><th>제목</th><th>작성일</th></tr>
<tr><td>12</td><td><a href="/board/12">식당 휴무</a></td><td>2026-11-20</td></tr>
<tr><td>11</td><td><a href="/board/11">겨울 식단</a></td><td>2026-11-18</td></tr></table>
<a class="next" href="?page=2">다음</a><div class="menu"><img src="/menu.png" alt=""></div></body></html>`;

const FEED = `<rss version="2.0"><channel><title>공지</title><link>https://example.ac.kr/</link>
<item><guid>12</guid><title>식당 휴무</title><link>https://example.ac.kr/board/12</link></item></channel></rss>`;

const LOGIN = '<form method="post" action="/login"><input name="id"><input name="password" type="password"></form>';

export const PDF = pdfOf([
  [
    ...['11.19(목)', '11.20(금)'].map((text, column) => ({ text, x: 160 + column * 120, y: 100 })),
    ...['조식', '중식', '석식'].map((text, row) => ({ text, x: 60, y: 130 + row * 30 })),
    ...['토스트', '비빔밥', '카레'].map((text, row) => ({ text, x: 160, y: 130 + row * 30 })),
    ...['우유', '김치찌개', '잔치국수'].map((text, row) => ({ text, x: 280, y: 130 + row * 30 })),
  ],
]);

/** Eight bytes are enough to be known for a PNG. */
const PICTURE = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

interface Thing {
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly photo: string;
  readonly address: string;
  readonly eventId: string;
  readonly price: string;
  readonly won: number;
  readonly seat: string;
  readonly free: number;
  readonly currency: string;
  readonly rate: string;
  readonly station: string;
  readonly dust: number;
  readonly dish: string;
  readonly dishes: readonly string[];
}

const thing: Thing = {
  name: '도라지차',
  title: '식당 휴무',
  url: 'https://example.ac.kr/board/12',
  photo: 'https://example.ac.kr/photo.jpg',
  address: '서울 마포구 월드컵로 1',
  eventId: 'event_1',
  price: '9,900원',
  won: 9900,
  seat: 'A1',
  free: 3,
  currency: 'USD',
  rate: '1,480.50',
  station: '마포',
  dust: 81,
  dish: '김치찌개',
  dishes: ['김치찌개', '돈까스'],
};

/** What the job around an example finds: an example names the fields it needs. */
export const items: readonly Thing[] = [
  thing,
  { ...thing, name: '유자차', title: '겨울 식단', url: 'https://example.ac.kr/board/11', seat: 'A2', currency: 'JPY' },
];

export const run = runOf('lunch');

const job = defineJob({
  schedule: { lunch: '20 11 * * 1-5' },
  to: 'me',
  fetch: (get) => get('https://dorm.example.ac.kr/menu'),
  extract: (page) => page.rows('#lunch', 'li', { dish: '.name', price: '.price' }),
  render: (found) => found.map(({ dish }) => dish).join('\n'),
});

/** The names an example may use without making them. */
export interface Scene {
  readonly get: Get;
  readonly run: typeof run;
  readonly job: typeof job;
  readonly page: Page;
  readonly pdf: Page;
  readonly row: Hit;
  readonly url: string;
  readonly title: string;
}

/** What a kind of page has that no other has is asked of a page of that kind. */
const PAGES: Readonly<Record<string, string>> = {
  'Page.pages': '/menu.pdf',
  'Page.feed': '/feed.xml',
  'Page.json': '/menu.json',
  'Page.filename': '/menu.hwp',
};

export async function openScene(t: TestContext): Promise<(name: string) => Promise<Scene>> {
  const get = await openGet(t);
  const pdf = await pageOf(PDF);
  return async (name) => {
    const page = await get(`https://dorm.example.ac.kr${PAGES[name] ?? '/menu'}`);
    const row = (await get('https://dorm.example.ac.kr/menu')).one('#lunch li');
    return { get, run, job, page, pdf, row, url: page.url, title: '오늘의 점심' };
  };
}

/** The real fetcher, whose every request goes to loopback. Pages keep the address that was asked for. */
async function openGet(t: TestContext): Promise<Get> {
  const local = await serve(t, (response, seen) => {
    const { status = 200, type = 'text/html; charset=utf-8', body, headers } = replyTo(seen);
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  });
  const { session } = fetching(t, {});
  return getOf(async (asked, { proxy, render, ...options } = {}) => {
    // No proxy of that name answers, and a browser is the matter of a test of its own.
    assert.ok(proxy === undefined || isProxy(proxy), 'the proxy is no address of one');
    const { pathname, search } = new URL(asked);
    const came = await session.get(`${local.origin}${pathname}${search}`, options);
    const page = await toPage({ ...came, url: new URL(asked).href });
    if (typeof render === 'object') page.one(render.waitFor);
    return page;
  });
}

interface Reply {
  readonly status?: number;
  readonly type?: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const PASSWORD = 'open-sesame';
const BASIC = `Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}`;
const HWP = { 'content-disposition': 'attachment; filename=menu.hwp' };

/** What an example that is wrong is refused, so that it fails. */
const REFUSED: Reply = { status: 403, body: '<p>refused</p>' };

const REPLIES: Readonly<Record<string, (seen: Seen) => Reply>> = {
  '/menu.pdf': () => ({ type: 'application/pdf', body: PDF }),
  '/menu.png': () => ({ type: 'image/png', body: PICTURE }),
  '/menu.hwp': () => ({ type: 'application/x-hwp', body: 'HWP Document File', headers: HWP }),
  '/menu.json': () => ({ type: 'application/json', body: JSON.stringify({ meals: ['김치찌개', '돈까스'] }) }),
  '/feed.xml': () => ({ type: 'application/rss+xml', body: FEED }),
  '/ocr': ({ method }) =>
    method === 'POST' ? { type: 'text/plain; charset=utf-8', body: '김치찌개 \n\n 돈까스' } : REFUSED,
  '/api': ({ body, headers }) =>
    headers['x-csrf-token'] === 'k7' && body === '{"day":1}' ? { type: 'application/json', body } : REFUSED,
  '/members': ({ headers }) => (headers.authorization === BASIC ? { body: MENU } : REFUSED),
  '/grades': ({ headers }) => ({ body: headers.cookie === 'session=1' ? '<p class="grade">A+</p>' : LOGIN }),
  '/login': ({ body }) =>
    body === `id=me&password=${PASSWORD}` ? { body: '', headers: { 'set-cookie': 'session=1; Path=/' } } : REFUSED,
};

function replyTo(seen: Seen): Reply {
  const [path = ''] = seen.url.split('?');
  return REPLIES[path]?.(seen) ?? { body: MENU };
}

/** The settings and secrets that examples ask for. */
export const SETTINGS: Readonly<Record<string, string>> = {
  SITE_PASSWORD: PASSWORD,
  PROXY_PASSWORD: 'tunnel',
  CAFETERIA_URL: 'https://dorm.example.ac.kr/menu',
  NEIS_KEY: 'neis-key',
};
