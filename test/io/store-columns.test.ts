// Columns of JSON come back whole when they are what they are to be, and are undefined when a disk or a hand changed them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readAddress,
  readDescription,
  readFriends,
  readItem,
  readLater,
  readNames,
  readSaying,
  readSealed,
  readValidators,
} from '../../src/io/store-columns.ts';

const description = {
  id: 'lunch',
  file: 'lunch.ts',
  slots: { main: '20 11 * * *' },
  timezone: 'Asia/Seoul',
  to: ['me'],
  freshForMs: 3_600_000,
  recheckMs: 600_000,
  timeLimitMs: 120_000,
};

interface Column {
  readonly read: (text: string) => unknown;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

const columns: Readonly<Record<string, Column>> = {
  names: { read: readNames, good: [[], ['me', '']], bad: [{}, 'me', ['me', 1], [null], null] },
  addresses: {
    read: readAddress,
    good: [
      { channel: 'kakao-memo', account: 'me' },
      { channel: 'kakao-friend', account: 'me', friend: '1' },
      { channel: 'webhook', url: 'https://a.test/' },
      { channel: 'webhook', url: 'x', method: 'PUT', headers: { a: 'b' }, body: '' },
      { channel: 'console' },
      { channel: 'group', members: [] },
    ],
    bad: [
      { channel: 'telegram', account: 'me' },
      { account: 'me' },
      { channel: 'kakao-memo' },
      { channel: 'kakao-friend', account: 'me' },
      { channel: 'webhook', url: 'x', method: 'GET' },
      { channel: 'webhook', url: 'x', headers: { a: 1 } },
      { channel: 'webhook', url: 'x', headers: [] },
      { channel: 'webhook', url: 'x', body: null },
      { channel: 'webhook', sealed: 'QUJD' },
      { channel: 'group', members: [1] },
      [],
      null,
    ],
  },
  'sealed addresses': {
    read: readSealed,
    good: ['', 'QUJD', 'QUI=', 'QQ==', '+/+/', 'x'.repeat(4_000_000)].map((sealed) => ({ channel: 'webhook', sealed })),
    bad: [
      ...['Q', 'QUJ', 'QUJDR', 'QUJ-', 'QUI==', '=QUJ', 'QQ=Q', '====', 'Q===', 'QUJD QUJD', 'QUJDQUJ\n', 1, null].map(
        (sealed) => ({ channel: 'webhook', sealed }),
      ),
      { channel: 'console', sealed: 'QUJD' },
      { sealed: 'QUJD' },
      { channel: 'webhook', url: 'x' },
    ],
  },
  sayings: {
    read: readSaying,
    good: [
      { kind: 'text', text: '' },
      { kind: 'default', object: { object_type: 'text', text: 'x', link: { web_url: 1 } } },
      { kind: 'custom', template_id: 1, template_args: {} },
      { kind: 'custom', template_id: 1, template_args: { a: 'b' }, plain: 'x' },
      { kind: 'scrap', request_url: 'x' },
    ],
    bad: [
      { kind: 'text' },
      { kind: 'default', object: {} },
      { kind: 'default', object: [] },
      { kind: 'custom', template_id: '1', template_args: {} },
      { kind: 'custom', template_id: 1, template_args: { a: 1 } },
      { kind: 'custom', template_id: 1, template_args: {}, plain: 1 },
      { kind: 'song', text: 'x' },
      { text: 'x' },
      'x',
    ],
  },
  descriptions: {
    read: readDescription,
    good: [description, { ...description, slots: {}, to: [] }],
    bad: [
      ...Object.keys(description).map((field) => ({ ...description, [field]: undefined })),
      ...Object.keys(description).map((field) => ({ ...description, [field]: null })),
      { ...description, slots: { main: 1 } },
    ],
  },
  friends: {
    read: readFriends,
    good: [[], [{ uuid: 'x', allowed: true }]],
    bad: [[{ uuid: 'x' }], [{ uuid: 1, allowed: true }], [{ uuid: 'x', allowed: 1 }], {}],
  },
  items: { read: readItem, good: [{}, { a: null, b: [1] }], bad: [[], 'x', 1, null] },
  'items for later': {
    read: readLater,
    good: [{}, { unsettled: { item: {}, looks: 1 } }, { gathered: { a: 1 } }],
    bad: [{ unsettled: {} }, { unsettled: { item: {}, looks: '1' } }, { gathered: [] }, { gathered: null }, []],
  },
  validators: { read: readValidators, good: [[], [{ url: 'x' }]], bad: [[{}], [{ url: 1 }], ['x'], {}] },
};

for (const [name, { read, good, bad }] of Object.entries(columns)) {
  test(`${name} come back as they were written, with fields that this version does not know`, () => {
    for (const value of good) {
      assert.deepEqual(read(JSON.stringify(value)), value);
      if (Array.isArray(value)) continue;
      const later = { ...(value as object), 'of a later version': [1] };
      assert.deepEqual(read(JSON.stringify(later)), later);
    }
  });

  test(`${name} that are none are undefined`, () => {
    for (const value of bad) assert.equal(read(JSON.stringify(value)), undefined, JSON.stringify(value));
    for (const text of ['', '{', 'undefined']) assert.equal(read(text), undefined, text);
  });
}

test('a number beyond all numbers is none', () => {
  const endless = (value: object, field: string) =>
    JSON.stringify({ ...value, [field]: 'endless' }).replace('"endless"', '1e400');
  for (const field of ['freshForMs', 'recheckMs', 'timeLimitMs']) {
    assert.equal(readDescription(endless(description, field)), undefined, field);
  }
  const custom = { kind: 'custom', template_args: {} };
  assert.equal(readSaying(endless(custom, 'template_id')), undefined);
  assert.equal(readLater(`{"unsettled":${endless({ item: {} }, 'looks')}}`), undefined);
});

test('a field named like the prototype is a field like any other', () => {
  const text = '{"__proto__":{"channel":"console"}}';
  assert.equal(readAddress(text), undefined);
  assert.equal(JSON.stringify(readItem(text)), text);
  const slots = JSON.stringify({ ...description, slots: 0 }).replace('"slots":0', '"slots":{"__proto__":"x"}');
  assert.equal(JSON.stringify(readDescription(slots)), slots);
});
