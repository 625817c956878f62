// Saved pages in many charsets, over a real socket: without a charset in the header, with the right one, with one that
// lies, and with the author's word against all of them.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from '../../src/core/page.ts';
import { getterOf } from './charset-http.ts';

const PAGES = join(import.meta.dirname, '../../../shared/pages/charset');
const shared = existsSync(PAGES) ? {} : { skip: '../shared is absent' };

interface Known {
  /** The true charset, by the name a page has it. */
  readonly charset: string;
  /** What a person reads on it. */
  readonly text: string;
  readonly header: string;
}

/** Every file of the folder: a name, the charset talkbell gives, what it says, and the label a right header would have. */
const FILES: Readonly<Record<string, Known>> = {
  'big5/_chromium_Big5_with_no_encoding_specified.html': known('big5', '台北看守所昨天抽查前總統陳水扁的房舍'),
  'bom/bom_utf16be.html': known('utf-16be', '다음은 현대 한국어의 한글 음절을'),
  'bom/bom_utf16le.html': known('utf-16le', '다음은 현대 한국어의 한글 음절을'),
  'bom/bom_utf32be.html': known('utf-32be', '다음은 현대 한국어의 한글 음절을'),
  'bom/bom_utf8.html': known('utf-8', 'There is a UTF8 BOM at the top'),
  'cheerio-httpcli/auto-euc-jp.html': known('euc-jp', '夏目漱石「私の個人主義」'),
  'cheerio-httpcli/auto-utf-8.html': known('utf-8', '夏目漱石「私の個人主義」'),
  'cheerio-httpcli/auto-x-sjis.html': known('shift_jis', '夏目漱石「私の個人主義」', 'x-sjis'),
  'cheerio-httpcli/entities-etc.html': known('utf-8', '夏目漱石「私の個人主義」'),
  'cheerio-httpcli/entities-hex-num.html': known('utf-8', '夏目漱石「私の個人主義」'),
  'cheerio-httpcli/error-iso-2022-jp.html': known('iso-2022-jp', '夏目漱石「私の個人主義」'),
  'cp949/ricanet.com.xml': known('cp949', '녿ㅌ허내루러니ㅔ냩율', 'euc-kr'),
  'euc-jp/_mozilla_bug620106_text.html': known('euc-jp', 'テストのエンコーディングを検出'),
  'euc-jp/siesta.co.jp.aozora.xml': known('euc-jp', 'インターネットの電子図書館「青空文庫」'),
  'euc-kr/_mozilla_bug9357_text.html': known('cp949', '요청하신 웹 페이지를 찾을 수 없습니다', 'euc-kr'),
  'euc-kr/_ude_euc2.txt': known('cp949', '조선(朝鮮)이나 공화국(共和國)', 'ks_c_5601-1987'),
  'euc-kr/blog.rss.naver.com.xml': known('cp949', '2003년 업 그레이드된 기본강의시리즈 수강 안내', 'EUC-KR'),
  'euc-kr/ittrend.egloos.com.xml': known('cp949', '트렌드 속에서 전략 끄집어내기', 'cp949'),
  'euc-kr/jowchung.oolim.net.xml': known('cp949', '10만 히트 자축 + 여러가지', 'ms949'),
  'euc-kr/kina.egloos.com.xml': known('cp949', '요새~ 왠일로 손에 신경쓰게되네..', 'uhc'),
  'euc-kr/korea-univ-colleage.html': known('cp949', '고려대학교 수강신청 시스템', 'euc-kr'),
  'euc-kr/korea-univ-department.html': known('cp949', '고려대학교 수강신청 시스템', 'euckr'),
  'euc-kr/korea-univ-general_first_type.html': known('cp949', '학부교양/교직', 'KSC5601'),
  'euc-kr/korea-univ-general_second_type.html': known('cp949', '고려대학교 수강신청 시스템', 'windows-949'),
  'euc-kr/korea-univ-major_courses.html': known('cp949', '환경미생물학(영강)', 'euc-kr'),
  'euc-kr/xenix.egloos.com.xml': known('cp949', '▒ 제닉스의 사고뭉치 ▒', 'euc-kr'),
  'gb2312/_mozilla_bug171813_text.html': known('gb18030', '搜狐在线国庆免费大酬宾', 'gb2312'),
  'gb2312/softsea.net.xml': known('gb18030', '系统工具', 'GBK'),
  'iso-2022-kr/_ude_iso2.txt': known('iso-2022-kr', '조선민주주의인민공화국'),
  'meta-lies/jvndb.jvn.jp.html': known('utf-8', '脆弱性対策情報データベース'),
  'meta-lies/www.elecom.co.jp.html': known('utf-8', '個人向け'),
  'shift_jis/_chromium_Shift-JIS_with_no_encoding_specified.html': known(
    'shift_jis',
    '衆院議院運営委員会は９日午後の理事会で',
  ),
  'shift_jis/_ude_1.txt': known('shift_jis', '芥川龍之介'),
  'shift_jis/milliontimes.jp.xml': known('shift_jis', 'ビルドとステアの違い'),
  'utf-16/bom-utf-16-le.srt.txt': known('utf-16le', 'About 2 months ago'),
  'utf-16le/plane1-utf-16le.html': known('utf-16le', '𐌓𐌀𐌔𐌍𐌀'),
};

/** Neither these pages nor their bytes say what they are, and a Korean tool reads such a page as Korean. */
const WITHOUT_A_WORD = [
  'big5/_chromium_Big5_with_no_encoding_specified.html',
  'euc-jp/_mozilla_bug620106_text.html',
  'gb2312/_mozilla_bug171813_text.html',
  'shift_jis/_chromium_Shift-JIS_with_no_encoding_specified.html',
  'shift_jis/_ude_1.txt',
];

/** A server that says EUC-KR of every page is believed of these: many Chinese and Japanese bytes are Korean ones, too. */
const LIED_ABOUT_AS_KOREAN = ['cheerio-httpcli/auto-euc-jp.html', 'cheerio-httpcli/auto-x-sjis.html'];

function known(charset: string, text: string, header: string = charset): Known {
  return { charset, text, header };
}

function bodyOf(file: string): Uint8Array {
  return readFileSync(join(PAGES, file));
}

function checkRead(page: Page, file: string, how: string): void {
  const { charset, text } = FILES[file] ?? known('', '');
  assert.equal(page.charset, charset, `${file}, ${how}`);
  assert.ok(page.text.includes(text), `${file}, ${how}: ${text}`);
  assert.ok(!page.text.includes('\uFFFD'), `${file}, ${how}: something is broken`);
}

function typeOf(file: string): string {
  return file.endsWith('.txt') ? 'text/plain' : file.endsWith('.xml') ? 'application/xml' : 'text/html';
}

describe('saved pages in many charsets, over a real socket', shared, () => {
  const files = Object.keys(FILES);

  test('every file of the folder is named here', () => {
    const found = globSync('**/*', { cwd: PAGES }).filter((file) => statSync(join(PAGES, file)).isFile());
    assert.deepEqual(found.sort(), files.toSorted());
  });

  test('a page is read by itself, when the header names no charset or is not there', async (t) => {
    const get = await getterOf(t);
    for (const file of files.filter((name) => !WITHOUT_A_WORD.includes(name))) {
      checkRead(await get({ body: bodyOf(file) }), file, 'without a header');
      checkRead(await get({ body: bodyOf(file), contentType: typeOf(file) }), file, 'with a header without charset');
    }
  });

  test('a page that says nothing is taken for CP949', async (t) => {
    const get = await getterOf(t);
    for (const file of WITHOUT_A_WORD) {
      assert.equal((await get({ body: bodyOf(file), contentType: 'text/html' })).charset, 'cp949', file);
    }
  });

  test('a right header is believed', async (t) => {
    const get = await getterOf(t);
    for (const file of files) {
      const contentType = `${typeOf(file)}; charset=${FILES[file]?.header}`;
      checkRead(await get({ body: bodyOf(file), contentType }), file, contentType);
    }
  });

  test('a header that lies of UTF-8, or says UTF-8 or ISO-8859-1 of a Korean page, is not believed', async (t) => {
    const get = await getterOf(t);
    const pairs = files.flatMap((file) => liesNotBelieved(file).map((label) => ({ file, label })));
    assert.ok(pairs.length > 100);
    for (const { file, label } of pairs) {
      checkRead(await get({ body: bodyOf(file), contentType: `text/html; charset=${label}` }), file, label);
    }
  });

  test('a lie that is believed is cured by the author, and so is a page that says nothing', async (t) => {
    const get = await getterOf(t);
    for (const file of [...LIED_ABOUT_AS_KOREAN, ...WITHOUT_A_WORD]) {
      const sent = { body: bodyOf(file), contentType: 'text/html; charset=euc-kr' };
      assert.equal((await get(sent)).charset, 'cp949', file);
      checkRead(await get(sent, { charset: FILES[file]?.header ?? '' }), file, "the author's word");
    }
  });

  test('the author wins over a right header, a meta tag and a BOM', async (t) => {
    const get = await getterOf(t);
    for (const file of files) {
      const contentType = `text/html; charset=${FILES[file]?.header}`;
      const page = await get({ body: bodyOf(file), contentType }, { charset: 'koi8-r' });
      assert.equal(page.charset, 'koi8-r', file);
    }
  });

  test('Johab is refused by a sentence that names the page and the ways out', async (t) => {
    const get = await getterOf(t);
    const sent = { body: Buffer.from('<p>\xb4\xe1\xb6\x61', 'latin1'), contentType: 'text/html; charset=johab' };
    await assert.rejects(get(sent), {
      name: 'FetchError',
      message: /^http:\/\/127\.0\.0\.1:\d+\/page is in Johab, .*\{ charset: 'cp949' \}.*\{ charset: 'latin1' \}/,
    });
    const page = await get(sent, { charset: 'latin1' });
    assert.deepEqual([...page.body.subarray(3)], [0xb4, 0xe1, 0xb6, 0x61]);
  });
});

/** What a lying header may say of a file without doing harm. */
function liesNotBelieved(file: string): readonly string[] {
  const { charset } = FILES[file] ?? known('', '');
  if (charset.startsWith('utf-') || charset === 'iso-2022-kr') {
    return ['utf-8', 'euc-kr', 'iso-8859-1', 'shift_jis', 'utf-16', 'iso-2022-kr', 'bogus'];
  }
  if (charset === 'cp949') return ['utf-8', 'iso-8859-1', 'us-ascii', 'utf-16', 'iso-2022-kr', 'bogus'];
  return WITHOUT_A_WORD.includes(file) || charset === 'iso-2022-jp' ? [] : ['utf-8', 'utf-16', 'bogus'];
}
