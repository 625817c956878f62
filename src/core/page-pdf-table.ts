// Tables in a PDF without lines around their cells, found by where the text stands: columns by x, rows by y. This is a
// reading, not a fact: lines with gaps in them that follow each other are a table.
import { isNameOfDay } from './date-words.ts';
import type { PdfCell, PdfTable, PlacedTable } from './page-pdf-cell.ts';
import {
  type Column,
  filled,
  inPieces,
  isRow,
  joinHeads,
  overlaps,
  reach,
  readColumns,
  sideBySide,
  split,
  union,
} from './page-pdf-columns.ts';
import type { Line } from './page-pdf-lines.ts';
import { distrust } from './page-pdf-open.ts';
import type { Rule } from './page-pdf-path.ts';
import { rowsByRules } from './page-pdf-row-rules.ts';

/** In line heights: white that ends a table, and the least step between white within a cell and between two rows. */
const TABLE_GAP = 4;
const ROW_STEP = 0.3;
/** White that differs by less is the same. */
const SAME_WHITE = 0.1;
/** Lines above the first one with gaps in which its head is looked for. */
const HEAD_REACH = 4;
/** Pieces of text on a page. Beyond it there is no table that a person would read as one. */
const MOST_CHUNKS = 5000;

/** The tables of one page, from top to bottom. */
export function findPdfTables(lines: readonly Line[], rules: readonly Rule[] = []): readonly PlacedTable[] {
  if (lines.flat().length > MOST_CHUNKS) return [];
  return regions(lines)
    .flatMap((found) => sideBySide(withHead(found, lines)))
    .flatMap((region) => readTable(region, rules));
}

function readTable(region: readonly Line[], rules: readonly Rule[]): readonly PlacedTable[] {
  const found = readColumns(region);
  if (found.length < 2) return [];
  const columns = joinHeads(layOut(region, found, rules), found);
  const table = { ...placeOf(region), rows: layOut(region, columns, rules) };
  const parted = rowsByRules(region, { first: columns[0], rules }) !== undefined;
  return [distrust(table, { columns, parted })];
}

function placeOf(region: readonly Line[]): Omit<PlacedTable, 'rows'> {
  const whole = region.flat();
  return { top: topOf(whole), bottom: bottomOf(whole), left: Math.min(...whole.map(({ left }) => left)) };
}

/** The heads of narrow columns fill them, and look like one text from side to side until the columns below are known. */
function withHead(found: readonly Line[], lines: readonly Line[]): readonly Line[] {
  const start = found[0] === undefined ? -1 : lines.indexOf(found[0]);
  for (let at = start - 1; at >= Math.max(0, start - HEAD_REACH); at--) {
    const [line, below] = [lines[at], lines[at + 1]];
    if (line?.length !== 1 || below === undefined || isFar(line, below)) break;
    const parts = [...lines.slice(at, start), ...found].map(inPieces);
    if (headsAll(parts)) return parts;
  }
  const columns = readColumns(found);
  return found.map((line) => split(line, columns));
}

/** Each text of the first line has a column of its own that nothing crosses; but for the first, which may have no head. */
function headsAll([head = [], ...body]: readonly Line[]): boolean {
  const bands: Column[] = [];
  for (const piece of [head, ...body].flat().toSorted((one, other) => one.left - other.left)) {
    const last = bands.at(-1);
    if (last !== undefined && overlaps(last, piece)) bands[bands.length - 1] = union(last, piece);
    else bands.push(piece);
  }
  const headed = bands.map((band) => head.filter((piece) => overlaps(band, piece)).length);
  return head.length > 1 && headed.every((count, index) => count === 1 || (index === 0 && count === 0));
}

/** Stretches that begin and end with a line of several chunks, at least two of those in each. */
function regions(lines: readonly Line[]): readonly (readonly Line[])[] {
  const found: Line[][] = [];
  let current: Line[] = [];
  for (const line of lines) {
    if (isFar(current.at(-1), line) || breaksOff(current, line) || headsAgain(current, line)) {
      found.push(current);
      current = [];
    }
    if (current.length > 0 || line.length > 1) current.push(line);
  }
  return [...found, current].map(trimEnd).filter((region) => region.filter(isRow).length > 1);
}

function isFar(above: Line | undefined, below: Line): boolean {
  if (above === undefined) return false;
  return topOf(below) - bottomOf(above) > TABLE_GAP * heightOf(below);
}

/** A line of one chunk that runs over more than one column is prose below the table. */
function breaksOff(region: readonly Line[], line: Line): boolean {
  const [only] = line;
  if (only === undefined || line.length > 1 || region.filter(isRow).length < 2) return false;
  const columns = readColumns(region);
  const under = columns.filter((column) => overlaps(column, only));
  const isAcross = region.some((row) => isRow(row) && filled(row, under) > 1);
  return isAcross && split(line, columns).length === 1;
}

/** Days side by side, or the first head once more, below lines of something else: there another table begins. */
function headsAgain(region: readonly Line[], line: Line): boolean {
  const [first, above] = [region[0], region.findLast(isRow)];
  if (first === undefined || above === undefined || namesDays(above)) return false;
  return namesDays(line) || (isRow(line) && region.length > 1 && textOf(line) === textOf(first));
}

function namesDays(line: Line): boolean {
  const [first, ...others] = line.length > 1 ? line : inPieces(line);
  return first !== undefined && others.length > 1 && others.every(({ text }) => isNameOfDay(text));
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join(' ');
}

/** Lines of one chunk at the end stay while they stand in a column, closely below: they belong to the last row. */
function trimEnd(region: readonly Line[]): readonly Line[] {
  const end = region.findLastIndex(isRow) + 1;
  const tail = region.slice(end);
  const loose = tail.findIndex((line, index) => {
    const above = region[end + index - 1];
    return above === undefined || topOf(line) - bottomOf(above) > heightOf(line);
  });
  return region.slice(0, loose < 0 ? region.length : end + loose);
}

function layOut(region: readonly Line[], columns: readonly Column[], rules: readonly Rule[]): PdfTable {
  return (rowsByRules(region, { first: columns[0], rules }) ?? readRows(region, columns)).map((lines) => {
    const places = lines.flat().map((chunk) => ({ ...chunk, ...reach(chunk, columns) }));
    const cells: PdfCell[] = [];
    for (let at = 0; at < columns.length; ) {
      const own = places.filter(({ from }) => from === at);
      // Only what stands alone in its row covers more than its own column: other texts are just long.
      const span = own.length === 0 ? 1 : Math.max(...own.map(({ to }) => to - at + 1));
      const covered = places.some(({ from }) => from > at && from < at + span);
      const width = covered ? 1 : span;
      cells.push({ lines: own.map(({ text }) => text), span: width, chunks: own });
      at += width;
    }
    return cells;
  });
}

/**
 * Where every line begins in the first column, every line is a row. Else lines of one cell stand closer than rows do;
 * and where that tells nothing, each text in the first column is a row's: at its top, or in the middle of its height.
 */
function readRows(region: readonly Line[], columns: readonly Column[]): readonly (readonly Line[])[] {
  const [first] = columns;
  const begins = (line: Line): boolean => first !== undefined && line.some((chunk) => overlaps(first, chunk));
  if (region.filter(begins).length >= region.length * 0.8) return region.map((line) => [line]);

  const gaps = region.map((line, index) => gapAbove(region, line, index));
  const hangs = gaps.slice(1).some((gap) => gap < 0);
  const inCells = hangs ? region.flatMap((line, index) => gapInCell(region, line, index) ?? []) : [];
  const apart = threshold([...gaps.slice(1).filter((gap) => gap > 0), ...inCells]);
  if (apart !== undefined) return cut(region, (index) => (gaps[index] ?? 0) > apart);
  if (hangs && inCells.length === 0) return cut(region, (index) => (gaps[index] ?? 0) > 0);
  const labels = [...region.keys()].filter((index) => begins(region[index] ?? []));
  const starts = new Set(startsAround(region, { labels, gaps, hangs }) ?? labels);
  return cut(region, (index) => starts.has(index));
}

function cut(region: readonly Line[], opens: (index: number) => boolean): readonly (readonly Line[])[] {
  const rows: Line[][] = [];
  for (const [index, line] of region.entries()) {
    if (index === 0 || opens(index)) rows.push([line]);
    else rows.at(-1)?.push(line);
  }
  return rows;
}

/**
 * The white between the lines of one cell, where a text of another column hangs beside it and hides it from `gapAbove`.
 * Less than a line height: half of a step further, that text would not have touched both.
 */
function gapInCell(region: readonly Line[], line: Line, index: number): number | undefined {
  const above = region.slice(Math.max(0, index - 8), index).flat();
  const whites = line.flatMap((chunk) => {
    const own = above.filter((other) => overlaps(other, chunk)).map(({ bottom }) => chunk.top - bottom);
    return own.length === 0 ? [] : [Math.min(...own) / heightOf(line)];
  });
  const least = Math.min(...whites);
  return least > 0 && least < 1 && gapAbove(region, line, index) <= 0 ? least : undefined;
}

interface Labels {
  /** Lines with a text in the first column. */
  readonly labels: readonly number[];
  readonly gaps: readonly number[];
  readonly hangs: boolean;
}

/**
 * The first lines of rows whose labels stand in the middle of them: each row ends as far below its label as it begins
 * above. Undefined where nothing hangs between lines and that does not come out even.
 */
function startsAround(region: readonly Line[], { labels, gaps, hangs }: Labels): readonly number[] | undefined {
  const starts: number[] = [0];
  let uneven = labels[0] !== 0 || labels[1] === 1;
  for (const [at, label] of labels.entries()) {
    const [row, own] = [region[starts.at(-1) ?? 0], region[label]];
    if (row === undefined || own === undefined) return undefined;
    const bottom = topOf(own) + bottomOf(own) - topOf(row);
    const off = (index: number): number => Math.abs(bottomOf(region[index - 1] ?? own) - bottom) / heightOf(own);
    const next = labels[at + 1];
    const ends = next === undefined ? [region.length] : widest({ after: label, until: next }, gaps);
    const end = ends.toSorted((one, other) => off(one) - off(other))[0] ?? region.length;
    uneven ||= off(end) > 0.6;
    if (next !== undefined) starts.push(end);
  }
  return hangs || !uneven ? starts : undefined;
}

/** Lines with the most white above them: a border between rows makes some, even where lines stand close. */
function widest({ after, until }: { after: number; until: number }, gaps: readonly number[]): readonly number[] {
  const lines = Array.from({ length: until - after }, (_, step) => after + 1 + step);
  const most = Math.max(...lines.map((index) => gaps[index] ?? 0));
  return lines.filter((index) => (gaps[index] ?? 0) > most - SAME_WHITE);
}

/** White above a line in line heights, below all that came before: a label in the middle of its row hangs between lines. */
function gapAbove(region: readonly Line[], line: Line, index: number): number {
  const bottom = Math.max(...region.slice(Math.max(0, index - 8), index).map(bottomOf));
  return (topOf(line) - bottom) / heightOf(line);
}

/** Between the white of one cell's lines and the next larger kind. Undefined when all is of one kind. */
function threshold(gaps: readonly number[]): number | undefined {
  const sorted = gaps.toSorted((one, other) => one - other);
  const at = sorted.findIndex((gap, index) => (sorted[index + 1] ?? gap) - gap > ROW_STEP);
  const [low, high] = [sorted[at], sorted[at + 1]];
  return at < 0 || low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function topOf(line: Line): number {
  return Math.min(...line.map(({ top }) => top));
}

function bottomOf(line: Line): number {
  return Math.max(...line.map(({ bottom }) => bottom));
}

function heightOf(line: Line): number {
  return Math.max(...line.map(({ top, bottom }) => bottom - top)) || 1;
}
