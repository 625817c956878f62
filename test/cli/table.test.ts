import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { makeTable } from '../../src/cli/table.ts';

const HEADS = ['ID', 'SAYS', 'STATE'];
const ROWS = [
  ['1', '오늘 점심은 김치찜과 두부 비빔밥이에요 😀', 'sent'],
  ['2', 'short', 'pending: the account me is held until tomorrow'],
];

test('a table that fits, or goes to no terminal, is shown whole', () => {
  const whole = makeTable(HEADS, ROWS);
  assert.match(whole.join('\n'), /비빔밥이에요 😀 .*sent\n.*held until tomorrow$/);
  assert.deepEqual(makeTable(HEADS, ROWS, 200), whole);
});

test('on a narrower terminal the widest columns give way, and every line fits', () => {
  for (const columns of [90, 60, 40, 30]) {
    const lines = makeTable(HEADS, ROWS, columns);
    assert.ok(
      lines.every((line) => stringWidth(line) <= columns),
      `${columns}:\n${lines.join('\n')}`,
    );
    assert.match(lines[2] ?? '', /^2 {3}short/);
  }
  assert.match(makeTable(HEADS, ROWS, 60)[2] ?? '', /pending: .*…$/);
});

test('a terminal too narrow for anything still gets the beginnings', () => {
  assert.match(makeTable(HEADS, ROWS, 5)[2] ?? '', /^2 {3}short {9}pending: th…$/);
});
