// The rotation of the key as a process: what it leaves on disk, what it refuses, and that it may be killed anywhere.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Address, Store, Tokens } from '../../src/core/ports.ts';
import type { Config } from '../../src/io/config.ts';
import { loadKeys } from '../../src/io/key.ts';
import { takeLock } from '../../src/io/lock.ts';
import { seal } from '../../src/io/seal.ts';
import { openStore } from '../../src/io/store.ts';
import { message } from '../io/store-setup.ts';
import { begin, type House, makeHouse } from '../processes.ts';

const START = Date.UTC(2026, 10, 20, 2);
const LATER = START + 60 * 24 * 3_600_000;
const HOOK: Address = { channel: 'webhook', url: 'https://hooks.example.com/T0' };
const RAW = '{"access_token":"raw-answer"}';
const NO_SETTINGS: Pick<Config, 'keyText' | 'oldKeyText'> = { keyText: undefined, oldKeyText: undefined };

function tokensOf(name: string): Tokens {
  return { access: `access-${name}`, accessExpiresAt: LATER, refresh: `refresh-${name}`, refreshExpiresAt: LATER };
}

async function withStore<T>(dataDir: string, work: (store: Store) => Promise<T>, keys = NO_SETTINGS): Promise<T> {
  const file = join(dataDir, 'talkbell.db');
  const store = await openStore({ file, ...loadKeys({ ...keys, dataDir }, { create: true }), now: () => START });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Two logins, one with an answer that a crash left, and rows that were overwritten before. */
function fill(dataDir: string, keys = NO_SETTINGS): Promise<void> {
  const login = async (store: Store, name: string): Promise<void> => {
    for (const tokens of [tokensOf(`${name}-earlier`), tokensOf(name)])
      await store.saveLogin({ name, kakaoId: '7', scopes: [], tokens }, START);
  };
  return withStore(
    dataDir,
    async (store) => {
      await login(store, 'me');
      await login(store, 'mum');
      await store.saveRawAnswer('me', RAW);
      await store.saveRecipient({ name: 'hook', address: HOOK }, START);
      await store.addMessages([message({ recipient: 'hook', address: HOOK })], 'a test', START);
    },
    keys,
  );
}

async function readAll(store: Store): Promise<readonly unknown[]> {
  const { address: hook } = (await store.recipients()).find(({ name }) => name === 'hook') ?? {};
  const tokens = [(await store.tokens('me'))?.tokens, (await store.tokens('mum'))?.tokens];
  return [...tokens, await store.rawAnswer('me'), hook, (await store.messages({ limit: 1 }))[0]?.address];
}

const WHOLE = [tokensOf('me'), tokensOf('mum'), RAW, HOOK, HOOK];

async function rotate(house: House, { env = {}, args = [] as readonly string[], node = [] as readonly string[] } = {}) {
  const running = begin(process.execPath, [...node, 'src/talkbell.js', 'key', 'rotate', ...args], {
    env: { ...house.env, ...env },
  });
  const ended = await running.ended;
  return { ended, output: running.output() };
}

const keyIn = (file: string): Buffer => Buffer.from(readFileSync(file, 'utf8'), 'base64');
/** What stands in front of all that a key has sealed. */
const markOf = (key: Buffer): Buffer => seal(key, '', '').subarray(0, 8);

function bytesOf(dataDir: string): Buffer {
  const names = readdirSync(dataDir).filter((name) => name.startsWith('talkbell.db'));
  return Buffer.concat(names.map((name) => readFileSync(join(dataDir, name))));
}

test('a rotation seals every login with a new key, and leaves nothing in the database that the old one opens', async () => {
  using house = makeHouse();
  await fill(house.data);
  const old = keyIn(join(house.data, 'key'));
  assert.ok(bytesOf(house.data).includes(markOf(old)));
  writeFileSync(join(house.data, 'key.new'), 'left by a rotation that was killed');

  const { ended, output } = await rotate(house, { args: ['--json'] });
  assert.equal(ended, 0, output);
  const answer = JSON.parse(output) as { accounts: string[]; webhooks: string[]; key: string; oldKey: string };
  const { accounts, webhooks, key, oldKey } = answer;
  assert.deepEqual([accounts, webhooks], [['me', 'mum'], ['hook']]);
  assert.deepEqual(keyIn(oldKey), old);
  assert.notDeepEqual(keyIn(key), old);
  assert.equal(existsSync(join(house.data, 'key.new')), false);
  for (const file of [key, oldKey]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  assert.equal(bytesOf(house.data).includes(markOf(old)), false);
  assert.ok(bytesOf(house.data).includes(markOf(keyIn(key))));
  for (const value of [old, keyIn(key)]) assert.equal(output.includes(value.toString('base64')), false);

  assert.deepEqual(await withStore(house.data, readAll), WHOLE);
  const file = join(house.data, 'talkbell.db');
  const alone = await openStore({ file, key: keyIn(key), now: () => START });
  assert.deepEqual(await readAll(alone), WHOLE, 'the new key alone opens them');
  await alone.close();
});

test('a backup made before a rotation is opened by the key that was kept', async () => {
  using house = makeHouse();
  await fill(house.data);
  const backup = join(house.folder, 'backup.db');
  await withStore(house.data, (store) => store.backup(backup));
  assert.equal((await rotate(house)).ended, 0);
  const restored = begin(process.execPath, ['src/talkbell.js', 'restore', backup], house);
  assert.equal(await restored.ended, 0, restored.output());
  assert.deepEqual(await withStore(house.data, readAll), WHOLE);
});

test('a rotation is refused beside a daemon, without a key, and while a login does not open; then nothing changes', async () => {
  using house = makeHouse();
  const none = await rotate(house);
  assert.equal(none.ended, 1);
  assert.match(none.output, /There is no .*key to replace/);

  await fill(house.data);
  const lock = takeLock(house.data, 'daemon');
  assert.ok('release' in lock);
  const beside = await rotate(house);
  lock.release();
  assert.equal(beside.ended, 1);
  assert.match(beside.output, /talkbell works on .*Stop it, then rotate the key/);

  const file = join(house.data, 'talkbell.db');
  const other = await openStore({ file, key: Buffer.alloc(32, 5), now: () => START });
  await other.saveLogin({ name: 'lost', kakaoId: '9', scopes: [], tokens: tokensOf('lost') }, START);
  await other.close();
  const before = readFileSync(join(house.data, 'key'));
  const refused = await rotate(house);
  assert.equal(refused.ended, 1);
  assert.match(refused.output, /The key has changed: account lost/);
  await withStore(house.data, (store) => store.removeAccount('lost'));
  const another = await openStore({ file, key: Buffer.alloc(32, 5), now: () => START });
  await another.saveRecipient({ name: 'team', address: HOOK }, START);
  await another.close();
  const refusedToo = await rotate(house);
  assert.equal(refusedToo.ended, 1);
  assert.match(refusedToo.output, /The key has changed: the webhook of team/);
  assert.deepEqual(readFileSync(join(house.data, 'key')), before);
  assert.deepEqual(
    readdirSync(house.data).filter((name) => name.startsWith('key')),
    ['key'],
  );
});

test('a key in the environment is rotated there: talkbell says how, and prints no key', async () => {
  using house = makeHouse();
  const [old, next] = [Buffer.alloc(32, 3), Buffer.alloc(32, 4)].map((key) => key.toString('base64'));
  await fill(house.data, { keyText: old, oldKeyText: undefined });
  assert.equal(existsSync(join(house.data, 'key')), false);

  const told = await rotate(house, { env: { TALKBELL_KEY: old } });
  assert.equal(told.ended, 1);
  assert.match(told.output, /name it TALKBELL_OLD_KEY, set TALKBELL_KEY to a new one \(openssl rand -base64 32\)/);
  const done = await rotate(house, { env: { TALKBELL_KEY: next, TALKBELL_OLD_KEY: old } });
  assert.equal(done.ended, 0, done.output);
  assert.match(done.output, /Sealed with it: me, mum; webhooks hook\. Now remove TALKBELL_OLD_KEY/);
  for (const key of [old ?? '', next ?? '']) assert.equal(`${told.output}${done.output}`.includes(key), false);
  assert.equal(bytesOf(house.data).includes(markOf(Buffer.alloc(32, 3))), false);
  assert.deepEqual(await withStore(house.data, readAll, { keyText: next, oldKeyText: undefined }), WHOLE);

  const again = await rotate(house, { env: { TALKBELL_KEY: next, TALKBELL_OLD_KEY: 'half a key' } });
  assert.equal(again.ended, 1);
  assert.match(again.output, /TALKBELL_OLD_KEY is not a key/);
});

/** Kills the process before the step of this number: writes of key files, and every transaction of SQLite. */
const KILLER = `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import Database from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
const at = Number(process.env.KILL_AT);
let step = 0;
const watch = (owner, name, concerns) => {
  const real = owner[name];
  owner[name] = function (...given) {
    if (concerns(given, this) && ++step === at) process.kill(process.pid, 'SIGKILL');
    return real.apply(this, given);
  };
};
for (const name of ['writeSync', 'linkSync', 'renameSync', 'fsyncSync'])
  watch(fs, name, (given) => given.some((one) => typeof one === 'number' || /key/.test(String(one))));
syncBuiltinESMExports();
const bounds = /^(BEGIN IMM|COMMIT|vacuum)/;
watch(Database.prototype, 'exec', ([sql]) => bounds.test(sql));
const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1'));
watch(statement, 'run', (_, { source }) => bounds.test(source));
watch(Database.prototype, 'pragma', ([sql]) => /TRUNCATE/.test(sql));
process.on('exit', () => console.log('steps', step));
`;

test('a rotation that is killed before any of its steps loses no login, and the next start completes it', async () => {
  using house = makeHouse();
  await fill(house.data);
  const killer = join(house.folder, 'killer.mjs');
  writeFileSync(killer, KILLER);
  const pristine = join(house.folder, 'pristine');
  const old = keyIn(join(house.data, 'key'));
  cpSync(house.data, pristine, { recursive: true });
  const whole = await rotate(house, { env: { KILL_AT: '0' }, node: ['--import', killer] });
  const steps = Number(/steps (\d+)/.exec(whole.output)?.[1]);
  assert.ok(steps >= 16, whole.output);

  const kill = async (at: number): Promise<void> => {
    const data = join(house.folder, `data-${at}`);
    cpSync(pristine, data, { recursive: true });
    const env = { KILL_AT: String(at), TALKBELL_DATA: data };
    assert.equal((await rotate(house, { env, node: ['--import', killer] })).ended, 'SIGKILL', `step ${at}`);
    await withStore(data, async (store) => {
      assert.deepEqual(await readAll(store), WHOLE, `step ${at}`);
      assert.deepEqual((await store.reseal()).unopened, [], `step ${at}`);
    });
    const { key } = loadKeys({ ...NO_SETTINGS, dataDir: data }, { create: false });
    const alone = await openStore({ file: join(data, 'talkbell.db'), key, now: () => START });
    assert.deepEqual(await readAll(alone), WHOLE, `step ${at}, with its key alone`);
    await alone.close();
    assert.equal(bytesOf(data).includes(markOf(old)), key.equals(old), `step ${at}, what the old key opens`);
  };
  const all = Array.from({ length: steps }, (_, index) => index + 1);
  await Promise.all(
    [0, 1].map(async (half) => {
      for (const at of all.filter((step) => step % 2 === half)) await kill(at);
    }),
  );
});

test('a daemon that starts after a rotation was broken off seals the rest', async () => {
  using house = makeHouse();
  await fill(house.data);
  const old = keyIn(join(house.data, 'key'));
  writeFileSync(join(house.data, 'key.old-2026-11-20T02-00-00-000Z'), old.toString('base64'), { mode: 0o600 });
  const next = Buffer.alloc(32, 6);
  writeFileSync(join(house.data, 'key'), next.toString('base64'));
  await using daemon = begin(process.execPath, ['src/talkbell.js', 'start'], house);
  await daemon.says('"msg":"talkbell runs"');
  assert.match(daemon.output(), /"accounts":\["me","mum"\],"msg":"logins that an older key opened are sealed anew"/);
  assert.match(daemon.output(), /"recipients":\["hook"\],"msg":"webhooks that an older key opened are sealed anew"/);
  daemon.child.kill('SIGTERM');
  await daemon.ended;
  const file = join(house.data, 'talkbell.db');
  const alone = await openStore({ file, key: next, now: () => START });
  assert.deepEqual(await readAll(alone), WHOLE);
  await alone.close();
});
