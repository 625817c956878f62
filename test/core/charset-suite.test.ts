// html5lib's cases of charset sniffing, over a real socket. Where talkbell's policy is another one on purpose, the case is
// listed here with the reason and held to what talkbell does; a list that no longer fits is a failure too.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type GetSent, getterOf } from './charset-http.ts';

const SUITE = join(import.meta.dirname, '../../../shared/pages/suites/html5lib/encoding');
const shared = existsSync(SUITE) ? {} : { skip: '../shared is absent' };

/** How many cases each file has: none may be lost unseen. */
const FILES = { 'tests1.dat': 59, 'tests2.dat': 22, 'test-yahoo-jp.dat': 1, 'scripted/tests1.dat': 1 };
type File = keyof typeof FILES;

interface Difference {
  readonly reason: string;
  readonly charset: string;
  /** Numbers of the cases, from 1, by file. */
  readonly cases: Readonly<Partial<Record<File, readonly number[]>>>;
}

const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'A page that names no charset is CP949, where a Western browser would say windows-1252.',
    charset: 'cp949',
    cases: {
      'tests1.dat': [1, 7, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 25, 26, 29, 30, 31, 34, 35, 36],
      'tests2.dat': [1, 2, 3, 4, 5, 9, 10, 12, 13, 14, 16],
    },
  },
  {
    reason: 'Bytes that are valid UTF-8 are UTF-8, whatever the meta tag says: pages lie.',
    charset: 'utf-8',
    cases: { 'test-yahoo-jp.dat': [1] },
  },
  {
    reason: 'Scripts do not run, so a meta tag that a script would write does not exist.',
    charset: 'cp949',
    cases: { 'scripted/tests1.dat': [1] },
  },
];

interface Case {
  readonly name: string;
  readonly body: Uint8Array;
  readonly standard: string;
  /** What talkbell reads it as, if not what the standard says. */
  readonly ours: Difference | undefined;
}

function readCases(file: File): readonly Case[] {
  const parts = readFileSync(join(SUITE, file), 'latin1')
    .split(/^#data\n/m)
    .slice(1);
  return parts.map((part, index) => {
    const [data = '', encoding = ''] = part.split('\n#encoding\n');
    return {
      name: `${file} ${index + 1}: ${data.slice(0, 90)}`,
      body: Buffer.from(data, 'latin1'),
      standard: encoding.trim().toLowerCase(),
      ours: DIFFERENCES.find(({ cases }) => cases[file]?.includes(index + 1)),
    };
  });
}

function hasHighBytes({ body }: Case): boolean {
  return body.some((byte) => byte >= 0x80);
}

async function readAs(get: GetSent, { body }: Case, contentType?: string): Promise<string> {
  return (await get({ body, contentType })).charset;
}

async function checkFile(t: TestContext, file: File): Promise<void> {
  const cases = readCases(file);
  assert.equal(cases.length, FILES[file]);
  const get = await getterOf(t);
  for (const one of cases) {
    const { name, standard, ours } = one;
    if (ours !== undefined) assert.notEqual(ours.charset, standard, `${name} is no difference any more`);
    const wanted = ours?.charset ?? standard;
    assert.equal(await readAs(get, one), wanted, `${name}, without a header`);
    assert.equal(await readAs(get, one, 'text/html'), wanted, `${name}, the header names no charset`);
    assert.equal(await readAs(get, one, 'text/html; charset=bogus'), wanted, `${name}, the header's is no charset`);
  }
}

describe('html5lib on charsets, over a real socket', shared, () => {
  for (const file of Object.keys(FILES) as File[]) test(file, (t) => checkFile(t, file));

  test('a charset in the header wins over each of them, except where the bytes are UTF-8', async (t) => {
    const get = await getterOf(t);
    const cases = (Object.keys(FILES) as File[]).flatMap(readCases);
    const utf8 = cases.filter(hasHighBytes).filter(({ body }) => Buffer.from(body.toString()).equals(body));
    assert.ok(utf8.length >= 3, 'cases with a BOM or in UTF-8');
    for (const one of cases) {
      const wanted = utf8.includes(one) ? 'utf-8' : 'iso-8859-7';
      assert.equal(await readAs(get, one, 'text/html; charset=ISO-8859-7'), wanted, one.name);
    }
  });

  test('the author wins over each of them', async (t) => {
    const get = await getterOf(t);
    for (const { name, body } of (Object.keys(FILES) as File[]).flatMap(readCases)) {
      const page = await get({ body, contentType: 'text/html; charset=utf-8' }, { charset: 'iso-8859-5' });
      assert.equal(page.charset, 'iso-8859-5', name);
    }
  });
});
