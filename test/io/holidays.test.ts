// The official list as the package has it, and the user's file beside it, read again when it changes.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigError } from '../../src/core/errors.ts';
import { openHolidays } from '../../src/io/holidays.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'talkbell-holidays-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('Seollal, substitute days and election days of Korea are holidays', async (t) => {
  const holidays = openHolidays(await makeFolder(t));
  assert.equal(await holidays.nameOf('2026-02-17'), '설날');
  assert.equal(await holidays.nameOf('2026-03-02'), '대체공휴일(3ㆍ1절)');
  assert.equal(await holidays.nameOf('2026-06-03'), '전국동시지방선거');
  assert.equal(await holidays.nameOf('2026-11-20'), undefined);
});

test('a year without a list has no holidays but the user’s own', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'holidays.json'), '{ "2099-03-02": "개교기념일" }');
  const holidays = openHolidays(folder);
  const lastYear = await holidays.knownUntil();
  assert.ok(lastYear >= 2027);
  assert.equal(await holidays.nameOf(`${lastYear}-01-01`), '1월 1일');
  assert.equal(await holidays.nameOf(`${lastYear + 1}-01-01`), undefined);
  assert.equal(await holidays.nameOf('2099-03-02'), '개교기념일');
});

test('a change in the user’s file holds from the next question on', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'holidays.json');
  const holidays = openHolidays(folder);
  assert.equal(await holidays.nameOf('2026-12-24'), undefined);

  await writeFile(file, '{ "2026-12-24": "개교기념일", "2026-05-05": false }');
  assert.equal(await holidays.nameOf('2026-12-24'), '개교기념일');
  assert.equal(await holidays.nameOf('2026-05-05'), undefined);

  await rm(file);
  assert.equal(await holidays.nameOf('2026-12-24'), undefined);
  assert.equal(await holidays.nameOf('2026-05-05'), '어린이날');
});

test('a wrong file is an error that names the file, until it is mended', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'holidays.json');
  const holidays = openHolidays(folder);

  await writeFile(file, '{ "2026-12-24": }');
  await assert.rejects(holidays.nameOf('2026-12-24'), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /holidays\.json is not JSON/);
    return true;
  });
  await assert.rejects(holidays.nameOf('2026-12-24'), ConfigError);

  await writeFile(file, '{ "24.12.2026": "개교기념일" }');
  await assert.rejects(holidays.nameOf('2026-12-24'), /holidays\.json: 24\.12\.2026 is no date/);

  await writeFile(file, '{ "2026-12-24": "개교기념일" }');
  assert.equal(await holidays.nameOf('2026-12-24'), '개교기념일');
});

test('a folder in the file’s place is an error that says so', async (t) => {
  const folder = await makeFolder(t);
  await mkdir(join(folder, 'holidays.json'));
  await assert.rejects(openHolidays(folder).nameOf('2026-12-24'), /cannot be read: check that it is a file/);
});
