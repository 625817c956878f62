import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../../src/core/page-pdf-path.ts';
import { makeRuleReader } from '../../src/core/page-pdf-rules.ts';

const NAMES = [
  'save',
  'restore',
  'transform',
  'setGState',
  'beginGroup',
  'endGroup',
  'constructPath',
  'stroke',
  'fill',
];
const CODES = Object.fromEntries(NAMES.map((name, code) => [name, code]));
const VIEW = [1, 0, 0, -1, 0, 842];
const RULE = { across: true, at: 142, from: 10, to: 110 };

type Step = readonly [name: string, ...args: unknown[]];

/** Steps 0 and 1 of a path are moveTo and lineTo. */
function line(...numbers: readonly number[]): Step {
  const [x = 10, y = 700, toX = 110, toY = 700] = numbers;
  return ['constructPath', CODES['stroke'], [Float32Array.of(0, x, y, 1, toX, toY)]];
}

function rulesOf(...steps: readonly Step[]): readonly Rule[] {
  const { read, rules } = makeRuleReader(VIEW, CODES);
  const fnArray = steps.map(([name]) => CODES[name] ?? -1);
  assert.equal(read({ fnArray, argsArray: steps.map(([, ...args]) => args) }), true);
  return rules;
}

test('a stroke is a line on the page as it is shown, down from its top', () => {
  assert.deepEqual(rulesOf(line()), [RULE]);
  assert.deepEqual(rulesOf(line(10, 700, 10, 600)), [{ across: false, at: 10, from: 142, to: 242 }]);
  assert.deepEqual(rulesOf(['transform', 2, 0, 0, 2, 0, 0], line(5, 350, 55, 350)), [RULE]);
});

test('what slopes, and what is too thick, is no line', () => {
  assert.deepEqual(rulesOf(line(10, 700, 110, 690)), []);
  assert.deepEqual(rulesOf(['setGState', [['LW', 9]]], line()), []);
  assert.deepEqual(rulesOf(['save'], ['setGState', [['LW', 9]]], ['restore'], line()), [RULE]);
  assert.deepEqual(rulesOf(['setGState', [['LW', 9]]], ['transform', 0.1, 0, 0, 0.1, 0, 0], line()).length, 1);
});

test('lines of a mask are not seen, those of a group are', () => {
  const mask: Step = ['beginGroup', { smask: { subtype: 'Luminosity' } }];
  assert.deepEqual(rulesOf(mask, line(), ['endGroup']), []);
  assert.deepEqual(rulesOf(mask, line(), ['endGroup'], line()), [RULE]);
  assert.deepEqual(rulesOf(['beginGroup', { smask: null }], line(), ['endGroup']), [RULE]);
});

test('operators that lack their numbers, and more ends than beginnings, break nothing', () => {
  assert.deepEqual(
    rulesOf(['restore'], ['endGroup'], ['setGState'], ['constructPath', CODES['fill'], [null]], line()),
    [RULE],
  );
});

test('reading ends with more lines than a page of tables has', () => {
  const { read } = makeRuleReader(VIEW, CODES);
  const many = { fnArray: [CODES['constructPath'] ?? -1], argsArray: [[CODES['stroke'], [new Float32Array(300_000)]]] };
  assert.deepEqual([read(many), read(many)], [true, false]);
});
