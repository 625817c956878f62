// How a correction is marked, for every kind of message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markCorrection } from '../../src/kakao/correction.ts';
import { plainText } from '../../src/kakao/plain.ts';
import type { Saying } from '../../src/kakao/template.ts';

const link = { web_url: 'https://dorm.example/' };
const content = { title: '점심', link };

const sayings: readonly Saying[] = [
  { kind: 'text', text: '점심' },
  { kind: 'default', object: { object_type: 'text', text: '점심', link } },
  { kind: 'default', object: { object_type: 'feed', content } },
  { kind: 'default', object: { object_type: 'list', header_title: '점심', header_link: link, contents: [content] } },
  { kind: 'default', object: { object_type: 'location', address: '서울', content } },
  { kind: 'default', object: { object_type: 'commerce', content, commerce: { regular_price: 1 } } },
  { kind: 'default', object: { object_type: 'calendar', id_type: 'event', id: '1', content } },
  { kind: 'custom', template_id: 1, template_args: {}, plain: '점심' },
  { kind: 'scrap', request_url: 'https://dorm.example/' },
];

test('whoever reads a correction sees that it is one, whatever its template', () => {
  for (const saying of sayings) {
    const [first] = markCorrection([saying]);
    assert.ok(first);
    assert.match(plainText(first).text, /^\[정정\]/, JSON.stringify(saying));
  }
});

test('of several messages only the first is marked, and none is lost', () => {
  const [first, second] = sayings;
  assert.ok(first && second);
  assert.deepEqual(markCorrection([first, second])[1], second);
  assert.deepEqual(markCorrection([]), []);
});
