// The school's lunch from NEIS: its answers are JSON, also those that say no.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { getOf } from '../../src/core/form.ts';
import { pageOf } from '../core/page-fixture.ts';
import { problemsOf, runOf } from './job-fixture.ts';

Object.assign(process.env, { NEIS_KEY: 'neis-key-0123456789', NEIS_OFFICE_CODE: 'G10', NEIS_SCHOOL_CODE: '7441266' });
delete process.env['NEIS_URL'];
const { default: schoolMeal } = await import('../../jobs/school-meal.ts');

const SAVED = join(import.meta.dirname, '..', '..', '..', 'shared', 'pages', 'menu', 'neis-meal-20250507.json');
const lunch = runOf('lunch', '11:00');
const jsonPage = (value: unknown) =>
  pageOf(typeof value === 'string' ? value : JSON.stringify(value), {
    headers: { 'content-type': 'application/json' },
  });

const row = {
  SCHUL_NM: '한빛중학교',
  MMEAL_SC_NM: '중식',
  DDISH_NM: '현미밥 <br/>미역국 (5.6.13)<br />김치전(완) (1.9.10.)<br>배추김치 (9)<br/>요구르트(선택) ',
  CAL_INFO: '712.3 Kcal',
};
const head = { head: [{ list_total_count: 1 }, { RESULT: { CODE: 'INFO-000', MESSAGE: '정상 처리되었습니다.' } }] };

test('NEIS is asked for the lunch of the day the run was due', async () => {
  const asked: URL[] = [];
  const get = getOf((url) => {
    asked.push(new URL(url));
    return jsonPage({});
  });
  await schoolMeal.fetch(get, lunch);
  assert.equal(asked[0]?.origin, 'https://open.neis.go.kr');
  assert.deepEqual(Object.fromEntries(asked[0]?.searchParams ?? []), {
    KEY: 'neis-key-0123456789',
    Type: 'json',
    ATPT_OFCDC_SC_CODE: 'G10',
    SD_SCHUL_CODE: '7441266',
    MMEAL_SC_CODE: '2',
    MLSV_YMD: '20261120',
  });
});

test('the dishes are told without the numbers of allergens, other brackets stay', async () => {
  const meals = schoolMeal.extract(await jsonPage({ mealServiceDietInfo: [head, { row: [row] }] }), lunch);
  assert.deepEqual(meals, [
    {
      school: '한빛중학교',
      meal: '중식',
      dishes: ['현미밥', '미역국', '김치전(완)', '배추김치', '요구르트(선택)'],
      energy: '712.3 Kcal',
    },
  ]);
  const rendered = schoolMeal.render(meals, lunch);
  assert.deepEqual(rendered, [
    '🏫 한빛중학교 중식 2026-11-20\n- 현미밥\n- 미역국\n- 김치전(완)\n- 배추김치\n- 요구르트(선택)\n712.3 Kcal',
  ]);
  assert.deepEqual(problemsOf(rendered), []);
});

test('a day without a meal is silence', async () => {
  const page = await jsonPage({ RESULT: { CODE: 'INFO-200', MESSAGE: '해당하는 데이터가 없습니다.' } });
  assert.deepEqual(schoolMeal.extract(page, lunch), []);
});

test('a refusal, an answer of another shape and a page of HTML are errors, not silence', async () => {
  const refused = await jsonPage({ RESULT: { CODE: 'ERROR-290', MESSAGE: '인증키가 유효하지 않습니다.' } });
  assert.throws(() => schoolMeal.extract(refused, lunch), /NEIS refused: ERROR-290 인증키가 유효하지 않습니다\./);
  const reshaped = await jsonPage({ meals: [] });
  assert.throws(() => schoolMeal.extract(reshaped, lunch), /mealServiceDietInfo/);
  const html = await jsonPage('<html>점검 중</html>');
  assert.throws(() => schoolMeal.extract(html, lunch), /JSON/);
});

test('a real answer of NEIS reads as a menu', { skip: !existsSync(SAVED) && '../shared is absent' }, async () => {
  const meals = schoolMeal.extract(await jsonPage(readFileSync(SAVED, 'utf8')), lunch);
  assert.deepEqual(meals[0]?.dishes, [
    '작은밥(선택)',
    '스파게티*소시지*루꼴라',
    '옥수수스프',
    '오이쌈장무침',
    '크루통샐러드',
    '배추김치',
    '누룽지(선택)',
  ]);
  assert.equal(meals[0]?.school, '대전경덕중학교');
  assert.deepEqual(problemsOf(schoolMeal.render(meals, lunch)), []);
});
