// Items are plain records: what JSON would change is refused where the field can be named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkItems } from '../../src/core/items.ts';

test('whatever passes comes back from JSON as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), (items) => {
      const kept = checkItems(items);
      assert.deepEqual(JSON.parse(JSON.stringify(kept)), JSON.parse(JSON.stringify(items)));
    }),
  );
});

test('a field that is undefined counts as absent', () => {
  assert.deepEqual(checkItems([{ dish: '밥', price: undefined }]), [{ dish: '밥' }]);
});

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ['no list', { dish: '밥' }, /extract gave a Object\. It must give a list/],
  ['nothing', undefined, /extract gave nothing/],
  ['a text as item', ['밥'], /a string as item 1/],
  ['a list as item', [[]], /a Array as item 1/],
  ['a date', [{ at: new Date(0) }], /item 1\.at \(a Date\)/],
  ['a number that is none', [{ a: 1 }, { price: Number.NaN }], /item 2\.price \(NaN\)/],
  ['a function deep inside', [{ a: { b: [() => 1] } }], /item 1\.a\.b\[0\] \(a function\)/],
  ['a big integer', [{ views: 10n }], /item 1\.views \(a bigint\)/],
  ['an undefined entry of a list', [{ tags: [undefined] }], /item 1\.tags\[0\] \(nothing\)/],
];

for (const [what, given, error] of refused) {
  test(`${what} is refused by name`, () => {
    assert.throws(() => checkItems(given), error);
  });
}

test('a list without measure is refused', () => {
  assert.throws(() => checkItems(Array.from({ length: 5001 }, () => ({}))), /5001 items; the most is 5000/);
});

test('an item that contains itself is refused', () => {
  const item: Record<string, unknown> = {};
  item['self'] = item;
  assert.throws(() => checkItems([item]), /item 1\.self \(contains itself\)/);
});
