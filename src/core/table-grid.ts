// Lays the cells of a table out in a grid, as the HTML standard's table model does: spans repeat a cell, row groups end
// them, and absurd spans are cut.
import { type Element, isElement } from './html.ts';

export type Cell = Element;

export interface Grid {
  /** Every row is as long as the widest. Undefined where no cell covers the place. */
  readonly rows: readonly (readonly (Cell | undefined)[])[];
  /** Each cell once. */
  readonly cells: readonly Cell[];
  /** How many rows of `<thead>` stand on top. */
  readonly headRows: number;
}

const WIDEST_SPAN = 1000;
const TALLEST_SPAN = 65_534;
const MOST_PLACES = 100_000;

/** Calls `refuse` with the rest of a sentence for a table too big to be one. */
export function readGrid(table: Element, refuse: (problem: string) => never): Grid {
  const groups = rowGroups(table);
  const room = { left: MOST_PLACES, refuse };
  const laid = groups.map(({ rows }) => layOut(rows, room));
  const rows = laid.flat();
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  if (width * rows.length > MOST_PLACES) refuse(tooBig());
  return {
    rows: rows.map((row) => Array.from({ length: width }, (_, column) => row[column])),
    cells: groups.flatMap((group) => group.rows.flatMap(cellsOf)),
    headRows: groups.flatMap((group) => (group.kind === 'thead' ? group.rows : [])).length,
  };
}

interface Group {
  readonly kind: 'thead' | 'tbody' | 'tfoot';
  readonly rows: readonly Element[];
}

/** As `table.rows` orders them: heads, bodies and loose rows, feet. */
function rowGroups(table: Element): readonly Group[] {
  const groups = table.children.filter(isElement).flatMap((child): Group[] => {
    if (child.name === 'tr') return [{ kind: 'tbody', rows: [child] }];
    if (child.name !== 'thead' && child.name !== 'tbody' && child.name !== 'tfoot') return [];
    return [{ kind: child.name, rows: child.children.filter(isElement).filter(({ name }) => name === 'tr') }];
  });
  const loose = joinLooseRows(groups, table);
  return ['thead', 'tbody', 'tfoot'].flatMap((kind) => loose.filter((group) => group.kind === kind));
}

/** Rows directly in the table, which only htmlparser2 and XML leave there, are one group. */
function joinLooseRows(groups: readonly Group[], table: Element): readonly Group[] {
  const loose = groups.filter(({ rows }) => rows[0]?.parent === table);
  if (loose.length === 0) return groups;
  const others = groups.filter((group) => !loose.includes(group));
  return [...others, { kind: 'tbody', rows: loose.flatMap(({ rows }) => rows) }];
}

function cellsOf(row: Element): readonly Cell[] {
  return row.children.filter(isElement).filter(({ name }) => name === 'td' || name === 'th');
}

interface Room {
  left: number;
  readonly refuse: (problem: string) => never;
}

/** One row group: a span that reaches below it ends with it. */
function layOut(rows: readonly Element[], room: Room): readonly (readonly (Cell | undefined)[])[] {
  const grid: (Cell | undefined)[][] = rows.map(() => []);
  for (const [top, row] of rows.entries()) {
    let column = 0;
    for (const cell of cellsOf(row)) {
      while (grid[top]?.[column] !== undefined) column++;
      const right = column + span(cell, 'colspan', WIDEST_SPAN);
      const bottom = top + (span(cell, 'rowspan', TALLEST_SPAN) || rows.length);
      place(cell, { grid: grid.slice(top, bottom), from: column, to: right }, room);
      column = right;
    }
  }
  return grid;
}

function place(
  cell: Cell,
  { grid, from, to }: { grid: readonly (Cell | undefined)[][]; from: number; to: number },
  room: Room,
): void {
  room.left -= grid.length * (to - from);
  if (room.left < 0) room.refuse(tooBig());
  for (const row of grid) for (let column = from; column < to; column++) row[column] ??= cell;
}

/** `rowspan="0"` reaches to the end of the group; nonsense is 1. */
function span(cell: Cell, name: 'colspan' | 'rowspan', most: number): number {
  const digits = /^\s*\+?(\d{1,9})/.exec(cell.attribs[name] ?? '')?.[1];
  const least = name === 'rowspan' ? 0 : 1;
  return digits === undefined ? 1 : Math.max(least, Math.min(most, Number(digits)));
}

function tooBig(): string {
  return `covers more than ${MOST_PLACES} places with its merged cells. Read its rows with page.rows instead.`;
}
