// Menus as people write them, and what is read from them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dishes, meals } from '../../src/core/dishes.ts';
import { pageOf } from './page-fixture.ts';

function namesOf(text: string | readonly string[]): readonly string[] {
  return dishes(text).map(({ name }) => name);
}

test('the docstrings say what happens', async () => {
  const page = await pageOf('<ul id="lunch"><li>현미밥</li><li>돈까스 (1.5.6.) 5,500원</li></ul>');
  assert.deepEqual(
    dishes(page.one('#lunch').lines).map(({ name }) => name),
    ['현미밥', '돈까스'],
  );
  assert.deepEqual(dishes('현미밥<br/>돈까스 (1.5.6.) 5,500원'), [
    { name: '현미밥', allergens: [] },
    { name: '돈까스', allergens: [1, 5, 6], price: 5500 },
  ]);
  assert.deepEqual(meals(['*중식*', '목살고추장찌개', '쌀밥', '4,000원 624kcal']), [
    {
      title: '중식',
      dishes: [
        { name: '목살고추장찌개', allergens: [] },
        { name: '쌀밥', allergens: [] },
      ],
      price: 4000,
    },
  ]);
});

test('dishes are parted by tags that break a line, newlines, commas and middle dots that separate', () => {
  const expected = ['밥', '국', '김치'];
  const texts = ['밥<br>국<br />김치', '밥\n국\r\n김치', '<ul><li>밥</li><li>국</li><li>김치</li></ul>', '밥,국, 김치'];
  for (const text of [
    ...texts,
    '밥·국·김치',
    '밥ㆍ국ㆍ김치',
    '밥 · 국 ・ 김치',
    '- 밥\n• 국\n* 김치',
    '1) 밥\n2) 국\n3) 김치',
  ]) {
    assert.deepEqual(namesOf(text), expected, text);
  }
  assert.deepEqual(namesOf('밥(흑미)·국·김치(선택)'), ['밥(흑미)', '국', '김치(선택)']);
  assert.deepEqual(namesOf('★돈까스,100%쥬스, 우유200ml,국'), ['돈까스', '100%쥬스', '우유200ml', '국']);
  assert.deepEqual(namesOf(['밥', '국', '김치']), expected);
  assert.deepEqual(namesOf(['밥, 국', '김치']), expected);
});

test('what belongs to one dish is not parted', () => {
  const whole = [
    '돼지·김치볶음',
    '스파게티*소시지*루꼴라',
    '순대국밥/수육국밥',
    '갈비탕&왕만두',
    '참치마요(R)+제육 세트',
  ];
  const bracketed = [
    '김치(배추:국내산, 고춧가루:중국산)',
    '라면[신라면,진라면]',
    '떡볶이(떡·어묵·계란)',
    '7선 산채비빔밥',
  ];
  for (const text of [
    ...whole,
    ...bracketed,
    '작은밥(선택)',
    '육회 비빔밥(S)',
    '야채춘권(3p)',
    '(잇템)고로케',
    '콜라1.5L',
  ]) {
    assert.deepEqual(dishes(text), [{ name: text, allergens: [] }], text);
  }
  assert.deepEqual(namesOf('R&amp;B버거&nbsp;세트'), ['R&B버거 세트']);
});

test('allergens are read in every way they are marked', () => {
  const marks = [
    '(1.5.6.)',
    '(1.5.6)',
    ' (1.5.6.) ',
    '(1,5,6)',
    '(1, 5, 6)',
    '[1.5.6]',
    '1.5.6.',
    ' 1.5.6',
    '①⑤⑥',
    ' ① ⑤ ⑥',
    '(①⑤⑥)',
  ];
  for (const mark of marks) {
    assert.deepEqual(dishes(`돈까스${mark}`), [{ name: '돈까스', allergens: [1, 5, 6] }], mark);
  }
  assert.deepEqual(dishes('배추김치 (9)')[0]?.allergens, [9]);
  assert.deepEqual(dishes('우유2.')[0]?.allergens, [2]);
  assert.deepEqual(dishes('조개탕 (18.19)')[0]?.allergens, [18, 19]);
  assert.deepEqual(dishes('김치전(완) (1.9.10.)'), [{ name: '김치전(완)', allergens: [1, 9, 10] }]);
  assert.deepEqual(dishes('돈까스\n(1.5.6.)'), [{ name: '돈까스', allergens: [1, 5, 6] }], 'on a line of their own');
  assert.deepEqual(dishes('한정 (20)'), [{ name: '한정 (20)', allergens: [] }], 'there are nineteen');
});

test('prices are read in every way they are written', () => {
  for (const price of [
    ' 5,500원',
    '5500원',
    ' ₩5,500',
    '￦ 5,500',
    '(5,500원)',
    ' : 5,500원',
    ' 5,500',
    ' 5,500원 820kcal',
  ]) {
    assert.deepEqual(dishes(`돈까스${price}`), [{ name: '돈까스', allergens: [], price: 5500 }], price);
  }
  for (const text of ['돈까스 (1.5) 5,500원', '돈까스 5,500원 (1.5)']) {
    assert.deepEqual(dishes(text), [{ name: '돈까스', allergens: [1, 5], price: 5500 }], text);
  }
  assert.deepEqual(
    dishes('우동 5,000원, 김밥 3,000원').map(({ name, price }) => [name, price]),
    [
      ['우동', 5000],
      ['김밥', 3000],
    ],
  );
  assert.equal(dishes('라면 2,000~2,500원')[0]?.price, 2000);
  assert.deepEqual(dishes('초밥 112,000원'), [{ name: '초밥', allergens: [], price: 112_000 }]);
  assert.deepEqual(dishes('비타500 1,000'), [{ name: '비타500', allergens: [], price: 1000 }]);
  assert.deepEqual(dishes('천원의아침밥'), [{ name: '천원의아침밥', allergens: [] }]);
});

test('a price by itself is that of the dish above, or of the meal when there are several', () => {
  assert.deepEqual(dishes('비빔밥\n5,000원\n우동\n4,500원'), [
    { name: '비빔밥', allergens: [], price: 5000 },
    { name: '우동', allergens: [], price: 4500 },
  ]);
  const [meal, ...others] = meals('밥\n국\n￦ 7,000');
  assert.deepEqual([meal?.price, meal?.dishes.length, others], [7000, 2, []]);
  assert.equal(meals('5,000원\n밥\n국')[0]?.price, 5000, 'above its dishes');
});

test('titles and rules part meals', () => {
  const titles = (text: string) =>
    meals(text).map(({ title, dishes: found }) => [title, ...found.map(({ name }) => name)]);
  const expected = [
    ['중식', '밥', '국'],
    ['석식', '죽'],
  ];
  const texts = [
    '*중식*\n밥\n국\n*석식*\n죽',
    '<중식>밥,국\n<석식>죽',
    '[중식]\n밥\n국\n[석식]\n죽',
    '중식\n밥\n국\n(석식)\n죽',
  ];
  for (const text of texts) assert.deepEqual(titles(text), expected, text);
  assert.deepEqual(titles('밥\n국\n------\n죽'), [
    [undefined, '밥', '국'],
    [undefined, '죽'],
  ]);
});

test('what is no dish is left out', () => {
  const none = ['', ' ', '-', '미운영', '운영 안함', '휴무', '식단 없음', '❝ 오늘 등록된 메뉴가 없습니다. ❞', '공휴일'];
  for (const text of [
    ...none,
    '석식은 학생식당\n이용 부탁드립니다.',
    '630kcal',
    '(무:국내산,고춧가루:중국산)',
    '※ 메뉴는 변경될 수 있음',
  ]) {
    assert.deepEqual(dishes(text), [], text);
  }
  assert.deepEqual(namesOf('국밥\n(소:호주산)\n깍두기\n(배추,고춧가루:국내산)\n**12시부터 한정판매'), [
    '국밥',
    '깍두기',
  ]);
  assert.deepEqual(namesOf('비빔밥\n된장국\n맛있게 드세요!'), ['비빔밥', '된장국']);
});

test('a day off and its reason are no dish, and a dish with such a word in it is one', () => {
  const notices = [
    [
      '개교기념일 휴무',
      '개교기념일',
      '재량휴업일',
      '토·일 휴무',
      '(석식 휴무)',
      '[휴무]',
      '11/20 휴무',
      '11.20(금) 휴무',
    ],
    ['추석 연휴', '추석연휴', '설 연휴 (2.16~2.18)', '대체공휴일', '임시 공휴일', '대체휴일', '어린이날'],
    ['준비중', '식단 준비 중', '메뉴 준비중입니다.', '방학', '여름방학', '겨울 방학 중', '방학 중 미운영'],
    [
      '미운영 (방학)',
      '미운영(공사 중)',
      '석식: 미운영',
      '★휴무★',
      '- 휴무',
      '휴무일',
      '휴무, 추석 연휴',
      '미운영 5,000원',
    ],
  ].flat();
  for (const text of notices) assert.deepEqual(dishes(text), [], text);
  const served = [
    '휴게소 떡볶이',
    '추석 연휴 특식',
    '방학동 순대국',
    '어린이날 돈까스',
    '대체육 버거',
    '돈까스/석식 미운영',
  ];
  for (const text of served) assert.deepEqual(namesOf(text), [text], text);
  assert.deepEqual(namesOf('돈까스\n석식 휴무\n우동, 휴무'), ['돈까스', '우동']);
});

test('what stands below a dish in brackets or after a star is part of it', () => {
  assert.deepEqual(namesOf('순대국밥\n[부추+김치+밥]\n오징어링튀김\n*소스'), [
    '순대국밥 [부추+김치+밥]',
    '오징어링튀김*소스',
  ]);
  assert.deepEqual(namesOf('현미밥\n*수제돈까스\n*칠리소스'), ['현미밥', '수제돈까스*칠리소스']);
  assert.deepEqual(namesOf('"Self라면\n[신라면,진라면]\n3000원"'), ['Self라면 [신라면,진라면]']);
});

test('text without end or sense takes no long time, and is not lost', () => {
  const signs = [
    '(',
    '((1.',
    ',',
    '①',
    '1.',
    '·',
    '*',
    '<',
    '<br ',
    '₩',
    '5,500',
    '[1,',
    ' · ',
    '가,',
    '밥(',
    '\n',
    '&amp;',
  ];
  for (const sign of signs) {
    const text = sign.repeat(100_000);
    const before = performance.now();
    meals(`${text}!`);
    meals(text);
    assert.ok(performance.now() - before < 1500, sign);
  }
  const long = `${'가'.repeat(3000)},국`;
  assert.deepEqual(namesOf(`밥\n${long}`), ['밥', long]);
});
