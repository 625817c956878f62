import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { ExtractError } from '../../src/core/errors.ts';
import type { Page } from '../../src/core/page.ts';
import { readLiteral } from '../../src/core/page-literal.ts';
import { pageOf } from '../../src/core/page-of.ts';

const URL_OF_PAGE = 'https://shop.example.kr/item/7';

function page(html: string, contentType = 'text/html'): Promise<Page> {
  return pageOf(html, { url: URL_OF_PAGE, contentType });
}

function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof ExtractError, String(error));
    assert.equal(error.url, URL_OF_PAGE);
    return error.message;
  }
  assert.fail('nothing was thrown');
}

test('JSON in a script of its own is read by its id, and checked by a schema', async () => {
  const html = '<script id="__NEXT_DATA__" type="application/json">{"props":{"price":12900}}</script>';
  const made = await page(html);
  assert.deepEqual(made.embedded('__NEXT_DATA__'), { props: { price: 12_900 } });
  const schema = z.object({ props: z.object({ price: z.number() }) });
  assert.equal(made.embedded('__NEXT_DATA__', schema).props.price, 12_900);
  assert.deepEqual(made.embedded('script[type="application/json"]'), { props: { price: 12_900 } });
  const wrong = z.object({ props: z.object({ price: z.string() }) });
  assert.match(
    refused(() => made.embedded('__NEXT_DATA__', wrong)),
    /At `props\.price`: .*expected string/,
  );
});

const ASSIGNED: readonly (readonly [script: string, value: unknown])[] = [
  ['window.DATA = {"a": [1, 2]};', { a: [1, 2] }],
  ['var DATA = {"a":1}, other = 2;', { a: 1 }],
  ['const DATA=[{"dish":"밥"}]\nrender(DATA)', [{ dish: '밥' }]],
  ["window['DATA'] = {a: 'it\\'s', \"b\": .5, c: -0x1F, d: 1e3,};", { a: "it's", b: 0.5, c: -31, d: 1000 }],
  [
    'self.DATA = { // dishes\n a: !0, b: !1, c: void 0, /* no */ d: null, e: undefined }',
    { a: true, b: false, c: undefined, d: null, e: undefined },
  ],
  ['DATA = DATA || {"a":1}', { a: 1 }],
  ['window.DATA = window.DATA ?? {"a":1}', { a: 1 }],
  ['var DATA = null; var x = {DATA: 2};', null],
  ['let DATA = JSON.parse(\'{"a":"\\u0041\\x42\\\\n"}\');', { a: 'AB\n' }],
  ['globalThis.DATA = `글`', '글'],
  ['if (DATA == 1) {} if (DATA === 2) {} DATA = 3;', 3],
  ['var MYDATA = 1, DATA_OLD = 2, x = "DATA = 4"; var DATA = 5', 5],
  ['var DATA = load(); DATA = {"late": true};', { late: true }],
  ['var DATA = 7 // seven', 7],
  ['var DATA = {"__proto__": {"x": 1}}', JSON.parse('{"__proto__": {"x": 1}}')],
  ['var DATA = "\\u{1F600}\\\n끝"', '😀끝'],
];

for (const [script, value] of ASSIGNED) {
  test(`what is assigned is read: ${script}`, async () => {
    const made = await page(`<p>DATA = 9</p><script>${script}</script>`);
    assert.deepEqual(made.embedded('DATA'), value);
  });
}

test('names may have dots and dollars', async () => {
  const made = await page('<script>App.state = {"a":1}; $data = [2]</script>');
  assert.deepEqual(made.embedded('App.state'), { a: 1 });
  assert.deepEqual(made.embedded('$data'), [2]);
});

test('a script that was got on its own is read too', async () => {
  const made = await page('var menu = [{"dish":"국"}];', 'application/javascript');
  assert.equal(made.kind, 'text');
  assert.deepEqual(made.embedded('menu'), [{ dish: '국' }]);
});

test('nothing is ever run: a call, a function or an expression is an error with its place', async () => {
  const cases = [
    ['window.__NUXT__=(function(a){return {a:a}}(1))', /`__NUXT__` is no plain data at "\(function\(a\)\{return/],
    ['window.__NUXT__={a:alert(1)}', /is no plain data at "alert\(1\)\}"/],
    ['window.__NUXT__=`$'.concat('{alert(1)}`'), /is no plain data at "`\$\{alert/],
    ['window.__NUXT__=1+2', /is an expression/],
    ['window.__NUXT__={}.a', /is an expression/],
    ['window.__NUXT__=[1,', /ends before its value does/],
    ['window.__NUXT__={a 1}', /is no plain data at "1\}"/],
    ["window.__NUXT__=JSON.parse('{')", /`__NUXT__` .*JSON/],
    ['window.__NUXT__=new Date()', /is no plain data at "new Date\(\)"/],
    [`window.__NUXT__=${'['.repeat(100_000)}`, /is nested more than 500 deep/],
  ] as const;
  for (const [script, expected] of cases) {
    const made = await page(`<script>${script}</script>`);
    const message = refused(() => made.embedded('__NUXT__'));
    assert.match(message, expected);
    assert.match(message, /a function call is never run/);
  }
});

test('a name that is not there is told with the names that are', async () => {
  const made = await page(
    '<script>var menu = {}; window.STATE = [1]</script><script id="x" type="application/json">{}</script>',
  );
  assert.match(
    refused(() => made.embedded('menus')),
    /no script holds data named `menus`\. Data it does hold: `x`, `menu`, `STATE`/,
  );
  assert.match(
    refused(() => made.embedded('#nothing')),
    /no script matches `#nothing`/,
  );
  assert.match(
    refused(() => made.embedded('script:first-of-type')),
    /is not JSON: it begins with "var menu/,
  );
  assert.match(
    refused(() => made.embedded('[[')),
    /not a CSS selector/,
  );
  const json = await page('{"a":1}', 'application/json');
  assert.match(
    refused(() => json.embedded('a')),
    /is JSON, not HTML or XML/,
  );
});

test('a large script is searched in little time', async () => {
  const noise = 'a = b; "x = 1"; '.repeat(60_000);
  const made = await page(`<script>${noise} var DATA = {"found": 1}; ${noise}</script>`);
  const start = performance.now();
  assert.deepEqual(made.embedded('DATA'), { found: 1 });
  assert.ok(performance.now() - start < 2000);
});

test('a text of megabytes inside a script is read, and a hundred thousand calls are given up on', async () => {
  const text = 'x\\n'.repeat(3_000_000);
  const made = await page(
    `<script>var A = {"s": "${text}"}; var B = {s: '${text}'}; ${'C = f(1);'.repeat(100_000)}</script>`,
  );
  const length = z.object({ s: z.string().length(6_000_000) });
  assert.equal(made.embedded('A', length).s, made.embedded('B', length).s);
  const start = performance.now();
  assert.match(
    refused(() => made.embedded('C')),
    /is no plain data at "f\(1\)/,
  );
  assert.ok(performance.now() - start < 2000);
});

test('JSON is what the scanner of literals reads it as', () => {
  const values = [{ a: [1, -2.5e-3, 'x"\\\n\u2028가', null, true], '': {} }, [], 'x', 0, [[[]]]];
  for (const value of values) {
    const text = JSON.stringify(value, undefined, 1);
    assert.deepEqual(readLiteral(`  ${text};`, 0), { value, end: text.length + 2 });
  }
});

const LD = `<script type="application/ld+json">{"@context":"https://schema.org","@graph":[
  {"@type":"WebPage","name":"상품","mainEntity":{"@type":["Product","Thing"],"name":"냄비","offers":{"@type":"Offer","price":"12900"}}},
  {"@type":"https://schema.org/Event","name":"축제"}]}</script>
  <script type="application/ld+json">{broken</script>
  <script type="application/ld+json">[{"@type":"Event","name":"두
번째",}];</script>`;

test('JSON-LD gives the things on top, or all of a type however deep', async () => {
  const made = await page(LD);
  assert.deepEqual(
    made.jsonLd().map((thing) => thing['@type']),
    ['WebPage', 'https://schema.org/Event', 'Event'],
  );
  assert.deepEqual(
    made.jsonLd('Event').map((thing) => thing['name']),
    ['축제', '두 번째'],
  );
  const product = z.object({ offers: z.object({ price: z.coerce.number() }) });
  assert.equal(made.jsonLd('Product', product)[0]?.offers.price, 12_900);
});

test('JSON-LD that is missing is told with the types that are there', async () => {
  const made = await page(LD);
  assert.match(
    refused(() => made.jsonLd('Recipe')),
    /no JSON-LD is of the type `Recipe`\. Types that do exist: `WebPage`, `Product`/,
  );
  assert.match(
    refused(() => made.jsonLd('Product', z.object({ sku: z.string() }))),
    /At `sku`/,
  );
  const without = await page('<p>x');
  assert.match(
    refused(() => without.jsonLd()),
    /has no JSON-LD\./,
  );
  const broken = await page('<script type="application/ld+json">{broken</script>');
  assert.match(
    refused(() => broken.jsonLd()),
    /has JSON-LD that is not JSON: "\{broken"/,
  );
});

test('JSONP and guarded JSON are JSON', async () => {
  for (const text of [
    'callback({"a":[1]});',
    '/**/ jQuery_1.cb_2( {"a":[1]} )',
    '/**/ typeof cb === \'function\' && cb({"a":[1]});',
    ')]}\',\n{"a":[1]}',
    'while(1);{"a":[1]}',
  ]) {
    for (const type of ['application/javascript', 'text/html', 'application/json', '']) {
      const made = await page(text, type);
      assert.equal(made.kind, 'json', `${text} as ${type}`);
      assert.deepEqual(made.json(), { a: [1] });
    }
  }
  const call = await page('alert({"a":1}); go()', 'application/javascript');
  assert.equal(call.kind, 'text');
});

const SAVED = join(import.meta.dirname, '../../../shared/pages/hard/jsonld');

test('JSON-LD of saved pages', { skip: !existsSync(SAVED) && '../shared is absent' }, async () => {
  const news = await pageOf(readFileSync(join(SAVED, 'test_schema_list.html')));
  const expected: { schema: Record<string, unknown> } = JSON.parse(
    readFileSync(join(SAVED, 'test_schema_list.json'), 'utf8'),
  );
  assert.equal(news.jsonLd('NewsArticle')[0]?.['headline'], expected.schema['headline']);
  const article = await pageOf(readFileSync(join(SAVED, 'schema-org-context-object/source.html')));
  const meta = JSON.parse(readFileSync(join(SAVED, 'schema-org-context-object/expected-metadata.json'), 'utf8'));
  assert.equal(article.jsonLd('NewsArticle')[0]?.['headline'], meta.title);
});
