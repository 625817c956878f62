// Addresses of webhooks in the store: sealed in every file, bound to their recipient, and waiting for a key that is gone.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { makeWebhookChannel } from '../../src/channels/webhook.ts';
import type { Address, Store } from '../../src/core/ports.ts';
import { seal } from '../../src/io/seal.ts';
import { openStore } from '../../src/io/store.ts';
import { sealStored } from '../../src/io/store-addresses.ts';
import { noteClearing } from '../../src/io/store-clearing.ts';
import { openSql } from '../../src/io/store-database.ts';
import { restoreStore } from '../../src/io/store-restore.ts';
import { MIGRATIONS, migrate } from '../../src/io/store-schema.ts';
import { HOUR, KEY, makeFolder, makeStore, message, START } from './store-setup.ts';

const OTHER_KEY = Buffer.alloc(32, 9);
const HOOK: Address = {
  channel: 'webhook',
  url: 'https://hooks.example.com/path-canary?token=query-canary',
  method: 'PUT',
  headers: { authorization: 'Bearer header-canary' },
  body: '{"text":"{{text}}","key":"body-canary"}',
};
const CANARY = /(?:path|query|header|body)-canary/;
const now = () => START;

async function fill(store: Store): Promise<void> {
  await store.saveRecipient({ name: 'hook', address: HOOK }, START);
  await store.saveRecipient({ name: 'screen', address: { channel: 'console' } }, START);
  await store.addMessages(
    [
      message({ recipient: 'hook', address: HOOK }),
      message({ recipient: 'screen', address: { channel: 'console' }, index: 1 }),
    ],
    'a test',
    START,
  );
}

async function filledFile(t: TestContext): Promise<string> {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await openStore({ file, key: KEY, now });
  await fill(store);
  await store.close();
  return file;
}

/** All that lies in the folder of the store, but for what is named. */
function bytesBeside(file: string, but = /^$/): string {
  const folder = dirname(file);
  const names = globSync('**/*.db*', { cwd: folder }).filter((name) => !but.test(name));
  return names.map((name) => readFileSync(join(folder, name), 'latin1')).join('');
}

const addressOf = async (store: Store, name: string) =>
  (await store.recipients()).find((recipient) => recipient.name === name)?.address;

const reasonOf = async (store: Store, name: string) => {
  const address = await addressOf(store, name);
  return address !== undefined && 'sealed' in address ? address.reason : undefined;
};

test('No address of a webhook stands in the files as it is, and each is read back whole', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await makeStore(t, { file });
  await fill(store);
  await store.backup(join(dirname(file), 'copy.db'));
  const bytes = bytesBeside(file);
  assert.doesNotMatch(bytes, CANARY);
  assert.match(bytes, /screen/);
  assert.deepEqual(await addressOf(store, 'hook'), HOOK);
  const rows = await store.dueMessages(START, 10);
  assert.deepEqual(
    rows.map(({ address }) => address),
    [HOOK, { channel: 'console' }],
  );
});

test('An address moved to another recipient does not open, and costs that one alone', async (t) => {
  const file = await filledFile(t);
  const db = new Database(file);
  db.prepare(`insert into recipients select 'thief', address, 0 from recipients where name = 'hook'`).run();
  db.close();
  const store = await makeStore(t, { file });
  assert.deepEqual(
    (await store.recipients()).map(({ name }) => name),
    ['hook', 'screen'],
  );
});

test('With another key a webhook says what to do, its messages wait, and nothing else is touched', async (t) => {
  const file = await filledFile(t);
  const other = await openStore({ file, key: OTHER_KEY, now });
  assert.match((await reasonOf(other, 'hook')) ?? '', /^The key has changed: the webhook of hook .*Put back the old/);
  assert.deepEqual(await addressOf(other, 'screen'), { channel: 'console' });
  const [row] = await other.dueMessages(START, 10);
  assert.ok(row !== undefined && row.recipient === 'hook');
  const channel = makeWebhookChannel({ env: {}, now });
  const [outcome] = await channel.deliver([row], AbortSignal.timeout(1000));
  assert.equal(outcome?.kind, 'retry');
  // A message written meanwhile takes its address along as it is.
  await other.addMessages([message({ recipient: 'hook', address: row.address })], 'later', START);
  await other.close();

  const store = await makeStore(t, { file });
  assert.deepEqual(await addressOf(store, 'hook'), HOOK);
  const addresses = (await store.messages({ limit: 10 })).map(({ recipient, address }) => [recipient, address]);
  assert.deepEqual(addresses, [
    ['hook', HOOK],
    ['screen', { channel: 'console' }],
    ['hook', HOOK],
  ]);
});

test('When the key is lost, a webhook that is added again gets the messages that waited', async (t) => {
  const file = await filledFile(t);
  const store = await makeStore(t, { file, key: OTHER_KEY });
  const again: Address = { channel: 'webhook', url: 'https://hooks.example.com/again' };
  await store.saveRecipient({ name: 'hook', address: again }, START);
  assert.deepEqual((await store.dueMessages(START, 10))[0]?.address, again);
});

test('Sealing anew takes webhooks and messages along, and leaves nothing that the old key opens', async (t) => {
  const file = await filledFile(t);
  const mark = seal(KEY, '', '').subarray(0, 8).toString('base64').slice(0, 10);
  assert.ok(bytesBeside(file).includes(mark));
  const both = await openStore({ file, key: OTHER_KEY, olderKeys: [KEY], now });
  assert.deepEqual(await both.reseal(), { resealed: [], unopened: [], recipients: ['hook'] });
  assert.deepEqual((await both.reseal()).recipients, []);
  assert.equal(bytesBeside(file).includes(mark), false);
  await both.close();
  const alone = await makeStore(t, { file, key: OTHER_KEY });
  assert.deepEqual(await addressOf(alone, 'hook'), HOOK);
  assert.deepEqual((await alone.dueMessages(START, 10))[0]?.address, HOOK);
});

test('Sealing anew leaves what no key opens as it is', async (t) => {
  const file = await filledFile(t);
  const store = await openStore({ file, key: OTHER_KEY, olderKeys: [Buffer.alloc(32, 1)], now });
  assert.deepEqual((await store.reseal()).recipients, []);
  await store.close();
  assert.deepEqual(await addressOf(await makeStore(t, { file }), 'hook'), HOOK);
});

/** A store as the first schema had it: webhooks in the clear, one of them damaged, and rows that are gone. */
async function firstSchema(t: TestContext): Promise<string> {
  const file = join(makeFolder(t), 'talkbell.db');
  const sql = await openSql(file, { keyring: [KEY] });
  await migrate(sql, () => undefined, MIGRATIONS.slice(0, 1));
  const add = (name: string, address: string) => sql.run(`insert into recipients values (?, ?, 0)`, name, address);
  add('hook', JSON.stringify(HOOK));
  add('gone', JSON.stringify(HOOK));
  add('torn', JSON.stringify(HOOK).slice(0, -9));
  add('screen', '{"channel":"console"}');
  add('me', '{"channel":"kakao-memo","account":"me"}');
  sql.run(`delete from recipients where name = 'gone'`);
  for (const [key, address] of [JSON.stringify(HOOK), '{"channel":"console"}'].entries()) {
    sql.run(
      `insert into messages (key, said, recipient, address, saying, idx, part, parts, if_unclear, keys, created_at, next_at, fresh_until)
       values (?, 's', ?, ?, '{"kind":"text","text":"hi"}', 0, 1, 1, 'leave', '[]', 0, ?, ?)`,
      String(key),
      key === 0 ? 'hook' : 'screen',
      address,
      START,
      START + HOUR,
    );
  }
  sql.db.close();
  return file;
}

const READ = [
  ['hook', HOOK],
  ['me', { channel: 'kakao-memo', account: 'me' }],
  ['screen', { channel: 'console' }],
];

async function assertRead(store: Store): Promise<void> {
  assert.deepEqual(
    (await store.recipients()).map(({ name, address }) => [name, address]),
    READ,
  );
  assert.deepEqual(
    (await store.dueMessages(START, 10)).map(({ address }) => address),
    [HOOK, { channel: 'console' }],
  );
}

test('A store of the first schema is sealed as it is opened, and nothing of the addresses is left in it', async (t) => {
  const file = await firstSchema(t);
  assert.match(bytesBeside(file), CANARY);
  const log: string[] = [];
  const store = await makeStore(t, { file, log: (line) => log.push(line) });
  await assertRead(store);
  await store.touchClock(START);
  assert.doesNotMatch(bytesBeside(file, /before-schema-2/), CANARY);
  assert.match(bytesBeside(file), CANARY, 'the backup made before is as it was: SECURITY.md says so');
  assert.match(log[0] ?? '', /^Backed up to .*before-schema-2\.db/);
  assert.deepEqual(
    log.filter((line) => !/^Backed up to/.test(line)),
    [],
  );
});

/** What a start has done that is killed right after the migration. */
async function sealOnly(file: string): Promise<void> {
  const sql = await openSql(file, { keyring: [KEY] });
  await sql.write(() => {
    assert.equal(sealStored(sql), 3);
    noteClearing(sql);
    sql.db.pragma('user_version = 2');
  });
  sql.db.close();
}

test('A start that was killed before the old addresses were cleared is made good by the next', async (t) => {
  const file = await firstSchema(t);
  await sealOnly(file);
  assert.match(bytesBeside(file, /before-schema-2/), CANARY);
  await assertRead(await makeStore(t, { file }));
  assert.doesNotMatch(bytesBeside(file, /before-schema-2/), CANARY);
});

test('While another process reads, what was overwritten stays, is spoken of, and goes with the next start', async (t) => {
  const file = await firstSchema(t);
  await sealOnly(file);
  const reader = new Database(file);
  reader.exec('begin');
  reader.prepare('select count(*) from messages').get();
  const log: string[] = [];
  const store = await openStore({ file, key: KEY, now, lockPatienceMs: 0, log: (line) => log.push(line) });
  await assertRead(store);
  await store.close();
  assert.match(log.join('\n'), /is not cleared from it yet; the next start does it/);
  reader.exec('commit');
  reader.close();
  await makeStore(t, { file });
  assert.doesNotMatch(bytesBeside(file, /before-schema-2/), CANARY);
});

test('A backup of the first schema is restored and sealed as it is opened', async (t) => {
  const old = await firstSchema(t);
  const file = join(makeFolder(t), 'talkbell.db');
  await restoreStore({ from: old, to: file, now: START });
  const store = await makeStore(t, { file });
  assert.deepEqual(await addressOf(store, 'hook'), HOOK);
  assert.doesNotMatch(bytesBeside(file, /before-schema-2/), CANARY);
});

test('A new store needs neither a backup nor clearing', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const log: string[] = [];
  await makeStore(t, { file, log: (line) => log.push(line) });
  assert.deepEqual(log, []);
  assert.deepEqual(globSync('backups/*', { cwd: dirname(file) }), []);
});
