// What the sample cafeteria and school cook: made up from the date, so that a day's menu never changes.
import { createHash } from 'node:crypto';

export type Meal = 'breakfast' | 'lunch' | 'dinner';

export interface Dish {
  readonly name: string;
  readonly price: number;
}

interface Corner {
  readonly dishes: readonly string[];
  readonly price: number;
}

const CORNERS: Readonly<Record<Meal, readonly Corner[]>> = {
  breakfast: [
    { dishes: ['북엇국 백반', '콩나물국밥', '소고기미역국 백반', '된장찌개 백반', '시래기국 백반'], price: 1000 },
    { dishes: ['에그 토스트 세트', '참치 샌드위치', '크루아상과 스크램블드에그', '시리얼과 과일'], price: 3500 },
  ],
  lunch: [
    { dishes: ['제육볶음 정식', '닭갈비 정식', '고등어구이 정식', '소불고기 정식', '돼지고기 김치찜'], price: 5500 },
    { dishes: ['치즈돈가스', '오므라이스', '새우볶음밥과 짜장', '카레라이스', '함박스테이크'], price: 6000 },
    { dishes: ['잔치국수', '바지락칼국수', '비빔냉면', '해물짬뽕', '얼큰 순두부찌개'], price: 5000 },
    { dishes: ['연어 샐러드', '두부 비빔밥', '리코타치즈 샐러드'], price: 6500 },
  ],
  dinner: [
    { dishes: ['순살찜닭', '부대찌개', '오징어볶음', '감자탕', '김치볶음밥과 계란프라이'], price: 5500 },
    { dishes: ['로제 파스타', '마파두부덮밥', '치킨마요덮밥', '떡갈비와 비빔국수', '똠얌 쌀국수'], price: 6000 },
    { dishes: ['육개장', '사골우거지국', '차돌된장찌개', '참치김치찌개'], price: 5000 },
  ],
};

const SCHOOL = [
  ['기장밥', '현미밥', '차조밥', '흑미밥', '곤드레밥(5)'],
  ['미역국(5.6.16)', '콩나물국(5)', '얼갈이된장국(5.6)', '맑은순두부국(5.9)', '소고기무국(5.6.16)'],
  [
    '간장닭조림(5.6.15)',
    '돈육김치볶음(5.6.9.10)',
    '고등어카레구이(2.5.6.7)',
    '소불고기(5.6.10.16)',
    '치즈돈가스(1.2.5.6.10)',
  ],
  ['시금치나물(5.6)', '감자채볶음', '오이무침(5.6.13)', '어묵볶음(1.5.6)', '도토리묵무침(5.6)'],
  ['배추김치(9)', '깍두기(9)', '총각김치(9)'],
  ['사과', '요구르트(2)', '귤', '식혜', '바나나'],
];

export function menuOf(date: string, meal: Meal): readonly Dish[] {
  return CORNERS[meal].map(({ dishes, price }, corner) => ({ name: pick(dishes, `${date} ${meal} ${corner}`), price }));
}

/** A school's tray, in the way NEIS writes it. */
export function trayOf(date: string, mealCode: string): string {
  return SCHOOL.map((dishes, place) => pick(dishes, `${date} ${mealCode} ${place}`)).join('<br/>');
}

/** A number that the text alone decides, from 0 to below `below`. */
export function numberFrom(text: string, below: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % below;
}

function pick(choices: readonly string[], text: string): string {
  return choices[numberFrom(text, choices.length)] ?? '';
}
