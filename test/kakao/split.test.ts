// Long text in parts: nothing lost, nothing reordered, no grapheme cut, no part blank or too long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageError } from '../../src/core/errors.ts';
import { DEFAULT_LINK } from '../../src/kakao/build-link.ts';
import { splitText, toKakao } from '../../src/kakao/split.ts';
import type { Saying } from '../../src/kakao/template.ts';

const WORDS = [
  '김치찌개',
  '- 돈까스 5,500원',
  'lunch',
  '👨‍👩‍👧‍👦',
  '🇰🇷',
  '🇰',
  'e\u0301',
  '\u1112\u1161\u11ab',
  '\ud83d',
  '\udc00',
  '👍🏽',
  '각',
];
const GAPS = ['\n', '\r\n', '\n\n', ' ', '  ', '\t', '\u3000', '\n  ', ' \n', '', '\u00a0', ' \u0301', '\u2028'];
const piece = fc.tuple(
  fc.constantFrom(...WORDS, '가'.repeat(70), 'x'.repeat(250)),
  fc.constantFrom(...GAPS, ' '.repeat(220)),
);
const menu = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.flat().join(''));
const anything = fc.oneof(
  menu,
  fc.string({ unit: 'binary', maxLength: 900 }),
  fc.string({ unit: 'grapheme', maxLength: 500 }),
);

/** Where each part stands in the text; fails when anything but white space lies between them. */
function placesOf(text: string, parts: readonly string[]): readonly { start: number; end: number }[] {
  const places: { start: number; end: number }[] = [];
  for (const part of parts) {
    const from = places.at(-1)?.end ?? 0;
    const start = text.indexOf(part, from);
    assert.ok(start >= 0, 'a part is not in the text behind the one before it');
    assert.equal(text.slice(from, start).trim(), '', 'words were lost');
    places.push({ start, end: start + part.length });
  }
  assert.equal(text.slice(places.at(-1)?.end ?? 0).trim(), '', 'the end was lost');
  return places;
}

function boundariesOf(text: string): ReadonlySet<number> {
  const segments = [...new Intl.Segmenter('ko', { granularity: 'grapheme' }).segment(text)];
  return new Set([...segments.map(({ index }) => index), text.length]);
}

test('any text comes out whole and in order, in parts of the right size', () => {
  fc.assert(
    fc.property(anything, fc.integer({ min: 2, max: 260 }), (text, limit) => {
      const parts = splitText(text, limit);
      for (const part of parts) assert.ok(part.length <= limit && part.trim() !== '');
      placesOf(text, parts);
      assert.equal(parts.join('').replace(/\s/g, ''), text.replace(/\s/g, ''));
    }),
    { numRuns: 800 },
  );
});

test('no grapheme that fits into a part is cut', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const boundaries = boundariesOf(text);
      for (const { start, end } of placesOf(text, splitText(text))) {
        for (const place of [start, end]) assert.ok(boundaries.has(place) || isInsideGiant(text, place));
      }
    }),
    { numRuns: 400 },
  );
});

function isInsideGiant(text: string, place: number): boolean {
  const { segment } = new Intl.Segmenter('ko', { granularity: 'grapheme' }).segment(text).containing(place) ?? {};
  return segment !== undefined && segment.length > 200;
}

test('text that fits stays exactly as it is', () => {
  for (const text of ['  안녕 \n', '가'.repeat(200), `${'가'.repeat(199)}\n`])
    assert.deepEqual(splitText(text), [text]);
});

test('200 and 201 units are the edge', () => {
  assert.equal(splitText('가'.repeat(200)).length, 1);
  assert.deepEqual(splitText('가'.repeat(201)), ['가'.repeat(200), '가']);
  assert.deepEqual(splitText('😀'.repeat(101)), ['😀'.repeat(100), '😀']);
  assert.deepEqual(splitText(`a${'😀'.repeat(100)}`), [`a${'😀'.repeat(99)}`, '😀']);
});

test('a cut is made at a line end first, then at a space, then between graphemes', () => {
  assert.deepEqual(splitText('가 나\n다 라 마', 7), ['가 나', '다 라 마']);
  assert.deepEqual(splitText('가나 다라 마바사', 7), ['가나 다라', '마바사']);
  assert.deepEqual(splitText('가나다라마바사', 3), ['가나다', '라마바', '사']);
  assert.deepEqual(splitText('abc\r\ndef', 3), ['abc', 'def']);
});

test('the lines of a menu stay whole', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `- 메뉴 ${index} 👨‍👩‍👧‍👦 ${index},000원`);
  assert.equal(splitText(lines.join('\n')).join('\n'), lines.join('\n'));
});

test('the indentation behind a cut stays, blank lines there do not', () => {
  assert.deepEqual(splitText('가나다 \n\n   \n  라마', 5), ['가나다', '  라마']);
});

test('a no-break space is not a place to cut', () => {
  assert.deepEqual(splitText('가나 다\u00a0라', 5), ['가나', '다\u00a0라']);
});

test('a grapheme longer than a part is cut between code points, and only then', () => {
  const giant = `e${'\u0301'.repeat(450)}`;
  const parts = splitText(`가${giant}나`);
  assert.equal(parts.join(''), `가${giant}나`);
  assert.deepEqual(
    parts.map(({ length }) => length),
    [1, 200, 200, 52],
  );
});

test('blank text has no parts', () => {
  for (const text of ['', ' ', '\n'.repeat(1000), '\u3000\t']) assert.deepEqual(splitText(text), []);
});

test('a limit that cannot hold a character is refused', () => {
  for (const limit of [1, 0, -5, 2.5, Number.NaN]) assert.throws(() => splitText('가', limit), RangeError);
});

test('a long page is split in a moment', () => {
  const parts = splitText('메뉴 가격\n'.repeat(50_000));
  assert.ok(parts.length > 1000);
});

test('for Kakao long text has its link on every part and its buttons on the last', () => {
  const link = { web_url: 'https://example.kr' };
  const buttons = [{ title: '보기', link }];
  const sayings = toKakao({ kind: 'text', text: '가'.repeat(450), link, button_title: '식단', buttons });
  assert.deepEqual(sayings, [
    { kind: 'default', object: { object_type: 'text', text: '가'.repeat(200), link } },
    { kind: 'default', object: { object_type: 'text', text: '가'.repeat(200), link } },
    { kind: 'default', object: { object_type: 'text', text: '가'.repeat(50), link, button_title: '식단', buttons } },
  ]);
});

test('for Kakao text without a link gets the neutral one', () => {
  assert.deepEqual(toKakao({ kind: 'text', text: '안녕' }), [
    { kind: 'default', object: { object_type: 'text', text: '안녕', link: DEFAULT_LINK } },
  ]);
});

test('for Kakao any other saying stays as it is', () => {
  const sayings: readonly Saying[] = [
    { kind: 'custom', template_id: 7, template_args: { A: 'b' } },
    { kind: 'scrap', request_url: 'https://example.kr' },
    {
      kind: 'default',
      object: { object_type: 'feed', content: { title: '점심', link: { web_url: 'https://example.kr' } } },
    },
  ];
  for (const saying of sayings) assert.deepEqual(toKakao(saying), [saying]);
});

test('what Kakao would refuse is an error with every problem', () => {
  assert.throws(
    () => toKakao({ kind: 'scrap', request_url: 'nowhere', template_id: 0 }),
    (error) => error instanceof MessageError && error.problems.length === 2,
  );
  assert.throws(() => toKakao({ kind: 'text', text: ' \n' }), MessageError);
});
