import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { elementsBelow } from '../../src/core/html.ts';
import { type Names, nearestSelectors } from '../../src/core/selector.ts';
import { editDistance, nearness } from '../../src/core/selector-name.ts';
import { splitAlternatives, splitSelector } from '../../src/core/selector-steps.ts';
import { pageOf } from './page-fixture.ts';

async function near(html: string, selector: string): Promise<readonly string[]> {
  const page = await pageOf(html);
  const names = { tag: new Map<string, number>(), class: new Map<string, number>(), id: new Map<string, number>() };
  const add = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1);
  for (const element of elementsBelow(page.$._root)) {
    add(names.tag, element.name);
    if (element.attribs['id']) add(names.id, element.attribs['id']);
    for (const name of (element.attribs['class'] ?? '').split(' ').filter(Boolean)) add(names.class, name);
  }
  const found = nearestSelectors(selector, { names, count: (tried) => page.$(tried).length });
  return found.map((one) => `${one.selector} ${one.count}`);
}

const MENU =
  '<ul id="lunch" class="menu_list"><li class="dish">밥</li><li class="dish">국</li></ul><ol class="menu"><li>떡</ol>';

test('a name written differently is found', async () => {
  assert.deepEqual(await near(MENU, '.menu-list li'), ['.menu_list li 2', '.menu li 1', 'li 3']);
  assert.equal((await near(MENU, 'ul.menuList > li.dish'))[0], 'ul.menu_list > li.dish 2');
  assert.equal((await near(MENU, '#lunsh .dish'))[0], '#lunch .dish 2');
  assert.equal((await near(MENU, 'li.dishes'))[0], 'li.dish 2');
});

test('a class that became an id is found, and the other way round', async () => {
  assert.equal((await near(MENU, '.lunch li'))[0], '#lunch li 2');
  assert.equal((await near(MENU, '#dish'))[0], '.dish 2');
});

test('a step that is gone, a tag that changed and a child that moved deeper are found', async () => {
  assert.equal((await near(MENU, '.content .menu_list > li'))[0], '.menu_list > li 2');
  assert.equal((await near(MENU, 'ul.menu'))[0], '.menu 1');
  assert.equal((await near('<div class="a"><p><b class="c">x</b></p></div>', '.a > .c'))[0], '.a .c 1');
  assert.equal((await near('<table><tr><td>x', 'th'))[0], 'td 1');
});

test('what stops short names the part of the path that exists', async () => {
  assert.deepEqual(await near(MENU, '#lunch .price'), ['#lunch 1']);
  assert.deepEqual(await near(MENU, 'video'), []);
});

test('each alternative of a list is looked for', async () => {
  assert.deepEqual(await near(MENU, '.mnu, #lanch'), ['.menu 1', '#lunch 1']);
});

test('names that CSS would misread are escaped', async () => {
  assert.deepEqual(await near('<p id="2-1"><b class="md:x">', '#2_1 .mdx'), ['#\\32 -1 .md\\:x 1', '.md\\:x 1']);
});

test('a selector is taken apart at combinators, brackets and escapes minded', () => {
  const texts = (selector: string) =>
    splitSelector(selector).map(({ combinator, parts }) => [combinator, ...parts.map((part) => part.text)]);
  assert.deepEqual(texts('ul.a#b > li[x="] > y"]:not(.c > d)~*'), [
    [' ', 'ul', '.a', '#b'],
    ['>', 'li', '[x="] > y"]', ':not(.c > d)'],
    ['~', '*'],
  ]);
  assert.deepEqual(splitSelector('.md\\:x')[0]?.parts[0]?.name, 'md:x');
  assert.deepEqual(splitAlternatives('a:is(b, c), [x=","] , d'), ['a:is(b, c)', '[x=","]', 'd']);
});

test('the edit distance is Levenshtein’s, and gives up beyond the limit', () => {
  assert.equal(editDistance('kitten', 'sitting', 3), 3);
  assert.equal(editDistance('kitten', 'sitting', 2), undefined);
  assert.equal(editDistance('', 'ab', 2), 2);
  assert.equal(nearness('menu-list', 'menuList'), 0.25);
  assert.equal(nearness('menu', 'footer'), undefined);
  assert.equal(nearness('x'.repeat(10_000), 'x'.repeat(10_000)), undefined);
});

test('a long selector is not tried without end, and a big page is tried less', () => {
  for (const [elements, most] of [
    [100, 30],
    [500_000, 12],
    [50_000_000, 6],
  ] as const) {
    const alike = Array.from({ length: 20 }, (_, index) => [`menu${index}`, 1] as const);
    const tried: string[] = [];
    const count = (selector: string) => tried.push(selector);
    const names = { tag: new Map([['p', elements]]), class: new Map(alike), id: new Map(alike) };
    nearestSelectors(Array.from({ length: 40 }, (_, index) => `.menux${index}`).join(' > '), { names, count });
    assert.equal(tried.length, most);
  }
});

test('no selector whatever makes it fail, hang or try too often', () => {
  const names: Names = { tag: new Map([['li', 3]]), class: new Map([['menu', 1]]), id: new Map([['lunch', 1]]) };
  const sign = fc.constantFrom(...' >+~,.#[]():"\'\\*@lia-1밥'.split(''));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(sign, { maxLength: 40 }).map((signs) => signs.join('')),
      ),
      (selector) => {
        let trials = 0;
        const found = nearestSelectors(selector, {
          names,
          count: () => {
            trials++;
            return trials % 2;
          },
        });
        assert.ok(found.length <= 3);
        assert.ok(trials <= 30, `${trials} trials`);
        assert.ok(splitSelector(selector).every(({ parts }) => parts.length > 0));
      },
    ),
  );
});
