// The sample site: what jobs and demos look at.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as cheerio from 'cheerio/slim';
import iconv from 'iconv-lite';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openSandbox, setKoreanTime } from './visitor.ts';

const NEIS = path.join(import.meta.dirname, '../../../shared/pages/menu/neis-meal-20250507.json');

async function load(sandbox: Sandbox, address: string): Promise<cheerio.CheerioAPI> {
  return cheerio.load(await (await fetch(sandbox.siteUrl + address)).text());
}

test('the cafeteria shows today of the sandbox clock, in Korea, with three meals', async (t) => {
  const sandbox = await openSandbox(t);
  setKoreanTime(sandbox, '2026-11-21T00:30');

  const page = await load(sandbox, '/menu');

  assert.equal(page('.date').text(), '2026-11-21');
  assert.equal(page('.week').text(), '2026-11-21');
  for (const meal of ['breakfast', 'lunch', 'dinner']) {
    const rows = page(`ul#${meal} li`).toArray();
    assert.ok(rows.length >= 2);
    for (const row of rows) {
      assert.notEqual(page(row).find('.name').text(), '');
      assert.match(page(row).find('.price').text(), /^\d,\d{3}원$/);
    }
  }
});

test('a day has one menu, another day another one, and a wrong date is refused', async (t) => {
  const sandbox = await openSandbox(t);
  const menu = async (date: string) => (await load(sandbox, `/menu?date=${date}`))('ul').text();

  assert.equal(await menu('2026-11-20'), await menu('2026-11-20'));
  assert.notEqual(await menu('2026-11-20'), await menu('2026-11-21'));
  assert.equal((await fetch(`${sandbox.siteUrl}/menu?date=<script>`)).status, 400);
});

test('the board is CP949 by its meta alone, with 똠 as its two bytes, and pinned rows on top', async (t) => {
  const sandbox = await openSandbox(t);
  const response = await fetch(`${sandbox.siteUrl}/notices`);
  const bytes = Buffer.from(await response.arrayBuffer());

  assert.equal(response.headers.get('content-type'), 'text/html');
  assert.ok(bytes.includes(Buffer.from([0x8c, 0x63])));
  const page = cheerio.load(iconv.decode(bytes, 'cp949'));
  const rows = page('table.board tbody tr').toArray();
  assert.equal(page(rows[0]).find('td').first().text(), '공지');
  assert.match(page(rows[2]).find('td.title a[href]').text(), /똠얌꿍/);
  assert.equal((await fetch(sandbox.url + page(rows[2]).find('td.title a').attr('href'))).status, 200);
});

test('the board answers 304 until a notice is posted, which then is the newest', async (t) => {
  const sandbox = await openSandbox(t);
  const look = (etag = '') => fetch(`${sandbox.siteUrl}/notices`, { headers: { 'if-none-match': etag } });
  const etag = (await look()).headers.get('etag') ?? '';
  assert.equal((await look(etag)).status, 304);

  const posted = sandbox.site.postNotice('<b>똠방각하</b> 상영');
  const body = JSON.stringify({ title: '둘째 글', pinned: true });
  await fetch(`${sandbox.url}/control/site/notice`, { method: 'POST', body });

  const response = await look(etag);
  assert.equal(response.status, 200);
  const page = cheerio.load(iconv.decode(Buffer.from(await response.arrayBuffer()), 'cp949'));
  assert.equal(page('tr.pinned td.title').first().text(), '둘째 글');
  const row = page('tbody tr:not(.pinned)').first();
  assert.deepEqual([row.find('td').first().text(), row.find('.title').text()], [String(posted.number), posted.title]);
});

test('the price of the product is what was set', async (t) => {
  const sandbox = await openSandbox(t);
  const price = async () => (await load(sandbox, '/product'))('.price').text();

  assert.equal((await load(sandbox, '/product'))('.product h1').length, 1);
  assert.equal(await price(), '12,900원');
  sandbox.site.setPrice(9900);
  assert.equal(await price(), '9,900원');
  await fetch(`${sandbox.url}/control/site/price`, { method: 'POST', body: '{"price":1000000}' });
  assert.equal(await price(), '1,000,000원');
});

async function askMeals(sandbox: Sandbox, query: Readonly<Record<string, string>>): Promise<Meals> {
  const { key, officeCode, code } = sandbox.site.school;
  const usual = { KEY: key, Type: 'json', ATPT_OFCDC_SC_CODE: officeCode, SD_SCHUL_CODE: code };
  const response = await fetch(
    `${sandbox.siteUrl}/hub/mealServiceDietInfo?${new URLSearchParams({ ...usual, ...query })}`,
  );
  return (await response.json()) as Meals;
}

interface Meals {
  readonly RESULT?: { readonly CODE: string; readonly MESSAGE: string };
  readonly mealServiceDietInfo?: readonly [unknown, { readonly row: readonly Readonly<Record<string, unknown>>[] }];
}

test('the school API has the fields of NEIS', { skip: existsSync(NEIS) ? false : '../shared is absent' }, async (t) => {
  const sandbox = await openSandbox(t);
  const real = JSON.parse(readFileSync(NEIS, 'utf8')) as Meals;

  const ours = await askMeals(sandbox, { MLSV_YMD: '20261120', MMEAL_SC_CODE: '2' });

  const rowOf = (meals: Meals) => meals.mealServiceDietInfo?.[1].row[0] ?? {};
  assert.deepEqual(Object.keys(rowOf(ours)), Object.keys(rowOf(real)));
  assert.deepEqual(Object.keys(ours.mealServiceDietInfo?.[0] ?? {}), Object.keys(real.mealServiceDietInfo?.[0] ?? {}));
  assert.match(String(rowOf(ours)['DDISH_NM']), /<br\/>/);
});

test('the school API says in its own way that a day has no meal or a key is wrong', async (t) => {
  const sandbox = await openSandbox(t);
  const friday = { MLSV_YMD: '20261120' };

  assert.equal((await askMeals(sandbox, friday)).mealServiceDietInfo?.[1].row.length, 2);
  const none = { CODE: 'INFO-200', MESSAGE: '해당하는 데이터가 없습니다.' };
  assert.deepEqual(await askMeals(sandbox, { MLSV_YMD: '20261121' }), { RESULT: none });
  assert.equal((await askMeals(sandbox, { ...friday, SD_SCHUL_CODE: '1' })).RESULT?.CODE, 'INFO-200');
  assert.equal((await askMeals(sandbox, { ...friday, KEY: 'wrong' })).RESULT?.CODE, 'ERROR-290');
  sandbox.site.school.servesOn = () => false;
  assert.deepEqual(await askMeals(sandbox, friday), { RESULT: none });
});
