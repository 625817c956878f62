// What is looked up in the tree directly must be what cheerio finds: for every form of selector, from the page, from one
// element and from many, with either parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { elementsBelow, loadTrees, type Parent, type Tree } from '../../src/core/html.ts';
import { pageOf, readPage } from '../../src/core/page-of.ts';
import { rememberQueries, search } from '../../src/core/selector-paths.ts';

const MARKUP = `<div class="a b" id="x"><p class="a">1<b>2</b><b class="b">3</b></p><template><p class="a"><b>4</b></p></template>
<div class="b"><div class="a"><p lang="ko-KR" data-n="">5</p><p class="b c">6<i>7</i></p></div><span>8</span></div></div>
<table><tr><td>1<td class="a">2<td>3<tr class="a"><td>4<td>5<td><table><tr><td>6<td>7</table></table>
<svg><linearGradient/><title>t</title></svg><p CLASS="A">9</p><input type="TEXT" disabled>`;

const PARTS = [
  '.a',
  '.b',
  '.c',
  '#x',
  '[lang]',
  '[lang|="ko"]',
  '[data-n=""]',
  "[type='text']",
  '[class*=b]',
  '[lang^=ko]',
]
  .concat([':first-child', ':last-child', ':nth-child(2n+1)', ':nth-child(2)', ':nth-last-child(1)', ':only-child'])
  .concat([':first-of-type', ':nth-of-type(odd)', ':not(.a)', ':not(p)', ':not([class]:first-child)']);
const TAGS = [
  '',
  '',
  '*',
  'div',
  'p',
  'b',
  'td',
  'tr',
  'table',
  'P',
  'body',
  'html',
  'template',
  'svg',
  'lineargradient',
];

const compound = fc
  .tuple(fc.constantFrom(...TAGS), fc.array(fc.constantFrom(...PARTS), { maxLength: 2 }))
  .map(([tag, parts]) => `${tag}${parts.join('')}` || '*');
const selectors = fc
  .tuple(compound, fc.array(fc.tuple(fc.constantFrom(' ', '>', ' + ', ' > ', ', ', '  '), compound), { maxLength: 4 }))
  .map(([first, rest]) => first + rest.flat().join(''));

const readTree = await loadTrees();
const trees = [readTree(MARKUP, 'html'), readTree(MARKUP, 'fast'), readTree('<a><b><c x="1"/></b><b/></a>', 'xml')];

function same(tree: Tree, roots: readonly Parent[], selector: string): void {
  const query = rememberQueries(tree.compile)(selector);
  assert.ok(query, `${selector} is one to be looked up directly`);
  const $roots = tree.$([...roots]);
  const found = search(query, roots, Number.POSITIVE_INFINITY);
  if (found === undefined) return;
  assert.deepEqual(
    found.map((element) => tree.$.html(element)),
    $roots
      .find(selector)
      .get()
      .map((element) => tree.$.html(element)),
    selector,
  );
  assert.ok(found.every((element, index) => element === $roots.find(selector).get(index)));
  assert.equal(search(query, roots, 1)?.[0], found[0]);
}

test('what is looked up directly is what cheerio finds, from the page, from one element and from many', () => {
  for (const tree of trees) {
    const all = [...elementsBelow(tree.root)];
    const roots = fc.oneof(
      fc.constant([tree.root]),
      fc.constantFrom(...all).map((element) => [element]),
      fc
        .uniqueArray(fc.constantFrom(...all.keys()), { minLength: 2, maxLength: 3 })
        .map((places) => places.toSorted((one, other) => one - other).flatMap((place) => all[place] ?? [])),
    );
    fc.assert(
      fc.property(roots, selectors, (from, selector) => same(tree, from, selector)),
      { numRuns: 3000 },
    );
  }
});

test('a path lies within the element that is asked: itself may be part of it, what is before or around it may not', () => {
  for (const tree of trees.slice(0, 2)) {
    const from = tree.$('.b.c').get().slice(0, 1);
    for (const selector of ['p i', 'p + p i', 'p + p > i', '.a i', '.c > i', 'div > p i', 'i'])
      same(tree, from, selector);
  }
});

test('a root inside another is left to cheerio', async () => {
  const page = await pageOf('<div><div><p>1</p><div><p>2</p></div></div></div>');
  assert.deepEqual(
    page.all('div', 'div p').map(({ text }) => text),
    ['1', '2'],
  );
  const [tree] = trees;
  const all = [...elementsBelow(tree?.root ?? assert.fail())];
  assert.equal(search([], all.slice(0, 2), 1), undefined);
});

test('what is more than CSS, or no selector at all, is not looked up directly', () => {
  const [tree] = trees;
  const ready = rememberQueries(tree?.compile ?? assert.fail());
  const others = [
    'p:contains("1")',
    'p:eq(1)',
    'tr:first',
    'p:has(b)',
    '> p',
    ':scope p',
    'p ~ b',
    'p!',
    '',
    'p,',
    '.',
    '[a=b',
  ];
  for (const selector of [
    ...others,
    'p >',
    ':is(a b)',
    '*|p',
    '[a!=b]',
    '.\\31 x',
    'p:first-childish',
    ':not()',
    ':nth-child(n-)',
  ])
    assert.equal(ready(selector), undefined, selector);
});

test('both parsers answer to what only cheerio knows', async () => {
  for (const parser of [undefined, 'fast'] as const) {
    const body = new TextEncoder().encode(MARKUP);
    const page = await readPage({ url: 'https://example.com/', status: 200, headers: {}, body, parser });
    assert.equal(page.one('p:contains("6")').text, '67');
    assert.equal(page.one('td:eq(1)').text, '2');
    assert.equal(page.one('.a:has(> p.c) > p:last').text, '67');
    assert.equal(page.one('#x').one('> p b ~ b').text, '3');
  }
});

test('nothing made of a page has a getter of its own, which V8 would keep with the whole tree until a full collection', async () => {
  const page = await pageOf(MARKUP);
  for (const made of [page, page.one('p'), page.table('table'), page.one('table').table()])
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(made)))
      assert.equal(get, undefined, name);
});

test('the tree is as it stands, also after a job has changed it', async () => {
  const page = await pageOf('<ul><li class="x">1</li><li>2</li></ul>');
  assert.equal(page.one('li:first-child').text, '1');
  page.$('.x').remove();
  assert.equal(page.one('li:first-child').text, '2');
  assert.equal(page.maybe('.x'), undefined);
});
