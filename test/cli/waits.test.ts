import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import stringWidth from 'string-width';
import { register } from '../../src/cli/outbox.ts';
import type { Store } from '../../src/core/ports.ts';
import { readConfig } from '../../src/io/config.ts';
import { loadKeys } from '../../src/io/key.ts';
import { openStore } from '../../src/io/store.ts';
import { type CliStage, openCliStage } from './stage.ts';

const HOUR_MS = 3_600_000;
const ZONE = 'Asia/Seoul';

let stage: CliStage;

before(async () => {
  stage = await openCliStage();
  assert.equal((await stage.login('민지')).code, 0);
});

after(() => stage.close());

/** The store as a daemon would have written it. */
async function withStore(work: (store: Store, now: number) => Promise<unknown>): Promise<void> {
  const keys = loadKeys(readConfig(stage.env), { create: false });
  const file = join(stage.dataDir, 'talkbell.db');
  const store = await openStore({ file, ...keys, now: Date.now, keepDays: 90 });
  try {
    await work(store, Date.now());
  } finally {
    await store.close();
  }
}

function write(store: Store, now: number, nextAt = now): Promise<readonly number[]> {
  const address = { channel: 'kakao-memo', account: 'me' } as const;
  const message = { recipient: 'me', address, saying: { kind: 'text', text: 'hello' }, index: 0, part: 1, parts: 1 };
  const times = { nextAt, freshUntil: now + 48 * HOUR_MS, ifUnclear: 'leave', keys: [] } as const;
  return store.addMessages([{ ...message, ...times } as Parameters<Store['addMessages']>[0][number]], 'send', now);
}

test('what is due and waits only for its turn says so, in the time zone of the settings', async () => {
  await withStore(async (store, now) => {
    await write(store, now - HOUR_MS);
    await write(store, now - HOUR_MS);
  });
  const { out } = await stage.cli('outbox');
  assert.match(out, /^2 .*pending: behind an earlier message to me \(1\)$/m);
  assert.match(out, /^1 .*pending: due since \d{4}-\d\d-\d\d \d\d:\d\d.*; a running daemon sends it within seconds$/m);
  assert.doesNotMatch(out, /until/);
});

test('what waits for a later time says until when and why', async () => {
  await withStore(async (store, now) => {
    const [id = 0] = await write(store, now, now + HOUR_MS);
    const reason = "The day's budget of 100 messages of me is spent.";
    await store.settle([{ id, after: { state: 'pending', nextAt: now + HOUR_MS, reason } }], now);
    await write(store, now, now + HOUR_MS);
  });
  const { out } = await stage.cli('outbox');
  const until = String.raw`until \d{4}-\d\d-\d\d \d\d:\d\d\S*`;
  assert.match(out, new RegExp(`^3 .*pending ${until}: The day's budget of 100 messages of me is spent\\.$`, 'm'));
  assert.match(out, new RegExp(`^4 .*pending ${until}: quiet hours$`, 'm'));
  const retried = await stage.cli('outbox', 'retry', '3');
  assert.match(retried.err, /Message 3 waits and goes out by itself\. It is pending until .*budget/);
});

test('on a narrow terminal the list of messages fits, and JSON has the whole text', async () => {
  const print = (columns: number | undefined, ...args: readonly string[]): Promise<string> =>
    printOutbox(columns, args);
  const narrow = (await print(70)).split('\n').filter((row) => /^\d/.test(row));
  assert.ok(narrow.length >= 4 && narrow.every((row) => stringWidth(row) <= 70), narrow.join('\n'));
  assert.match(narrow.join('\n'), /…/);
  assert.match(await print(undefined), /budget of 100 messages of me is spent\./);
  assert.match(await print(70, '--json'), /budget of 100 messages of me is spent\./);
});

async function printOutbox(columns: number | undefined, args: readonly string[]): Promise<string> {
  const said: string[] = [];
  const print = (text: string): void => void said.push(text);
  const signal = new AbortController().signal;
  const line = { env: stage.env, now: Date.now, print, printError: print, isTerminal: true, columns, signal };
  const program = new Command('talkbell').exitOverride();
  register(program, { ...line, fail: () => {} });
  await program.parseAsync(['outbox', ...args], { from: 'user' });
  return said.join('\n');
}

test('what waits for an account says for what, with the command that ends it', async () => {
  await withStore((store, now) =>
    store.markAccount('me', { state: 'held', reason: 'Mend it; then talkbell resume --account NAME.' }, now),
  );
  const held = await stage.cli('outbox');
  assert.match(held.out, /^1 .*pending: the account me is held: Mend it; then talkbell resume --account me\.$/m);
  assert.match((await stage.cli('accounts')).out, /resume --account me\./);

  await withStore((store, now) =>
    store.markAccount('me', { state: 'held', reason: 'The quota is spent.', heldUntil: now + HOUR_MS }, now),
  );
  const quota = await stage.cli('send', 'me', 'later');
  assert.equal(quota.code, 0, 'what waits is no failure');
  assert.match(
    quota.out,
    /me: pending: the account me is held until \d{4}-.*: The quota is spent\. \(talkbell resume --account me\)/,
  );
  const checked = await stage.cli('check');
  const until = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short' }).format(Date.now() + HOUR_MS);
  assert.match(
    checked.out,
    new RegExp(`FAIL +login me +It is held: The quota is spent\\. It ends by itself at ${until}`),
  );
  assert.doesNotMatch(checked.out, /\dT\d\d:\d\d/);
});

test('what waits for a login names the login', async () => {
  assert.equal((await stage.cli('accounts', 'remove', 'me')).code, 0);
  const [row] = (await stage.json('outbox', '--limit', '1')) as { waits: string; state: string }[];
  assert.deepEqual([row?.state, row?.waits], ['pending', 'waits for a login: talkbell login --as me']);
});
