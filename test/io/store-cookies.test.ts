// The cookies jobs keep: sealed, each bound to its job, and forgotten with it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { Look } from '../../src/core/job.ts';
import type { AfterLook, Store } from '../../src/core/ports.ts';
import { openStore } from '../../src/io/store.ts';
import { claimRun, done, HOUR, jobFile, KEY, makeFolder, makeStore, START, TOLD } from './store-setup.ts';

const JAR = JSON.stringify([{ key: 'id', value: 'session-5eb63bbbe01eeed0', domain: 'site.example', path: '/' }]);
const FAILED: AfterLook = { state: 'done', outcome: 'failed', reason: 'no answer' };

async function end(store: Store, at: number, look: Look, job = 'cafe'): Promise<void> {
  const { id } = await claimRun(store, START + at, { job });
  const after = look.kind === 'failed' ? FAILED : TOLD;
  await store.endLook({ run: id, hash: 'h', look, after, messages: [], now: START + at });
}

const cookiesOf = async (store: Store, job = 'cafe') => (await store.recall(job, 'any hash')).cookies;

test('Cookies go on from one look to the next, whatever came of it, until a look hands back others', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe'), jobFile('board')], START);
  assert.equal(await cookiesOf(store), undefined);
  await end(store, 1, { kind: 'failed', failure: { kind: 'fetch', message: 'no answer' }, cookies: JAR });
  await end(store, 2, done());
  assert.equal(await cookiesOf(store), JAR);
  assert.equal(await cookiesOf(store, 'board'), undefined);
  await end(store, 3, { kind: 'unchanged', cookies: '[{"key":"new"}]' });
  assert.equal(await cookiesOf(store), '[{"key":"new"}]');
  await end(store, 4, { ...done(), cookies: '[]' });
  assert.equal(await cookiesOf(store), undefined);
});

test('A jar that is larger than any may be is not kept', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  await end(store, 1, { ...done(), cookies: JAR });
  await end(store, 2, { ...done(), cookies: `["${'x'.repeat(200_000)}"]` });
  assert.equal(await cookiesOf(store), undefined);
});

test('Cookies are forgotten when the file of their job is gone, or its id is another', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  await end(store, 1, { ...done(), cookies: JAR });
  await store.syncJobs([jobFile('cafe', undefined, 'renamed.ts')], START + 2);
  assert.equal(await cookiesOf(store), JAR);
  await store.syncJobs([jobFile('other', undefined, 'renamed.ts')], START + 3);
  await store.syncJobs([jobFile('cafe'), jobFile('other')], START + 4);
  assert.deepEqual([await cookiesOf(store), await cookiesOf(store, 'other')], [undefined, undefined]);
});

test('On disk they are sealed, and another job cannot open them', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await openStore({ key: KEY, now: () => START, file });
  await store.syncJobs([jobFile('cafe'), jobFile('board')], START);
  await end(store, 1, { ...done(), cookies: JAR });
  await end(store, 2, { ...done(), cookies: JAR }, 'board');
  await store.close();
  assert.ok(!readFileSync(file).includes('5eb63bbbe01eeed0'));

  const db = new Database(file);
  db.prepare(`update cookies set jar = (select jar from cookies where job = 'cafe') where job = 'board'`).run();
  db.close();
  const again = await makeStore(t, { file });
  assert.deepEqual([await cookiesOf(again), await cookiesOf(again, 'board')], [JAR, undefined]);
});

test('A new key seals them anew, and a lost one costs no more than a log-in', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const [second, third] = [Buffer.alloc(32, 8), Buffer.alloc(32, 9)];
  const open = (options: { key: Buffer; olderKeys?: readonly Buffer[] }) =>
    openStore({ now: () => START + HOUR, file, ...options });
  const first = await open({ key: KEY });
  await first.syncJobs([jobFile('cafe')], START);
  await end(first, 1, { ...done(), cookies: JAR });
  await first.close();

  const both = await open({ key: second, olderKeys: [KEY] });
  assert.equal(await cookiesOf(both), JAR);
  await both.reseal();
  await both.close();
  const alone = await open({ key: second });
  assert.equal(await cookiesOf(alone), JAR);
  await alone.close();

  const lost = await open({ key: third });
  assert.equal(await cookiesOf(lost), undefined);
  await lost.close();
});
