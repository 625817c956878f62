// Reads a table into a grid. Merged cells stand at each place they cover, as the HTML standard lays them out; rows of a
// table inside a cell are not this table's.
import type { Dish } from './dish-line.ts';
import { dishes, type Meal, meals } from './dishes.ts';
import { ExtractError } from './errors.ts';
import { type Element, isElement } from './html.ts';
import type { CellPlace, Hit, Table } from './page-hit.ts';
import { findCell } from './table-find.ts';
import { type Cell, readGrid } from './table-grid.ts';
import { readHeaders, rowNamesOf } from './table-headers.ts';
import type { Search } from './table-problem.ts';

export interface TableSource {
  readonly url: string;
  readonly selector: string;
  readonly text: (cell: Element) => string;
  readonly hit: (cell: Element) => Hit;
}

export function readTable(table: Element, source: TableSource): Table {
  const { url, selector } = source;
  const grid = readGrid(table, (problem) => {
    throw new ExtractError(`${url}: the table \`${selector}\` ${problem}`, { url, selector });
  });
  const texts = new Map(grid.cells.map((cell) => [cell, source.text(cell)]));
  const rows = grid.rows.map((row) => row.map((cell) => (cell && texts.get(cell)) ?? ''));
  const headers = readHeaders(grid, rows);
  const titles = [...captionsOf(table).map(source.text), ...headers.titles];
  const search: Search = { url, selector, grid, texts: rows, headers, titles };
  const hits = new Map<Cell, Hit>();
  const hitOf = (cell: Cell): Hit => remember(hits, cell, source.hit);
  const linesOf = (place: CellPlace): readonly string[] => hitOf(findCell(search, place)).lines;

  return new ReadTable(
    {
      rows,
      headers: headers.names,
      headerRows: headers.rows,
      headerColumns: headers.columns,
      rowHeaders: rowNamesOf(rows, headers),
      records: () => toRecords(headers.names, rows.slice(headers.rows), source),
      cell: (place) => texts.get(findCell(search, place)) ?? '',
      hit: (place) => hitOf(findCell(search, place)),
      dishes: (place): readonly Dish[] => dishes(linesOf(place)),
      meals: (place): readonly Meal[] => meals(linesOf(place)),
    },
    () => grid.rows.map((row) => row.map((cell) => cell && hitOf(cell))),
  );
}

class ReadTable implements Table {
  readonly rows: Table['rows'];
  readonly headers: Table['headers'];
  readonly headerRows: number;
  readonly headerColumns: number;
  readonly rowHeaders: Table['rowHeaders'];
  readonly records: Table['records'];
  readonly cell: Table['cell'];
  readonly hit: Table['hit'];
  readonly dishes: Table['dishes'];
  readonly meals: Table['meals'];
  readonly #readHits: () => Table['hits'];

  constructor(read: Omit<Table, 'hits'>, readHits: () => Table['hits']) {
    this.rows = read.rows;
    this.headers = read.headers;
    this.headerRows = read.headerRows;
    this.headerColumns = read.headerColumns;
    this.rowHeaders = read.rowHeaders;
    this.records = read.records;
    this.cell = read.cell;
    this.hit = read.hit;
    this.dishes = read.dishes;
    this.meals = read.meals;
    this.#readHits = readHits;
  }

  get hits(): Table['hits'] {
    return this.#readHits();
  }
}

function captionsOf(table: Element): readonly Element[] {
  return table.children.filter(isElement).filter(({ name }) => name === 'caption');
}

function remember(hits: Map<Cell, Hit>, cell: Cell, make: (cell: Cell) => Hit): Hit {
  const hit = hits.get(cell) ?? make(cell);
  hits.set(cell, hit);
  return hit;
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
