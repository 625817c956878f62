import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { ExtractError } from '../../src/core/errors.ts';
import type { PageKind } from '../../src/core/page-kind.ts';
import { pageOf } from '../../src/core/page-of.ts';
import { toPage } from '../../src/io/fetching.ts';
import { fetching, serveRaw } from '../io/http-local.ts';

const URL_OF_PAGE = 'https://dorm.example.ac.kr/file';

/** Bytes as characters of the same number. */
function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** A ZIP archive of one empty file, as far as its beginning goes. */
function zip(name: string, inside = ''): Uint8Array {
  const packed = deflateRawSync(inside).toString('latin1');
  return bytes(
    `PK\x03\x04\x14\0\0\0\x08\0${'\0'.repeat(16)}${String.fromCharCode(name.length)}\0\0\0${name}${packed}${inside}`,
  );
}

function compound(name: string): Uint8Array {
  return bytes(
    `\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1${'\0'.repeat(504)}${[...name].map((letter) => `${letter}\0`).join('')}`,
  );
}

const BINARY: readonly (readonly [what: string, body: Uint8Array, kind: PageKind, called: RegExp])[] = [
  ['PNG', bytes('\x89PNG\r\n\x1a\n\0\0'), 'image', /a PNG picture/],
  ['JPEG', bytes('\xff\xd8\xff\xe0\0\x10JFIF'), 'image', /a JPEG picture/],
  ['GIF', bytes('GIF89a\x01\0'), 'image', /a GIF picture/],
  ['WebP', bytes('RIFF\x10\0\0\0WEBPVP8 '), 'image', /a WebP picture/],
  ['AVIF', bytes('\0\0\0\x20ftypavif\0\0'), 'image', /an AVIF picture/],
  ['BMP', bytes('BM\x10\x10\0\0\0\0\0\0\x36\0'), 'image', /a BMP picture/],
  ['HWP 5', compound('HwpSummaryInformation'), 'file', /an HWP document/],
  ['HWP 3', bytes('HWP Document File V3.00 \x1a'), 'file', /an HWP document/],
  ['HWPX', zip('mimetype', 'application/hwp+zip'), 'file', /an HWPX document/],
  ['XLSX', zip('xl/workbook.xml'), 'file', /an XLSX spreadsheet/],
  ['DOCX', zip('word/document.xml'), 'file', /a DOCX document/],
  ['XLS', compound('Workbook'), 'file', /an XLS spreadsheet/],
  ['ZIP', zip('photo.jpg'), 'file', /a ZIP archive/],
  ['gzip', gzipSync('x'), 'file', /a gzip archive/],
  ['an unknown file', bytes('\x01\x02\0\0\0\x05'), 'file', /a file/],
];

for (const [what, body, kind, called] of BINARY) {
  test(`${what} is known by its first bytes, whatever the server says`, async () => {
    for (const contentType of ['application/octet-stream', 'application/x-unknown', '']) {
      const page = await pageOf(body, { url: URL_OF_PAGE, contentType });
      assert.deepEqual([page.kind, page.charset], [kind, 'binary'], contentType);
      assert.deepEqual(page.body, body);
      for (const act of [
        () => page.one('p'),
        () => page.text,
        () => page.json(),
        () => page.feed(),
        () => page.pages,
        () => page.$,
      ]) {
        assert.throws(act, (error) => {
          assert.ok(error instanceof ExtractError);
          assert.match(error.message, called);
          assert.match(error.message, /page\.body/);
          return error.url === URL_OF_PAGE;
        });
      }
      assert.equal(page.title, undefined);
      assert.equal(page.base, URL_OF_PAGE);
    }
  });
}

const TEXT: readonly (readonly [text: string, contentType: string, kind: PageKind])[] = [
  ['<p>밥', 'text/html', 'html'],
  ['<p>밥', 'application/octet-stream', 'html'],
  ['점검 중입니다', 'text/html', 'html'],
  ['점검 중입니다', 'application/pdf', 'text'],
  ['날짜,메뉴\n1,밥', 'text/csv; charset=euc-kr', 'text'],
  ['날짜,메뉴\n1,밥', 'application/octet-stream', 'text'],
  ['밥', '', 'text'],
  ['글 <b>굵게</b>', '', 'html'],
  ['<table><tr><td>밥', 'application/vnd.ms-excel', 'html'],
  ['{"a":1}', 'text/plain', 'json'],
  ['{broken', 'application/json', 'json'],
  ['123', 'text/plain', 'text'],
  ['123', 'application/json', 'json'],
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml', 'xml'],
  ['<urlset><url/></urlset>', 'application/xml', 'xml'],
  ['<rss version="2.0"><channel/></rss>', 'text/html', 'feed'],
  ['<feed xmlns="http://www.w3.org/2005/Atom"/>', 'text/plain', 'feed'],
  ['{"version":"https:\\/\\/jsonfeed.org\\/version\\/1","items":[]}', 'application/json', 'feed'],
  ['%PDF is a format', 'text/plain', 'text'],
  ['BMX races', 'text/plain', 'text'],
  ['', 'application/pdf', 'text'],
  ['', '', 'text'],
];

for (const [text, contentType, kind] of TEXT) {
  test(`${JSON.stringify(text.slice(0, 40))} said to be ${contentType || 'nothing'} is ${kind}`, async () => {
    assert.equal((await pageOf(text, { contentType })).kind, kind);
  });
}

test('text without markup can be read as a page with a body', async () => {
  const page = await pageOf('월: 밥\n화: 국', { contentType: 'text/plain' });
  assert.deepEqual(page.one('body').lines, ['월: 밥', '화: 국']);
  assert.equal(page.text, '월: 밥\n화: 국');
});

test('text in two bytes a letter is no file', async () => {
  for (const body of [Buffer.from('\ufeff<p>밥', 'utf16le'), Buffer.from('<p>밥</p>', 'utf16le')]) {
    const page = await pageOf(body, { contentType: 'application/octet-stream' });
    assert.equal(page.one('p').text, '밥');
  }
});

test('a text with a stray zero byte is still the page its server says', async () => {
  assert.equal((await pageOf('<p>밥\0</p>', { contentType: 'text/html' })).kind, 'html');
});

test('a file comes over HTTP with its name, in the bytes of old Korean servers', async (t) => {
  const body = compound('HwpSummaryInformation');
  const name = Buffer.from('bdc4b4dcc7a52e687770', 'hex').toString('latin1');
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: application/octet-stream',
    `Content-Disposition: attachment; filename="${name}"`,
    `Content-Length: ${body.length}`,
  ].join('\r\n');
  const { origin } = await serveRaw(t, (socket) => {
    socket.write(bytes(`${head}\r\n\r\n`));
    socket.end(body);
  });
  const page = await toPage(await fetching(t).session.get(`${origin}/download.do?id=7`));
  assert.equal(page.filename, '식단표.hwp');
  assert.equal(page.kind, 'file');
  assert.deepEqual(Buffer.from(page.body), Buffer.from(body));
  assert.throws(
    () => page.rows('ul', 'li', {}),
    /is an HWP document, not HTML or XML, and has no elements\. Its bytes are in page\.body\./,
  );
});
