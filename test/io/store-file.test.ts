// The file of the store: how it is opened, what it refuses, how it changes its schema, and who may read it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { StoreError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/ports.ts';
import { composeStore, openStore } from '../../src/io/store.ts';
import { openSql } from '../../src/io/store-database.ts';
import { MIGRATIONS, migrate } from '../../src/io/store-schema.ts';
import { claimRun, DAY, done, HOUR, jobFile, KEY, makeFolder, makeStore, message, START, TOLD } from './store-setup.ts';

const now = () => START;

function kind(expected: StoreError['kind'], message = /./) {
  return (error: unknown) => error instanceof StoreError && error.kind === expected && message.test(error.message);
}

async function fill(store: Store): Promise<void> {
  await store.syncJobs([jobFile('cafe')], START);
  for (let at = 1; at <= 200; at += 1) {
    const { id } = await claimRun(store, START + at);
    const messages = [message({ saying: { kind: 'text', text: '메뉴 '.repeat(100) } })];
    await store.endLook({ run: id, hash: 'h', look: done(), after: TOLD, messages, now: START + at });
  }
}

/** A store that was filled and closed. */
async function filledFile(t: TestContext): Promise<string> {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await openStore({ file, key: KEY, now });
  await fill(store);
  await store.close();
  return file;
}

test('The folder and the files are for their user alone, and a clean close leaves one file', async (t) => {
  const folder = join(makeFolder(t), 'data');
  const file = join(folder, 'talkbell.db');
  const store = await openStore({ file, key: KEY, now });
  await store.touchClock(START);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const end of ['', '-wal', '-shm']) assert.equal(statSync(`${file}${end}`).mode & 0o777, 0o600, end);
  await store.close();
  await store.close();
  assert.equal(existsSync(`${file}-wal`), false);
});

test('The connection has the settings that keep what was committed', async (t) => {
  const sql = await openSql(join(makeFolder(t), 'talkbell.db'), { keyring: [KEY] });
  const names = [
    'journal_mode',
    'synchronous',
    'foreign_keys',
    'trusted_schema',
    'cell_size_check',
    'journal_size_limit',
    'auto_vacuum',
  ];
  assert.deepEqual(
    names.map((name) => sql.db.pragma(name, { simple: true })),
    ['wal', 2, 1, 0, 1, 8 * 1024 * 1024, 2],
  );
  await migrate(sql, () => undefined);
  const loose = sql.all<{ name: string }>(
    `select name from pragma_table_list where type = 'table' and strict = 0 and name not like 'sqlite_%'`,
  );
  assert.deepEqual(loose, []);
  sql.db.close();
});

test('Migrations run once each, and every later one has a backup before it', async (t) => {
  const folder = makeFolder(t);
  const sql = await openSql(join(folder, 'talkbell.db'), { keyring: [KEY] });
  t.after(() => sql.db.close());
  const log: string[] = [];
  await migrate(sql, (line) => log.push(line));
  await migrate(sql, (line) => log.push(line));
  assert.equal(log.length, 0);
  const next = [...MIGRATIONS, 'create table more (a integer) strict', 'create table most (a integer) strict'];
  await migrate(sql, (line) => log.push(line), next);
  assert.equal(log.length, 2);
  assert.equal(sql.db.pragma('user_version', { simple: true }), MIGRATIONS.length + 2);
  const backup = new Database(join(folder, 'backups', `before-schema-${MIGRATIONS.length + 1}.db`), { readonly: true });
  assert.equal(backup.pragma('user_version', { simple: true }), MIGRATIONS.length);
  backup.close();
});

test('A migration that fails leaves the schema as it was', async (t) => {
  const sql = await openSql(join(makeFolder(t), 'talkbell.db'), { keyring: [KEY] });
  t.after(() => sql.db.close());
  await migrate(sql, () => undefined);
  const broken = [...MIGRATIONS, 'create table more (a integer) strict; insert into nowhere values (1)'];
  await assert.rejects(
    migrate(sql, () => undefined, broken),
    /nowhere/,
  );
  assert.equal(sql.db.pragma('user_version', { simple: true }), MIGRATIONS.length);
  assert.equal(sql.get(`select 1 from sqlite_schema where name = 'more'`), undefined);
});

test('A file of a newer talkbell is refused and stays as it is', async (t) => {
  const file = await filledFile(t);
  const db = new Database(file);
  db.pragma('user_version = 999');
  db.close();
  await assert.rejects(openStore({ file, key: KEY, now }), kind('newer', /schema 999/));
});

test('A file that is no database is refused with the command that restores one', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'talkbell.db');
  writeFileSync(file, 'This is a letter, not a database. '.repeat(200));
  mkdirSync(join(folder, 'backups'));
  writeFileSync(join(folder, 'backups', 'talkbell-2026-11-19.db'), '');
  await assert.rejects(
    openStore({ file, key: KEY, now }),
    kind('damaged', /talkbell restore .*talkbell-2026-11-19\.db/),
  );
});

test('A truncated file is found out', async (t) => {
  const file = await filledFile(t);
  truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096);
  const open = async () => {
    const store = await openStore({ file, key: KEY, now });
    t.after(() => store.close());
    assert.notDeepEqual(await store.check(), []);
    throw new StoreError('found by check', { kind: 'damaged' });
  };
  await assert.rejects(open(), kind('damaged'));
});

test('After an unclean stop a damaged page stops the start', async (t) => {
  const file = await filledFile(t);
  const db = new Database(file);
  db.prepare('insert into opened (pid, at) values (?, 0)').run(process.pid);
  const { rootpage } = db.prepare(`select rootpage from sqlite_schema where name = 'messages_once'`).get() as {
    rootpage: number;
  };
  db.close();
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(2048, 0xee), 0, 2048, (rootpage - 1) * 4096 + 1024);
  await assert.rejects(openStore({ file, key: KEY, now }), kind('damaged', /talkbell restore/));
});

/** What touchClock saved last, or START. */
function readClock(db: Database.Database): number {
  if (db.prepare(`select 1 from sqlite_schema where name = 'notes'`).get() === undefined) return START;
  const row = db.prepare(`select value from notes where name = 'clock'`).get() as { value: number } | undefined;
  return row?.value ?? START;
}

test('A torn or damaged log gives what was committed before the damage, never anything else', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'talkbell.db');
  const store = await makeStore(t, { file });
  await store.syncJobs([jobFile('cafe')], START);
  for (let at = 1; at <= 40; at += 1) await store.touchClock(START + at);
  const log = readFileSync(`${file}-wal`);
  let before = 0;
  for (let cut = 0; cut <= log.length; cut += 1_733) {
    const copy = join(folder, `cut-${cut}.db`);
    copyFileSync(file, copy);
    writeFileSync(`${copy}-wal`, log.subarray(0, cut));
    const db = new Database(copy);
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
    const value = readClock(db) - START;
    assert.ok(value >= before, `${value} after ${before}`);
    before = value;
    db.close();
  }
  assert.ok(before >= 35);
});

test('A log that has disappeared is spoken of', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const script = `import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/io/store.ts'))};
    const store = await openStore({ file: ${JSON.stringify(file)}, key: Buffer.alloc(32, 7), now: () => 1 });
    await store.touchClock(5); process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  rmSync(`${file}-wal`);
  const log: string[] = [];
  await makeStore(t, { file, log: (line) => log.push(line) });
  assert.match(log.join(), /-wal is gone/);
});

test('A store whose file was moved away refuses to write into nowhere', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await makeStore(t, { file });
  rmSync(file);
  await assert.rejects(store.tryWrite(), kind('other', /moved, deleted or replaced/));
});

test('The newest instant seen outlives the process', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await openStore({ file, key: KEY, now });
  assert.equal(await store.touchClock(START + 5), START + 5);
  assert.equal(await store.touchClock(START), START + 5);
  await store.close();
  assert.equal(await (await makeStore(t, { file })).touchClock(START), START + 5);
});

test('A write of another connection changes the version', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const [store, other] = [await makeStore(t, { file }), await makeStore(t, { file })];
  const before = await store.version();
  await store.touchClock(START);
  assert.equal(await store.version(), before);
  await other.touchClock(START + 1);
  assert.notEqual(await store.version(), before);
});

/** A method that the type definitions lack: it explains a statement without values for its parameters. */
function explain(db: Database.Database, text: string): readonly { detail: string }[] {
  const { explain } = db as unknown as { explain: (text: string) => readonly { detail: string }[] };
  return explain.call(db, `QUERY PLAN ${text}`);
}

test('No statement reads through history: every one of messages and runs goes by an index', async (t) => {
  const sql = await openSql(join(makeFolder(t), 'talkbell.db'), { keyring: [KEY] });
  await migrate(sql, () => undefined);
  const byMigration = sql.statements();
  const store = composeStore(sql, { now, closed: () => undefined });
  t.after(() => store.close());
  await fill(store);
  await store.claim(
    {
      job: 'cafe',
      slot: 'main',
      closed: [{ first: START + HOUR, last: START + HOUR, outcome: 'missed', reason: '' }],
      cursor: 0,
    },
    START,
  );
  await store.runs({ limit: 1 });
  await store.runs({ job: 'cafe', limit: 1 });
  await store.waiting();
  await store.recoverRuns(START);
  for (const query of [
    {},
    { job: 'cafe' },
    { run: 1 },
    { state: 'sent' },
    { state: 'sent', job: 'cafe' },
    { state: 'sent', run: 1 },
  ] as const) {
    await store.messages({ ...query, limit: 1 });
  }
  await store.nextMessageAt(START);
  const [row] = await store.dueMessages(START, 1);
  await store.beginAttempt([row?.id ?? 0], START);
  await store.settle([{ id: row?.id ?? 0, after: { state: 'failed', reason: 'x' } }], START);
  await store.expire(START + HOUR * 2);
  await store.recoverMessages(START);
  await store.countMessages();
  await store.markAccount('me', { state: 'ok', reason: '' }, START);
  await store.prune(START + 91 * DAY);

  // Walking the table itself backwards from an id is no scan: it ends at the limit.
  const paged = /from (messages|runs) where id < [@?]/;
  // A partial index holds open rows alone, so its size is that of the work at hand.
  const open = /USING (COVERING )?INDEX (runs_open|messages_open|messages_next|messages_fresh|messages_of_account)/;
  for (const text of sql.statements().filter((text) => !paged.test(text) && !byMigration.includes(text))) {
    const plan = explain(sql.db, text);
    for (const { detail } of plan) {
      if (/^SCAN (messages|runs|m|r|e|k)\b/.test(detail) && !open.test(detail)) assert.fail(`${detail}\n${text}`);
    }
  }
});
