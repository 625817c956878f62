// Which rows and columns of a grid head the others: by <thead>, <th> and scope, else the first ones, as a reader would.
import type { Cell, Grid } from './table-grid.ts';

export type Texts = readonly (readonly string[])[];

export interface Headers {
  /** How many rows on top are headers, titles included. */
  readonly rows: number;
  /** How many columns on the left name their rows. */
  readonly columns: number;
  /** One a column, rows joined. */
  readonly names: readonly string[];
  /** The caption, and rows of the header that are one cell: they name no column. */
  readonly titles: readonly string[];
}

/** A longer text is no name of a row. */
const LONGEST_LABEL = 30;

export function readHeaders(grid: Grid, texts: Texts): Headers {
  const rows = countHeaderRows(grid, texts);
  const isTitled = (at: number): boolean => isTitle(grid.rows[at] ?? []);
  const all = texts.slice(0, rows);
  const naming = all.filter((_, at) => !isTitled(at));
  return {
    rows,
    columns: countHeaderColumns(grid, { rows, texts }),
    names: joinTexts(naming.length > 0 ? naming : all),
    titles: all.filter((_, at) => isTitled(at)).map(([text = '']) => text),
  };
}

/** The names of the rows below the header, one a row. */
export function rowNamesOf(texts: Texts, { rows, columns }: Headers): readonly string[] {
  return texts.slice(rows).map((row) => [...new Set(row.slice(0, columns))].filter(isNotEmpty).join(' '));
}

export function isHeader(cell: Cell | undefined): boolean {
  return cell?.name === 'th' || cell?.attribs['scope'] !== undefined;
}

function isColumnHeader(cell: Cell | undefined): boolean {
  return isHeader(cell) && !isRowHeader(cell);
}

function isRowHeader(cell: Cell | undefined): boolean {
  return /^row/i.test(cell?.attribs['scope'] ?? '');
}

/** One cell from side to side, over several columns. */
export function isTitle(row: readonly (Cell | undefined)[]): boolean {
  return row.length > 1 && row[0] !== undefined && row.every((cell) => cell === row[0]);
}

/** `<thead>`; else leading rows of `<th>`; else, in a table without any `<th>`, the first row. Titles stand above. */
function countHeaderRows({ rows, headRows }: Grid, texts: Texts): number {
  if (rows.slice(0, headRows).some((row) => !isTitle(row))) return headRows;
  const body = rows.slice(headRows);
  const titles = leading(body, isTitle);
  if (titles === body.length) return headRows > 0 ? headRows : Math.min(1, rows.length);
  const top = headRows + titles;
  if (!body.some((row) => row.some(isHeader))) return headRows > 0 ? headRows : top + countPlainHeader(rows.slice(top));
  const below = rows.slice(top).map((cells, at) => ({ cells, words: texts[top + at] ?? [] }));
  const heads = leading(below, (row) => !isTitle(row.cells) && isHeaderRow(row));
  return heads > 0 ? top + heads : headRows;
}

interface Row {
  readonly cells: readonly (Cell | undefined)[];
  readonly words: readonly string[];
}

/** The corner may be an ordinary cell, and empty cells name nothing. */
function isHeaderRow({ cells, words }: Row): boolean {
  const heads = new Set(cells.filter(isColumnHeader)).size;
  const isInCorner = (cell: Cell | undefined, column: number): boolean =>
    column === 0 && (isHeader(cell) || heads >= 2);
  return (
    heads > 0 && cells.every((cell, column) => isColumnHeader(cell) || words[column] === '' || isInCorner(cell, column))
  );
}

/** The first row, and those its cells reach down to when others of it are divided below. */
function countPlainHeader([first = [], ...others]: Grid['rows']): number {
  if (first.length === 0) return 0;
  const isDivided = first.some((cell, column) => cell !== undefined && cell === first[column + 1]);
  return 1 + (isDivided ? leading(others, (row) => row.some((cell, column) => cell && cell === first[column])) : 0);
}

/** Columns of `<th>`; else the first one, if it has a short text in every row. */
function countHeaderColumns({ rows }: Grid, { rows: below, texts }: { rows: number; texts: Texts }): number {
  const body = rows.slice(below).filter((row) => !isTitle(row));
  const width = rows[0]?.length ?? 0;
  if (body.length === 0 || width < 2) return 0;
  const columns = Array.from({ length: width }, (_, column) => body.map((row) => row[column]));
  const marked = leading(columns, (cells) => cells.some(isHeader) && cells.every((cell) => isHeader(cell) || !cell));
  if (marked > 0) return Math.min(marked, width - 1);
  const labels = texts.slice(below).filter((_, at) => !isTitle(rows[below + at] ?? []));
  return labels.every(([text = '']) => text !== '' && text.length <= LONGEST_LABEL) ? 1 : 0;
}

function joinTexts(rows: Texts): readonly string[] {
  const columns = rows[0] ?? [];
  return columns.map((_, column) => [...new Set(rows.map((row) => row[column] ?? ''))].filter(isNotEmpty).join(' '));
}

function leading<T>(list: readonly T[], test: (one: T) => unknown): number {
  const end = list.findIndex((one) => !test(one));
  return end === -1 ? list.length : end;
}

export function isNotEmpty(text: string): boolean {
  return text !== '';
}
