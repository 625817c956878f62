import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import { readFilename } from '../../src/core/page-filename.ts';
import { pageOf } from '../../src/core/page-of.ts';

/** A header as it comes over HTTP: bytes as characters of the same number. */
function raw(text: string, charset: string): string {
  return iconv.decode(iconv.encode(text, charset), 'latin1');
}

const NAMES: readonly (readonly [header: string | undefined, name: string | undefined])[] = [
  [undefined, undefined],
  ['inline', undefined],
  ['attachment; filename=menu.pdf', 'menu.pdf'],
  ['attachment; filename="menu (6).pdf"', 'menu (6).pdf'],
  ['attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'],
  ["attachment; filename*=UTF-8''%EC%8B%9D%EB%8B%A8%ED%91%9C.hwp", '식단표.hwp'],
  ['attachment; filename="x.hwp"; filename*=utf-8\'ko\'%EC%8B%9D%EB%8B%A8.hwp', '식단.hwp'],
  ["attachment; filename*=EUC-KR''%BD%C4%B4%DC.hwp", '식단.hwp'],
  ["attachment; filename*=no-such''%BD; filename=x.hwp", 'x.hwp'],
  ["attachment; filename*0*=UTF-8''%EC%8B%9D; filename*1*=%EB%8B%A8.hwp", '식단.hwp'],
  [raw('attachment; filename="6월 똠양꿍 식단표.xlsx"', 'cp949'), '6월 똠양꿍 식단표.xlsx'],
  [raw('attachment; filename=6월 식단표.xlsx; size=3', 'utf-8'), '6월 식단표.xlsx'],
  ['attachment; filename="%EC%8B%9D%EB%8B%A8+6%EC%9B%94.xlsx"', '식단 6월.xlsx'],
  ['attachment; filename="%BD%C4%B4%DC%20A+B.xlsx"', '식단 A+B.xlsx'],
  ['attachment; filename="100%.txt"', '100%.txt'],
  ['attachment; filename="=?UTF-8?B?7Iud64uo?= =?UTF-8?B?7ZGc?=.pdf"', '식단표.pdf'],
  ['attachment; filename="=?EUC-KR?Q?=BD=C4=B4=DC?=.pdf"', '식단.pdf'],
  ['attachment; filename="=?UTF-8?B?x?=.pdf"', '=?UTF-8?B?x?=.pdf'],
  ['attachment; filename="../../etc/passwd"', 'passwd'],
  ['attachment; filename="C:\\files\\menu.pdf"', 'menu.pdf'],
  ['attachment; filename="a\u0000\u001bb.pdf"', 'ab.pdf'],
  ['attachment; filename=".."', undefined],
  ['attachment; filename=""', undefined],
  ['attachment; filename="\u1109\u1175\u11a8.pdf"', '식.pdf'],
];

for (const [header, name] of NAMES) {
  test(`the file name in ${JSON.stringify(header)}`, () => assert.equal(readFilename(header), name));
}

test('a page tells the name of its file', async () => {
  const headers = { 'content-disposition': raw('attachment; filename="식단.txt"', 'cp949') };
  assert.equal((await pageOf('x', { headers })).filename, '식단.txt');
  assert.equal((await pageOf('x')).filename, undefined);
});
