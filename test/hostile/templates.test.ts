// Ten thousand menus as nobody would write them, and templates of any shape: what goes to Kakao is whole, in order and
// within the limits, or is refused with a sentence; and what is drawn of it is never code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fillBody } from '../../src/channels/webhook-template.ts';
import { MessageError } from '../../src/core/errors.ts';
import { drawMessage } from '../../src/draw/draw-message.ts';
import { checkSaying, TEXT_LIMIT } from '../../src/kakao/limits.ts';
import { plainText } from '../../src/kakao/plain.ts';
import { toKakao } from '../../src/kakao/split.ts';
import type { Saying } from '../../src/kakao/template.ts';

const MENUS = 10_000;
const SEGMENTER = new Intl.Segmenter('ko', { granularity: 'grapheme' });

const dish = fc.oneof(
  fc.constantFrom(
    '김치찌개',
    '돈까스',
    '🍚 공기밥',
    '👨‍👩‍👧‍👦 가족세트',
    '🇰🇷 한식',
    '똠얌꿍',
    'e\u0301clair',
    '\u1112\u1161\u11ab식',
    '👍🏽',
    '각',
    'Curry',
  ),
  fc.constantFrom(
    '가'.repeat(199),
    '나'.repeat(201),
    '😀'.repeat(101),
    `a${'\u0301'.repeat(60)}`,
    '\u200d\u200d',
    '\ufe0f',
    '\u202e거꾸로',
    '\u0000',
    ' ',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const price = fc.oneof(
  fc.nat(99_999).map((won) => `${won.toLocaleString('en-US')}원`),
  fc.constantFrom('', '무료', '\ud83d', '\udc00\ud800'),
);
const menu = fc
  .array(
    fc.tuple(fc.constantFrom('- ', '', '\t', '\u3000', '• '), dish, fc.constantFrom(' ', '\n', '  ', '\u00a0'), price),
    { minLength: 1, maxLength: 24 },
  )
  .map((lines) => lines.map((line) => line.join('')))
  .chain((lines) => fc.constantFrom('\n', '\r\n', '\n\n', ', ', '').map((gap) => lines.join(gap)));

function textOf(saying: Saying): string {
  return saying.kind === 'default' && saying.object.object_type === 'text'
    ? saying.object.text
    : assert.fail(saying.kind);
}

/** Where a part ends between the halves of a pair that the text holds. */
function splitsPair(text: string, place: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(place - 1, place + 1));
}

/** The ends of the part in the text, which must begin behind the part before it with nothing but white space between. */
function placeOf(text: string, part: string, from: number): { readonly start: number; readonly end: number } {
  const start = text.indexOf(part, from);
  assert.ok(start >= 0 && text.slice(from, start).trim() === '', 'words were lost or reordered');
  return { start, end: start + part.length };
}

function assertWhole(text: string): void {
  const parts = toKakao({ kind: 'text', text }).map(textOf);
  const graphemes = new Map([...SEGMENTER.segment(text)].map(({ index, segment }) => [index, segment.length]));
  const cutsGiant = (place: number): boolean =>
    (SEGMENTER.segment(text).containing(place)?.segment.length ?? 0) > TEXT_LIMIT;
  let from = 0;
  for (const part of parts) {
    assert.ok(part.length <= TEXT_LIMIT && part.trim() !== '');
    const { start, end } = placeOf(text, part, from);
    for (const place of [start, end]) {
      assert.ok(!splitsPair(text, place), 'a pair of surrogates was split');
      assert.ok(place === text.length || graphemes.has(place) || cutsGiant(place), 'a grapheme was split');
    }
    from = end;
  }
  assert.equal(text.slice(from).trim(), '', 'the end was lost');
}

test('ten thousand menus lose nothing over their parts, never pass a limit, never split a grapheme or a surrogate', () => {
  let count = 0;
  fc.assert(
    fc.property(menu, (text) => {
      count += 1;
      if (text.trim() !== '') assertWhole(text);
    }),
    { numRuns: MENUS },
  );
  assert.ok(count >= MENUS);
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '" onload="x',
    "'",
    '&',
    'x'.repeat(500),
    'javascript:alert(1)',
    'https://a.test/"><script>',
    'data:text/html,x',
  ),
);
const link = fc.record({ web_url: text, mobile_web_url: text, android_execution_params: text }, { requiredKeys: [] });
const content = fc.record(
  { title: text, description: text, image_url: text, image_width: fc.anything(), link },
  { requiredKeys: [] },
);
const buttons = fc.array(fc.record({ title: text, link }, { requiredKeys: [] }), { maxLength: 4 });
const template = fc.record(
  {
    object_type: fc.constantFrom(
      'text',
      'feed',
      'list',
      'location',
      'commerce',
      'calendar',
      'constructor',
      '__proto__',
    ),
    ...{
      text,
      link,
      content,
      buttons,
      button_title: text,
      header_title: text,
      header_link: link,
      address: text,
      id: text,
    },
    contents: fc.array(content, { maxLength: 5 }),
    item_content: fc.record(
      { profile_text: text, items: fc.array(fc.record({ item: text, item_op: text })) },
      { requiredKeys: [] },
    ),
    social: fc.record({ like_count: fc.anything() }, { requiredKeys: [] }),
    commerce: fc.record(
      { regular_price: fc.oneof(fc.integer(), fc.anything()), discount_rate: fc.anything() },
      { requiredKeys: [] },
    ),
    id_type: fc.constantFrom('event', 'calendar', 'x'),
    unknown_field: fc.anything(),
  },
  { requiredKeys: ['object_type'] },
);
const words = text.filter((one) => one.trim() !== '').map((one) => one.slice(0, 90).toWellFormed());
const LINK = { web_url: 'https://a.test/?a=%22%3E&b=1' };
/** Within the limits, with words that want to be code. */
const fitting = fc.oneof(
  fc.record({
    object_type: fc.constant('text'),
    text: words,
    link: fc.constant(LINK),
    button_title: words.map((one) => one.slice(0, 8).trim() || 'a'),
  }),
  fc.record({
    object_type: fc.constant('feed'),
    content: fc.record({
      title: words,
      description: words,
      image_url: fc.constant('https://a.test/x.png'),
      link: fc.constant(LINK),
    }),
  }),
  fc.record({
    object_type: fc.constant('list'),
    header_title: words,
    header_link: fc.constant(LINK),
    contents: fc.array(
      fc.record({ title: words, image_url: fc.constant('https://a.test/"><b>.png'), link: fc.constant(LINK) }),
      { minLength: 2, maxLength: 3 },
    ),
  }),
);
const saying = fc.oneof(
  fitting.map((object) => ({ kind: 'default', object })),
  template.map((object) => ({ kind: 'default', object })),
  fc.record(
    {
      kind: fc.constantFrom('text', 'custom', 'scrap', 'default', 'x', '__proto__'),
      text,
      template_id: fc.anything(),
      template_args: fc.anything(),
      request_url: text,
      object: fc.anything(),
    },
    { requiredKeys: ['kind'] },
  ),
  fc.anything(),
);

test('a template of any shape is refused with sentences, or goes out as it stands, in words and as a picture without code', () => {
  let passed = 0;
  fc.assert(
    fc.property(saying, (value) => {
      const given = value as Saying;
      const problems = checkSaying(given);
      for (const problem of problems) assert.ok(problem.length > 10 && problem.length < 500, problem);
      if (problems.length > 0) {
        assert.throws(() => toKakao(given), MessageError);
        return;
      }
      passed += 1;
      for (const part of toKakao(given)) {
        assert.equal(typeof plainText(part).text, 'string');
        if (part.kind !== 'default') continue;
        const drawn = drawMessage({ kind: 'default', object: part.object });
        assert.doesNotMatch(drawn, /<script|<[^>]*\son\w+=|(href|src)="(?!https?:|#)/i);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(passed > 20, `${passed} passed`);
});

test('any text in the body of a webhook stays one value of its JSON', () => {
  const template = '{"text":"{{text}}","again":["{{title}}"],"link":"{{link}}"}';
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('{{link}}', '"},{"a":"', '\\', '\ud800', '$&', '\u2028'),
      (one, other) => {
        const values = {
          text: one,
          title: other,
          link: `${other}${one}`,
          job: '',
          id: '',
          recipient: '',
          part: '1',
          parts: '1',
        };
        const filled = fillBody(template, { values });
        const read = JSON.parse(filled.text) as Record<string, unknown>;
        assert.deepEqual(Object.keys(read), ['text', 'again', 'link']);
        assert.deepEqual([read['text'], read['again'], read['link']], [one, [other], `${other}${one}`]);
      },
    ),
    { numRuns: 1000 },
  );
});
