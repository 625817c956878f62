// Rows that are read together give what the same fields give when they are asked of each row.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExtractError } from '../../src/core/errors.ts';
import { pageOf } from '../../src/core/page-of.ts';

const FIELDS = [
  [
    '.a',
    '.b',
    'li',
    'B',
    'li .a',
    'b .b',
    'ul li',
    'div .a b',
    '.a.b',
    '#x',
    '*',
    '',
    '@class',
    '@href',
    '.a@href',
    'b@class',
  ],
  [
    'b > .a',
    '> .a',
    '.a + .b',
    '.a ~ b',
    '.a, .b',
    'b:first',
    'li:nth-child(2)',
    '.b:not(.a)',
    '[href]',
    'a[href]',
    '[class=a]',
  ],
  ['[class="a"] b', ':scope > b', '.a, > b', '.a:has(b)', 'b:eq(1)', 'b:last@class'],
].flat();

const { tree } = fc.letrec<{ tree: string; list: string }>((tie) => ({
  list: fc.array(tie('tree'), { maxLength: 4 }).map((parts) => parts.join('')),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('one', 'two ', ' ', '<!-- -->'),
    fc
      .tuple(
        fc.constantFrom('li', 'b', 'div', 'a', 'ul'),
        fc.constantFrom(
          '',
          ' class="a"',
          ' class="b"',
          ' class="a b"',
          ' id="x"',
          ' href="/p?q=1"',
          ' class="a" href="two"',
        ),
        tie('list'),
      )
      .map(([name, given, inner]) => `<${name}${given}>${inner}</${name}>`),
  ),
}));

const pages = fc
  .array(fc.array(tree, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 })
  .map(
    (rows) =>
      `<main><ul class="a" id="list">${rows.map((row) => `<li class="row">${row.join('')}</li>`).join('')}</ul></main>`,
  );

test('rows read together give what each field gives when asked of each row', async () => {
  await fc.assert(
    fc.asyncProperty(pages, fc.constantFrom('li', '.row', '#list > li', 'b, .row'), async (html, row) => {
      const page = await pageOf(html);
      const hits = page.all('#list', row);
      for (const field of FIELDS) {
        const asked = hits.map((hit) => ({ value: hit.maybe(field)?.text }));
        assert.deepEqual(page.rows('#list', row, { value: `${field}?` }), asked, `${field} in ${html}`);
      }
    }),
    { numRuns: 150 },
  );
});

test('the fields of a row may be of every kind at once', async () => {
  const page = await pageOf(
    '<ul><li><b class="a">1</b> <a href="/1">one</a></li><li><b class="a">2</b> <a href="/2">two</a></li></ul>',
  );
  assert.deepEqual(
    page.rows('ul', 'li', { n: '.a', link: 'a@href', name: (row) => row.one('a').text, whole: '', lacks: 'i?' }),
    [
      { n: '1', link: 'https://example.com/1', name: 'one', whole: '1 one', lacks: undefined },
      { n: '2', link: 'https://example.com/2', name: 'two', whole: '2 two', lacks: undefined },
    ],
  );
});

test('what one row of many lacks is an error that names the row', async () => {
  const page = await pageOf('<ul><li><b>1</b></li><li><b>2</b></li><li>3 alone</li></ul>');
  assert.throws(
    () => page.rows('ul', 'li', { n: 'b' }),
    (error) => error instanceof ExtractError && error.message.includes('row 3 of `li` in `ul` ("3 alone")'),
  );
});

test('a selector that cannot be read is an error that names it', async () => {
  const page = await pageOf('<ul><li>1</li><li>2</li></ul>');
  assert.throws(() => page.rows('ul', 'li', { n: 'b[' }), ExtractError);
  assert.throws(() => page.rows('ul', 'li', { n: '..b' }), ExtractError);
});

test('the same row inside another is a row of its own', async () => {
  const page = await pageOf('<ul><li><i>outer</i><ul><li><b>inner</b></li></ul></li><li><b>next</b></li></ul>');
  assert.deepEqual(page.rows('ul', 'li', { b: 'b' }), [{ b: 'inner' }, { b: 'inner' }, { b: 'next' }]);
});
