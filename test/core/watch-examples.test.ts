// The examples of what a watching job is made of, taken from the docstrings and run: each is a line that an author may
// copy, and tells what the sentence above it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as talkbell from 'talkbell';
import type { Item, JobDefinition, Watch } from '../../src/core/job.ts';
import { readJob } from '../../src/core/read-job.ts';
import { select } from '../../src/core/watch.ts';

type Known = Readonly<Record<string, Item>>;

/** What each example tells of a page, given what was known. */
const EXPECTED: Readonly<Record<string, { known: Known; page: readonly Item[]; told: readonly string[] }>> = {
  Watch: {
    known: { a: { url: 'a' } },
    page: [{ url: 'a' }, { url: 'b' }],
    told: [],
  },
  isNew: {
    known: { a: { url: 'a' } },
    page: [{ url: 'a' }, { url: 'b' }],
    told: ['b'],
  },
  changed: {
    known: { tea: { name: 'tea', price: 1 }, salt: { name: 'salt', price: 1 } },
    page: [{ name: 'tea', price: 1 }, { name: 'salt', price: 2 }, { name: 'rice' }],
    told: ['salt'],
  },
  fell: {
    known: { a: { url: 'a', price: '10,000원' }, b: { url: 'b', price: '1만원' } },
    page: [
      { url: 'a', price: '9,500원' },
      { url: 'b', price: '9,600원' },
      { url: 'c', price: '품절' },
    ],
    told: ['a', 'c'],
  },
  rose: {
    known: { A1: { seat: 'A1', free: 0 }, A2: { seat: 'A2', free: '1석' } },
    page: [
      { seat: 'A1', free: 1 },
      { seat: 'A2', free: '3석' },
    ],
    told: ['A2'],
  },
  changedBy: {
    known: { USD: { currency: 'USD', rate: '1,480.50' }, JPY: { currency: 'JPY', rate: '950.00' } },
    page: [
      { currency: 'USD', rate: '1,465.60' },
      { currency: 'JPY', rate: '959.40' },
    ],
    told: ['USD'],
  },
  below: {
    known: { a: { url: 'a', price: '10,000원' }, b: { url: 'b', price: '9,000원' } },
    page: [
      { url: 'a', price: '9,999원' },
      { url: 'b', price: '8,000원' },
    ],
    told: ['a'],
  },
  above: {
    known: { Mapo: { station: 'Mapo', dust: '80㎍/㎥' }, Jung: { station: 'Jung', dust: '90㎍/㎥' } },
    page: [
      { station: 'Mapo', dust: '81㎍/㎥' },
      { station: 'Jung', dust: '95㎍/㎥' },
    ],
    told: ['Mapo'],
  },
};

/** The examples of a file, by the name of what they stand above. */
function examplesOf(file: string): readonly (readonly [name: string, code: string])[] {
  const source = readFileSync(join(import.meta.dirname, '../../src/core', file), 'utf8');
  const found = source.matchAll(/@example\n((?: \*.*\n)+?) \*\/\nexport (?:function|interface) (\w+)/g);
  return Array.from(found, ([, code = '', name = '']) => [name, code.replaceAll(/^ \* ?/gm, '')]);
}

/** The value of an example's `watch:`, with all that a job file may import at hand. */
function run(code: string): Watch<Item> {
  const body = code.replace(/^watch: ([\s\S]*)$/m, 'return ($1);');
  return new Function(...Object.keys(talkbell), body)(...Object.values(talkbell)) as Watch<Item>;
}

const watching = ['watch.ts', 'watch-number.ts', 'job.ts']
  .flatMap(examplesOf)
  .filter(([, code]) => /^watch:/m.test(code));

test('every function for tell, and Watch itself, has an example', () => {
  assert.deepEqual(watching.map(([name]) => name).toSorted(), Object.keys(EXPECTED).toSorted());
});

for (const [name, code] of watching) {
  test(`the example of ${name} is read as a job's, and tells what it should`, () => {
    const watch = run(code);
    const job: JobDefinition = {
      schedule: { hourly: '0 * * * *', evening: '0 18 * * *' },
      to: 'me',
      fetch: () => '',
      extract: () => [],
      watch,
      render: () => '',
    };
    assert.equal(readJob('example.ts', job, { timezone: 'Asia/Seoul' }).kind, 'job');
    const { known, page, told } = EXPECTED[name] ?? assert.fail(name);
    const selection = select(page, watch, { known: new Map(Object.entries(known)), slot: 'hourly' });
    assert.deepEqual(selection.toldKeys, told);
  });
}
