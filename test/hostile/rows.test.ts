// Rows that are not what talkbell wrote: a disk, a hand or another version has changed them. One such row costs itself
// alone, says so, and stops neither the schedule nor the delivery of the others.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { StoreError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/ports.ts';
import { loadKey } from '../../src/io/key.ts';
import { openStore } from '../../src/io/store.ts';
import { DAY, HOUR, jobFile, KEY, lookOnce, makeFolder, message, START } from '../io/store-setup.ts';
import { begin, makeHouse } from '../processes.ts';

/** Columns of JSON, with the key of the row that a test spoils. A row beside it stays whole. */
const COLUMNS = [
  ['messages', 'address', "recipient = 'me'"],
  ['messages', 'saying', "recipient = 'me'"],
  ['messages', 'keys', "recipient = 'me'"],
  ['recipients', 'address', "name = 'me'"],
  ['jobs', 'description', "id = 'cafe'"],
  ['jobs', 'problems', "id = 'cafe'"],
  ['jobs', 'unset', "id = 'cafe'"],
  ['jobs', 'validators', "id = 'cafe'"],
  ['memory', 'item', "key = 'a'"],
  ['later', 'state', "key = 'a'"],
  ['accounts', 'scopes', "name = 'me'"],
  ['accounts', 'access', "name = 'me'"],
  ['accounts', 'refresh', "name = 'me'"],
  ['accounts', 'raw_answer', "name = 'me'"],
  ['friends', 'friends', "account = 'me'"],
  ['slots', 'cron', "job = 'cafe'"],
  ['slots', 'timezone', "job = 'cafe'"],
] as const;

const garbage = fc.oneof(
  fc.constantFrom(
    ...['', '{', '[', 'null', '5', '"text"', '[]', '{}', '[null]', '[[]]', '{"channel":5}', '{"channel":"group"}'],
    ...['{"channel":"nowhere"}', '{"channel":"kakao-memo"}', '{"channel":"webhook","url":7}', '{"kind":"text"}'],
    ...[
      '{"kind":"text","text":5}',
      '{"kind":"default","object":null}',
      '{"kind":"nonsense"}',
      '\u0000',
      '{"__proto__":1}',
    ],
    ...['['.repeat(100_000), '{"kind":"custom","template_id":"x","template_args":null}', '[{"uuid":5}]', '[7]'],
  ),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.toWellFormed()),
  fc.json({ maxDepth: 3 }),
);

async function fill(store: Store): Promise<void> {
  await store.syncJobs([jobFile('cafe'), jobFile('well')], START);
  for (const name of ['me', 'mum'])
    await store.saveLogin(
      {
        name,
        kakaoId: '7',
        scopes: ['talk_message'],
        tokens: { access: 'a', accessExpiresAt: START + HOUR, refresh: 'r', refreshExpiresAt: START + 60 * DAY },
      },
      START,
    );
  await store.saveRawAnswer('me', '{}');
  await store.saveFriends('me', [{ id: '5', uuid: 'u', nickname: 'n', allowed: true }], START);
  await lookOnce(store, START + 1, { items: { a: { n: 1 }, b: { n: 2 } } });
  await lookOnce(store, START + 2, {
    items: { a: { n: 2 }, b: { n: 2 } },
    toldKeys: ['a'],
    messages: [message({ keys: ['a'] }), message({ keys: ['a'], part: 2, parts: 2 })],
    more: { later: [['a', { gathered: { n: 3 } }]] },
  });
  await store.addMessages(
    [message({ recipient: 'mum', address: { channel: 'kakao-memo', account: 'mum' } })],
    'x',
    START,
  );
}

/** Everything that talkbell asks of a store while it runs and while somebody looks at it. */
async function askEverything(store: Store): Promise<void> {
  const now = START + 3;
  const asked: (() => Promise<unknown>)[] = [
    store.jobs,
    store.slots,
    store.waiting,
    store.recipients,
    store.accounts,
    store.alerts,
    store.countMessages,
    () => store.recall('cafe', 'h'),
    () => store.messages({ limit: 10 }),
    () => store.runs({ limit: 10 }),
    () => store.nextMessageAt(now),
    () => store.friends('me'),
    () => store.reseal(),
    () => store.syncJobs([jobFile('cafe'), jobFile('well')], now),
  ];
  for (const ask of asked) await ask();
  for (const ask of [() => store.tokens('me'), () => store.rawAnswer('me')]) {
    const error = await ask().catch((thrown: unknown) => thrown);
    if (error instanceof Error) assert.ok(error instanceof StoreError && /me/.test(error.message), String(error));
  }
}

/** Delivers all that is due as the daemon does. Gives who got something. */
async function deliver(store: Store, now: number): Promise<readonly string[]> {
  const reached: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    await store.expire(now);
    const rows = await store.dueMessages(now, 100);
    if (rows.length === 0) return reached;
    const ids = await store.beginAttempt(
      rows.map(({ id }) => id),
      now,
    );
    for (const row of rows) reached.push(row.recipient);
    await store.settle(
      ids.map((id) => ({ id, after: { state: 'sent' } })),
      now,
    );
  }
  return assert.fail('messages are due for ever');
}

function spoil(file: string, [table, column, where]: readonly [string, string, string], value: string): void {
  const db = new Database(file);
  const bound = table === 'accounts' && column !== 'scopes' ? Buffer.from(value) : value;
  db.prepare(`update ${table} set ${column} = ? where ${where}`).run(bound);
  db.close();
}

async function open(t: TestContext): Promise<{ file: string; store: Store }> {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await openStore({ file, key: KEY, now: () => START });
  t.after(() => store.close());
  return { file, store };
}

test('any text in any column costs its own row alone: the others are told, and every question has its answer', async (t) => {
  const { file, store } = await open(t);
  await fill(store);
  const pristine = new Database(file);
  pristine.pragma('wal_checkpoint(TRUNCATE)');
  const image = pristine.serialize();
  pristine.close();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...COLUMNS), garbage, async (column, value) => {
      const folder = makeFolder(t);
      const copy = join(folder, 'talkbell.db');
      writeFileSync(copy, image);
      spoil(copy, column, value);
      const spoilt = await openStore({ file: copy, key: KEY, now: () => START });
      try {
        await askEverything(spoilt);
        const reached = await deliver(spoilt, START + 3);
        assert.ok(reached.includes('mum'));
        assert.deepEqual(await spoilt.expire(START + DAY), []);
        assert.deepEqual((await spoilt.check()).length, 0);
      } finally {
        await spoilt.close();
      }
    }),
    { numRuns: 70, examples: COLUMNS.map((column) => [column, '{'] as [(typeof COLUMNS)[number], string]) },
  );
});

test('a message that cannot be read any more is failed with a sentence, and the next ones of its recipient go on', async (t) => {
  const { file, store } = await open(t);
  await fill(store);
  await store.addMessages([message()], 'later', START);
  spoil(file, ['messages', 'saying', "recipient = 'me' and part = 1 and run is not null"], '{"kind":"text","text":');
  assert.deepEqual(await deliver(store, START + 3), ['mum', 'me']);
  const failed = await store.messages({ state: 'failed', limit: 10 });
  assert.match(failed.at(-1)?.reason ?? '', /^What is stored of it is damaged/);
  assert.equal((await store.recall('cafe', 'h')).known?.find(([key]) => key === 'a')?.[1]['n'], 1, 'told again later');
});

test('a daemon whose rows were spoilt while it was down starts, says so, and tells the others', async () => {
  using house = makeHouse();
  const file = join(house.data, 'talkbell.db');
  const key = loadKey({ value: undefined, dataDir: house.data, create: true });
  const store = await openStore({ file, key, now: Date.now });
  const soon = { nextAt: Date.now(), freshUntil: Date.now() + HOUR };
  for (const recipient of ['one', 'two']) {
    await store.saveRecipient({ name: recipient, address: { channel: 'console' } }, START);
    const saying = { kind: 'text', text: `for ${recipient}` } as const;
    await store.addMessages([message({ recipient, address: { channel: 'console' }, saying, ...soon })], 'x', START);
  }
  await store.close();
  spoil(file, ['messages', 'address', "recipient = 'one'"], '{"channel":"nowhere"}');
  spoil(file, ['recipients', 'address', "name = 'one'"], 'nonsense');
  await using daemon = begin(process.execPath, ['src/talkbell.js', 'start'], house);
  await daemon.says('for two');
  assert.doesNotMatch(daemon.output(), /for one|SyntaxError|TypeError/);
  const outbox = begin(process.execPath, ['src/talkbell.js', 'outbox', '--state', 'failed'], house);
  assert.equal(await outbox.ended, 0);
  assert.match(outbox.output(), /one[\s\S]*damaged/);
});
