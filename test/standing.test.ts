// What was wrong when talkbell was killed, and nobody had been told yet: the next start tells it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { endPast } from '../src/core/owner.ts';
import { endFarHolds } from '../src/core/standing.ts';
import { openStore } from '../src/io/store.ts';
import { begin } from '../src/main.ts';
import { message } from './io/store-setup.ts';
import { jobSource, type Stage, setStage } from './stage.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function start(stage: Stage): Promise<void> {
  await begin(stage.engine(), { config: stage.config, log, now: stage.now });
  await stage.settle();
}

test('a login that ended right before a crash is told at the next start, once, and its return too', async () => {
  await using stage = await setStage();
  await stage.logIn();
  const { store } = stage.engine();
  await store.markAccount('me', { state: 'needs-login', reason: 'Kakao no longer takes it (KOE322).' }, stage.now());
  await start(stage);
  await start(stage);
  assert.deepEqual(stage.ownerHeard, [
    '⚠ The account me needs a login: talkbell login --as me. Kakao no longer takes it (KOE322).',
  ]);
  await stage.logIn();
  await start(stage);
  assert.equal(stage.ownerHeard.at(-1), '✓ The account me is logged in again.');
});

/** A lunch that waits to be sent once more. */
async function leaveLunch(stage: Stage): Promise<readonly number[]> {
  await stage.logIn();
  await stage.writeJob('lunch.ts', jobSource());
  stage.show(['rice']);
  stage.sandbox.fault({ path: '/memo/', kind: 'status', status: 503, times: 1, headers: { 'retry-after': '600' } });
  await stage.at('2026-11-20 11:20');
  return (await stage.engine().store.messages({ job: 'lunch', limit: 10 })).map(({ id }) => id);
}

async function assertToldOnce(stage: Stage, ids: readonly number[]): Promise<void> {
  const { store } = stage.engine();
  assert.deepEqual(await store.beginAttempt(ids, stage.now()), ids);
  assert.equal((await store.recoverMessages(stage.now())).length, 1, 'a start that was killed right after this');
  await start(stage);
  await start(stage);
  assert.equal(stage.ownerHeard.length, 1);
  assert.match(stage.ownerHeard[0] ?? '', /^⚠ A message of lunch to me may or may not have arrived\..*talkbell outbox/);
}

test('a message that became unclear right before a crash is told at the next start, once', async () => {
  await using stage = await setStage();
  await assertToldOnce(stage, await leaveLunch(stage));
});

test('a message that others had passed, and that became unclear right before a crash, is told too', async () => {
  await using stage = await setStage();
  const ids = await leaveLunch(stage);
  const { store } = stage.engine();
  const [later = 0] = await store.addMessages([message({ recipient: 'me' })], 'a test', stage.now());
  await store.settle([{ id: later, after: { state: 'sent' } }], stage.now() - 60_000);
  await assertToldOnce(stage, ids);
});

test('an account that was held right before a crash is told at the next start, once, and when it goes on', async () => {
  await using stage = await setStage();
  await stage.logIn();
  const { store } = stage.engine();
  await store.markAccount('me', { state: 'held', reason: 'The client secret is wrong (KOE010).' }, stage.now());
  await start(stage);
  await stage.at('2026-11-21 09:00');
  await start(stage);
  assert.deepEqual(stage.ownerHeard, [
    '⚠ Sending with the account me is stopped. The client secret is wrong (KOE010).',
  ]);
});

test('a webhook that no key opens is told at a start, once, and when it can be called again', async () => {
  await using stage = await setStage();
  const file = join(stage.config.dataDir, 'talkbell.db');
  const other = await openStore({ file, key: Buffer.alloc(32, 5), now: stage.now });
  await other.saveRecipient(
    { name: 'team', address: { channel: 'webhook', url: 'https://example.com/' } },
    stage.now(),
  );
  await other.close();
  await start(stage);
  await start(stage);
  assert.equal(stage.ownerHeard.length, 1);
  assert.match(stage.ownerHeard[0] ?? '', /^⚠ The key has changed: the webhook of team was sealed with another one/);

  const { store, owner } = stage.engine();
  const present = { now: stage.now(), holidaysUntil: 2099 };
  await endPast(owner, store, present);
  await stage.settle();
  assert.equal(stage.ownerHeard.length, 1);
  await store.saveRecipient({ name: 'team', address: { channel: 'console' } }, stage.now());
  await endPast(owner, store, present);
  await stage.settle();
  assert.equal(stage.ownerHeard.at(-1), '✓ The webhook of team can be called again.');
});

test('a hold taken by a clock that was days ahead ends when the clock is right; one of a real quota stays', async () => {
  await using stage = await setStage();
  await stage.logIn();
  const { store } = stage.engine();
  const held = { state: 'held', reason: 'quota' } as const;
  await store.markAccount('me', { ...held, heldUntil: stage.now() + 20 * 3_600_000 }, stage.now());
  await endFarHolds(store, stage.now());
  assert.equal((await store.accounts())[0]?.state, 'held');
  await store.markAccount('me', { ...held, heldUntil: stage.now() + 72 * 3_600_000 }, stage.now());
  await endFarHolds(store, stage.now());
  assert.equal((await store.accounts())[0]?.state, 'ok');
});
