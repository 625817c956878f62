// The columns of a table that is read from where its words stand: what overlaps from line to line is one column.
import type { Chunk, Line } from './page-pdf-lines.ts';

export interface Column {
  readonly left: number;
  readonly right: number;
}

/** Narrow chunks first: what covers several columns that stand side by side in some line is a merged cell. */
export function readColumns(region: readonly Line[]): readonly Column[] {
  const rows = region.filter(isRow);
  const chunks = rows.flat().toSorted((one, other) => one.right - one.left - (other.right - other.left));
  let columns: readonly Column[] = [];
  for (const chunk of chunks) {
    const under = columns.filter((column) => overlaps(column, chunk));
    const merged = under.reduce<Column>(union, chunk);
    if (under.length > 1 && rows.some((row) => filled(row, under) > 1)) continue;
    columns = [...columns.filter((column) => !under.includes(column)), merged];
  }
  return columns.toSorted((one, other) => one.left - other.left);
}

export function filled(row: Line, columns: readonly Column[]): number {
  const own = row.map((chunk) => columns.findIndex((column) => overlaps(column, chunk))).filter((at) => at >= 0);
  return new Set(own).size;
}

export function union(one: Column, other: Column): Column {
  return { left: Math.min(one.left, other.left), right: Math.max(one.right, other.right) };
}

export function overlaps(one: Column, other: Column): boolean {
  return one.left < other.right && other.left < one.right;
}

/** Chunks whose pieces stand in columns of their own are several. */
export function split(line: Line, columns: readonly Column[]): Line {
  return line.flatMap((chunk) => {
    const pieces = inPieces([chunk]);
    const under = pieces.map((piece) => columns.filter((column) => overlaps(column, piece)));
    const taken = under.flat();
    const apart = under.every((own) => own.length <= 1) && new Set(taken).size === taken.length;
    return apart && taken.length > 1 ? pieces : [chunk];
  });
}

export function inPieces(line: Line): Line {
  return line.flatMap(({ pieces }) => pieces.map((piece) => ({ ...piece, pieces: [piece] })));
}

/** The columns a chunk stands over; between two columns, the nearer one. */
export function reach(chunk: Chunk, columns: readonly Column[]): { readonly from: number; readonly to: number } {
  const from = columns.findIndex((column) => overlaps(column, chunk));
  if (from >= 0) return { from, to: columns.findLastIndex((column) => overlaps(column, chunk)) };
  const distances = columns.map(({ left, right }) =>
    Math.min(Math.abs(left - chunk.right), Math.abs(chunk.left - right)),
  );
  const nearest = distances.indexOf(Math.min(...distances));
  return { from: nearest, to: nearest };
}

export function isRow(line: Line): boolean {
  return line.length > 1;
}

/** Two tables beside each other, where the first head comes again further on. */
export function sideBySide(region: readonly Line[]): readonly (readonly Line[])[] {
  const [[corner, ...heads] = []] = region;
  const columns = readColumns(region);
  const isCorner = corner !== undefined && columns[0] !== undefined && overlaps(columns[0], corner);
  const again = isCorner ? heads.find(({ text }) => text === corner.text) : undefined;
  const column = again && columns.find((one) => overlaps(one, again));
  if (column === undefined) return [region];
  const isLeft = (chunk: Chunk): boolean => chunk.right <= column.left;
  if (region.flat().some((chunk) => !isLeft(chunk) && chunk.left < column.left)) return [region];
  const parts = [isLeft, (chunk: Chunk) => !isLeft(chunk)].map((isOwn) =>
    region.map((line) => line.filter(isOwn)).filter((line) => line.length > 0),
  );
  if (parts.some((part) => part.filter(isRow).length < 2)) return [region];
  return [parts[0] ?? [], ...sideBySide(parts[1] ?? [])];
}

interface Half {
  readonly column: Column;
  /** Undefined of a column with both. */
  readonly is: 'head' | 'body' | undefined;
}

/** Heads that stand in the middle of columns whose cells begin or end at a side: each joined with the cells beside it. */
export function joinHeads([head, ...body]: Cells, columns: readonly Column[]): readonly Column[] {
  const heads = filledBy(head === undefined ? [] : [head]);
  const bodies = filledBy(body);
  const halves = columns.map((column, at): Half => {
    if (at > 0 && heads.has(at) && !bodies.has(at)) return { column, is: 'head' };
    return { column, is: at > 0 && !heads.has(at) && bodies.has(at) ? 'body' : undefined };
  });
  const joined: Column[] = [];
  for (let at = 0; at < halves.length; ) {
    const end = halves.findIndex(({ is }, index) => index >= at && is === undefined);
    const run = halves.slice(at, end < 0 ? halves.length : Math.max(end, at + 1));
    joined.push(...(pairs(run) ?? run.map(({ column }) => column)));
    at += run.length;
  }
  return joined;
}

/** Undefined unless each head has cells of its own beside it. */
function pairs(run: readonly Half[]): readonly Column[] | undefined {
  if (run.length % 2 !== 0) return undefined;
  const joined: Column[] = [];
  for (let at = 0; at < run.length; at += 2) {
    const [one, other] = [run[at], run[at + 1]];
    if (one?.is === undefined || other?.is === undefined || one.is === other.is) return undefined;
    joined.push(union(one.column, other.column));
  }
  return joined;
}

type Cells = readonly (readonly { readonly lines: readonly string[]; readonly span: number }[])[];

/** The columns that hold something in some row. */
function filledBy(rows: Cells): ReadonlySet<number> {
  const found = new Set<number>();
  for (const row of rows) {
    let column = 0;
    for (const { lines, span } of row) {
      for (let at = column; at < column + span; at++) if (lines.length > 0) found.add(at);
      column += span;
    }
  }
  return found;
}
