// Falls, rises and limits: what counts as one, and that each is told once. The examples are those of the docstrings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readNumber } from '../../src/core/read-number.ts';
import { select } from '../../src/core/watch.ts';
import { above, below, changedBy, fell, rose } from '../../src/core/watch-number.ts';

const from = (before: unknown, price: unknown) => ({ price, before: { price: before } }) as { price: number };

const READ: readonly (readonly [text: unknown, number: number | undefined])[] = [
  ['12,300원', 12_300],
  ['₩ 12,300', 12_300],
  ['판매가 12,300원 (20% 할인)', 12_300],
  ['1,234.5', 1234.5],
  ['-3.2%', -3.2],
  ['−3.2', -3.2],
  ['-₩1,000', -1000],
  ['A-12', 12],
  ['3-4명', 3],
  ['２,５００원', 2500],
  ['1만 2천원', 12_000],
  ['1만2,500원', 12_500],
  ['1.5만원', 15_000],
  ['3억 5,000만원', 350_000_000],
  ['2억', 200_000_000],
  ['1만 50,000', 10_000],
  ['100,20', 100],
  [42, 42],
  ['품절', undefined],
  ['', undefined],
  [undefined, undefined],
  [null, undefined],
  [Number.NaN, undefined],
  [{}, undefined],
];

for (const [text, number] of READ)
  test(`${JSON.stringify(text) ?? 'nothing'} reads as ${number ?? 'no number'}`, () =>
    assert.equal(readNumber(text), number));

test('any number is read back from the text that Korea writes it as, with what stands around it', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('원', ' 원', '%', '점', ''), (number, unit) => {
      assert.equal(readNumber(`지금 ${number.toLocaleString('ko-KR')}${unit}`), number);
    }),
  );
});

test('a text of any kind gives a finite number or none, and quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const number = readNumber(text);
      assert.ok(number === undefined || !Number.isNaN(number));
    }),
  );
  const began = performance.now();
  readNumber(`${'1,'.repeat(50_000)}x`);
  readNumber(`${'1만'.repeat(50_000)}x`);
  assert.ok(performance.now() - began < 1000);
});

test('fell speaks of a fall of at least so much: a part of what it was, or an amount', () => {
  const cheaper = fell('price', { by: '5%' });
  assert.deepEqual(
    [9500, 9501, 10_500].map((price) => cheaper(from('10,000원', price))),
    [true, false, false],
  );
  assert.deepEqual(
    [9000, 9001].map((price) => fell('price', { by: 1000 })(from(10_000, price))),
    [true, false],
  );
  assert.deepEqual(
    [9999, 10_000].map((price) => fell('price')(from(10_000, price))),
    [true, false],
  );
});

test('rose speaks of a rise of at least so much', () => {
  const freed = rose('price', { by: 2 });
  assert.deepEqual(
    [3, 2, 0].map((price) => freed(from('1석', `${price}석`))),
    [true, false, false],
  );
});

test('changedBy speaks of a change up or down, and no hair of a fraction keeps it silent', () => {
  const moved = changedBy('price', '1%');
  assert.deepEqual(
    [101, 99, 100.9, 100].map((price) => moved(from(100, price))),
    [true, true, false, false],
  );
  assert.equal(changedBy('price', 0.1)(from(0.2, 0.3)), true);
  assert.equal(changedBy('price', 0.1)(from(0.3, 0.2)), true);
  assert.equal(moved(from(0, 1)), true);
});

test('below and above speak when a limit is passed, and not again while it stays so', () => {
  const cheap = below('price', 10_000);
  assert.deepEqual(
    [
      [10_000, 9999],
      [9999, 9000],
      [9000, 10_000],
      [10_000, 10_000],
    ].map(([before, now]) => cheap(from(before, now))),
    [true, false, false, false],
  );
  const dusty = above('dust', 80);
  assert.equal(dusty(Object.assign({ dust: '81㎍/㎥' }, { before: { dust: '80㎍/㎥' } })), true);
  assert.equal(dusty(Object.assign({ dust: 90 }, { before: { dust: 81 } })), false);
});

test('an item that is new, or had no number, is told by a limit and by nothing else', () => {
  for (const item of [{ price: '9,000원' }, from('품절', '9,000원')]) {
    assert.equal(below('price', 10_000)(item), true);
    assert.equal(below('price', 9000)(item), false);
    for (const tell of [fell('price'), rose('price'), changedBy('price', 1)]) assert.equal(tell(item), false);
  }
});

test('without a number nothing is told: sold out is no fall to nothing', () => {
  for (const tell of [fell('price'), rose('price'), changedBy('price', 0), below('price', 1), above('price', -1)])
    for (const now of ['품절', '', undefined, null]) assert.equal(tell(from(10_000, now)), false, String(now));
});

test('any walk of prices passes a limit as often as it is told, and is told at no other look', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2 }), (prices) => {
      const heard = prices.map((price, at) => at > 0 && below('price', 10)(from(prices[at - 1], price)));
      const crossed = prices.map((price, at) => at > 0 && price < 10 && (prices[at - 1] ?? 0) >= 10);
      assert.deepEqual(heard, crossed);
    }),
  );
});

test('an amount or a limit that is none is refused when the file is read, not when the price falls', () => {
  for (const by of ['five%', '-5%', '5', '1.2.3%'] as const)
    assert.throws(
      () => fell('price', { by: by as '5%' }),
      /by is .* Give a number that is not negative, or a part such as '5%'/,
    );
  assert.throws(() => rose('price', { by: -1 }), /by is -1/);
  assert.throws(() => changedBy('price', Number.NaN), /by is/);
  assert.throws(() => below('price', Number.NaN), /The limit of "price" is NaN/);
});

test('a field that no item has is an error naming those there are, from the first look on', () => {
  const watch = { key: (item: { name: string }) => item.name, tell: below('prcie', 5) as never };
  const items = [{ name: '밥', price: 4 }];
  for (const known of [undefined, new Map()])
    assert.throws(
      () => select(items, watch, { known }),
      /looks at the field "prcie", which no item has\. They have name, price\./,
    );
  assert.doesNotThrow(() => select([], watch, { known: undefined }));
  const soldOut = [{ name: '밥', price: undefined }];
  assert.doesNotThrow(() =>
    select(soldOut, { key: ({ name }) => name, tell: below('price', 5) }, { known: new Map() }),
  );
});
