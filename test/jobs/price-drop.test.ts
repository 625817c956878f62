// The price of one thing: only a fall is worth a word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Item } from '../../src/core/job.ts';
import { select } from '../../src/core/watch.ts';
import { pageOf } from '../core/page-fixture.ts';
import { problemsOf, runOf } from './job-fixture.ts';

process.env['PRICE_URL'] = 'https://shop.example.com/tea';
const { default: priceDrop } = await import('../../jobs/price-drop.ts');

const run = runOf('main');
const url = 'https://shop.example.com/tea';
const tea = (price: number) => ({ name: '녹차 100g', price, url });

async function seen(price: string): Promise<readonly ReturnType<typeof tea>[]> {
  const html = `<div class="product"><h1>녹차 <small>100g</small></h1><p class="price">${price}</p></div>`;
  return priceDrop.extract(await pageOf(html, { url }), run);
}

const tellsFrom = (before: number, now: number): number =>
  select([tea(now)], priceDrop.watch, { known: new Map<string, Item>([[url, tea(before)]]) }).told.length;

test('a price is read whatever stands around its digits', async () => {
  for (const price of ['12,900원', '₩12,900', ' 12 900 ']) assert.deepEqual(await seen(price), [tea(12_900)], price);
});

test('a fall is told; a rise, the same price and the first sight are not', () => {
  assert.equal(tellsFrom(12_900, 9900), 1);
  assert.equal(tellsFrom(9900, 12_900), 0);
  assert.equal(tellsFrom(9900, 9900), 0);
  assert.equal(select([tea(9900)], priceDrop.watch, { known: undefined }).told.length, 0);
  assert.equal(select([tea(9900)], priceDrop.watch, { known: new Map() }).told.length, 0);
});

test('a thing that is sold out has no price, which is no fall', async () => {
  await assert.rejects(seen('품절'), /price/);
});

test('the card shows both prices and leads to the thing', () => {
  const rendered = priceDrop.render([{ ...tea(9900), before: tea(12_900) }], run);
  assert.deepEqual(rendered, [
    {
      kind: 'default',
      object: {
        object_type: 'commerce',
        content: { title: '녹차 100g 가격이 내렸어요', link: { web_url: url, mobile_web_url: url } },
        commerce: { regular_price: 12_900, discount_price: 9900, product_name: '녹차 100g' },
      },
    },
  ]);
  assert.deepEqual(problemsOf(rendered), []);
});
