import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExtractError } from '../../src/core/errors.ts';
import type { Page } from '../../src/core/page.ts';
import { readFeedDate } from '../../src/core/page-feed-date.ts';
import { pageOf } from '../../src/core/page-of.ts';

const URL_OF_FEED = 'https://news.example.kr/rss/all.xml';

function feedOf(text: string): Promise<Page> {
  return pageOf(text, { url: URL_OF_FEED, contentType: 'application/xml' });
}

async function refusal(page: Promise<Page>): Promise<string> {
  const made = await page;
  try {
    made.feed();
  } catch (error) {
    assert.ok(error instanceof ExtractError);
    assert.equal(error.url, made.url);
    return error.message;
  }
  assert.fail('the feed was read');
}

const NOTHING = {
  title: undefined,
  link: undefined,
  published: undefined,
  summary: undefined,
  author: undefined,
  categories: undefined,
  image: undefined,
};

test('RSS gives its items, with markup taken out and addresses made absolute', async () => {
  const page =
    await feedOf(`<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
    <title>학사 &amp; 공지</title><link>/board</link>
    <item><title><![CDATA[<b>휴강</b> 안내]]></title><link>/board/7</link><guid isPermaLink="false">board-7</guid>
      <pubDate>Fri, 20 Nov 2026 11:20:00 +0900</pubDate><description>&lt;p&gt;11월&lt;/p&gt;&lt;p&gt;20일 1 &amp;lt; 2&lt;/p&gt;</description>
      <dc:creator>학사과</dc:creator><category>학사</category><category>공지</category>
      <enclosure url="/img/7.png" type="image/png" length="1"/></item></channel></rss>`);
  assert.equal(page.kind, 'feed');
  assert.deepEqual(page.feed(), {
    title: '학사 & 공지',
    link: 'https://news.example.kr/board',
    items: [
      {
        id: 'board-7',
        title: '휴강 안내',
        link: 'https://news.example.kr/board/7',
        published: '2026-11-20T02:20:00.000Z',
        summary: '11월 20일 1 < 2',
        author: '학사과',
        categories: ['학사', '공지'],
        image: 'https://news.example.kr/img/7.png',
      },
    ],
  });
  assert.equal(page.one('item > title').text, '<b>휴강</b> 안내');
});

test('Atom gives its entries: the page a person would open, text that is said to be text as it stands', async () => {
  const page = await feedOf(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://blog.example.kr/a/">
    <title type="html">글 &amp;amp; 그림</title><link rel="self" href="feed"/><link rel="alternate" href=".."/>
    <entry><id>tag:x,2026:1</id><title type="text">a &lt;b&gt; c</title><link rel="replies" href="1/re"/><link href="1"/>
      <updated>2026-11-20T11:20:00+09:00</updated><author><name>가람</name></author><category term="x" label="엑스"/>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">본문 <img src="p.png"/> <b>굵게</b></div></content>
    </entry></feed>`);
  const { title, link, items } = page.feed();
  assert.deepEqual([title, link], ['글 & 그림', 'https://blog.example.kr/']);
  assert.deepEqual(items, [
    {
      id: 'tag:x,2026:1',
      title: 'a <b> c',
      link: 'https://blog.example.kr/a/1',
      published: '2026-11-20T02:20:00.000Z',
      summary: '본문 굵게',
      author: '가람',
      categories: ['엑스'],
      image: 'https://blog.example.kr/a/p.png',
    },
  ]);
});

test('RDF gives its items', async () => {
  const page =
    await feedOf(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>t</title><link>https://a.kr/</link></channel>
    <item rdf:about="https://a.kr/1"><title>하나</title><link>https://a.kr/1</link><dc:date>2026-11-20</dc:date></item></rdf:RDF>`);
  assert.deepEqual(page.feed().items, [
    { ...NOTHING, id: 'https://a.kr/1', title: '하나', link: 'https://a.kr/1', published: '2026-11-20' },
  ]);
});

test('a JSON Feed gives its items, and is JSON as well', async () => {
  const json = {
    version: 'https://jsonfeed.org/version/1.1',
    title: '소식',
    home_page_url: 'https://a.kr/',
    items: [
      { id: 1, url: '/1', content_html: '<p>가 <b>나</b></p><img src="i.png">', tags: ['t'], authors: [{ name: 'n' }] },
    ],
  };
  const page = await pageOf(JSON.stringify(json), { url: URL_OF_FEED, contentType: 'application/feed+json' });
  assert.equal(page.kind, 'feed');
  assert.deepEqual(page.json(), json);
  assert.deepEqual(page.feed().items, [
    {
      ...NOTHING,
      id: '1',
      link: 'https://news.example.kr/1',
      summary: '가 나',
      categories: ['t'],
      author: 'n',
      image: 'https://news.example.kr/rss/i.png',
    },
  ]);
  assert.throws(() => page.one('item'), /is a feed, not HTML or XML.*page\.feed\(\)/);
});

test('an item is known by its id, else its address, else its title, and one with nothing is left out', async () => {
  const page =
    await feedOf(`<rss version="2.0"><channel><item><guid>7</guid></item><item><link>https://a.kr/2</link></item>
    <item><title>셋</title></item><item><pubDate>x</pubDate></item></channel></rss>`);
  const { items } = page.feed();
  assert.deepEqual(
    items.map(({ id }) => id),
    ['7', 'https://a.kr/2', '셋'],
  );
  assert.deepEqual(items[0], { ...NOTHING, id: '7' });
});

test('a malformed feed is read as far as it goes', async () => {
  const head =
    '<rss version="2.0"><channel><title>밥 & 국</title><item><title>하나</title><link>https://a.kr/1</link></item>';
  const broken = [
    `${head}<item><title>둘`,
    `${head}<item><title>둘</titel></item></channel></rss>`,
    `${head}<item><title>둘</title></channel>`,
    `\n\n${head}<item><title>둘 <br> </title></item></channel></rss>`,
  ];
  for (const text of broken) {
    const { title, items } = (await feedOf(text)).feed();
    assert.equal(title, '밥 & 국');
    assert.deepEqual(
      items.map((item) => item.title),
      ['하나', '둘'],
      text,
    );
  }
});

test('what only calls itself a feed is an error with the address and its beginning', async () => {
  for (const text of [
    '<rss>',
    '<feed><<<',
    `<rss version="2.0">${'<a>'.repeat(50_000)}`,
    '<rss version="2.0"><body>점검 중</body></rss>',
  ]) {
    assert.match(await refusal(feedOf(text)), /all\.xml is no feed that can be read\. It begins with "</);
  }
});

test('a page that is no feed says what it is, and which feed it names', async () => {
  const html = '<head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head><p>글</p>';
  assert.match(
    await refusal(pageOf(html, { url: 'https://a.kr/x/' })),
    /^https:\/\/a\.kr\/x\/ is HTML, not a feed \(the page names https:\/\/a\.kr\/rss\.xml as its feed\)\./,
  );
  assert.match(await refusal(pageOf('{"a":1}')), /is JSON, not a feed\. Read it with page\.json\(\)\./);
  assert.match(await refusal(pageOf('%PDF-1.7')), /is a PDF, not a feed\./);
  assert.match(await refusal(feedOf('<?xml version="1.0"?><note/>')), /is XML, not a feed\./);
  const ontology =
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:foaf="x"><foaf:Person/></rdf:RDF>';
  assert.match(await refusal(feedOf(ontology)), /is XML, not a feed\./);
});

test('entities that multiply are not written out', async () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "${'x'.repeat(1000)}">${Array.from(
    { length: 20 },
    (_, at) => `<!ENTITY a${at} "${`&a${at === 0 ? '' : at - 1};`.repeat(20)}">`,
  ).join('')}]><rss version="2.0"><channel><title>&a19;</title></channel></rss>`;
  assert.ok(((await feedOf(bomb)).feed().title ?? '').length < 100);
});

const DATES: readonly (readonly [text: string | undefined, iso: string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['어제', undefined],
  ['Fri, 20 Nov 2026 11:20:00 +0900', '2026-11-20T02:20:00.000Z'],
  ['Fri, 20 Nov 2026 11:20:00 KST', '2026-11-20T02:20:00.000Z'],
  ['Fri, 20 Nov 2026 11:20 GMT', '2026-11-20T11:20:00.000Z'],
  ['20 November 2026 11:20:00 EST', '2026-11-20T16:20:00.000Z'],
  ['Sun, 01 Jan 06 00:00:00 GMT+09:00', '2005-12-31T15:00:00.000Z'],
  ['Nov 20, 2026 11:20:00 GMT', '2026-11-20T11:20:00.000Z'],
  ['2026-11-20T11:20:00.123+09:00', '2026-11-20T02:20:00.000Z'],
  ['2026-11-20T11:20Z', '2026-11-20T11:20:00.000Z'],
  ['2026-11-20 11:20:00', '2026-11-20T02:20:00.000Z'],
  ['2026.11.20 11:20', '2026-11-20T02:20:00.000Z'],
  ['2026. 11. 20.', undefined],
  ['2026-11-20', '2026-11-20'],
  ['2026-02-30', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['20 Foo 2026 11:20:00 GMT', undefined],
];

for (const [text, iso] of DATES) {
  test(`the time ${JSON.stringify(text)} of a feed`, () => assert.equal(readFeedDate(text), iso));
}
