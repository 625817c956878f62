// Writes asked for at once: one commit for all of them, and for each the promise it would have alone.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StoreError } from '../../src/core/errors.ts';
import { POINT_CHANNEL, type Step } from '../../src/io/points.ts';
import { openSql, type Sql } from '../../src/io/store-database.ts';
import { makeFolder } from './store-setup.ts';

interface Scene {
  readonly sql: Sql;
  readonly write: (name: string, step?: Step) => Promise<unknown>;
  /** As another connection sees them. */
  readonly onDisk: () => readonly string[];
}

async function setScene(t: TestContext): Promise<Scene> {
  const file = join(makeFolder(t), 'commit.db');
  const sql = await openSql(file, { keyring: [Buffer.alloc(32)] });
  await sql.write(() => sql.db.exec('create table people (name text unique)'));
  // A file without a version of ours is refused.
  sql.db.pragma('user_version = 1');
  const other = await openSql(file, { keyring: [Buffer.alloc(32)] });
  t.after(async () => {
    await sql.close(() => {});
    await other.close(() => {});
  });
  const onDisk = (): readonly string[] =>
    other.all<{ name: string }>('select substr(name, 1, 9) as name from people order by rowid').map(({ name }) => name);
  const insert = (name: string): unknown => sql.run('insert into people values (?)', name);
  const write = (name: string, step?: Step): Promise<unknown> =>
    step === undefined ? sql.write(() => insert(name)) : sql.step(step, () => insert(name));
  return { sql, write, onDisk };
}

function watchPoints(t: TestContext): readonly string[] {
  const points: string[] = [];
  const note = (name: unknown): void => void points.push(String(name));
  subscribe(POINT_CHANNEL, note);
  t.after(() => unsubscribe(POINT_CHANNEL, note));
  return points;
}

test('writes asked for at once are one commit, and each is on disk when its promise resolves', async (t) => {
  const { write, onDisk } = await setScene(t);
  const points = watchPoints(t);
  const seen: string[] = [];
  const see = (): void => void seen.push(onDisk().join());
  await Promise.all([write('mina', 'claim').then(see), write('jun', 'settle').then(see)]);
  assert.deepEqual(points, ['before claim', 'before settle', 'after claim', 'after settle']);
  assert.deepEqual(seen, ['mina,jun', 'mina,jun']);
});

test('of writes committed together one that fails undoes itself alone, and has no point', async (t) => {
  const { sql, write, onDisk } = await setScene(t);
  const points = watchPoints(t);
  const fails = sql.step('end-look', () => {
    sql.run('insert into people values (?)', 'half');
    throw new Error('no such run');
  });
  const ends = await Promise.allSettled([write('mina', 'claim'), fails, write('mina'), write('jun', 'settle')]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  await assert.rejects(fails, /no such run/);
  assert.deepEqual(onDisk(), ['mina', 'jun']);
  assert.deepEqual(points, ['before claim', 'before settle', 'after claim', 'after settle']);
});

test('what a write that failed among others has read of its own is not remembered', async (t) => {
  const { sql } = await setScene(t);
  const count = (): Promise<number> => sql.recall('count', ['people'], () => sql.all('select name from people').length);
  const within: Promise<number>[] = [];
  const fails = sql.write(() => {
    sql.run('insert into people values (?)', 'half');
    within.push(count());
    throw new Error('broken');
  });
  await Promise.allSettled([fails, sql.write(() => 'nothing')]);
  assert.deepEqual(await Promise.all(within), [1]);
  assert.equal(await count(), 0);
});

test('a write that the disk has no room for does not take those beside it along', async (t) => {
  const { sql, write, onDisk } = await setScene(t);
  const [{ page_count: pages } = { page_count: 0 }] = sql.db.pragma('page_count') as readonly { page_count: number }[];
  sql.db.pragma(`max_page_count = ${pages + 2}`);
  const large = write('x'.repeat(200_000));
  const ends = await Promise.allSettled([write('mina'), large, write('jun')]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  await assert.rejects(large, (error) => error instanceof StoreError && error.kind === 'full');
  assert.deepEqual(onDisk(), ['mina', 'jun']);
});

test('many writes at once keep their order and all end, and a close waits for every one', async (t) => {
  const { sql, write, onDisk } = await setScene(t);
  const names = Array.from({ length: 3000 }, (_, index) => `p${index}`);
  const ends = Promise.all(names.map((name) => write(name)));
  await sql.close(() => {});
  await ends;
  assert.deepEqual(onDisk(), names);
});
