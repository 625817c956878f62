// The list of faults names tests that are there: a test that is renamed or dropped takes its line along.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const DOCS = join(import.meta.dirname, '..', 'docs');
const ROW = /^\| (\d+) \| (.+?) \| (.+) \|$/;
const TEST = /`([^`]+)` \(\[[^\]]+\]\(([^)]+)\)\)/;
const HELD = new RegExp(`^${TEST.source}(, ${TEST.source})*$`);

const rows = readFileSync(join(DOCS, 'faults.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number, fault, cell] = ROW.exec(line) ?? [];
    return number === undefined || fault === undefined || cell === undefined
      ? []
      : [{ number: Number(number), fault, cell }];
  });

test('every fault has a number of its own and a test or a reason', () => {
  assert.deepEqual(
    rows.map(({ number }) => number),
    Array.from({ length: 66 }, (_, index) => index + 1),
  );
  for (const { fault, cell } of rows) assert.ok(HELD.test(cell) || /\.$/.test(cell), fault);
});

test('every test that the list names is in the file it names', () => {
  for (const { fault, cell } of rows) {
    for (const [, name = '', file = ''] of cell.matchAll(new RegExp(TEST, 'g')))
      assert.ok(readFileSync(join(DOCS, file), 'utf8').includes(name), `${fault}: ${file} has no test "${name}"`);
  }
});
