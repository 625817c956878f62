// Saved menus of Korean cafeterias and schools, fetched over a socket and read as a person reads them: every dish of the
// day, in order, with allergens and prices, and nothing that is no dish.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Dish } from '../../src/core/dish-line.ts';
import { dishes, type Meal, meals } from '../../src/core/dishes.ts';
import type { Page } from '../../src/core/page.ts';
import { getterOf } from './charset-http.ts';

const MENUS = join(import.meta.dirname, '../../../shared/pages/menu');
const shared = existsSync(MENUS) ? {} : { skip: '../shared is absent' };

async function fetchMenu(t: TestContext, file: string): Promise<Page> {
  const get = await getterOf(t);
  const contentType = file.endsWith('.json') ? 'application/json' : 'text/html';
  return get({ body: readFileSync(join(MENUS, file)), contentType });
}

/** `중식: 밥, 국 = 4000`, with a dish's own price behind it. */
function tell({ title, dishes: found, price }: Meal): string {
  const list = found.map((dish) => [dish.name, dish.price].filter((part) => part !== undefined).join(' ')).join(', ');
  return `${title === undefined ? '' : `${title}: `}${list}${price === undefined ? '' : ` = ${price}`}`;
}

const namesOf = (found: readonly Dish[]): readonly string[] => found.map(({ name }) => name);

describe('saved menus', shared, () => {
  test('a cafeteria with origins, prices and a notice in its cells', async (t) => {
    const table = (await fetchMenu(t, 'dgu-sangnokwon-mobile.html')).table('li table');
    assert.deepEqual(table.rowHeaders, ['집밥', '한그릇 (한정판매)']);
    const read = table.rowHeaders.map((row) =>
      ['중식', '석식'].map((column) => table.meals({ row, column }).map(tell)),
    );
    assert.deepEqual(read, [
      [
        ['쇠고기국밥(뚝), 명란계란말이, 깻잎무침, 샐러드, 깍두기 = 7000'],
        ['간장파불고기(뚝), 바싹오징어볶음(찬), 건파래볶음, 양배추쌈, 샐러드, 배추김치 = 7000'],
      ],
      [['차슈덮밥, 미니잔치국수&포자만두찜, 배추김치 = 7000'], []],
    ]);
  });

  test('five canteens, a table each, with several meals in a cell', async (t) => {
    const page = await fetchMenu(t, 'inu-coop-2021-03-15.html');
    const read = (name: string) => {
      const table = page.table(`table:has(td[colspan]:contains("${name}")):not(:has(table))`);
      return Object.fromEntries(table.headers.map((column) => [column, table.meals({ column }).map(tell)]));
    };
    assert.deepEqual(read('학생식당'), {
      '1코너 중식 (앞쪽)': [
        '천원의아침: 사골김치만두국, 감자떡완자조림, 느타리버섯볶음, 양념깻잎지, 쌀밥 = 4000',
        '중식: 목살고추장찌개, 꼬마돈까스*케찹, 숙주맛살무침, 청경채겉절이, 쌀밥 = 4000',
      ],
      '1코너 석식 (앞쪽)': [
        '부대찌개&떡사리, 계란통통소시지전, 간장감자조림, 치커리유자소스무침, 배추김치, 쌀밥 = 5000',
      ],
      '2코너 중식 (앞쪽)': ['로제떡볶이&모듬튀김, 김주먹밥, 단무지, 어묵국 = 4500'],
      '2코너 석식 (앞쪽)': [],
      '3-1코너 중·석식 (앞쪽)': ['즉석조리기기: 신라면, 진라면, 안성탕면, 너구리, 짜파게티'],
      '3-2코너 중·석식 (앞쪽)': [
        '순대국밥/수육국밥/얼큰국밥 [부추겉절이*양파초절임] 5000',
        '석식: 수육국밥 [부추겉절이*양파초절임] 5000',
      ],
      '4코너 (뒤쪽)': [],
      '5코너 (뒤쪽)': [],
    });
    assert.deepEqual(read('2호관식당'), {
      중식: [
        '닭갈비, 콩나물밥*양념장, 냉이콩가루배추국, 두부조림, 어묵야채볶음, 참나물무침, 포기김치, 오렌지주스 = 5500',
        'Self라면+밥 [신라면,진라면,짜파게티] 3000',
      ],
      석식: [],
    });
    assert.deepEqual(read('제1기숙사식당'), { 조식: [], 중식: [], 석식: [] });
    assert.deepEqual(read('27호관식당'), { 'A코너 중식': [], 'A코너 석식': [], 'B코너 중식': [] });
    assert.deepEqual(read('사범대식당'), {
      중식: [
        '매콤돈육갈비찜, 오징어링튀김*소스, 미역국, 연근땅콩조림, 사각어묵볶음, 사과무생채, 배추김치, 흑미밥 = 5500',
        '순대국밥/수육국밥 [부추+양파절임+김치+밥] 5500',
        '셀프라면 (신라면,너구리,짜파게티) 2000',
        '+토핑 500',
      ],
      석식: [],
    });
  });

  test('a week, a row a day', async (t) => {
    const table = (await fetchMenu(t, 'ssu-dorm-week-trimmed.html')).table('table.boxstyle02');
    const columns = ['조식', '중식', '석식', '야식'];
    const day = (row: string) => columns.map((column) => namesOf(table.dishes({ row, column })));
    assert.deepEqual(day('2026-06-01'), [
      [],
      ['김치콩나물국', '소불고기', '요구르트'],
      ['토마토스파게티', '마늘빵'],
      [],
    ]);
    assert.deepEqual(day('2026-06-02'), [[], ['시래기된장국', '닭갈비'], ['돼지고기김치찌개', '계란말이'], ['컵라면']]);
    assert.throws(() => day('2026-06-03'), /Its rows are "2026-06-01 \(월\)", "2026-06-02 \(화\)"/);
  });

  test('a school meal of NEIS, with the numbers of allergens', async (t) => {
    const page = await fetchMenu(t, 'neis-meal-20250507.json');
    const answer = page.json() as { mealServiceDietInfo: { row?: { DDISH_NM: string }[] }[] };
    const [meal] = answer.mealServiceDietInfo.flatMap(({ row }) => row ?? []);
    assert.deepEqual(dishes(meal?.DDISH_NM ?? ''), [
      { name: '작은밥(선택)', allergens: [] },
      { name: '스파게티*소시지*루꼴라', allergens: [1, 2, 5, 6, 10, 12, 13, 15, 16] },
      { name: '옥수수스프', allergens: [2, 5, 6, 13, 16] },
      { name: '오이쌈장무침', allergens: [5, 6, 13] },
      { name: '크루통샐러드', allergens: [2, 5, 6, 13] },
      { name: '배추김치', allergens: [9] },
      { name: '누룽지(선택)', allergens: [] },
    ]);
  });

  for (const [file, count] of Object.entries({
    'snu-dorm.json': 10,
    'snu-vet.json': 10,
    'snu-snuco-20260401.json': 351,
  })) {
    test(`every dish of ${file}, in order`, async (t) => {
      const written = readNames((await fetchMenu(t, file)).json());
      assert.equal(written.length, count);
      const expected = written.flatMap((name) => SPLIT[name] ?? [name]);
      assert.deepEqual(namesOf(written.flatMap((name) => dishes(name))), expected);
      assert.ok(!expected.some((name) => /[,<>]/.test(name)), 'a line of several dishes is missing from the list here');
    });
  }

  test('the corners of a canteen whose names stand in angle brackets', async (t) => {
    const written = readNames((await fetchMenu(t, 'snu-snuco-20260401.json')).json());
    assert.deepEqual(
      written
        .filter((name) => name.startsWith('<'))
        .flatMap((name) => meals(name))
        .map(tell),
      [
        'A코너: 베테랑칼국수, 미니열무비빔밥, 옥수수야채전',
        'B코너: 닭갈비볶음밥, 미니들기름막국수, 물만두찜',
        'C코너: 셀프라면, 밥, 김치',
      ],
    );
  });

  test('a menu of lists, in German, needs no reading of dishes', async (t) => {
    const page = await fetchMenu(t, 'tum-mensa-garching-2024-07-29.html');
    assert.equal(page.one('.c-schedule__header').text, 'Montag, 29.07.2024');
    const rows = page.rows('.c-schedule__list', '.c-menu-dish-list__item', {
      kind: '.stwm-artname',
      dish: '.c-menu-dish__title',
    });
    assert.deepEqual(
      rows.map(({ kind, dish }) => (kind === '' ? dish : `${kind}: ${dish}`)),
      [
        'Pasta: Tortellini mit Basilikum-Tomaten-Pesto',
        'Grill: Bosna (1 Stück) mit Zwiebeln und Bratensauce',
        'Studitopf: Zartweizen mit Erbsen, Karotten und Mais',
        'Tagessuppe',
        'Fleisch: Fried Chicken Wings mit Barbecuesauce',
        'Vegan: Asia-Reisbällchen mit veganem Currydip',
        'Beilagen: Reis',
        'Kartoffelbrei',
        'Countrykartoffeln',
        'Täglich frisches Gemüse',
        'Gedünstetes Zucchini-Stangensellerie-Paprika-Gemüse',
        'Balkangemüse',
        'Täglich frische Dessertbar',
        'Täglich frisches Salatbuffet',
        'Vanillesahnequark',
        'Frischer Obstsalat',
        'Frische Melone mit Minze',
        'Sunset: Mango-Orangensmoothie',
        'Orangen-Saft',
      ],
    );
  });
});

/** The lines of these files that hold several dishes. Every other line is one dish as it stands. */
const SPLIT: Readonly<Record<string, readonly string[]>> = {
  '감자스프/사골떡국,토스트,씨리얼, 흰우유/두유,계란후라이,베이컨야채볶음,그린샐러드': [
    '감자스프/사골떡국',
    '토스트',
    '씨리얼',
    '흰우유/두유',
    '계란후라이',
    '베이컨야채볶음',
    '그린샐러드',
  ],
  '<A코너>베테랑칼국수, 미니열무비빔밥, 옥수수야채전': ['베테랑칼국수', '미니열무비빔밥', '옥수수야채전'],
  '<B코너>닭갈비볶음밥, 미니들기름막국수, 물만두찜': ['닭갈비볶음밥', '미니들기름막국수', '물만두찜'],
  '<C코너>셀프라면,밥,김치': ['셀프라면', '밥', '김치'],
  // Cut off in the middle of its price by whoever saved it.
  '호구세트 : 8,': ['호구세트 : 8'],
  '치킨까스*머스타드, 콘치즈고구마구이, 살사푸실리샐러드': [
    '치킨까스*머스타드',
    '콘치즈고구마구이',
    '살사푸실리샐러드',
  ],
};

/** All names in a saved answer, in its order; a list of them is one menu. */
function readNames(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(readNames);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== '이름') return readNames(inner);
    return [inner].flat().map((name) => String(name).replace(/\s+/g, ' ').trim());
  });
}
