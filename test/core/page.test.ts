import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { ExtractError } from '../../src/core/errors.ts';
import { pageOf, URL_OF_PAGE } from './page-fixture.ts';

const MENU = `<!doctype html><title> 오늘의
  식단 </title><body>
<p class="week">2026-11-20</p>
<ul id="lunch" class="menu_list">
  <li data-id="7"><b class="name">김치<i>찌개</i></b> <span class="price">4,500원</span> <a href="/d/1?x=1&amp;y=2">상세</a></li>
  <li data-id="8"><b class="name">돈까스&nbsp;정식</b> <a name="top"></a> <a href="d/2">상세</a></li>
</ul>
<ul id="dinner" class="menu_list"></ul>`;

async function failure(act: () => unknown): Promise<ExtractError> {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof ExtractError, `an ExtractError, not ${String(error)}`);
    return error;
  }
  assert.fail('nothing was thrown');
}

test('one gives the first match, maybe nothing, all every match', async () => {
  const page = await pageOf(MENU);
  assert.equal(page.one('.week').text, '2026-11-20');
  assert.equal(page.maybe('.closed'), undefined);
  assert.deepEqual(page.all('#lunch .name').map(String), ['김치찌개', '돈까스 정식']);
  assert.equal(page.one('#lunch').one('li').one('.price').text, '4,500원');
  assert.equal(page.title, '오늘의 식단');
});

test('rows gives typed records: required, optional, attribute, own attribute and function fields', async () => {
  const page = await pageOf(MENU);
  const rows = page.rows('#lunch', 'li', {
    dish: '.name',
    price: '.price?',
    link: 'a@href',
    id: '@data-id',
    all: '',
    length: (row) => row.one('.name').text.length,
  });
  const typed: { dish: string; price: string | undefined; link: string; id: string; all: string; length: number }[] =
    rows;
  assert.deepEqual(typed, [
    {
      dish: '김치찌개',
      price: '4,500원',
      link: 'https://dorm.example.ac.kr/d/1?x=1&y=2',
      id: '7',
      all: '김치찌개 4,500원 상세',
      length: 4,
    },
    {
      dish: '돈까스 정식',
      price: undefined,
      link: 'https://dorm.example.ac.kr/menu/d/2',
      id: '8',
      all: '돈까스 정식 상세',
      length: 6,
    },
  ]);
  // @ts-expect-error an optional field may be undefined
  const price: string | number = rows[0]?.price;
  assert.equal(price, '4,500원');
});

test('a container without rows gives no rows; a container that is missing is an error', async () => {
  const page = await pageOf(MENU);
  assert.deepEqual(page.rows('#dinner', 'li', { dish: '.name' }), []);
  assert.deepEqual(page.all('#dinner', 'li'), []);
  assert.deepEqual(page.one('#dinner').rows('li', { dish: '.name' }), []);
  const error = await failure(() => page.rows('#diner', 'li', { dish: '.name' }));
  assert.match(error.message, /no element matches `#diner`\. Nearest that do exist: `#dinner` \(1\)/);
  assert.match((await failure(() => page.all('#diner', 'li'))).message, /`#diner`/);
});

test('what is missing is told with URL, selector and the nearest selectors that exist', async () => {
  const page = await pageOf(MENU);
  const error = await failure(() => page.one('.menu-list li'));
  assert.equal(error.url, URL_OF_PAGE);
  assert.equal(error.selector, '.menu-list li');
  assert.equal(
    error.message,
    `${URL_OF_PAGE}: no element matches \`.menu-list li\`. Nearest that do exist: \`.menu_list li\` (2), \`li\` (2).`,
  );
  assert.match((await failure(() => page.all('.nowhere'))).message, /`\.nowhere`/);
});

test('a field missing in a row is told with the row, its beginning and what the row has', async () => {
  const page = await pageOf(MENU);
  const { message, selector } = await failure(() => page.rows('#lunch', 'li', { dish: '.name', price: '.price' }));
  assert.equal(selector, '.price');
  assert.match(message, /in row 2 of `li` in `#lunch` \("돈까스 정식 상세"\), no element matches `\.price`/);
  assert.match(message, /What exists there: `a` \(2\), `b\.name` \(1\)\./);
});

test('an attribute that is missing is told with those that exist', async () => {
  const page = await pageOf(MENU);
  const expected = /the <li> at `li` has no attribute `href`\. It has `data-id`\./;
  assert.match((await failure(() => page.one('li').attr('href'))).message, expected);
  assert.match((await failure(() => page.one('li@href'))).message, expected);
  assert.match(
    (await failure(() => page.rows('#lunch', 'li', { x: '.name@title' }))).message,
    /<b> at `\.name` in row 1 of `li` in `#lunch` .* has no attribute `title`/,
  );
  assert.equal(page.maybe('li@href'), undefined);
});

test('a field that is there but empty is an empty string', async () => {
  const page = await pageOf('<ul id="x"><li><b></b></li></ul>');
  assert.deepEqual(page.rows('#x', 'li', { name: 'b', note: 'i?' }), [{ name: '', note: undefined }]);
});

test('a selector that is no selector is told with the place where it breaks', async () => {
  const page = await pageOf(MENU);
  const cases = [
    ['li[href=', /`li\[href=` is not a CSS selector: it cannot be read from character 3, `\[href=`/],
    ['ul > li:foo(3)', /from character 8, `:foo\(3\)` \(Unknown pseudo-class :foo\)/],
    ['a::text', /from character 2, `::text`/],
    [')', /from character 1, `\)`/],
  ] as const;
  for (const [selector, expected] of cases) {
    for (const act of [
      () => page.one(selector),
      () => page.all('body', selector),
      () => page.rows('body', selector, {}),
    ]) {
      const error = await failure(act);
      assert.match(error.message, expected);
      assert.equal(error.selector, selector);
    }
  }
  assert.match((await failure(() => page.one(''))).message, /names no element/);
  assert.match((await failure(() => page.one('@href'))).message, /names no element/);
});

test('a page that scripts fill says so', async () => {
  const page = await pageOf('<body><main></main><script>render()</script>');
  assert.match((await failure(() => page.one('.menu'))).message, /content is probably loaded later/);
});

test('addresses are absolute against base, everything else stays as it is', async () => {
  const page =
    await pageOf(`<base href="../files/"><a id="a" href=" b c.html "></a><a id="j" href="javascript:go('1')"></a>
    <a id="m" href="mailto:a@b.kr"></a><a id="bad" href="http://[bad"></a><a id="e" href=""></a><a id="q" href="?p=2"></a>
    <img src="//cdn.example.kr/1.png" data-src="/2.png" alt="x/y" data-id="3" srcset="s.jpg, l,arge.jpg 2x,n.jpg 3x">
    <form action="/go"><button formaction="x"></button></form><video poster="p.jpg"></video><object data="o.svg"></object>
    <p data="o.svg"></p>`);
  const at = (field: string) => page.one(field).text;
  assert.equal(page.base, 'https://dorm.example.ac.kr/files/');
  assert.equal(at('#a@href'), 'https://dorm.example.ac.kr/files/b%20c.html');
  assert.equal(at('#j@href'), "javascript:go('1')");
  assert.equal(at('#m@href'), 'mailto:a@b.kr');
  assert.equal(at('#bad@href'), 'http://[bad');
  assert.equal(at('#e@href'), '');
  assert.equal(at('#q@href'), 'https://dorm.example.ac.kr/files/?p=2');
  assert.equal(at('img@src'), 'https://cdn.example.kr/1.png');
  assert.equal(at('img@data-src'), 'https://dorm.example.ac.kr/2.png');
  assert.equal(at('img@alt'), 'x/y');
  assert.equal(at('img@data-id'), '3');
  const files = 'https://dorm.example.ac.kr/files';
  assert.equal(at('img@srcset'), `${files}/s.jpg, ${files}/l,arge.jpg 2x, ${files}/n.jpg 3x`);
  assert.equal(at('form@action'), 'https://dorm.example.ac.kr/go');
  assert.equal(at('button@formaction'), `${files}/x`);
  assert.equal(at('video@poster'), `${files}/p.jpg`);
  assert.equal(at('object@data'), `${files}/o.svg`);
  assert.equal(at('p@data'), 'o.svg');
  assert.deepEqual((await pageOf('<a href=/x>')).all('a@href').map(String), ['https://dorm.example.ac.kr/x']);
});

test('letters in a query are written in the charset of the page, as browsers do', async () => {
  const text = '<a href="/검색?q=한글&amp;x=1#앵커">';
  const cp949 = await pageOf(text, { charset: 'cp949' });
  const path = 'https://dorm.example.ac.kr/%EA%B2%80%EC%83%89';
  assert.equal(cp949.one('a@href').text, `${path}?q=%C7%D1%B1%DB&x=1#%EC%95%B5%EC%BB%A4`);
  const utf8 = await pageOf(text);
  assert.equal(utf8.one('a@href').text, `${path}?q=%ED%95%9C%EA%B8%80&x=1#%EC%95%B5%EC%BB%A4`);
  assert.match((await pageOf('<a href="?q=😀">', { charset: 'cp949' })).one('a@href').text, /q=%F0%9F%98%80$/);
});

test('a base that is no web address is not believed', async () => {
  for (const href of ['javascript:1', 'data:text/html,x', 'http://[bad']) {
    assert.equal((await pageOf(`<base href="${href}"><p>`)).base, URL_OF_PAGE);
  }
});

test('text is what a person reads, lines are its lines', async () => {
  const page =
    await pageOf(`<div id=x>  가&nbsp;나<!-- 비밀 --><script>1</script><style>a{}</style><template>t</template>
    <noscript><p>no</p></noscript><b>다</b><i>라</i><br>마<br/>
    바<div>사</div>아<table><tr><td>자</td><td>차\u200b카</td></tr></table><svg><title>그림</title></svg></div>`);
  assert.equal(page.one('#x').text, '가 나 다라 마 바 사 아 자 차카');
  assert.deepEqual(page.one('#x').lines, ['가 나', '다라', '마', '바', '사', '아', '자', '차카']);
  assert.equal(page.one('#x script').text, '1');
  assert.equal(`${page.one('#x b')}`, '다');
  assert.equal(page.one('#x b').html, '다');
});

test('html keeps Korean letters as they are', async () => {
  const page = await pageOf('<p>한글 &lt; <b title="&quot;값&quot;">값</b></p>');
  assert.equal(page.one('p').html, '한글 &lt; <b title="&quot;값&quot;">값</b>');
  assert.equal((await pageOf('<rss><t>한글</t></rss>')).one('rss').html, '<t>한글</t>');
});

test('a selector after @ signs in brackets or with an escape is not an attribute', async () => {
  const page = await pageOf('<a href="mailto:x@y.kr" class="m@d">쓰기</a>');
  assert.equal(page.one('a[href*="@y"]').text, '쓰기');
  assert.equal(page.one('.m\\@d').text, '쓰기');
  assert.equal(page.one('a[href*="@y"]@class').text, 'm@d');
});

test('json reads JSON and checks it with a schema', async () => {
  const headers = { 'content-type': 'application/json' };
  const page = await pageOf('\uFEFF{"meals":[{"dish":"밥","price":1}]}', { headers });
  const schema = z.object({ meals: z.array(z.object({ dish: z.string(), price: z.number() })) });
  assert.deepEqual(page.json(), { meals: [{ dish: '밥', price: 1 }] });
  assert.equal(page.json(schema).meals[0]?.dish, '밥');
  const strict = z.object({ meals: z.array(z.object({ dish: z.string(), price: z.string() })) });
  const error = await failure(() => page.json(strict));
  assert.equal(error.url, URL_OF_PAGE);
  assert.match(error.message, /At `meals\[0\]\.price`: .*expected string/);
  assert.match((await failure(() => page.json({ parse: () => assert.fail('무효') }))).message, /schema says\. 무효/);
});

test('json of what is not JSON says what the page is', async () => {
  const page = await pageOf('<html><p>점검 중입니다');
  assert.match(
    (await failure(() => page.json())).message,
    /is not JSON\. It begins with "<html><p>점검 중입니다" and is said to be text\/html/,
  );
  assert.match((await failure(async () => (await pageOf('')).json())).message, /It is empty/);
});

test('a JSON page has no elements and says to use json, whatever its content type', async () => {
  for (const type of ['application/json', 'application/vnd.api+json', 'text/html', '']) {
    const page = await pageOf('{"a":1}', { headers: { 'content-type': type } });
    assert.match((await failure(() => page.one('p'))).message, /is JSON, not HTML or XML.*page\.json\(\)/);
    assert.match((await failure(() => page.$)).message, /page\.json\(\)/);
    assert.equal(page.title, undefined);
    assert.equal(page.base, URL_OF_PAGE);
  }
});

test('an HTML error page said to be JSON is read as HTML', async () => {
  const page = await pageOf('<h1>502</h1>', { headers: { 'content-type': 'application/json' } });
  assert.equal(page.one('h1').text, '502');
});

test('a feed is read as XML, also when the server says HTML', async () => {
  const feed = `<?xml version="1.0"?><!-- made --><rss xmlns:dc="x"><channel><title>소식</title><item><title><![CDATA[<b> & 글]]></title>
    <link>https://a.kr/1</link><pubDate>월</pubDate><dc:date>2026</dc:date></item></channel></rss>`;
  for (const type of ['text/html', 'application/rss+xml', 'text/xml; charset=utf-8']) {
    const page = await pageOf(feed, { headers: { 'content-type': type } });
    assert.deepEqual(page.rows('channel', 'item', { title: 'title', link: 'link', at: 'pubDate', date: 'dc:date' }), [
      { title: '<b> & 글', link: 'https://a.kr/1', at: '월', date: '2026' },
    ]);
    assert.equal(page.title, '소식');
  }
});

test('XHTML stays HTML', async () => {
  const text = '<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"><P>안녕<br/>';
  for (const type of ['application/xhtml+xml', 'text/xml', 'text/html']) {
    assert.equal((await pageOf(text, { headers: { 'content-type': type } })).one('p').text, '안녕');
  }
});

test('bytes that are no text have no elements', async () => {
  const page = await pageOf('%PDF-1.7', { headers: { 'content-type': 'application/pdf' } });
  assert.match((await failure(() => page.one('p'))).message, /is a PDF, not HTML or XML, and has no elements/);
});

test('the standard parser implies tbody, the fast one does not', async () => {
  const table = '<table><tr><td>밥</table>';
  assert.equal((await pageOf(table)).one('table > tbody > tr > td').text, '밥');
  const fast = await pageOf(table, { parser: 'fast' });
  assert.equal(fast.one('table > tr > td').text, '밥');
  assert.match((await failure(() => fast.one('table > tbody > tr'))).message, /`table > tr` \(1\)/);
});

test('$ is cheerio on the same tree, extract included', async () => {
  const page = await pageOf(MENU);
  assert.deepEqual(page.$.extract({ names: ['.name'] }), { names: ['김치찌개', '돈까스\u00a0정식'] });
  assert.equal(page.one('#lunch').$.children('li').length, 2);
  assert.equal(page.$('li').eq(1).attr('data-id'), '8');
});

for (const parser of [undefined, 'fast'] as const) {
  for (const tag of ['div', 'b', 'ul><li']) {
    test(`a hundred thousand nested <${tag}> are read (${parser ?? 'standard'} parser)`, async () => {
      const page = await pageOf(`${`<${tag}>`.repeat(100_000)}<p class="deep">끝</p>`, { parser });
      assert.equal(page.one('.deep').text, '끝');
      assert.equal(page.one('body, div, b, ul, table').lines.at(-1), '끝');
      assert.match(page.$.html(), /끝/);
      assert.match((await failure(() => page.one('.dep'))).message, /`\.deep` \(1\)/);
    });
  }
}

test('flattening keeps the order of the text', async () => {
  const words = Array.from({ length: 2000 }, (_, index) => `w${index}`);
  const page = await pageOf(words.map((word) => `<div>${word}`).join(''));
  assert.equal(page.one('body').text, words.join(' '));
});

test('a hit goes into JSON only by what was taken from it', async () => {
  const page = await pageOf(MENU);
  assert.deepEqual(JSON.parse(JSON.stringify(page.rows('#lunch', 'li', { dish: '.name' }))), [
    { dish: '김치찌개' },
    { dish: '돈까스 정식' },
  ]);
});

test('rows without a container are refused with how to ask', async () => {
  const page = await pageOf('<li><b>밥</b></li>');
  const rows = page.rows as unknown as (row: string, fields: object) => unknown;
  assert.throws(() => rows('li', { dish: 'b' }), /page\.rows\('#lunch', 'li', \{ dish: '\.name' \}\)/);
});
