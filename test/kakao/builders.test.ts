// What the builders make of a job author's words: Kakao's own spelling, with links filled afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commerce } from '../../src/kakao/build-commerce.ts';
import { feed } from '../../src/kakao/build-feed.ts';
import { DEFAULT_LINK, toLink, withLink } from '../../src/kakao/build-link.ts';
import { list } from '../../src/kakao/build-list.ts';
import { calendar, location } from '../../src/kakao/build-place.ts';
import { custom, scrap, text } from '../../src/kakao/build-text.ts';
import { checkSaying } from '../../src/kakao/limits.ts';
import type { Saying } from '../../src/kakao/template.ts';

const URL_A = 'https://a.example.kr/1';
const URL_B = 'https://b.example.kr/2';
const A = { web_url: URL_A, mobile_web_url: URL_A };
const B = { web_url: URL_B, mobile_web_url: URL_B };

test('a link given as a string leads there on a computer and on a phone', () => {
  assert.deepEqual(toLink(URL_A), A);
});

test('a link given by device keeps what is given only', () => {
  assert.deepEqual(toLink({ mobile: URL_A, android: 'a=1', ios: 'b=2' }), {
    mobile_web_url: URL_A,
    android_execution_params: 'a=1',
    ios_execution_params: 'b=2',
  });
});

test('text keeps its words whole, however long', () => {
  const long = '가'.repeat(5000);
  assert.deepEqual(text(long), { kind: 'text', text: long });
  assert.deepEqual(text('안녕', { link: URL_A, button: '보기', buttons: [{ title: '둘', link: URL_B }] }), {
    kind: 'text',
    text: '안녕',
    link: A,
    button_title: '보기',
    buttons: [{ title: '둘', link: B }],
  });
});

test('feed becomes a feed template with all its parts', () => {
  const saying = feed({
    title: '점심',
    description: '오늘의 메뉴',
    image: 'https://a.example.kr/p.png',
    imageWidth: 800,
    imageHeight: 400,
    link: URL_A,
    profile: { text: '식당', image: 'https://a.example.kr/i.png' },
    heading: { text: '정식', category: '한식', image: 'https://a.example.kr/h.png' },
    items: [{ name: '밥', value: '1,000원' }],
    sum: { name: '합계', value: '1,000원' },
    social: { likes: 1, comments: 2, shares: 3 },
    buttons: [{ title: '식단', link: URL_B }],
  });
  assert.deepEqual(saying, {
    kind: 'default',
    object: {
      object_type: 'feed',
      content: {
        title: '점심',
        description: '오늘의 메뉴',
        image_url: 'https://a.example.kr/p.png',
        image_width: 800,
        image_height: 400,
        link: A,
      },
      item_content: {
        profile_text: '식당',
        profile_image_url: 'https://a.example.kr/i.png',
        title_image_text: '정식',
        title_image_url: 'https://a.example.kr/h.png',
        title_image_category: '한식',
        items: [{ item: '밥', item_op: '1,000원' }],
        sum: '합계',
        sum_op: '1,000원',
      },
      social: { like_count: 1, comment_count: 2, shared_count: 3 },
      buttons: [{ title: '식단', link: B }],
    },
  });
  assert.deepEqual(checkSaying(saying), []);
});

test('an empty description is left out', () => {
  assert.deepEqual(feed({ title: '점심', description: '', link: URL_A }), {
    kind: 'default',
    object: { object_type: 'feed', content: { title: '점심', link: A } },
  });
});

test('commerce, location, calendar, custom and scrap take their Kakao spelling', () => {
  assert.deepEqual(
    commerce({
      title: '차',
      link: URL_A,
      regularPrice: 12900,
      discountPrice: 9900,
      discountRate: 23,
      currency: '$',
      currencyFirst: true,
    }),
    {
      kind: 'default',
      object: {
        object_type: 'commerce',
        content: { title: '차', link: A },
        commerce: {
          regular_price: 12900,
          discount_price: 9900,
          discount_rate: 23,
          currency_unit: '$',
          currency_unit_position: 1,
        },
      },
    },
  );
  assert.deepEqual(
    location({ title: '집', link: URL_A, address: '서울 중구 1', addressTitle: '우리집', button: '길' }),
    {
      kind: 'default',
      object: {
        object_type: 'location',
        address: '서울 중구 1',
        address_title: '우리집',
        content: { title: '집', link: A },
        button_title: '길',
      },
    },
  );
  assert.deepEqual(calendar({ idType: 'event', id: 'e1', title: '축제', link: URL_A, buttons: [{ title: '더' }] }), {
    kind: 'default',
    object: {
      object_type: 'calendar',
      id_type: 'event',
      id: 'e1',
      content: { title: '축제', link: A },
      buttons: [{ title: '더', link: {} }],
    },
  });
  assert.deepEqual(custom(7, { NAME: '차', WON: 9900 }, { plain: '차 9900원' }), {
    kind: 'custom',
    template_id: 7,
    template_args: { NAME: '차', WON: '9900' },
    plain: '차 9900원',
  });
  assert.deepEqual(scrap(URL_A, { templateId: 7, args: { N: 1 } }), {
    kind: 'scrap',
    request_url: URL_A,
    template_id: 7,
    template_args: { N: '1' },
  });
});

test("withLink fills every link left out with the run's, and leaves those that are set", () => {
  const saying = list({
    title: '공지',
    items: [{ title: '하나' }, { title: '둘', link: URL_B }],
    buttons: [{ title: '더' }, { title: '다른 곳', link: URL_B }],
  });
  assert.deepEqual(withLink(saying, URL_A), {
    kind: 'default',
    object: {
      object_type: 'list',
      header_title: '공지',
      header_link: A,
      contents: [
        { title: '하나', link: A },
        { title: '둘', link: B },
      ],
      buttons: [
        { title: '더', link: A },
        { title: '다른 곳', link: B },
      ],
    },
  });
});

test("a list's own link goes before the run's for its items and buttons", () => {
  const filled = withLink(list({ title: '공지', link: URL_B, items: [{ title: '하나' }] }), URL_A);
  assert.ok(filled.kind === 'default' && filled.object.object_type === 'list');
  assert.deepEqual(filled.object.contents, [{ title: '하나', link: B }]);
});

test('without any link, cards get the neutral one and text gets none', () => {
  assert.deepEqual(withLink(text('안녕'), undefined), { kind: 'text', text: '안녕' });
  assert.deepEqual(withLink(text('안녕'), URL_A), { kind: 'text', text: '안녕', link: A });
  const filled = withLink(feed({ title: '점심', buttons: [{ title: '더' }] }), undefined);
  assert.ok(filled.kind === 'default' && filled.object.object_type === 'feed');
  assert.deepEqual(filled.object.content.link, DEFAULT_LINK);
  assert.deepEqual(filled.object.buttons, [{ title: '더', link: DEFAULT_LINK }]);
  assert.deepEqual(checkSaying(filled), []);
});

test('an address that a page left empty is not filled but refused', () => {
  const filled = withLink(feed({ title: '점심', link: '' }), URL_A);
  assert.deepEqual(checkSaying(filled), [
    'feed.content.link.web_url is ""; it must be a whole http or https address.',
    'feed.content.link.mobile_web_url is ""; it must be a whole http or https address.',
  ]);
});

test('withLink leaves what is misshapen for the check to name', () => {
  const misshapen: readonly unknown[] = [
    null,
    'text',
    7,
    {},
    { kind: 'default' },
    { kind: 'default', object: null },
    { kind: 'default', object: { object_type: 'feed' } },
    { kind: 'default', object: { object_type: 'list', contents: 'no', buttons: 3 } },
    { kind: 'default', object: { object_type: 'list', contents: [null, 1], buttons: [undefined] } },
    { kind: 'text', text: 'x', buttons: {} },
  ];
  for (const saying of misshapen) assert.ok(checkSaying(withLink(saying as Saying, URL_A)).length > 0);
});
