// From the names in `to` to rows of the outbox.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Channels, findRecipients, writeMessages } from '../../src/core/address.ts';
import type { Channel, Recipient } from '../../src/core/ports.ts';

const memo = (name: string): Recipient => ({ name, address: { channel: 'kakao-memo', account: name } });
const group = (name: string, members: readonly string[]): Recipient => ({
  name,
  address: { channel: 'group', members },
});

test('a group reaches its members, each once, in order', () => {
  const people = [memo('me'), memo('mother'), group('family', ['mother', 'me'])];
  const { reached, missing } = findRecipients(['me', 'family'], people);
  assert.deepEqual(
    reached.map(({ name }) => name),
    ['me', 'mother'],
  );
  assert.deepEqual(missing, []);
});

test('a group that contains itself ends, and names nobody knows are told', () => {
  const { reached, missing } = findRecipients(['all'], [group('all', ['all', 'me', 'nobody']), memo('me')]);
  assert.deepEqual(
    reached.map(({ name }) => name),
    ['me'],
  );
  assert.deepEqual(missing, ['nobody']);
});

test('each recipient gets each saying in parts as its channel cuts it, in order', () => {
  const halves: Channel = {
    prepare: (saying) => (saying.kind === 'text' ? [...saying.text].map((text) => ({ ...saying, text })) : [saying]),
    batch: 1,
    deliver: async () => [],
  };
  const channels: Channels = { 'kakao-memo': halves, 'kakao-friend': halves, webhook: halves, console: halves };
  const { reached } = findRecipients(['a', 'b'], [memo('a'), memo('b')]);
  const rows = writeMessages(
    [
      { kind: 'text', text: '밥국' },
      { kind: 'text', text: '면' },
    ],
    reached,
    {
      channels,
      nextAt: 1,
      freshUntil: 2,
      ifUnclear: 'leave',
      keys: ['k'],
    },
  );
  const summary = rows.map(({ recipient, index, part, parts, saying }) => [
    recipient,
    index,
    part,
    parts,
    'text' in saying && saying.text,
  ]);
  assert.deepEqual(summary, [
    ['a', 0, 1, 2, '밥'],
    ['a', 0, 2, 2, '국'],
    ['a', 1, 1, 1, '면'],
    ['b', 0, 1, 2, '밥'],
    ['b', 0, 2, 2, '국'],
    ['b', 1, 1, 1, '면'],
  ]);
});
