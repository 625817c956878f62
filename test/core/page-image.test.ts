import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defineJob } from '../../src/core/define-job.ts';
import { ExtractError } from '../../src/core/errors.ts';
import { getOf } from '../../src/core/form.ts';
import type { Page } from '../../src/core/page.ts';
import { pageOf } from '../../src/core/page-of.ts';
import { readPicture } from '../../src/core/page-picture.ts';
import { feed } from '../../src/kakao/build-feed.ts';
import { runOf } from '../jobs/job-fixture.ts';

const URL_OF_PAGE = 'https://shop.example.kr/item/7';
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);

const RUN = runOf('main');

function page(html: string): Promise<Page> {
  return pageOf(html, { url: URL_OF_PAGE, contentType: 'text/html' });
}

test('the picture a page names as its own goes into a message', async () => {
  const made = await page('<title>냄비</title><meta property="og:image" content="/img/7.jpg"><img src="logo.png">');
  const message = feed({ title: made.title ?? '', image: made.image(), link: made.url });
  assert.match(JSON.stringify(message), /https:\/\/shop\.example\.kr\/img\/7\.jpg/);
});

const MAIN: readonly (readonly [html: string, address: string])[] = [
  [
    '<meta property="og:image" content=""><meta name="twitter:image" content="t.png">',
    'https://shop.example.kr/item/t.png',
  ],
  ['<meta name="og:image" value="//cdn.kr/v.png">', 'https://cdn.kr/v.png'],
  ['<link rel="image_src" href="l.png">', 'https://shop.example.kr/item/l.png'],
  ['<base href="/b/"><meta itemprop="image" content="i.png">', 'https://shop.example.kr/b/i.png'],
  [
    '<meta property="og:image" content="data:image/png;base64,x"><meta property="og:image" content="2.png"><meta name="twitter:image" content="t.png">',
    'https://shop.example.kr/item/t.png',
  ],
];

for (const [html, address] of MAIN) {
  test(`the picture named by ${html}`, async () => assert.equal((await page(html)).image(), address));
}

const BLANK = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
const AT: readonly (readonly [html: string, address: string])[] = [
  ['<img id=x src="a.png">', 'a.png'],
  [`<img id=x src="${BLANK}" data-src="lazy.png">`, 'lazy.png'],
  ['<img id=x src="/img/blank.gif" data-original="full.png">', 'full.png'],
  ['<img id=x src="s.jpg" srcset="s.jpg 320w, c_fill,w_800.jpg 800w, m.jpg 470w">', 'c_fill,w_800.jpg'],
  ['<img id=x src="s.jpg" srcset="s.jpg, d.jpg 2x">', 'd.jpg'],
  [`<img id=x src="${BLANK}" data-srcset="a.jpg 80w, b.jpg 800w">`, 'b.jpg'],
  ['<img id=x src="loading.gif" data-full-photo="photo.jpg?w=1">', 'photo.jpg?w=1'],
  ['<img id=x src="blank.gif">', 'blank.gif'],
  ['<picture><source srcset="w.webp 1x, w2.webp 2x"><img id=x src="old.jpg"></picture>', 'w2.webp'],
  ['<picture id=x><source srcset="w.webp"><img src="old.jpg"></picture>', 'w.webp'],
  ['<li id=x><a href="/1">글</a><span><img src="in.png"></span></li>', 'in.png'],
  ['<div id=x style="color:red;background-image: url(\'bg.png\')"></div>', 'bg.png'],
  ['<div id=x><i data-bg="lazy-bg.png"></i></div>', 'lazy-bg.png'],
  ['<video id=x poster="p.jpg" src="v.mp4"></video>', 'v.mp4'],
];

for (const [html, address] of AT) {
  test(`the picture at ${html.slice(0, 90)}`, async () => {
    assert.equal((await page(html)).image('#x'), `https://shop.example.kr/item/${address}`);
  });
}

test('each row of a list has its own picture', async () => {
  const made = await page(
    '<ul id=l><li><b>가</b><img data-src="/1.png"></li><li><b>나</b><img src="/2.png"></li></ul>',
  );
  assert.deepEqual(made.rows('#l', 'li', { title: 'b', image: (row) => made.image(row) }), [
    { title: '가', image: 'https://shop.example.kr/1.png' },
    { title: '나', image: 'https://shop.example.kr/2.png' },
  ]);
});

test('a picture that is missing is an error that says where it was looked for', async () => {
  const made = await page(`<p id=x>글만 있음</p><img id=d src="${BLANK}">`);
  for (const [act, expected] of [
    [() => made.image(), /names no picture as its own \(`og:image`\).*page\.image\('article img'\)/],
    [() => made.image('#x'), /the <p> at `#x` \("글만 있음"\) has no picture with a web address/],
    [() => made.image('#d'), /the <img> at `#d` .*has no picture/],
    [() => made.image('#y'), /no element matches `#y`/],
    [() => made.image(made.one('#x')), /the <p> at `the row` /],
  ] as const) {
    assert.throws(act, (error) => error instanceof ExtractError && expected.test(error.message));
  }
  const json = await pageOf('{"a":1}');
  assert.throws(() => json.image(), /is JSON, not HTML or XML/);
});

test('a page that is a picture is its own picture', async () => {
  const made = await pageOf(PNG, { url: URL_OF_PAGE, contentType: 'application/octet-stream' });
  assert.equal(made.kind, 'image');
  assert.equal(made.image(), URL_OF_PAGE);
});

test("the letters of a picture are read by the job's own function, lines cleaned", async () => {
  const made = await pageOf(PNG, { url: URL_OF_PAGE });
  const seen: Uint8Array[] = [];
  const text = await readPicture(made, async (bytes) => {
    seen.push(bytes);
    return ' 김치찌개  4,500원\n\n \n 돈까스\t5,000원\r\n';
  });
  assert.equal(text, '김치찌개 4,500원\n돈까스 5,000원');
  assert.deepEqual(seen, [PNG]);
});

test('a job reads the picture of a page in its fetch step, and extracts from text', async () => {
  const job = defineJob({
    schedule: '20 11 * * 1-5',
    to: 'me',
    fetch: async (get) => {
      const menu = await get('https://dorm.example.ac.kr/menu');
      return readPicture(await get(menu.image('.menu img')), () => '김치찌개\n돈까스');
    },
    extract: (text) => text.split('\n').map((dish) => ({ dish })),
    render: (dishes) => dishes.map(({ dish }) => dish).join('\n'),
  });
  const got: string[] = [];
  const get = getOf(async (url) => {
    got.push(String(url));
    return String(url).endsWith('.png')
      ? pageOf(PNG)
      : pageOf('<p class=menu><img src="/m.png">', { url: String(url) });
  });
  const text = await job.fetch(get, RUN);
  assert.deepEqual(job.extract(text, RUN), [{ dish: '김치찌개' }, { dish: '돈까스' }]);
  assert.deepEqual(got, ['https://dorm.example.ac.kr/menu', 'https://dorm.example.ac.kr/m.png']);
});

test('letters that cannot be had are an error with the address of the picture', async () => {
  const picture = await pageOf(PNG, { url: URL_OF_PAGE });
  const html = await page('<p>글');
  const cases = [
    [picture, () => ' \n ', /item\/7: no letters were recognised in the picture \(10 bytes\)/],
    [picture, () => Promise.reject(new Error('no model')), /could not be read: Error: no model/],
    [html, () => 'x', /item\/7 is no picture, but html, .*get\(page\.image\(\)\)/],
  ] as const;
  for (const [made, ocr, expected] of cases) {
    await assert.rejects(
      readPicture(made, ocr),
      (error) => error instanceof ExtractError && expected.test(error.message),
    );
  }
});

const LAZY = join(import.meta.dirname, '../../../shared/pages/hard/lazy');

test('pictures of saved pages that load them late', { skip: !existsSync(LAZY) && '../shared is absent' }, async () => {
  const saved = (file: string) => pageOf(readFileSync(join(LAZY, file)), { url: 'https://example.com/a/' });
  const shop = await saved('bookwalker.jp.html');
  assert.equal(shop.image(), 'https://c.bookwalker.jp/7775823/t_700x780.jpg');
  assert.equal(shop.image('img.lazy'), 'https://rimg.bookwalker.jp/7775823/BM2j7K0aiKyzud2kfkni6g__.jpg');

  const article = await saved('lazy-image-2/source.html');
  assert.match(article.image(), /w_1200\/18zu12g5xzyxojpg\.jpg$/);
  assert.match(article.image('img[alt^="Trump Shocked"]'), /w_470\/ecojdjwftxntdhnbgdu0\.jpg$/);
  const late = article.all('img[src^="data:"]').filter((hit) => hit.$.attr('data-srcset') !== undefined);
  assert.ok(late.length > 10);
  for (const hit of late) assert.match(article.image(hit), /^https:\/\/i\.kinja-img\.com\/.*\.(?:jpg|png|gif)$/);

  const named = await saved('lazy-image-3/source.html');
  assert.match(named.image('img'), /0579d17015b145a88dd93992c6447d7d~tplv-k3u1fbpfcp-watermark\.jpg/);
  const medium = await saved('lazy-image-1/expected.html');
  assert.match(medium.image('img[role]'), /max\/3788\/1\*5o3M5niyi911waUrKWVZ0Q\.png$/);
});
