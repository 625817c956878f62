// Tables in a PDF whose cells are ruled: each word belongs to the cell it stands in. Where the lines leave something open
// that the words do not settle, the words are left to the reading by gaps, or the table says what is unclear.

import type { PlacedTable } from './page-pdf-cell.ts';
import { findGrids, type Grid, type GridCell, type Lines, makeCellFinder } from './page-pdf-grid.ts';
import { headsColumns, partHeads, withHead } from './page-pdf-heads.ts';
import { type Line, type PdfWord, readPdfLines } from './page-pdf-lines.ts';
import { cutAtRules, type Sides } from './page-pdf-overrun.ts';
import { findUnclear, isPartlyRuled, type RuledCell } from './page-pdf-trust.ts';

/** In points: a row or column without text that is thinner parts others, as a double border does. */
const THIN = 6;
/** On a page. Beyond it there is no table that a person would read as one. */
const MOST_WORDS = 10_000;

export interface RuledTables {
  readonly tables: readonly PlacedTable[];
  /** The words that stand in none of them. */
  readonly others: readonly PdfWord[];
  /** Boxes, and tables that are ruled in part only. */
  readonly boxes: readonly Grid[];
}

/** Undefined where there are more lines than tables have. */
export function readRuledTables(words: readonly PdfWord[], lines: Lines): RuledTables | undefined {
  const grids = words.length > MOST_WORDS ? [] : findGrids(lines);
  if (grids === undefined) return undefined;
  const tables: PlacedTable[] = [];
  const boxes: Grid[] = [];
  const taken = new Set<PdfWord>();
  let left = words;
  // The smallest first: a table within a cell of another has its words for itself.
  for (const grid of grids) {
    const found =
      grid.xs.length < 3 || grid.ys.length < 3
        ? undefined
        : takeWords(withHead(grid, { words: left, across: lines.across }), left);
    if (found?.table === undefined) boxes.push(grid);
    else tables.push(found.table);
    if (found === undefined) continue;
    const own = new Set(found.words);
    left = left.filter((word) => !own.has(word));
    if (found.table !== undefined) for (const word of own) taken.add(word);
  }
  return { tables, others: words.filter((word) => !taken.has(word)), boxes };
}

interface Taken {
  readonly words: readonly PdfWord[];
  /** Undefined where the grid is ruled in part only. */
  readonly table: PlacedTable | undefined;
}

function takeWords(grid: Grid, words: readonly PdfWord[]): Taken | undefined {
  const find = makeCellFinder(grid);
  const own = words.filter(({ middleX, middleY }) => find(middleX, middleY) !== undefined);
  const { inCells, problem } = share(grid, own, find);
  const first = Math.min(...[...inCells.keys()].map(({ row }) => row));
  const cells = grid.cells.flatMap((cell): readonly RuledCell[] => {
    const whole = { ...cell, words: inCells.get(cell) ?? [] };
    const parts = cell.row === first && headsColumns(whole, grid.xs) ? partHeads(whole, grid) : [whole];
    return parts.map((part) => ({ ...part, lines: readPdfLines(part.words) }));
  });
  const filled = cells.filter(({ lines }) => lines.length > 0);
  const isTable = [filled.map(({ row }) => row), filled.map(({ column }) => column)].every(
    (places) => new Set(places).size > 1,
  );
  if (!isTable) return undefined;
  if (filled.some(({ whole }) => !whole) || isPartlyRuled(cells, grid)) return { words: own, table: undefined };
  const unclear = problem ?? findUnclear(cells, grid);
  const [top = 0, bottom = 0, left = 0] = [grid.ys[0], grid.ys.at(-1), grid.xs[0]];
  const table = { top, bottom, left, sides: grid.xs, rows: layOut(grid, cells) };
  return { words: own, table: unclear === undefined ? table : { ...table, problem: unclear } };
}

interface Shared {
  readonly inCells: ReadonlyMap<GridCell, readonly PdfWord[]>;
  readonly problem: string | undefined;
}

/** Each word to the cell its middle lies in. */
function share(grid: Grid, words: readonly PdfWord[], find: ReturnType<typeof makeCellFinder>): Shared {
  const lines = Map.groupBy(words, ({ middleY }) => Math.round(middleY));
  const othersOf = (word: PdfWord): readonly PdfWord[] =>
    [-1, 0, 1]
      .flatMap((step) => lines.get(Math.round(word.middleY) + step) ?? [])
      .filter((other) => !covers(other, word));
  const parts = words.map((word) =>
    cutAtRules(word, { sidesAt: (x) => sidesOf(grid, find(inside(grid.xs, x), word.middleY)), othersOf }),
  );
  const inCells = new Map<GridCell, PdfWord[]>();
  for (const word of parts.flatMap((own, index) => own ?? words[index] ?? [])) {
    const cell = find(word.middleX, word.middleY);
    if (cell === undefined) continue;
    const own = inCells.get(cell);
    if (own === undefined) inCells.set(cell, [word]);
    else own.push(word);
  }
  const text = words[parts.indexOf(undefined)]?.text;
  const problem = `the text "${text}" runs over the line between two of them`;
  return { inCells, problem: text === undefined ? undefined : problem };
}

/** The word that another is, or is a part of. */
function covers({ x, width, y }: PdfWord, part: PdfWord): boolean {
  return y === part.y && x <= part.x && x + width >= part.x + part.width - 0.01;
}

function inside(places: readonly number[], at: number): number {
  return Math.min(Math.max(at, places[0] ?? at), (places.at(-1) ?? at) - 0.01);
}

function sidesOf({ xs }: Grid, cell: GridCell | undefined): Sides | undefined {
  if (cell === undefined) return undefined;
  return { left: xs[cell.column] ?? 0, right: xs[cell.column + cell.columns] ?? 0 };
}

function layOut(grid: Grid, cells: readonly RuledCell[]): PlacedTable['rows'] {
  const rows = keptSteps(
    grid.ys,
    cells.map(({ row, rows, lines }) => ({ from: row, steps: rows, isEmpty: lines.length === 0 })),
  );
  const columns = keptSteps(
    grid.xs,
    cells.map(({ column, columns, lines }) => ({ from: column, steps: columns, isEmpty: lines.length === 0 })),
  );
  const laid = cells.map((cell) => ({
    lines: cell.lines.map(textOf),
    row: rows.find((row) => row >= cell.row) ?? 0,
    column: cell.column,
    tall: rows.filter((row) => row >= cell.row && row < cell.row + cell.rows).length,
    span: columns.filter((column) => column >= cell.column && column < cell.column + cell.columns).length,
  }));
  const shown = Map.groupBy(
    laid.filter(({ tall, span }) => tall > 0 && span > 0),
    ({ row }) => row,
  );
  return rows.map((row) => (shown.get(row) ?? []).toSorted((one, other) => one.column - other.column));
}

interface Stretch {
  readonly from: number;
  readonly steps: number;
  readonly isEmpty: boolean;
}

/** Rows or columns without those that no cell begins with, and without thin ones that only part others. */
function keptSteps(places: readonly number[], cells: readonly Stretch[]): readonly number[] {
  const begun = new Set(cells.map(({ from }) => from));
  const texts = new Set(cells.filter(({ steps, isEmpty }) => steps === 1 && !isEmpty).map(({ from }) => from));
  const steps = [...places.slice(0, -1).keys()].filter((step) => begun.has(step));
  return steps.filter((step) => texts.has(step) || (places[step + 1] ?? 0) - (places[step] ?? 0) >= THIN);
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join(' ');
}
