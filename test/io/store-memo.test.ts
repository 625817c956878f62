// What is read once and kept: it is read again as soon as anybody has written to its tables, and after a transaction
// that was undone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSql, type Sql } from '../../src/io/store-database.ts';
import { tableWritten } from '../../src/io/store-memo.ts';
import { makeFolder } from './store-setup.ts';

interface Scene {
  readonly sql: Sql;
  readonly other: Sql;
  /** The names on disk, through what is kept. */
  readonly names: () => Promise<string>;
  readonly reads: () => number;
}

async function setScene(t: TestContext): Promise<Scene> {
  const file = join(makeFolder(t), 'memo.db');
  const sql = await openSql(file, { keyring: [Buffer.alloc(32)] });
  await sql.write(() => sql.db.exec('create table people (name text); create table other (name text);'));
  // A file without a version of ours is refused.
  sql.db.pragma('user_version = 1');
  const other = await openSql(file, { keyring: [Buffer.alloc(32)] });
  t.after(async () => {
    await sql.close(() => {});
    await other.close(() => {});
  });
  const count = { reads: 0 };
  const names = (): Promise<string> =>
    sql.recall('names', ['people'], () => {
      count.reads += 1;
      return sql
        .all<{ name: string }>('select name from people order by name')
        .map(({ name }) => name)
        .join();
    });
  return { sql, other, names, reads: () => count.reads };
}

const add = (sql: Sql, table: string, name: string): Promise<unknown> =>
  sql.write(() => sql.run(`insert into ${table} (name) values (?)`, name));

test('what nobody has written to is read once', async (t) => {
  const { sql, names, reads } = await setScene(t);
  assert.equal(await names(), '');
  await add(sql, 'other', 'elsewhere');
  await sql.write(() => sql.run('delete from people where name = ?', 'nobody'));
  assert.equal(await names(), '');
  assert.equal(reads(), 1);
});

test('what was read is read again after a write of our own, and after one of another connection', async (t) => {
  const { sql, other, names } = await setScene(t);
  assert.equal(await names(), '');
  await add(sql, 'people', 'Kim');
  assert.equal(await names(), 'Kim');
  await sql.write(() => sql.get('insert into people (name) values (?) returning name', 'Lee'));
  assert.equal(await names(), 'Kim,Lee');
  await add(other, 'people', 'Park');
  assert.equal(await names(), 'Kim,Lee,Park');
});

test('what was read within a transaction that was undone is not kept', async (t) => {
  const { sql, names } = await setScene(t);
  const seen: Promise<string>[] = [];
  const undone = sql.write(() => {
    sql.run('insert into people (name) values (?)', 'Kim');
    seen.push(names());
    throw new Error('undo');
  });
  await assert.rejects(undone, /undo/);
  assert.equal(await seen[0], 'Kim');
  assert.equal(await names(), '');
});

test('the table that a statement writes to is read from its words', () => {
  const written = [
    'insert into a (b) values (1)',
    'insert or replace into a values (1)',
    '\n  update a set b = 1',
    'update or ignore a set b = 1',
    'delete from a where b',
    'select * from a',
  ].map(tableWritten);
  assert.deepEqual(written, ['a', 'a', 'a', 'a', 'a', undefined]);
});
