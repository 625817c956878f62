// The pages of failed looks on disk: whole or not at all, within bounds, and gone after a while.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigError } from '../../src/core/errors.ts';
import {
  type KeptPage,
  keepPages,
  keptFolder,
  pruneKept,
  readKeptLook,
  readKeptPages,
} from '../../src/io/kept-pages.ts';

const DAY = 24 * 60 * 60_000;
const NOW = Date.UTC(2026, 10, 20);

function makeData(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-kept-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const page = (body: string | Uint8Array, more: Partial<KeptPage> = {}): KeptPage => ({
  url: 'https://dorm.example/menu',
  requestedUrl: 'https://dorm.example/menu',
  method: 'GET',
  status: 200,
  headers: { 'content-type': 'text/html', 'set-cookie': 'session=1' },
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  ...more,
});
const look = (at = NOW) => ({ job: 'lunch', slot: 'main', due: at, at });

test('what was kept comes back as it was, without the cookies that came with it', async (t) => {
  const folder = keptFolder(makeData(t), 'lunch');
  const bytes = new Uint8Array([0xb1, 0xe8, 0x00, 0xff]);
  await keepPages(folder, look(), [page(bytes), page('{}', { headers: { 'content-type': 'application/json' } })]);
  const [first, second] = await readKeptPages(folder);
  assert.deepEqual(new Uint8Array(first?.body ?? []), bytes);
  assert.deepEqual(first?.headers, { 'content-type': 'text/html' });
  assert.equal(Buffer.from(second?.body ?? []).toString(), '{}');
  assert.deepEqual(readdirSync(folder).toSorted(), ['1.html', '2.json', 'pages.json']);
  assert.equal((await readKeptLook(folder))?.due, NOW);
});

test('a later look takes the place of the one before, and a look without pages leaves it', async (t) => {
  const folder = keptFolder(makeData(t), 'lunch');
  await keepPages(folder, look(), [page('old'), page('older')]);
  await keepPages(folder, look(NOW + DAY), [page('new')]);
  await keepPages(folder, look(NOW + 2 * DAY), []);
  assert.deepEqual(readdirSync(folder).toSorted(), ['1.html', 'pages.json']);
  assert.equal((await readKeptLook(folder))?.at, NOW + DAY);
  assert.deepEqual(readdirSync(dirname(folder)), ['lunch'], 'nothing half done stays beside it');
});

test('of a look ten pages and 5 MB are kept', async (t) => {
  const data = makeData(t);
  await keepPages(
    keptFolder(data, 'many'),
    look(),
    Array.from({ length: 30 }, () => page('x')),
  );
  assert.equal((await readKeptPages(keptFolder(data, 'many'))).length, 10);
  const large = page(new Uint8Array(2_000_000));
  await keepPages(keptFolder(data, 'large'), look(), [large, large, large, page('small')]);
  assert.equal((await readKeptPages(keptFolder(data, 'large'))).length, 2);
});

test('any job has a folder of its own below the data folder, whatever its id', async (t) => {
  const data = makeData(t);
  const folders = ['..', '.', '../key', 'a/b', '점심', 'a'].map((job) => keptFolder(data, job));
  assert.equal(new Set(folders).size, folders.length);
  for (const folder of folders) assert.equal(dirname(folder), join(data, 'pages'));
});

test('pages go after a month, and the oldest first beyond 50 MB', async (t) => {
  const data = makeData(t);
  assert.equal(await pruneKept(data, NOW), 0);
  await keepPages(keptFolder(data, 'old'), look(NOW - 31 * DAY), [page('x')]);
  for (let job = 0; job < 12; job += 1) {
    await keepPages(keptFolder(data, `job-${job}`), look(NOW - job * 1000), [page(new Uint8Array(4_900_000))]);
  }
  assert.equal(await pruneKept(data, NOW), 3);
  assert.equal(existsSync(keptFolder(data, 'job-0')), true);
  for (const gone of ['old', 'job-10', 'job-11']) assert.equal(existsSync(keptFolder(data, gone)), false, gone);
});

test('what is no list of kept pages is refused, and no file outside its folder is read', async (t) => {
  const data = makeData(t);
  const folder = keptFolder(data, 'lunch');
  await assert.rejects(readKeptPages(folder), ConfigError);
  await keepPages(folder, look(), [page('x')]);
  const good = { ...page('x'), body: 0, file: '1.html' };
  const entries = [
    ...['../../key', '', '1 .html', 'a/b', 1].map((file) => ({ ...good, file })),
    ...[null, [], { 'content-type': 1 }].map((headers) => ({ ...good, headers })),
    ...[{ status: '200' }, { url: undefined }, { method: null }].map((change) => ({ ...good, ...change })),
  ];
  const lists = [
    ...entries.map((entry) => JSON.stringify({ ...look(), pages: [entry] })),
    JSON.stringify({ ...look(), due: null, pages: [good] }),
    JSON.stringify({ ...look(), pages: [good] }).replace(/"at":\d+/, '"at":1e400'),
    JSON.stringify({ ...look(), pages: {} }),
  ];
  for (const list of ['', '[]', 'null', ...lists]) {
    writeFileSync(join(folder, 'pages.json'), list);
    await assert.rejects(readKeptPages(folder), ConfigError);
    assert.equal(await readKeptLook(folder), undefined);
  }
});

test('what another version wrote into the list beside what is known is passed over', async (t) => {
  const folder = keptFolder(makeData(t), 'lunch');
  await keepPages(folder, look(), [page('x')]);
  const file = join(folder, 'pages.json');
  const list = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...list, version: 2, pages: [{ ...list.pages[0], size: 1 }] }));
  const [kept] = await readKeptPages(folder);
  assert.deepEqual(Object.keys(kept ?? {}).toSorted(), Object.keys(page('x')).toSorted());
  assert.equal((await readKeptLook(folder))?.at, NOW);
});
