// What the daemon finds at its start: another daemon, a database that is none or is damaged, a key that is gone or is
// another, a disk that is read-only. It says so, ends with the exit code that tells pm2 whether to go on trying, and
// overwrites nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { openStoreOf } from '../../src/engine.ts';
import { readConfig } from '../../src/io/config.ts';
import { begin, type House, makeHouse, type Running } from '../processes.ts';
import { mountDisk } from './disk.ts';

const CANNOT_START = 78;
const RUNS = '"msg":"talkbell runs"';
const DAY_MS = 86_400_000;
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const startDaemon = (house: Pick<House, 'env'>): Running =>
  begin(process.execPath, ['src/talkbell.js', 'start'], house);

/** Its exit code, or that it runs although it should not. */
function endOf({ ended }: Running): Promise<number | string> {
  return Promise.race([ended, wait(6000, 'it runs', { ref: false })]);
}

/** A data folder as a daemon leaves it, with a login and a backup. */
async function fillHouse(house: House): Promise<{ readonly file: string; readonly backup: string }> {
  const store = await openStoreOf(readConfig(house.env), { now: Date.now, log: QUIET });
  const tokens = {
    access: 'a',
    accessExpiresAt: Date.now() + DAY_MS,
    refresh: 'r',
    refreshExpiresAt: Date.now() + DAY_MS,
  };
  await store.saveLogin({ name: 'me', kakaoId: '1', scopes: ['talk_message'], tokens }, Date.now());
  const backup = join(house.data, 'backups', 'talkbell-2026-11-19.db');
  mkdirSync(join(house.data, 'backups'));
  await store.backup(backup);
  await store.close();
  return { file: join(house.data, 'talkbell.db'), backup };
}

function loginIn(file: string): unknown {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('select access, refresh, raw_answer, state from accounts').get();
  } finally {
    db.close();
  }
}

test('of two daemons started at one instant, ten times over, one runs and the other ends with 78 and the reason', async () => {
  using house = makeHouse();
  for (let round = 0; round < 10; round += 1) {
    await using one = startDaemon(house);
    await using other = startDaemon(house);
    const [loser, winner] = await Promise.race([
      one.ended.then(() => [one, other] as const),
      other.ended.then(() => [other, one] as const),
    ]);
    assert.equal(await endOf(loser), CANNOT_START, loser.output());
    assert.match(loser.output(), /Another talkbell works on .* \(daemon, process \d+ .*Stop it first/);
    await winner.says(RUNS);
    await winner[Symbol.asyncDispose]();
  }
});

const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  'cut in half': (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  'cut to one page': (file) => truncateSync(file, 4096),
  emptied: (file) => truncateSync(file, 0),
  'overwritten by something else': (file) => writeFileSync(file, 'This is a letter, not a database. '.repeat(500)),
  'overwritten in its middle': (file) => {
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0x55, 4096, bytes.length - 4096));
  },
};

for (const [how, damage] of Object.entries(DAMAGES)) {
  test(`a database that was ${how} ends the start with 78 and the command that restores the backup, and stays as it is`, async () => {
    using house = makeHouse();
    const { file, backup } = await fillHouse(house);
    damage(file);
    const before = readFileSync(file);
    await using daemon = startDaemon(house);
    assert.equal(await endOf(daemon), CANNOT_START, daemon.output());
    assert.match(daemon.output(), /damaged/);
    assert.ok(daemon.output().includes(`talkbell restore ${backup}`), daemon.output());
    assert.deepEqual(readFileSync(file), before);

    const restored = spawnSync(process.execPath, ['src/talkbell.js', 'restore', backup], {
      env: house.env,
      encoding: 'utf8',
    });
    assert.equal(restored.status, 0, restored.stderr);
    await using again = startDaemon(house);
    await again.says(RUNS);
  });
}

test('an empty database without any backup is that of a first start that was killed: the daemon starts', async () => {
  using house = makeHouse();
  mkdirSync(house.data);
  writeFileSync(join(house.data, 'talkbell.db'), '');
  await using daemon = startDaemon(house);
  await daemon.says(RUNS);
});

test('the database of another program ends the start with 78, and not a table is added to it', async () => {
  using house = makeHouse({ TALKBELL_KEY: '7'.repeat(64) });
  mkdirSync(house.data);
  const file = join(house.data, 'talkbell.db');
  const db = new Database(file);
  db.exec('create table songs (name text); insert into songs values (1)');
  db.close();
  await using daemon = startDaemon(house);
  assert.equal(await endOf(daemon), CANNOT_START, daemon.output());
  assert.match(daemon.output(), /talkbell\.db .*not .*talkbell/i);
  const tables = new Database(file, { readonly: true }).prepare('select name from sqlite_master').pluck().all();
  assert.deepEqual(tables, ['songs']);
});

test('a missing key is said, and neither a new one is made nor a login touched', async () => {
  using house = makeHouse();
  const { file } = await fillHouse(house);
  const [key, login] = [join(house.data, 'key'), loginIn(file)];
  rmSync(key);
  await using daemon = startDaemon(house);
  assert.equal(await endOf(daemon), CANNOT_START, daemon.output());
  assert.match(daemon.output(), /key.* (is missing|does not exist|is gone)/i);
  assert.equal(existsSync(key), false);
  assert.deepEqual(loginIn(file), login);
});

test('another key is said, and neither the key nor a login is touched', async () => {
  using house = makeHouse();
  const { file } = await fillHouse(house);
  const [key, login] = [join(house.data, 'key'), loginIn(file)];
  const other = Buffer.alloc(32, 9).toString('base64');
  writeFileSync(key, other);
  await using daemon = startDaemon(house);
  assert.equal(await endOf(daemon), CANNOT_START, daemon.output());
  assert.match(daemon.output(), /The key has changed/);
  assert.equal(readFileSync(key, 'utf8'), other);
  assert.deepEqual(loginIn(file), login);
});

test('a read-only disk ends the start with one sentence, and pm2 may try again', async (t: TestContext) => {
  using disk = mountDisk('8m');
  if (disk === undefined) return t.skip('this user may not mount a tmpfs');
  using house = makeHouse({ TALKBELL_DATA: disk.folder });
  const store = await openStoreOf(readConfig(house.env), { now: Date.now, log: QUIET });
  await store.close();
  disk.remount('ro');
  await using daemon = startDaemon(house);
  assert.equal(await endOf(daemon), 1, daemon.output());
  assert.match(daemon.output().trim(), /^\S+ cannot be written .*read-only\.?$/);
});
