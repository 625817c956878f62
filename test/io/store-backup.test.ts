// Backups are whole, never in the place of the store, and restored as what they are: old.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { StoreError } from '../../src/core/errors.ts';
import { openStore } from '../../src/io/store.ts';
import { dailyBackup } from '../../src/io/store-backup.ts';
import { restoreStore } from '../../src/io/store-restore.ts';
import { DAY, HOUR, jobFile, KEY, makeFolder, makeStore, message, START } from './store-setup.ts';

const TOKENS = { access: 'a', accessExpiresAt: START + HOUR, refresh: 'r', refreshExpiresAt: START + 60 * DAY };
const now = () => START;

test('A backup made while the store is written to is whole and one file', async (t) => {
  const folder = makeFolder(t);
  const store = await makeStore(t, { file: join(folder, 'talkbell.db') });
  await store.addMessages(
    Array.from({ length: 800 }, (_, index) => message({ index })),
    'x',
    START,
  );
  const copy = join(folder, 'copy.db');
  let copied = false;
  const backup = store.backup(copy).then(() => {
    copied = true;
  });
  let written = 0;
  while (!copied) {
    await store.addMessages([message()], 'x', START);
    written += 1;
    await new Promise(setImmediate);
  }
  await backup;
  assert.ok(written > 1);
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('copy')),
    ['copy.db'],
  );
  const db = new Database(copy, { readonly: true });
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
  const { count } = db.prepare('select count(*) as count from messages').get() as { count: number };
  assert.ok(count >= 800 && count <= 800 + written);
  db.close();
});

test('A backup never takes the place of the store, by whatever name', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'talkbell.db');
  const store = await makeStore(t, { file });
  symlinkSync(file, join(folder, 'link.db'));
  for (const name of [file, join(folder, '.', 'x', '..', 'talkbell.db'), join(folder, 'link.db'), `${file}-wal`]) {
    await assert.rejects(store.backup(name), /cannot take the place of the store/, name);
  }
});

test('A backup that cannot be written leaves the one before', async (t) => {
  const folder = makeFolder(t);
  const store = await makeStore(t, { file: join(folder, 'talkbell.db') });
  await assert.rejects(store.backup(join(folder, 'absent', 'copy.db')), StoreError);
});

test('There is one backup a Korean day, and the newest seven are kept', async (t) => {
  const folder = join(makeFolder(t), 'backups');
  const store = await makeStore(t);
  for (let day = 0; day < 9; day += 1) {
    assert.notEqual(await dailyBackup(store, folder, START + day * DAY), undefined);
    assert.equal(await dailyBackup(store, folder, START + day * DAY + HOUR), undefined);
  }
  writeFileSync(join(folder, 'mine.db'), '');
  const names = readdirSync(folder).filter((name) => name !== 'mine.db');
  assert.deepEqual([names.length, names[0], names.at(-1)], [7, 'talkbell-2026-11-22.db', 'talkbell-2026-11-28.db']);
});

test('A backup made before the schema changed goes once a week of daily ones has come after it', async (t) => {
  const folder = join(makeFolder(t), 'backups');
  const store = await makeStore(t);
  await dailyBackup(store, folder, START);
  const file = join(folder, 'before-schema-2.db');
  writeFileSync(file, '');
  utimesSync(file, START / 1000, START / 1000);
  await dailyBackup(store, folder, START + 7 * DAY);
  assert.ok(existsSync(file));
  await dailyBackup(store, folder, START + 8 * DAY);
  assert.equal(existsSync(file), false);
});

test('A restored store has its accounts to verify, its messages unclear, and the old file beside it', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'talkbell.db');
  const backup = join(folder, 'backup.db');
  const store = await openStore({ file, key: KEY, now });
  await store.saveLogin({ name: 'me', kakaoId: '1', scopes: [], tokens: TOKENS }, START);
  await store.addMessages([message()], 'x', START);
  await store.backup(backup);
  await store.syncJobs([jobFile('later')], START);
  await store.close();

  const { kept } = await restoreStore({ from: backup, to: file, now: START + HOUR });
  const restored = await makeStore(t, { file });
  assert.deepEqual(
    (await restored.accounts()).map(({ state }) => state),
    ['verify'],
  );
  assert.deepEqual((await restored.tokens('me'))?.tokens, TOKENS);
  assert.deepEqual(
    (await restored.messages({ limit: 9 })).map(({ state }) => state),
    ['unclear'],
  );
  assert.deepEqual(await restored.jobs(), []);
  const old = await makeStore(t, { file: kept ?? '' });
  assert.deepEqual(
    (await old.jobs()).map(({ id }) => id),
    ['later'],
  );
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('What is no whole backup is not restored, and the store stays', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'talkbell.db');
  await (await openStore({ file, key: KEY, now })).close();
  const letter = join(folder, 'letter.db');
  writeFileSync(letter, 'A letter. '.repeat(1000));
  const empty = join(folder, 'empty.db');
  writeFileSync(empty, '');
  for (const from of [letter, empty, join(folder, 'absent.db')]) {
    await assert.rejects(restoreStore({ from, to: file, now: START }), StoreError, from);
  }
  assert.deepEqual(readdirSync(folder).sort(), ['empty.db', 'letter.db', 'talkbell.db']);
});
