// Every limit of Kakao's messages at its edge and one beyond, and Kakao's own templates.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkSaying } from '../../src/kakao/limits.ts';
import type { DefaultTemplate, Saying } from '../../src/kakao/template.ts';

const SHARED = join(import.meta.dirname, '../../../shared/kakao/fixtures/template');
const link = { web_url: 'https://example.kr' };
const content = { title: '제목', link };
const button = { title: '보기', link };
const of = (length: number) => '가'.repeat(length);
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const checkObject = (object: unknown) => checkSaying({ kind: 'default', object: object as DefaultTemplate });
const checkAny = (saying: unknown) => checkSaying(saying as Saying);

const GOOD: Record<string, Record<string, unknown>> = {
  text: { object_type: 'text', text: of(200), link, buttons: times(2, button), button_title: '보기' },
  feed: {
    object_type: 'feed',
    content: { ...content, image_url: 'http://example.kr/a.png', image_width: 1, image_height: 1 },
    item_content: {
      profile_text: of(16),
      title_image_text: of(24),
      title_image_category: of(14),
      items: times(5, { item: of(6), item_op: of(25) }),
      sum: of(6),
      sum_op: of(11),
    },
    social: { like_count: 0, comment_count: 1, shared_count: 2 },
    buttons: times(2, button),
  },
  list: { object_type: 'list', header_title: of(200), header_link: link, contents: times(3, content) },
  location: { object_type: 'location', address: '서울', content, buttons: [button] },
  commerce: { object_type: 'commerce', content, commerce: { regular_price: 0, discount_rate: 100 } },
  calendar: { object_type: 'calendar', id_type: 'event', id: '1', content, buttons: [button] },
};

for (const [type, object] of Object.entries(GOOD)) {
  test(`a ${type} template at its limits passes`, () => {
    assert.deepEqual(checkObject(object), []);
  });

  test(`a ${type} template with an unknown field is refused by its name`, () => {
    const [problem, ...others] = checkObject({ ...object, colour: 'red' });
    assert.match(
      problem ?? '',
      new RegExp(`^${type}\\.colour is not a field Kakao knows; the fields are object_type, `),
    );
    assert.deepEqual(others, []);
  });
}

const NOWHERE =
  'leads nowhere; Kakao wants at least one of web_url, mobile_web_url, android_execution_params, ios_execution_params.';

const BAD: readonly (readonly [type: string, change: Record<string, unknown>, problem: string])[] = [
  ['text', { text: of(201) }, 'text.text has 201 characters; Kakao takes at most 200. Shorten it.'],
  ['text', { text: '😀'.repeat(101) }, 'text.text has 202 characters; Kakao takes at most 200. Shorten it.'],
  ['text', { text: ' \n ' }, 'text.text is blank; it must say something.'],
  ['text', { text: undefined }, 'text.text is missing.'],
  ['text', { text: 7 }, 'text.text is a number; it must be text.'],
  ['text', { link: undefined }, 'text.link is missing.'],
  ['text', { link: {} }, `text.link ${NOWHERE}`],
  ['text', { buttons: times(3, button) }, 'text.buttons has 3 entries; Kakao takes at most 2. Leave some out.'],
  ['text', { buttons: [{ link }] }, 'text.buttons[0].title is missing.'],
  ['text', { buttons: [{ title: 'x', link: {} }] }, `text.buttons[0].link ${NOWHERE}`],
  ['text', { buttons: [null] }, 'text.buttons[0] is null; it must be an object.'],
  ['text', { button_title: '' }, 'text.button_title is blank; it must say something.'],
  [
    'text',
    { link: { web_url: 'example.kr/a' } },
    'text.link.web_url is "example.kr/a"; it must be a whole http or https address.',
  ],
  [
    'text',
    { link: { web_url: 'javascript:alert(1)' } },
    'text.link.web_url is "javascript:alert(1)"; it must be a whole http or https address. Build the address from what stands in it, or leave the link out.',
  ],
  ['feed', { content: undefined }, 'feed.content is missing.'],
  [
    'feed',
    { content: { link, title: ' ' } },
    'feed.content has neither title, description nor image_url; Kakao wants at least one.',
  ],
  [
    'feed',
    { content: { ...content, image_url: '/a.png' } },
    'feed.content.image_url is "/a.png"; it must be a whole http or https address.',
  ],
  [
    'feed',
    { content: { ...content, image_width: 0.5 } },
    'feed.content.image_width is 0.5; it must be a whole number from 1.',
  ],
  [
    'feed',
    { item_content: { items: times(6, { item: 'a', item_op: 'b' }) } },
    'feed.item_content.items has 6 entries; Kakao takes at most 5. Leave some out or use text.',
  ],
  [
    'feed',
    { item_content: { items: [{ item: of(7), item_op: 'b' }] } },
    'feed.item_content.items[0].item has 7 characters; Kakao takes at most 6. Shorten it.',
  ],
  [
    'feed',
    { item_content: { items: [{ item: 'a', item_op: of(26) }] } },
    'feed.item_content.items[0].item_op has 26 characters; Kakao takes at most 25. Shorten it.',
  ],
  ['feed', { item_content: { items: [{ item: 'a' }] } }, 'feed.item_content.items[0].item_op is missing.'],
  [
    'feed',
    { item_content: { profile_text: of(17) } },
    'feed.item_content.profile_text has 17 characters; Kakao takes at most 16. Shorten it.',
  ],
  [
    'feed',
    { item_content: { title_image_text: of(25) } },
    'feed.item_content.title_image_text has 25 characters; Kakao takes at most 24. Shorten it.',
  ],
  [
    'feed',
    { item_content: { title_image_category: of(15) } },
    'feed.item_content.title_image_category has 15 characters; Kakao takes at most 14. Shorten it.',
  ],
  [
    'feed',
    { item_content: { sum: of(7) } },
    'feed.item_content.sum has 7 characters; Kakao takes at most 6. Shorten it.',
  ],
  [
    'feed',
    { item_content: { sum_op: of(12) } },
    'feed.item_content.sum_op has 12 characters; Kakao takes at most 11. Shorten it.',
  ],
  [
    'feed',
    { social: { like_count: 1, comment_count: 1, shared_count: 1, view_count: 1 } },
    'feed.social has 4 counts; KakaoTalk shows at most 3.',
  ],
  ['feed', { social: { like_count: -1 } }, 'feed.social.like_count is -1; it must be a whole number from 0.'],
  ['list', { header_title: of(201) }, 'list.header_title has 201 characters; Kakao takes at most 200. Shorten it.'],
  ['list', { header_link: undefined }, 'list.header_link is missing.'],
  [
    'list',
    { contents: times(5, content) },
    'list.contents has 5 entries; Kakao takes 2 to 3. Tell 2 or 3 items, or use text.',
  ],
  ['list', { contents: [content] }, 'list.contents has 1 entry; Kakao takes 2 to 3. Tell 2 or 3 items, or use text.'],
  ['list', { contents: 'no' }, 'list.contents is a string; it must be an array.'],
  ['location', { address: undefined }, 'location.address is missing.'],
  ['location', { buttons: times(2, button) }, 'location.buttons has 2 entries; Kakao takes at most 1. Leave some out.'],
  ['commerce', { commerce: {} }, 'commerce.commerce.regular_price is missing.'],
  [
    'commerce',
    { commerce: { regular_price: '12,900' } },
    'commerce.commerce.regular_price is "12,900"; it must be a whole number from 0.',
  ],
  [
    'commerce',
    { commerce: { regular_price: 1, discount_rate: 101 } },
    'commerce.commerce.discount_rate is 101; it must be a whole number from 0 to 100.',
  ],
  [
    'commerce',
    { commerce: { regular_price: Number.NaN } },
    'commerce.commerce.regular_price is NaN; it must be a whole number from 0.',
  ],
  [
    'commerce',
    { commerce: { regular_price: 1, discount_rate: 1, fixed_discount_price: 1 } },
    'commerce.commerce has discount_rate and fixed_discount_price; Kakao takes one of them.',
  ],
  [
    'commerce',
    { commerce: { regular_price: 1, currency_unit_position: 2 } },
    'commerce.commerce.currency_unit_position is 2; it must be 0 or 1.',
  ],
  ['calendar', { id: '' }, 'calendar.id is blank; it must say something.'],
  ['calendar', { id_type: 'day' }, 'calendar.id_type is "day"; it must be "event" or "calendar".'],
  ['calendar', { buttons: times(2, button) }, 'calendar.buttons has 2 entries; Kakao takes at most 1. Leave some out.'],
];

for (const [type, change, problem] of BAD) {
  test(`refused: ${problem}`, () => {
    assert.deepEqual(checkObject({ ...GOOD[type], ...change }), [problem]);
  });
}

test('every problem is told, not only the first', () => {
  assert.deepEqual(checkObject({ object_type: 'list' }), [
    'list.header_title is missing.',
    'list.header_link is missing.',
    'list.contents is missing.',
  ]);
});

test('text that is split later may have any length, and needs no link', () => {
  assert.deepEqual(checkSaying({ kind: 'text', text: of(10_000) }), []);
  assert.deepEqual(checkSaying({ kind: 'text', text: 'x', link: {} }), [`text.link ${NOWHERE}`]);
  assert.deepEqual(checkSaying({ kind: 'text', text: '\n' }), ['text.text is blank; it must say something.']);
});

test('custom templates take an id and arguments of text', () => {
  assert.deepEqual(checkAny({ kind: 'custom', template_id: 1, template_args: { A: '' } }), []);
  assert.deepEqual(checkAny({ kind: 'custom', template_id: 0, template_args: { A: 1 } }), [
    'custom.template_id is 0; it must be a whole number from 1.',
    'custom.template_args.A is a number; it must be text.',
  ]);
});

test('scrap takes a web address', () => {
  assert.deepEqual(checkAny({ kind: 'scrap', request_url: 'https://example.kr/1' }), []);
  assert.deepEqual(checkAny({ kind: 'scrap', request_url: 'ftp://example.kr' }), [
    'scrap.request_url is "ftp://example.kr"; it must be a whole http or https address.',
  ]);
});

test('what is no message at all is refused with a sentence', () => {
  for (const saying of [undefined, null, 'text', 7, []]) {
    assert.match(checkAny(saying)[0] ?? '', /^The message is neither text nor made by a builder\./);
  }
  assert.match(checkAny({ kind: 'constructor' })[0] ?? '', /^kind is "constructor"; it must be /);
  assert.match(checkObject({ object_type: 'toString' })[0] ?? '', /^object_type is "toString"; it must be /);
  assert.match(checkObject(undefined)[0] ?? '', /^object_type is missing; it must be /);
});

test('the check never throws, whatever it is given', () => {
  const kind = fc.constantFrom('text', 'custom', 'scrap', 'default', 'other');
  fc.assert(
    fc.property(kind, fc.constantFrom(...Object.keys(GOOD)), fc.object(), (name, type, object) => {
      assert.ok(Array.isArray(checkAny({ ...object, kind: name, object: { ...object, object_type: type } })));
    }),
  );
});

test("Kakao's own templates pass", { skip: existsSync(SHARED) ? false : '../shared is absent' }, () => {
  const files = globSync('**/*.json', { cwd: SHARED });
  assert.ok(files.length >= 2);
  for (const file of files) {
    const object: unknown = JSON.parse(readFileSync(join(SHARED, file), 'utf8'));
    assert.deepEqual(checkObject(object), [], file);
  }
});
