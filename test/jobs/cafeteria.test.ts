// The cafeteria's menu, tested as the author of a job tests his own: a page in, items and words out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotYet } from '../../src/core/errors.ts';
import { getOf } from '../../src/core/form.ts';
import { pageOf } from '../core/page-fixture.ts';
import { problemsOf, runOf } from './job-fixture.ts';

process.env['CAFETERIA_URL'] = 'https://dorm.example.ac.kr/menu?hall=2';
const { default: cafeteria } = await import('../../jobs/cafeteria.ts');

const lunch = runOf('lunch');
const menuOf = (date: string, lunchRows: string): string => `<!doctype html><meta charset="utf-8"><h1>학생식당</h1>
  <p class="date"> ${date} </p>
  <ul id="breakfast"><li><b class="name">토스트</b></ul>
  <ul id="lunch">${lunchRows}</ul>
  <ul id="dinner"><li><b class="name">카레</b></ul>`;

const ROWS = `<li><b class="name">김치
    찌개</b> <i class="price">4,500원</i></li><li><b class="name">제육 &amp; 쌈</b></li>`;

test('the page is asked for by the day the run was due, beside what the address says already', async () => {
  const asked: string[] = [];
  const get = getOf((url) => {
    asked.push(`${url}`);
    return pageOf('');
  });
  await cafeteria.fetch(get, lunch);
  assert.deepEqual(asked, ['https://dorm.example.ac.kr/menu?hall=2&date=2026-11-20']);
});

test('the dishes of the meal that is due are told, with a price where there is one', async () => {
  const dishes = cafeteria.extract(await pageOf(menuOf('2026-11-20', ROWS)), lunch);
  assert.deepEqual(dishes, [
    { dish: '김치 찌개', price: '4,500원' },
    { dish: '제육 & 쌈', price: undefined },
  ]);
  const rendered = cafeteria.render(dishes, lunch);
  assert.equal(rendered, '🍚 점심 2026-11-20\n- 김치 찌개 4,500원\n- 제육 & 쌈');
  assert.deepEqual(problemsOf(rendered), []);
});

test('each meal has its own list and title', async () => {
  const page = await pageOf(menuOf('2026-11-20', ROWS));
  const told = [runOf('breakfast', '07:30'), runOf('dinner', '17:00')].map((run) =>
    cafeteria.render(cafeteria.extract(page, run), run),
  );
  assert.deepEqual(told, ['🍚 아침 2026-11-20\n- 토스트', '🍚 저녁 2026-11-20\n- 카레']);
});

test('a page that still shows another day is waited for', async () => {
  const page = await pageOf(menuOf('2026-11-19', ROWS));
  assert.throws(
    () => cafeteria.extract(page, lunch),
    new NotYet('the page still shows another day', { isStale: false }),
  );
});

test('a meal without dishes is silence, and a meal without its list is an error that names it', async () => {
  assert.deepEqual(cafeteria.extract(await pageOf(menuOf('2026-11-20', '')), lunch), []);
  const reshaped = await pageOf(menuOf('2026-11-20', ROWS).replace('id="lunch"', 'id="mittag"'));
  assert.throws(() => cafeteria.extract(reshaped, lunch), /#lunch/);
});
