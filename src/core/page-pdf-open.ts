// Whether a table without lines around its cells can be read from where its words stand: one head a column, one label a
// row, and texts that stand in their row as its other texts do. What fails is refused, not guessed.

import type { PdfCell, PdfTable, PlacedTable } from './page-pdf-cell.ts';
import { type Column, overlaps } from './page-pdf-columns.ts';
import { findUnlabelled, type Heading, namesDays } from './page-pdf-labels.ts';
import { findUnparted } from './page-pdf-pitch.ts';
import { bottomOf, heightOf, type Placed, type PlacedRow, placed, topOf } from './page-pdf-placed.ts';

/** In line heights: texts that differ by less stand at the same height. */
const SAME_HEIGHT = 0.35;

interface Reading {
  readonly columns: readonly Column[];
  /** Lines are drawn between its rows. */
  readonly parted: boolean;
}

/** With the reason not to believe it, if there is one: of the whole table, or of a row that a page break may have cut. */
export function distrust(table: PlacedTable, reading: Reading): PlacedTable {
  const over = runsOver(table.rows, reading.columns);
  if (over !== undefined) return { ...table, problem: over };
  const rows = table.rows.map(placed);
  const [head = [], second = []] = rows;
  const start = namesDays(second) ? 2 : 1;
  const doubted = withDoubts(table.rows, rows.slice(start));
  const problem = findProblem({ head, body: rows.slice(start) }, reading);
  if (problem === undefined) return { ...table, rows: doubted };
  const cuts = CUTS.map(([top, bottom]) => [start + top, rows.length - bottom] as const);
  const sure = cuts.find(
    ([from, to]) => to - from > 1 && findProblem({ head, body: rows.slice(from, to) }, reading) === undefined,
  );
  if (sure === undefined) return { ...table, problem };
  // The row next to one that is left out may have lost a line to it.
  const [top, bottom] = [sure[0] > start ? sure[0] + 1 : start, sure[1] < rows.length ? sure[1] - 1 : rows.length];
  const isSure = (at: number): boolean => at < start || (at >= top && at < bottom);
  const doubt = (row: readonly PdfCell[]): readonly PdfCell[] => row.map((cell) => ({ ...cell, doubt: problem }));
  return { ...table, rows: doubted.map((row, at) => (isSure(at) ? row : doubt(row))) };
}

/** How many rows of the body to leave out, on top and at the bottom. */
const CUTS = [
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

function findProblem(rows: Heading, { parted }: Reading): string | undefined {
  return findUnlabelled(rows) ?? askew(rows) ?? findUnparted([rows.head, ...rows.body], { parted });
}

/** Texts that touch each other over the columns they stand in. */
function runsOver(rows: PdfTable, columns: readonly Column[]): string | undefined {
  const chunks = rows.flat().flatMap((cell) => cell.chunks ?? []);
  const isOver = (chunk: Column): boolean => columns.filter((column) => overlaps(column, chunk)).length > 1;
  const over = chunks.find((chunk) => chunk.touching === true && isOver(chunk));
  return over === undefined ? undefined : `"${over.text}" runs over several columns, and may be several texts`;
}

/** Texts of one column stand in the middle of their rows, or at the top of them. */
function askew({ head, body }: Heading): string | undefined {
  const columns = Map.groupBy(
    body.flatMap((row) => row.map((cell) => ({ cell, row }))),
    ({ cell }) => cell.column,
  );
  const groups = [head.map((cell) => ({ cell, row: head })), ...columns.values()];
  for (const cells of groups) {
    const off = [isInMiddle, isOnTop].map((test) => cells.find(({ cell, row }) => !test(cell, row)));
    if (!off.includes(undefined)) return `"${off[0]?.cell.text}" does not stand in line with the rest of its row`;
  }
  return undefined;
}

function isInMiddle({ lines }: Placed, row: PlacedRow): boolean {
  const all = row.flatMap((cell) => cell.lines);
  return Math.abs(topOf(lines) + bottomOf(lines) - topOf(all) - bottomOf(all)) / 2 < SAME_HEIGHT * heightOf(lines);
}

function isOnTop({ lines }: Placed, row: PlacedRow): boolean {
  return topOf(lines) - topOf(row.flatMap((cell) => cell.lines)) < SAME_HEIGHT * heightOf(lines);
}

/** The only text of a column may stand for all rows, as that of a closed day does: a merged cell without lines. */
function withDoubts(rows: PdfTable, body: readonly PlacedRow[]): PdfTable {
  if (body.length < 3) return rows;
  const filled = Map.groupBy(body.flat(), ({ column }) => column);
  return rows.map((row, at) => {
    if (at < rows.length - body.length) return row;
    let column = 0;
    return row.map((cell) => {
      const [only, ...others] = filled.get(column) ?? [];
      column += cell.span;
      if (only === undefined || others.length > 0 || cell.lines.length > 0) return cell;
      return { ...cell, doubt: `"${only.text}" is the only text of its column, and may stand for this row too` };
    });
  });
}
