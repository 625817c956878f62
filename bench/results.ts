// The results as they are kept: each measurement with its day and machine in results.json, all of them as a page in
// RESULTS.md. Both are written by the command alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './measure.ts';

export interface Result {
  readonly name: string;
  /** `2026-11-21`. */
  readonly day: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}

const DATA = join(import.meta.dirname, 'results.json');
const PAGE = join(import.meta.dirname, 'RESULTS.md');
const COLUMNS = ['what', 'talkbell', 'against', 'ratio', 'goal', 'holds', 'notes'] as const;

/** Takes the place of what the same measurement gave before. */
export function saveResult(result: Result): void {
  const all = [...readResults().filter(({ name }) => name !== result.name), result].toSorted((one, other) =>
    one.name.localeCompare(other.name),
  );
  writeFileSync(DATA, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(PAGE, pageOf(all));
}

function readResults(): readonly Result[] {
  return existsSync(DATA) ? (JSON.parse(readFileSync(DATA, 'utf8')) as readonly Result[]) : [];
}

function pageOf(results: readonly Result[]): string {
  const parts = results.map(({ name, day, machine, rows }) => [
    `## ${name}`,
    '',
    `${day}, ${machine}.`,
    '',
    ...tableOf(rows),
    '',
  ]);
  return [
    '# Measured',
    '',
    'Written by `npm run bench`, never by hand. Both sides of a comparison ran in turn in the same minutes; a figure is the',
    'median of its runs, and the notes say how far they lay apart (half of what is between the least and the most).',
    '',
    ...parts.flat(),
  ].join('\n');
}

/** For people at a terminal and in RESULTS.md alike. */
export function tableOf(rows: readonly Row[]): readonly string[] {
  const cells = rows.map(({ what, ours, peer = '', ratio = '', goal = '', holds, note = '' }) =>
    [what, ours, peer, ratio, goal, holds === undefined ? '' : holds ? 'yes' : '**no**', note].map((cell) =>
      cell.replaceAll('|', '\\|'),
    ),
  );
  const used = COLUMNS.map((_, index) => index < 2 || cells.some((row) => row[index] !== ''));
  const line = (row: readonly string[]): string => `| ${row.filter((_, index) => used[index]).join(' | ')} |`;
  return [line([...COLUMNS]), line(COLUMNS.map(() => '---')), ...cells.map(line)];
}
