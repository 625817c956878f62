// What the console channel prints, line by line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeConsoleChannel } from '../../src/channels/console.ts';
import { MessageError } from '../../src/core/errors.ts';
import type { Outgoing } from '../../src/core/ports.ts';
import type { Saying } from '../../src/kakao/template.ts';

const ROW: Outgoing = {
  id: 1,
  key: 'k1',
  job: 'cafeteria',
  recipient: 'me',
  address: { channel: 'console' },
  saying: { kind: 'text', text: '점심\n- 밥', link: { web_url: 'https://example.kr' } },
  part: 1,
  parts: 1,
  attempts: 1,
  freshUntil: 0,
};

async function printed(rows: readonly Outgoing[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const channel = makeConsoleChannel({ write: (line) => lines.push(line) });
  const outcomes = await channel.deliver(rows, new AbortController().signal);
  assert.deepEqual(
    outcomes,
    rows.map(() => ({ kind: 'sent' })),
  );
  return lines;
}

test('a message is printed with who is told, its lines and its link', async () => {
  assert.deepEqual(await printed([ROW, { ...ROW, job: undefined, saying: { kind: 'text', text: '끝' } }]), [
    'To me from cafeteria:',
    '점심',
    '- 밥',
    'https://example.kr',
    'To me:',
    '끝',
  ]);
});

test('a page cannot steer the terminal', async () => {
  const saying: Saying = { kind: 'text', text: 'a\u001b[2Jb\u009b1m\u0007\tc\rd' };
  assert.deepEqual(await printed([{ ...ROW, saying }]), ['To me from cafeteria:', 'a\ufffd[2Jb\ufffd1m\ufffd\tc', 'd']);
});

test('a saying stays whole, and a blank one is refused', () => {
  const channel = makeConsoleChannel({ write: () => {} });
  const saying: Saying = { kind: 'text', text: '가'.repeat(5000) };
  assert.deepEqual(channel.prepare(saying), [saying]);
  assert.throws(() => channel.prepare({ kind: 'text', text: ' ' }), MessageError);
});
