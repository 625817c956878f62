import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import iconv from 'iconv-lite';
import { decodeText } from '../../src/core/charset.ts';
import { readLabel } from '../../src/core/charset-labels.ts';
import { FetchError } from '../../src/core/errors.ts';

const PAGES = join(import.meta.dirname, '../../../shared/pages');
const shared = existsSync(PAGES) ? {} : { skip: '../shared is absent' };

const korean = '오늘의 점심은 똠얌꿍과 김치찌개';
const cp949 = iconv.encode(korean, 'cp949');
const utf8 = Buffer.from(korean);

function html(head: string, body = korean, charset = 'cp949'): Uint8Array {
  return iconv.encode(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`, charset);
}

describe('the order', () => {
  test('what the author says wins over a BOM, a header and a meta tag', () => {
    const bytes = html('<meta charset="utf-8">');
    assert.match(decodeText(bytes, { override: 'uhc', contentType: 'text/html; charset=utf-8' }).text, /똠얌꿍/);
    assert.equal(decodeText(utf8, { override: 'latin1' }).charset, 'windows-1252');
  });

  test('a BOM wins over the header and is not in the text', () => {
    const charsets = ['utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'];
    for (const charset of charsets) {
      const bytes = iconv.encode(korean, charset, { addBOM: true });
      assert.deepEqual(decodeText(bytes, { contentType: 'text/html; charset=euc-kr' }), { text: korean, charset });
    }
  });

  test('no BOM is left anywhere in a text', () => {
    assert.equal(decodeText(Buffer.from('\uFEFF\uFEFF하나\uFEFF둘')).text, '하나둘');
    assert.equal(decodeText(Buffer.from('하나\uFEFF')).text, '하나');
    assert.equal(decodeText(iconv.encode('\uFEFF하나', 'utf-16le'), { override: 'utf-16le' }).text, '하나');
  });

  test('valid UTF-8 wins over a header and a meta tag that lie', () => {
    const bytes = html('<meta charset="shift_jis">', korean, 'utf-8');
    const decoded = decodeText(bytes, { contentType: 'text/html; charset=EUC-KR' });
    assert.equal(decoded.charset, 'utf-8');
    assert.match(decoded.text, /똠얌꿍/);
  });

  test('a header wins over a meta tag, a meta tag over the default', () => {
    const bytes = iconv.encode('<meta charset="euc-kr">コラム', 'shift_jis');
    assert.match(decodeText(bytes, { contentType: 'text/html; charset="Shift_JIS"' }).text, /コラム/);
    const own = iconv.encode('<meta charset="shift_jis">コラム', 'shift_jis');
    assert.match(decodeText(own).text, /コラム/);
  });

  test('without a word on it a page is CP949', () => {
    assert.deepEqual(decodeText(cp949), { text: korean, charset: 'cp949' });
    assert.deepEqual(decodeText(new Uint8Array()), { text: '', charset: 'cp949' });
  });

  test('all 11,172 syllables of Hangul come out of CP949', () => {
    const all = Array.from({ length: 11_172 }, (_, at) => String.fromCharCode(0xac00 + at)).join('');
    assert.equal(decodeText(iconv.encode(all, 'cp949'), { contentType: 'text/html; charset=euc-kr' }).text, all);
  });

  test('a label nobody knows counts as no label', () => {
    const bytes = html('<meta charset="bogus"><meta charset="euc-kr">');
    assert.deepEqual(decodeText(bytes, { contentType: 'text/html; charset=utf8mb4' }).charset, 'cp949');
    assert.equal(decodeText(iconv.encode('<meta charset=base64>가', 'cp949')).text, '<meta charset=base64>가');
  });
});

describe('pages that lie or are damaged', () => {
  test('a server that says UTF-8 of a CP949 page is not believed', () => {
    const bytes = html('<meta charset="euc-kr">');
    assert.match(decodeText(bytes, { contentType: 'text/html; charset=utf-8' }).text, /똠얌꿍/);
    assert.match(decodeText(html('<meta charset="utf-8">')).text, /똠얌꿍/);
  });

  test('a server that says ISO-8859-1 of a Korean page is not believed, but of a Western one it is', () => {
    const latin = { contentType: 'text/html; charset=ISO-8859-1' };
    assert.equal(decodeText(cp949, latin).text, korean);
    for (const western of [
      'Größe für Müller: Ä Ö Ü ß',
      'Crème brûlée à la carte, déjà',
      'ÄÖ',
      '°C ½ £',
      `${'°¡ '.repeat(5)}é!`,
      `${'°¡'.repeat(4)}${'ÊÊ'.repeat(9)}`,
    ]) {
      const { text, charset } = decodeText(iconv.encode(western, 'latin1'), latin);
      assert.deepEqual({ text, charset }, { text: western, charset: 'windows-1252' });
    }
  });

  test('a UTF-8 page with a character cut in two stays UTF-8 when it says so', () => {
    const bytes = Buffer.concat([utf8, utf8.subarray(0, 2), Buffer.from('...'), utf8]);
    const { text, charset } = decodeText(bytes, { contentType: 'text/html; charset=utf-8' });
    assert.equal(charset, 'utf-8');
    assert.equal(text, `${korean}\uFFFD...${korean}`);
  });

  test('a character cut off at the very end does not make UTF-8 something else', () => {
    for (const cut of [1, 2]) {
      const { text, charset } = decodeText(utf8.subarray(0, utf8.length - cut));
      assert.deepEqual({ text, charset }, { text: `${korean.slice(0, -1)}\uFFFD`, charset: 'utf-8' });
    }
    assert.equal(decodeText(Uint8Array.of(0x61, 0xea, 0xb0)).charset, 'cp949');
  });

  test('a meta tag late in the head is found', () => {
    const late = `<script>${'var a = 1;\n'.repeat(20_000)}</script><meta charset="shift_jis">`;
    assert.match(decodeText(html(late, 'コラム', 'shift_jis')).text, /コラム/);
  });

  test('a meta tag in the body of a long page is not read', () => {
    const body = `${'<p>.</p>'.repeat(1000)}<meta charset="shift_jis">${korean}`;
    assert.ok(decodeText(html('', body)).text.includes(korean));
  });

  test('UTF-16 without a mark is seen by its zeros, and ASCII bytes are never UTF-16', () => {
    assert.match(decodeText(iconv.encode(`<p>${korean}`, 'utf-16le')).text, /똠얌꿍/);
    assert.match(decodeText(iconv.encode(`<p>${korean}`, 'utf-16be')).text, /똠얌꿍/);
    assert.equal(decodeText(Buffer.from('menu'), { contentType: 'text/plain; charset=utf-16' }).text, 'menu');
  });

  test('text without end or sense takes no long time', () => {
    const nasty = ['<meta '.repeat(100_000), '<'.repeat(600_000), `<a ${'= '.repeat(200_000)}`, '<!--'.repeat(100_000)];
    for (const text of nasty) {
      const before = performance.now();
      decodeText(iconv.encode(`${text}가`, 'cp949'));
      assert.ok(performance.now() - before < 1000, text.slice(0, 10));
    }
  });
});

describe('ISO-2022-KR', () => {
  const bytes = Buffer.from('\x1b$)C\x0eGQ1[\x0f menu \x0e19\x0f\n');

  test('is read when its escape stands in the bytes, whatever a label says', () => {
    const labels = [
      undefined,
      'text/plain; charset=ISO-2022-KR',
      'text/plain; charset=utf-8',
      'text/plain; charset=euc-kr',
    ];
    for (const contentType of labels) {
      assert.deepEqual(decodeText(bytes, { contentType }), { text: '한글 menu 국\n', charset: 'iso-2022-kr' });
    }
    assert.equal(decodeText(bytes.subarray(4), { override: 'csISO2022KR' }).text, '한글 menu 국\n');
  });

  test('a label that says it of eight-bit bytes lies', () => {
    assert.deepEqual(decodeText(cp949, { contentType: 'text/plain; charset=iso-2022-kr' }), {
      text: korean,
      charset: 'cp949',
    });
  });

  test('an escape among eight-bit bytes says nothing', () => {
    const mixed = Buffer.concat([Buffer.from('\x1b$)C'), cp949]);
    assert.equal(decodeText(mixed).charset, 'cp949');
  });

  test('damage costs a character, never the signs after it, and a shift ends with its line', () => {
    const read = (text: string): string => decodeText(Buffer.from(text, 'latin1'), { override: 'iso-2022-kr' }).text;
    assert.equal(read('\x0eGQ1\x0f!'), '한\uFFFD!');
    assert.equal(read('\x0eGQ\nGQ'), '한\nGQ');
    assert.equal(read('\x0eGQ 1['), '한 글');
    assert.equal(read('\xb0\xa1'), '\uFFFD\uFFFD');
    assert.equal(read('\x0e'), '');
    assert.equal(read('\x0eG'), '\uFFFD');
  });
});

describe('what nothing here can read', () => {
  test('Johab and its like are errors that name the page and the way out', () => {
    const expected = {
      name: 'FetchError',
      message:
        "http://a/ is in Johab, a charset talkbell cannot read. If it really is in another one, name that: get(url, { charset: 'cp949' }). " +
        "If it is not, get it with { charset: 'latin1' } and decode page.body in the job.",
    };
    assert.throws(() => decodeText(cp949, { contentType: 'text/plain; charset=johab', url: 'http://a/' }), expected);
    assert.throws(() => decodeText(cp949, { override: 'hz-gb-2312' }), FetchError);
  });

  test('an override that is no charset is an error', () => {
    assert.throws(() => decodeText(cp949, { override: 'eucker' }), /'eucker'.*not known.*'euc-kr'/);
  });
});

describe('labels', () => {
  test('every Korean name means CP949', () => {
    const names = [
      'euc-kr',
      'EUC-KR',
      'ks_c_5601-1987',
      'ksc5601',
      'cp949',
      'MS949',
      'uhc',
      'windows-949',
      ' x-windows-949 ',
      'korean',
    ];
    for (const name of names) assert.deepEqual(readLabel(name), { kind: 'known', name: 'cp949' }, name);
  });

  test('other names mean the superset that pages really hold', () => {
    const means = (name: string) => readLabel(name);
    assert.deepEqual(means('iso-8859-1'), { kind: 'known', name: 'windows-1252' });
    assert.deepEqual(means('gb2312'), { kind: 'known', name: 'gb18030' });
    assert.deepEqual(means('x-sjis'), { kind: 'known', name: 'shift_jis' });
    assert.deepEqual(means(''), { kind: 'unknown' });
  });

  test('every charset of the WHATWG can be decoded', () => {
    const names = [
      'ibm866',
      'iso-8859-2',
      'iso-8859-8-i',
      'iso-8859-16',
      'koi8-u',
      'macintosh',
      'windows-874',
      'windows-1258',
      'x-mac-cyrillic',
      'gbk',
      'gb18030',
      'big5',
      'euc-jp',
      'iso-2022-jp',
      'shift_jis',
      'euc-kr',
      'utf-16be',
      'utf-16le',
      'utf-8',
    ];
    for (const name of names)
      assert.equal(
        decodeText(Buffer.from(name.startsWith('utf-16') ? '' : 'abc'), { override: name }).text,
        name.startsWith('utf-16') ? '' : 'abc',
      );
    assert.equal(decodeText(Buffer.from('\x1b$B$"\x1b(B'), { override: 'iso-2022-jp' }).text, 'あ');
  });
});

describe('saved pages', shared, () => {
  test('what a person reads on them is in the text', () => {
    for (const { file, expect } of readExpectations()) {
      const bytes = readFileSync(join(PAGES, file));
      const { text } = decodeText(bytes);
      const plain = text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
      for (const wanted of expect) assert.ok(plain.includes(wanted) || text.includes(wanted), `${file}: ${wanted}`);
    }
  });
});

interface Expectation {
  readonly file: string;
  readonly expect: readonly string[];
}

function readExpectations(): readonly Expectation[] {
  const all = JSON.parse(readFileSync(join(PAGES, 'expectations.json'), 'utf8')) as {
    file: string;
    expect: object;
  }[];
  return all
    .filter(({ file }) => file.startsWith('charset/') || file.startsWith('notice/korea'))
    .map((entry) => {
      return { ...entry, expect: Object.values(entry.expect).flat().map(String) };
    });
}
