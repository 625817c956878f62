// How messages are drawn: every kind, KakaoTalk's limits, and nothing hostile getting through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawMessage } from '../../src/draw/draw-message.ts';
import { drawRoom } from '../../src/draw/draw-room.ts';
import type { DrawnTemplate } from '../../src/draw/drawn.ts';

const LINK = { mobile_web_url: 'https://example.com/m', web_url: 'https://example.com/pc' };
const CONTENT = { title: '제목', description: '설명', image_url: 'https://example.com/a.png', link: LINK };

function draw(object: DrawnTemplate): string {
  return drawMessage({ kind: 'default', object });
}

function countButtons(drawn: string): number {
  return drawn.match(/class="kt-button"/g)?.length ?? 0;
}

test('a text without buttons has the default one, which leads where the text leads', () => {
  const drawn = draw({ object_type: 'text', text: '한 줄\n두 줄', link: LINK });

  assert.match(drawn, /한 줄\n두 줄/);
  assert.match(drawn, /<a class="kt-button" href="https:\/\/example.com\/m"[^>]*>자세히 보기<\/a>/);
});

test('own buttons win over button_title, and only two are shown', () => {
  const buttons = ['하나', '둘', '셋'].map((title) => ({ title, link: LINK }));
  const drawn = draw({ object_type: 'text', text: 'a', link: LINK, button_title: '넷', buttons });

  assert.equal(countButtons(drawn), 2);
  assert.ok(drawn.includes('하나') && !drawn.includes('셋') && !drawn.includes('넷'));
});

test('a feed shows picture, words, items with a sum, and three of its counts in their order', () => {
  const drawn = draw({
    object_type: 'feed',
    content: CONTENT,
    item_content: {
      profile_text: '프로필',
      title_image_text: '청구서',
      items: [...Array(7).keys()].map((index) => ({ item: `항목${index}`, item_op: '1원' })),
      sum: '합계',
      sum_op: '7원',
    },
    social: { subscriber_count: 5, view_count: 4, shared_count: 3, like_count: 1234 },
  });

  for (const shown of ['제목', '설명', 'a.png', '프로필', '청구서', '항목4', '합계', '7원', '1,234', '공유', '조회']) {
    assert.ok(drawn.includes(shown), shown);
  }
  for (const hidden of ['항목5', '구독']) assert.ok(!drawn.includes(hidden), hidden);
});

test('a list shows its header and at most three rows', () => {
  const contents = ['가', '나', '다', '라'].map((title) => ({ title: `${title}번`, link: LINK }));
  const drawn = draw({ object_type: 'list', header_title: '목록', header_link: LINK, contents });

  assert.ok(drawn.includes('목록') && drawn.includes('다번') && !drawn.includes('라번'));
});

test('a place has its address and the fixed button beside its own', () => {
  const drawn = draw({ object_type: 'location', address: '서울 "중구"', content: CONTENT });

  assert.equal(countButtons(drawn), 2);
  assert.match(drawn, /위치 보기/);
  assert.match(drawn, /서울 &quot;중구&quot;/);
});

test('a price is shown with what is taken off, in its unit and on its side', () => {
  const commerce = { regular_price: 1234567, discount_price: 1000000, discount_rate: 19 };
  const drawn = draw({ object_type: 'commerce', content: CONTENT, commerce });
  assert.match(drawn, /<em>19%<\/em><b>1,000,000원<\/b><s>1,234,567원<\/s>/);

  const dollars = {
    regular_price: 20,
    discount_price: 15,
    fixed_discount_price: 5,
    currency_unit: '$',
    currency_unit_position: 1,
  };
  assert.match(
    draw({ object_type: 'commerce', content: CONTENT, commerce: dollars }),
    /<em>\$5 할인<\/em><b>\$15<\/b>/,
  );
});

test('calendar, custom and scrap messages are drawn, and so is a type nobody knows', () => {
  assert.match(draw({ object_type: 'calendar', id_type: 'event', id: 'e1', content: CONTENT }), /일정 등록/);
  assert.match(drawMessage({ kind: 'custom', template_id: 77, template_args: { 이름: '민지' } }), /#77.*이름.*민지/);
  assert.match(drawMessage({ kind: 'scrap', request_url: 'https://example.com/글' }), /example\.com.*\/글/);
  const unknown = JSON.parse('{"object_type":"<i>toString"}') as DrawnTemplate;
  assert.match(draw(unknown), /kt-is-unknown.*&lt;i&gt;/);
});

test('a link that is no web address leads nowhere', () => {
  for (const web_url of ['javascript:alert(1)', 'data:text/html,x', 'not an address', '//x']) {
    assert.ok(!draw({ object_type: 'text', text: 'a', link: { web_url } }).includes('href'), web_url);
  }
});

test('whatever a text says, it stays text', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('<script>', '"><svg onload=x>', "' onclick='", '&lt;')),
      (text) => {
        const content = {
          title: text,
          description: text,
          image_url: `https://x/${text}`,
          link: { web_url: `https://x/?${text}` },
        };
        const buttons = [{ title: text, link: LINK }];
        const drawn = [
          draw({ object_type: 'text', text, link: LINK, buttons }),
          draw({
            object_type: 'feed',
            content,
            item_content: { profile_text: text, sum: text, sum_op: text },
            buttons,
          }),
          draw({ object_type: 'list', header_title: text, contents: [content] }),
          draw({ object_type: 'location', address: text, address_title: text, content }),
          drawMessage({ kind: 'custom', template_id: 1, template_args: { [text]: text } }, { appName: text }),
          drawMessage({ kind: 'scrap', request_url: text }),
          drawRoom([{ message: { kind: 'scrap', request_url: 'x' }, sender: text, at: 0, note: text }]),
        ].join('');
        const tags = new Set([...drawn.matchAll(/<\/?([^\s>]*)/g)].map((match) => match[1]));
        const known = 'div span a img strong small em b s i dl dt dd time article'.split(' ');
        assert.deepEqual(
          [...tags].filter((tag) => !known.includes(tag ?? '')),
          [],
        );
        for (const [tag] of drawn.matchAll(/<[^>]*>/g)) assert.doesNotMatch(tag, /\s(on\w+|style)\s*=/i);
      },
    ),
  );
});

test('a room shows each day once, in Korea, and the name once for messages in a row', () => {
  const at = (time: string) => Date.parse(`2026-11-20T${time}:00Z`);
  const message = { kind: 'scrap', request_url: 'https://example.com' } as const;
  const room = drawRoom([
    { message, sender: '민지', at: at('14:30') },
    { message, sender: '민지', at: at('14:58') },
    { message, sender: '민지', at: at('15:00') },
    { message, sender: '나', at: at('15:01'), mine: true },
  ]);

  assert.deepEqual(room.match(/2026년 11월 2[01]일/g), ['2026년 11월 20일', '2026년 11월 21일']);
  assert.equal(room.match(/class="kt-name"/g)?.length, 2);
  assert.match(room, /오후 11:58/);
  assert.match(room, /kt-mine/);
});
