// Holds what SECURITY.md says of files, of their modes, and of what a copy of the database is worth.
import assert from 'node:assert/strict';
import { cpSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StoreError } from '../src/core/errors.ts';
import type { Address } from '../src/core/ports.ts';
import { loadKey } from '../src/io/key.ts';
import { openStore } from '../src/io/store.ts';
import { serve } from './io/http-local.ts';
import { message } from './io/store-setup.ts';
import { begin, type House, makeHouse, ROOT } from './processes.ts';
import { tableFrom } from './readme-parts.ts';

const PAGE = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
const NOW = Date.UTC(2026, 10, 20, 2);
const TOKENS = { access: 'access-canary', accessExpiresAt: NOW, refresh: 'refresh-canary', refreshExpiresAt: NOW };

const HOOK: Address = {
  channel: 'webhook',
  url: 'https://hooks.example.com/hook-canary',
  headers: { 'x-key': 'header-canary' },
  body: '{"text":"{{text}}","as":"body-canary"}',
};

/** Files and their modes, as the table tells them. */
const FILES = tableFrom(PAGE, 'data/').map(([file = '', mode = '']) => ({ file: file.replaceAll('`', ''), mode }));

/** As careless as a machine can be: whatever talkbell does not close itself is open to everybody. */
function careless(house: House, ...args: readonly string[]) {
  return begin('sh', ['-c', `umask 000; exec "$0" src/talkbell.js "$@"`, process.execPath, ...args], house);
}

async function fill(house: House): Promise<void> {
  await careless(house, 'recipients', 'add', 'screen', '--console').ended;
  const key = loadKey({ value: undefined, dataDir: house.data, create: false });
  const store = await openStore({ file: join(house.data, 'talkbell.db'), key, now: () => NOW });
  await store.saveLogin({ name: 'me', kakaoId: '77', scopes: ['talk_message'], tokens: TOKENS }, NOW);
  await store.saveRecipient({ name: 'team', address: HOOK }, NOW);
  const said = message({ recipient: 'team', address: HOOK, saying: { kind: 'text', text: 'words for all to read' } });
  await store.addMessages([said], 'a test', NOW);
  await store.close();
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** A look that fails leaves its page. */
async function failOnce(t: TestContext, house: House): Promise<void> {
  const board = await serve(t, (response) => response.end('<!doctype html><title>board</title>'));
  writeFileSync(
    join(house.jobs, 'board.ts'),
    `import { defineJob } from 'talkbell';
    export default defineJob({ schedule: '0 0 1 1 *', to: 'screen', fetch: (get) => get('${board.origin}/'),
      extract: (page) => page.rows('ul', 'li', { text: '' }), render: () => 'x' });`,
  );
  assert.equal(await careless(house, 'run', 'board').ended, 1);
}

test('the files that SECURITY.md names are there, with the modes it says, on the most careless machine', async (t) => {
  using house = makeHouse();
  await fill(house);
  await failOnce(t, house);
  assert.equal(await careless(house, 'key', 'rotate').ended, 0);
  await using daemon = careless(house, 'start');
  await daemon.says(/"msg":"backed up"/);
  assert.ok(FILES.length >= 9);
  for (const { file, mode } of FILES) {
    const found =
      file === 'data/'
        ? [house.data]
        : globSync(file.replace(/\/$/, ''), { cwd: house.data }).map((name) => join(house.data, name));
    assert.ok(found.length > 0, `${file} is not there`);
    for (const path of found) assert.equal(modeOf(path), mode, path);
  }
  for (const backup of globSync('{backups,pages/*}/*', { cwd: house.data }))
    assert.equal(modeOf(join(house.data, backup)), '600', backup);
});

test('no other file in the data folder holds anything: those that are left out are compiled code and copies of jobs', async () => {
  using house = makeHouse();
  await fill(house);
  await using daemon = careless(house, 'start');
  await daemon.says(/"msg":"backed up"/);
  const known = [...FILES.map(({ file }) => file.replace(/\/$/, '')), 'cache', 'jobs', 'worker.txt', 'lock.db-journal'];
  const others = globSync('*', { cwd: house.data }).filter(
    (name) => !known.some((pattern) => matchesGlob(name, pattern)),
  );
  assert.deepEqual(others, []);
});

test('a copy of the database alone gives nothing to log in or to send with, and shows what SECURITY.md says it shows', async () => {
  using house = makeHouse();
  await fill(house);
  using thief = makeHouse();
  await careless(thief, 'recipients', 'add', 'screen', '--console').ended;
  for (const name of ['talkbell.db', 'talkbell.db-wal', 'talkbell.db-shm'])
    for (const file of globSync(name, { cwd: house.data })) cpSync(join(house.data, file), join(thief.data, file));
  const bytes = globSync('talkbell.db*', { cwd: thief.data }).map((name) =>
    readFileSync(join(thief.data, name), 'latin1'),
  );
  assert.doesNotMatch(bytes.join(''), /(?:access|refresh|hook|header|body)-canary/);
  assert.match(bytes.join(''), /screen/);
  assert.match(bytes.join(''), /words for all to read/);
  const key = loadKey({ value: undefined, dataDir: thief.data, create: false });
  const store = await openStore({ file: join(thief.data, 'talkbell.db'), key, now: () => NOW });
  await assert.rejects(store.tokens('me'), (error) => error instanceof StoreError && error.kind === 'key');
  assert.deepEqual(
    (await store.accounts()).map(({ name, kakaoId }) => [name, kakaoId]),
    [['me', '77']],
  );
  const team = (await store.recipients()).find(({ name }) => name === 'team')?.address;
  assert.ok(team !== undefined && 'sealed' in team);
  await store.close();
  const check = careless(thief, 'check');
  await check.ended;
  assert.match(check.output(), /team: The key has changed: the webhook of team was sealed with another one/);
  const shown = careless(thief, 'recipients', '--json');
  assert.equal(await shown.ended, 0);
  const rows = JSON.parse(shown.output()) as readonly { name: string; address: object }[];
  assert.deepEqual(rows.find(({ name }) => name === 'team')?.address, { channel: 'webhook' });
});

test('SECURITY.md says how to report, names commands that are, and speaks of talkbell alone', async () => {
  assert.match(PAGE, /Report a vulnerability/);
  assert.doesNotMatch(PAGE, /\b(?:agent|workplace|\/work\/)\b/i);
  using house = makeHouse();
  const commands = [
    ...new Set(Array.from(PAGE.matchAll(/`npx talkbell (\w+(?: rotate| remove)?)/g), ([, command = '']) => command)),
  ];
  assert.ok(commands.length >= 3);
  for (const command of commands) {
    const asked = begin(process.execPath, ['src/talkbell.js', ...command.split(' '), '--help'], house);
    assert.equal(await asked.ended, 0, asked.output());
    assert.match(asked.output(), new RegExp(`Usage: talkbell ${command}`));
  }
  assert.ok(PAGE.split('\n').length < 110);
});
