// What the owner hears: each episode once, its end once, never a flood, and nobody else anything.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Log } from '../../src/core/log.ts';
import { endPast, makeOwner, type Owner } from '../../src/core/owner.ts';
import type { Channel, Store } from '../../src/core/ports.ts';
import { HOUR, makeStore, START } from '../io/store-setup.ts';

interface Scene {
  readonly owner: Owner;
  readonly store: Store;
  /** Texts in the outbox, oldest first, each with its recipient. */
  readonly said: () => Promise<readonly string[]>;
  readonly logged: string[];
  readonly kicks: () => number;
  readonly pass: (ms: number) => void;
}

const channel: Channel = { prepare: (saying) => [saying], batch: 1, deliver: async () => [] };
const channels = { 'kakao-memo': channel, 'kakao-friend': channel, webhook: channel, console: channel };

async function setScene(t: TestContext, names: readonly string[] = ['hook']): Promise<Scene> {
  const store = await makeStore(t);
  await store.saveRecipient({ name: 'hook', address: { channel: 'webhook', url: 'https://hook.example.com/' } }, START);
  await store.saveRecipient({ name: 'reader', address: { channel: 'console' } }, START);
  const state = { now: START, kicks: 0 };
  const logged: string[] = [];
  const write = (level: string) => (_facts: object, message: string) => void logged.push(`${level}: ${message}`);
  const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const owner = makeOwner({
    store,
    channels,
    owner: names,
    now: () => state.now,
    log,
    onMessage: () => {
      state.kicks += 1;
    },
  });
  const said = async (): Promise<readonly string[]> => {
    const rows = await store.messages({ limit: 1000 });
    return rows
      .toSorted((one, other) => one.id - other.id)
      .map(({ recipient, saying }) => `${recipient}: ${saying.kind === 'text' ? saying.text : saying.kind}`);
  };
  const pass = (ms: number): void => {
    state.now += ms;
  };
  return { owner, store, said, logged, kicks: () => state.kicks, pass };
}

test('an episode is told once, its end once, and then it may begin again', async (t) => {
  const { owner, said, kicks } = await setScene(t);
  await owner.tell('job:lunch/main', 'lunch failed.');
  await owner.tell('job:lunch/main', 'lunch failed again.');
  assert.deepEqual(await said(), ['hook: ⚠ lunch failed.']);
  await owner.recover('job:lunch/main', 'lunch works again.');
  await owner.recover('job:lunch/main', 'lunch works again.');
  await owner.tell('job:lunch/main', 'lunch failed a second time.');
  assert.deepEqual(await said(), [
    'hook: ⚠ lunch failed.',
    'hook: ✓ lunch works again.',
    'hook: ⚠ lunch failed a second time.',
  ]);
  assert.equal(kicks(), 3);
});

test('what was never wrong does not recover', async (t) => {
  const { owner, said, logged } = await setScene(t);
  await owner.recover('job:lunch/main', 'lunch works again.');
  assert.deepEqual([await said(), logged], [[], []]);
});

test('an episode outlives a restart', async (t) => {
  const { owner, said, store } = await setScene(t);
  await owner.tell('login:me', 'log in.');
  const next = makeOwner({
    store,
    channels,
    owner: ['hook'],
    now: () => START + HOUR,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    onMessage: () => {},
  });
  await next.tell('login:me', 'log in.');
  await next.recover('login:me', 'logged in.');
  assert.deepEqual(await said(), ['hook: ⚠ log in.', 'hook: ✓ logged in.']);
});

test('ten alerts go out in an hour; the rest is told together once the hour is over, and only what is still wrong', async (t) => {
  const { owner, said, pass, logged } = await setScene(t);
  for (let number = 1; number <= 14; number += 1) await owner.tell(`job:${number}/main`, `job ${number} failed.`);
  assert.equal((await said()).length, 10);
  assert.equal(logged.length, 14, 'all of them are in the log');
  await owner.tellHeld();
  assert.equal((await said()).length, 10);

  await owner.recover('job:13/main', 'job 13 works again.');
  assert.equal((await said()).length, 10, 'what was not told does not recover aloud');

  pass(HOUR + 1);
  await owner.tellHeld();
  await owner.tellHeld();
  assert.deepEqual((await said()).slice(10), [
    'hook: ⚠ There was much to tell; here is the rest:\n- job 11 failed.\n- job 12 failed.\n- job 14 failed.',
  ]);
  await owner.recover('job:11/main', 'job 11 works again.');
  assert.equal((await said()).at(-1), 'hook: ✓ job 11 works again.');
});

test('an owner whom nobody can reach is an error in the log, with what was to be said', async (t) => {
  for (const names of [['nobody'], []]) {
    const { owner, said, logged } = await setScene(t, names);
    await owner.tell('login:me', 'log in.');
    assert.deepEqual(await said(), []);
    assert.ok(logged.includes('error: The owner cannot be told: ⚠ log in.'), logged.join('\n'));
  }
});

test('every recipient of the owner hears it, groups taken apart, and no reader does', async (t) => {
  const { owner, said, store } = await setScene(t, ['family', 'nobody', 'hook']);
  await store.saveRecipient({ name: 'phone', address: { channel: 'kakao-memo', account: 'me' } }, START);
  await store.saveRecipient({ name: 'family', address: { channel: 'group', members: ['phone', 'hook'] } }, START);
  await owner.tell('login:me', 'log in.');
  assert.deepEqual(await said(), ['phone: ⚠ log in.', 'hook: ⚠ log in.']);
});

test('an alert is worth telling for a day', async (t) => {
  const { owner, store } = await setScene(t);
  await owner.tell('login:me', 'log in.');
  const [row] = await store.messages({ limit: 1 });
  assert.deepEqual(
    [row?.freshUntil, row?.nextAt, row?.job, row?.about],
    [START + 24 * HOUR, START, undefined, 'owner'],
  );
});

test('an episode that no event ends is over when its day, account, recipient or list is', async (t) => {
  const { owner, store, said } = await setScene(t);
  const tokens = { access: 'a', refresh: 'r', accessExpiresAt: START + HOUR, refreshExpiresAt: START + 240 * HOUR };
  const logIn = { name: 'me', kakaoId: '1', scopes: [], tokens };
  await store.saveLogin(logIn, START);
  await store.markAccount('me', { state: 'held', reason: 'quota' }, START);
  const lasting = ['held:me:2026-11-20', 'budget:me:2026-11-20', 'login-ends:me:14', 'login-ends:me:7'];
  const others = [
    'undelivered:reader',
    'recipient:mum',
    'holidays:2027',
    'holidays-file',
    'job:lunch/main',
    'file:a.ts',
  ];
  for (const key of [...lasting, ...others]) await store.openAlert(key, key, START);
  await store.markTold([...lasting, ...others], START);
  for (const key of ['login:gone', 'held:gone:2026-11-20', 'undelivered:gone', 'recipient:reader', 'holidays:2026'])
    await store.openAlert(key, key, START);
  const open = async (): Promise<readonly string[]> => (await store.alerts()).map(({ key }) => key).toSorted();

  await endPast(owner, store, { now: START, holidaysUntil: 2027 });
  assert.deepEqual(await open(), [...lasting, ...others].toSorted());
  assert.deepEqual(await said(), []);

  await store.saveLogin({ ...logIn, tokens: { ...tokens, refreshExpiresAt: START + 1440 * HOUR } }, START);
  await store.saveRecipient({ name: 'mum', address: { channel: 'console' } }, START);
  await store.removeRecipient('reader');
  await endPast(owner, store, { now: START + 24 * HOUR, holidaysUntil: 2028 });
  assert.deepEqual(await open(), ['file:a.ts', 'holidays-file', 'job:lunch/main']);
  assert.deepEqual((await said()).toSorted(), [
    'hook: ✓ Sending with the account me is no longer stopped.',
    'hook: ✓ The day on which the budget of me was spent is over.',
    'hook: ✓ The list of holidays goes on to 2028.',
    'hook: ✓ The login of me is renewed.',
    'hook: ✓ The recipient mum is there now.',
    'hook: ✓ The recipient reader is gone.',
  ]);
});
