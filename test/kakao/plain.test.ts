// Each kind of message in plain words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commerce } from '../../src/kakao/build-commerce.ts';
import { feed } from '../../src/kakao/build-feed.ts';
import { withLink } from '../../src/kakao/build-link.ts';
import { list } from '../../src/kakao/build-list.ts';
import { calendar, location } from '../../src/kakao/build-place.ts';
import { custom, scrap, text } from '../../src/kakao/build-text.ts';
import { plainText } from '../../src/kakao/plain.ts';
import type { Saying } from '../../src/kakao/template.ts';

const URL_A = 'https://a.example.kr/1';
const URL_B = 'https://b.example.kr/2';

const CASES: Readonly<Record<string, readonly [Saying, unknown]>> = {
  'text stays whole, with its link apart': [text('가\n나', { link: URL_A }), { text: '가\n나', link: URL_A }],
  'a button that leads elsewhere is told with its address': [
    text('가', {
      link: URL_A,
      buttons: [
        { title: '같은 곳', link: URL_A },
        { title: '다른 곳', link: URL_B },
      ],
    }),
    { text: `가\n같은 곳\n다른 곳 ${URL_B}`, link: URL_A },
  ],
  'a feed is told with its items, sum and counts': [
    feed({
      title: '점심',
      description: '학생 식당',
      link: URL_A,
      profile: '식당',
      heading: { text: '정식', category: '한식' },
      items: [{ name: '밥', value: '1,000원' }],
      sum: { name: '합계', value: '1,000원' },
      social: { likes: 1234, views: 5 },
    }),
    {
      title: '점심',
      text: '식당\n점심\n학생 식당\n한식 · 정식\n밥: 1,000원\n합계: 1,000원\n좋아요 1,234 · 조회 5',
      link: URL_A,
    },
  ],
  'a list is told in lines': [
    list({
      title: '공지',
      link: URL_A,
      items: [
        { title: '하나', description: '설명' },
        { title: '둘', link: URL_B },
        { image: 'https://a.example.kr/p.png' },
      ],
    }),
    { title: '공지', text: `공지\n- 하나: 설명\n- 둘 ${URL_B}\n- https://a.example.kr/p.png`, link: URL_A },
  ],
  'a price is told with what it was': [
    commerce({ title: '차', link: URL_A, regularPrice: 12900, discountPrice: 9900, discountRate: 23 }),
    { title: '차', text: '차\n12,900원 → 9,900원 (23% 할인)', link: URL_A },
  ],
  'a price in another currency': [
    commerce({
      image: URL_B,
      link: URL_A,
      product: 'Tea',
      regularPrice: 1234567,
      fixedDiscount: 100,
      currency: '$',
      currencyFirst: true,
    }),
    { title: 'Tea', text: `${URL_B}\nTea\n$1,234,567 (정액 할인 $100)`, link: URL_A },
  ],
  'a place is told with its address': [
    location({ title: '모임', link: URL_A, address: '서울 중구 1', addressTitle: '우리집' }),
    { title: '모임', text: '모임\n위치: 우리집 (서울 중구 1)', link: URL_A },
  ],
  'a calendar event is told with its id': [
    calendar({ idType: 'event', id: 'e1', title: '축제', description: '내일', link: URL_A }),
    { title: '축제', text: '축제\n내일\n톡캘린더 일정: e1', link: URL_A },
  ],
  'a custom template is told in the words given for it': [
    custom(7, { A: 'b' }, { plain: '차가 싸다' }),
    { text: '차가 싸다' },
  ],
  'a custom template without words is told by id and arguments': [
    custom(7, { 이름: '차', 값: 9900 }),
    { text: '카카오 메시지 템플릿 7\n이름: 차\n값: 9900' },
  ],
  'a scraped page is told by its address': [scrap(URL_A), { text: URL_A, link: URL_A }],
  'a text template is told like text': [
    { kind: 'default', object: { object_type: 'text', text: '가', link: { mobile_web_url: URL_A } } },
    { text: '가', link: URL_A },
  ],
};

for (const [name, [saying, expected]] of Object.entries(CASES)) {
  test(name, () => {
    assert.deepEqual(plainText(saying), expected);
  });
}

test('the link that only stands in for a missing one is not told', () => {
  assert.deepEqual(plainText(withLink(feed({ title: '점심', buttons: [{ title: '더' }] }), undefined)), {
    title: '점심',
    text: '점심\n더',
  });
});
