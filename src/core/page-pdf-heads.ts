// The heads of a ruled table that no lines part from each other: they stand above the columns that the rest is ruled in.
import type { Grid } from './page-pdf-grid.ts';
import type { PdfWord } from './page-pdf-lines.ts';
import type { Rule } from './page-pdf-path.ts';

interface Head {
  readonly column: number;
  readonly columns: number;
  readonly words: readonly PdfWord[];
}

/** Two texts in a cell over two columns may be one. */
const LEAST_HEADS = 3;
/** In points: how high a head is at most, and how far its line may differ from the table's sides. */
const HIGHEST = 48;
const ASIDE = 4;

/** A cell over several columns with a text in each of them, and none over two: a head without lines in it. */
export function headsColumns({ column, columns, words }: Head, xs: readonly number[]): boolean {
  if (columns < LEAST_HEADS) return false;
  const bands = xs.slice(column, column + columns).map((left, at) => ({ left, right: xs[column + at + 1] ?? left }));
  const under = words.map(({ x, width }) => bands.findIndex(({ left, right }) => left <= x && x + width <= right));
  return !under.includes(-1) && new Set(under).size === columns;
}

/** Each of them as a cell of its own. */
export function partHeads<T extends Head>(cell: T, { xs }: Grid): readonly T[] {
  return Array.from({ length: cell.columns }, (_, at) => {
    const column = cell.column + at;
    const [left, right] = [xs[column] ?? 0, xs[column + 1] ?? 0];
    return { ...cell, column, columns: 1, words: cell.words.filter(({ x }) => left <= x && x < right) };
  });
}

interface Around {
  readonly words: readonly PdfWord[];
  /** Horizontal lines. */
  readonly across: readonly Rule[];
}

/** With the heads between the grid and a line of its own width closely above it. */
export function withHead(grid: Grid, { words, across }: Around): Grid {
  const { xs, ys, cells } = grid;
  const [left = 0, right = 0, top = 0] = [xs[0], xs.at(-1), ys[0]];
  const above = across.filter(
    ({ at, from, to }) =>
      at < top - ASIDE && at > top - HIGHEST && Math.abs(from - left) < ASIDE && Math.abs(to - right) < ASIDE,
  );
  const line = above.at(-1);
  if (line === undefined) return grid;
  const columns = xs.length - 1;
  const isInside = ({ middleX, middleY }: PdfWord): boolean =>
    middleX > left && middleX < right && middleY > line.at && middleY < top;
  if (!headsColumns({ column: 0, columns, words: words.filter(isInside) }, xs)) return grid;
  const head = { row: 0, column: 0, rows: 1, columns, whole: true };
  return { xs, ys: [line.at, ...ys], cells: [head, ...cells.map((cell) => ({ ...cell, row: cell.row + 1 }))] };
}
