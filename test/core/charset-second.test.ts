// CP949 held against a second decoder, glibc's: 10,000 random texts, and every pair of bytes that could be a character.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import iconv from 'iconv-lite';
import { decodeText } from '../../src/core/charset.ts';

const TEXTS = 10_000;
const LEADS = range(0x81, 0xfe);
const TRAILS = [...range(0x41, 0x5a), ...range(0x61, 0x7a), ...range(0x81, 0xfe)];
/** glibc takes the byte after a broken one with it at times: signs that may be lost keep the line's end. */
const LINE_END = Buffer.from('####\n');

/** glibc's, or any other that knows the name CP949. */
const SECOND = 'iconv';
const second = spawnSync(SECOND, ['-f', 'CP949', '-t', 'UTF-8'], { input: Buffer.from([0x8c, 0x63]) });
const glibc = second.stdout?.toString() === '똠' ? {} : { skip: 'there is no iconv that knows CP949 on this machine' };

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The same numbers every time (mulberry32). */
function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** All lines in one process; what it refuses is left out. */
function decodeByGlibc(lines: readonly Uint8Array[]): readonly string[] {
  const input = Buffer.concat(lines.flatMap((line) => [line, LINE_END]));
  const { stdout } = spawnSync(SECOND, ['-c', '-f', 'CP949', '-t', 'UTF-8'], { input, maxBuffer: 1 << 28 });
  const texts = stdout.toString().split('\n');
  assert.equal(texts.length, lines.length + 1);
  return texts.slice(0, -1).map((text) => text.replace(/#+$/, ''));
}

function decode(bytes: Uint8Array): string {
  return decodeText(bytes, { override: 'cp949' }).text;
}

const PAIRS = LEADS.flatMap((lead) => TRAILS.map((trail) => Uint8Array.of(lead, trail)));

describe('CP949 beside a second decoder', glibc, () => {
  test('both read the same 17,048 pairs alike, and refuse the same ones', () => {
    const theirs = decodeByGlibc(PAIRS);
    const read = PAIRS.filter((pair, index) => {
      const ours = decode(pair);
      const refused = ours.includes('\uFFFD');
      // A trail that is a letter is a letter again when its lead is refused. The page keeps a sign of the loss.
      assert.equal(ours.replaceAll('\uFFFD', ''), theirs[index], `${pair}`);
      return !refused;
    });
    assert.equal(read.length, 17_048);
  });

  test(`${TEXTS} random texts come out alike`, () => {
    const random = makeRandom(20_261_120);
    const valid = PAIRS.filter((pair) => !decode(pair).includes('\uFFFD'));
    const sign = (): Uint8Array =>
      random(4) === 0 ? Uint8Array.of(0x20 + random(0x5f)) : (valid[random(valid.length)] ?? Uint8Array.of());
    const texts = Array.from({ length: TEXTS }, () =>
      Buffer.concat([...Array.from({ length: random(40) }, sign), Buffer.from('.')]),
    );
    const theirs = decodeByGlibc(texts);
    for (const [index, bytes] of texts.entries()) {
      assert.equal(decode(bytes), theirs[index]);
      assert.deepEqual(Buffer.from(iconv.encode(decode(bytes), 'cp949')), bytes, 'and back again');
    }
  });

  test('a lone 0x80 or 0xff and the user-defined rows are read by neither', () => {
    const refused = [[0x80], [0xff], [0xc9, 0xa1], [0xfe, 0xfe]].map((bytes) => Uint8Array.from(bytes));
    for (const bytes of refused) assert.equal(decode(bytes).replaceAll('\uFFFD', ''), '', `${bytes}`);
    assert.deepEqual(decodeByGlibc(refused), ['', '', '', '']);
  });
});
