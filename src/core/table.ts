// Reads a table into a grid. Merged cells stand at each place they cover, as the HTML standard lays them out; rows of a
// table inside a cell are not this table's.
import { ExtractError } from './errors.ts';
import type { Element } from './html.ts';
import type { CellPlace, Hit, Table } from './page-hit.ts';
import { snippet } from './page-text.ts';
import { type Cell, type Grid, readGrid } from './table-grid.ts';

export interface TableSource {
  readonly url: string;
  readonly selector: string;
  readonly text: (cell: Element) => string;
  readonly hit: (cell: Element) => Hit;
}

type Pattern = string | RegExp;

export function readTable(table: Element, source: TableSource): Table {
  const { url, selector } = source;
  const grid = readGrid(table, (problem) => {
    throw new ExtractError(`${url}: the table \`${selector}\` ${problem}`, { url, selector });
  });
  const texts = new Map(grid.cells.map((cell) => [cell, source.text(cell)]));
  const rows = grid.rows.map((row) => row.map((cell) => (cell && texts.get(cell)) ?? ''));
  const headerRows = countHeaderRows(grid, rows);
  const headers = joinHeaders(rows.slice(0, headerRows));
  const hits = new Map<Cell, Hit>();
  const hitOf = (cell: Cell): Hit => remember(hits, cell, source.hit);
  const find = (place: CellPlace): Cell => findCell({ ...source, grid, rows, headerRows, headers }, place);

  return {
    rows,
    headers,
    get hits() {
      return grid.rows.map((row) => row.map((cell) => cell && hitOf(cell)));
    },
    records: () => toRecords(headers, rows.slice(headerRows), source),
    cell: (place) => texts.get(find(place)) ?? '',
    hit: (place) => hitOf(find(place)),
  };
}

function remember(hits: Map<Cell, Hit>, cell: Cell, make: (cell: Cell) => Hit): Hit {
  const hit = hits.get(cell) ?? make(cell);
  hits.set(cell, hit);
  return hit;
}

/** `<thead>`; else leading rows of `<th>` with empty corners; else, in a table without any `<th>`, the first row. */
function countHeaderRows({ rows: cells, headRows }: Grid, texts: Table['rows']): number {
  if (headRows > 0) return headRows;
  if (!cells.some((row) => row.some(isHeader))) return Math.min(1, cells.length);
  const first = cells.findIndex((row, index) => !isHeaderRow(row, texts[index] ?? []));
  return first === -1 ? Math.min(1, cells.length) : first;
}

function isHeaderRow(cells: readonly (Cell | undefined)[], texts: readonly string[]): boolean {
  return cells.some(isHeader) && cells.every((cell, column) => isHeader(cell) || texts[column] === '');
}

function isHeader(cell: Cell | undefined): boolean {
  return cell?.name === 'th';
}

function joinHeaders(rows: Table['rows']): readonly string[] {
  const columns = rows[0] ?? [];
  return columns.map((_, column) => [...new Set(rows.map((row) => row[column] ?? ''))].filter(isNotEmpty).join(' '));
}

function isNotEmpty(text: string): boolean {
  return text !== '';
}

function toRecords(headers: readonly string[], rows: Table['rows'], { url, selector }: TableSource) {
  if (headers.length === 0) {
    const message = `${url}: the table \`${selector}\` has no header row. Use its rows, or cell({ row, column }).`;
    throw new ExtractError(message, { url, selector });
  }
  const keys = uniqueKeys(headers);
  return rows.map((row) => Object.fromEntries(keys.map((key, column) => [key, row[column] ?? ''])));
}

function uniqueKeys(headers: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return headers.map((header, column) => {
    const key = header === '' ? `column ${column + 1}` : header;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? key : `${key} (${times})`;
  });
}

interface Search extends TableSource {
  readonly grid: Grid;
  readonly rows: Table['rows'];
  readonly headerRows: number;
  readonly headers: readonly string[];
}

function findCell(search: Search, place: CellPlace): Cell {
  const { rows, grid } = search;
  const column = findColumn(search, place.column);
  if (column === undefined) throw lacks(search, 'column', place.column);
  const row = findRow(search, place.row, column);
  if (row === undefined) throw lacks(search, 'row', place.row);
  const cell = grid.rows[row]?.[column.index];
  if (cell !== undefined) return cell;
  const { url, selector } = search;
  const message = `${url}: in the table \`${selector}\` the row "${snippet(rows[row]?.[0] ?? '')}" ends before column ${column.index + 1}.`;
  throw new ExtractError(message, { url, selector });
}

interface Column {
  readonly index: number;
  /** Rows begin below this one. */
  readonly below: number;
}

/** By the header; a table whose header rows are none or not marked as such may name its columns in any row. */
function findColumn({ grid, rows, headers, headerRows }: Search, pattern: Pattern): Column | undefined {
  const index = bestMatch(headers, pattern);
  if (index !== undefined) return { index, below: headerRows };
  const marked = headerRows > 0 && grid.rows.slice(0, headerRows).some((row) => row.some(isHeader));
  const all = rows.map((row, below) => ({ index: bestMatch(row, pattern), below: below + 1 }));
  return marked ? undefined : all.find((column): column is Column => column.index !== undefined);
}

/** By the row's label, which is its first cell or any `<th>`; else by any cell but the one asked for. */
function findRow({ grid, rows }: Search, pattern: Pattern, { index, below }: Column): number | undefined {
  const labels = rows.map((row, at) =>
    row.map((text, column) => (column === 0 || isHeader(grid.rows[at]?.[column]) ? text : '')),
  );
  const others = rows.map((row) => row.map((text, column) => (column === index ? '' : text)));
  return bestRow(labels.slice(below), pattern, below) ?? bestRow(others.slice(below), pattern, below);
}

function bestRow(rows: Table['rows'], pattern: Pattern, below: number): number | undefined {
  const at = TESTS.map((test) => rows.findIndex((row) => row.some((text) => test(text, pattern)))).find(
    (row) => row >= 0,
  );
  return at === undefined ? undefined : at + below;
}

function bestMatch(texts: readonly string[], pattern: Pattern): number | undefined {
  return TESTS.map((test) => texts.findIndex((text) => test(text, pattern))).find((index) => index >= 0);
}

/** The whole text first, then a part of it. A pattern is asked once; `search` ignores its `g` and `y`. */
const TESTS: readonly ((text: string, pattern: Pattern) => boolean)[] = [
  (text, pattern) => text !== '' && (typeof pattern === 'string' ? text === pattern.trim() : text.search(pattern) >= 0),
  (text, pattern) => typeof pattern === 'string' && pattern.trim() !== '' && text.includes(pattern.trim()),
];

function lacks(
  { url, selector, rows, headers, headerRows }: Search,
  what: 'row' | 'column',
  pattern: Pattern,
): ExtractError {
  const wanted = typeof pattern === 'string' ? `"${pattern}"` : String(pattern);
  const existing =
    what === 'column' && headers.length > 0 ? headers : rows.slice(headerRows).map((row) => row[0] ?? '');
  const names = existing.filter(isNotEmpty).slice(0, 12);
  const list = names.map((name) => `"${snippet(name, 30)}"`).join(', ');
  const has =
    what === 'column' && headers.length === 0 ? 'It has no header row; its rows begin with' : `Its ${what}s are`;
  const rest = names.length === 0 ? `It has no ${what}s.` : `${has} ${list}.`;
  return new ExtractError(`${url}: the table \`${selector}\` has no ${what} ${wanted}. ${rest}`, { url, selector });
}
