// The figures that the READMEs tell are those that the measurements have left in bench/results.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeIn, readPage, sectionsOf } from './readme-parts.ts';

interface Result {
  readonly name: string;
  readonly rows: readonly { readonly ours: string }[];
}

const RESULTS = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'bench', 'results.json'), 'utf8'),
) as readonly Result[];

for (const file of ['README.md', 'README.ko.md']) {
  test(`every figure of what the daemon costs in ${file} was measured`, () => {
    const tables = sectionsOf(readPage(file)).flatMap((section) => section.tables);
    const table = tables.find(([row = []]) => codeIn(row[2] ?? '')[0] === 'start');
    assert.ok(table !== undefined && table.length > 5);
    for (const [what = '', figures = '', by = ''] of table) {
      const rows = RESULTS.find(({ name }) => name === codeIn(by)[0])?.rows ?? [];
      const told = figures.split(' · ');
      assert.ok(
        told.every((figure) => /^[\d.,]+ (?:ms|MB)$/.test(figure)),
        `${what}: ${figures}`,
      );
      for (const figure of told) {
        assert.ok(
          rows.some(({ ours }) => ours === figure || ours.startsWith(`${figure} `)),
          `${what}: ${figure} was not measured by ${by}`,
        );
      }
    }
  });
}
