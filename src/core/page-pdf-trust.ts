// Whether a grid of ruling lines tells all of its table's cells. Tables are ruled only in part too: then one cell of the
// grid holds several, and reading it as one would be wrong without a word.
import type { Grid, GridCell } from './page-pdf-grid.ts';
import { headsColumns } from './page-pdf-heads.ts';
import type { Line, PdfWord } from './page-pdf-lines.ts';

export interface RuledCell extends GridCell {
  readonly lines: readonly Line[];
  readonly words: readonly PdfWord[];
}

/** In font sizes: white between lines of one cell is less. */
const MOST_WHITE = 1.2;
/** Base lines that differ by less stand side by side. */
const SIDE_BY_SIDE = 0.3;
const LABELS = /^(?:구분|시간|시간대|식사|끼니|요일|날짜|일자|분류|항목|meal|time|day|date)?$/i;
/** White between columns, however narrow, is more. */
const RIVER = 0.15;

/** Words stand apart where a line would part them: columns under several heads, labels far below each other. */
export function isPartlyRuled(cells: readonly RuledCell[], { xs }: Grid): boolean {
  const columns = [...xs.slice(0, -1).keys()];
  if (columns.some((column) => hidesColumns(cells.filter((cell) => cell.columns === 1 && cell.column === column))))
    return true;
  if (cells.some((cell) => headsColumns(cell, xs))) return true;
  return rowsOf(cells).length <= 2 && farApart(cells) !== undefined;
}

/** What nobody can tell of the table, as the rest of a sentence. */
export function findUnclear(cells: readonly RuledCell[], grid: Grid): string | undefined {
  const apart = farApart(cells) ?? hidingRows(cells, grid);
  const texts = apart?.lines.map(textOf) ?? oneRow(cells);
  if (texts === undefined) return undefined;
  return `the lines of "${texts.join(' ')}" may be rows of their own, and no line is drawn between them`;
}

/** A cell of labels, or of several rows, whose lines stand as far from each other as rows do. */
function farApart(cells: readonly RuledCell[]): RuledCell | undefined {
  const isTall = ({ column, rows }: RuledCell): boolean => rows > 1 || (column === 0 && hasLabels(cells));
  const tall = cells.filter((cell) => cell.columns === 1 && isTall(cell));
  return tall.find(({ lines }) => lines.some((line, index) => isFarBelow(lines[index - 1], line)));
}

/** Below the first text of a column, and through it, there is white from top to bottom: they are several columns. */
function hidesColumns(cells: readonly RuledCell[]): boolean {
  const [head, ...below] = cells.filter(({ lines }) => lines.length > 0).toSorted((one, other) => one.row - other.row);
  if (head === undefined) return false;
  const bands: { left: number; right: number }[] = [];
  const words = [...head.words, ...below.flatMap((cell) => cell.words)];
  for (const { x, width, height } of words.toSorted((one, other) => one.x - other.x)) {
    const last = bands.at(-1);
    if (last !== undefined && x < last.right + RIVER * height) last.right = Math.max(last.right, x + width);
    else bands.push({ left: x, right: x + width });
  }
  const isIn =
    ({ left, right }: { left: number; right: number }) =>
    ({ x }: PdfWord) =>
      left <= x && x <= right;
  const headed = bands.filter((band) => head.words.some(isIn(band)));
  return headed.filter((band) => below.flatMap((cell) => cell.words).filter(isIn(band)).length > 1).length > 1;
}

/** A cell beside several labels, with lines beside each of them, where no cell but those of the labels is divided. */
function hidingRows(cells: readonly RuledCell[], { ys }: Grid): RuledCell | undefined {
  const beside = cells.filter(({ column }) => column > 0);
  return beside.find(({ row, rows, lines }) => {
    if (rows < 2 || lines.length < rows) return false;
    const others = beside.filter((other) => other.row < row + rows && row < other.row + other.rows);
    if (others.some((other) => other.row !== row || other.rows !== rows)) return false;
    const places = lines.map((line) =>
      [topOf(line), bottomOf(line)].map((y) => ys.findIndex((place) => place > y) - 1),
    );
    const isWithin = places.every(([top, bottom]) => top === bottom);
    return isWithin && new Set(places.map(([top]) => top)).size === rows;
  });
}

/** Letters of a label written downwards stand apart and are one text. */
function isFarBelow(above: Line | undefined, below: Line): boolean {
  if (above === undefined || isSupplement(textOf(below))) return false;
  if ([above, below].every((line) => textOf(line).length === 1)) return false;
  return topOf(below) - bottomOf(above) > MOST_WHITE * heightOf(below);
}

/**
 * The first texts of the one ruled row below a head, if they may be rows that no line parts: those of a column of labels,
 * and those with as many beside them in every other cell. Lines in brackets or digits belong to the label above them, and
 * letters written downwards to each other.
 */
function oneRow(cells: readonly RuledCell[]): readonly string[] | undefined {
  const [, body, ...others] = rowsOf(cells);
  if (body === undefined || others.length > 0) return undefined;
  const [label, ...beside] = body.toSorted((one, other) => one.column - other.column);
  const texts = label?.lines.map(textOf) ?? [];
  if (label === undefined || texts.length < 2 || texts.slice(1).every(isSupplement)) return undefined;
  if (texts.every((text) => text.length === 1)) return undefined;
  const isLabel = label.column === 0 && hasLabels(cells);
  const many = beside.filter(({ lines }) => (isLabel ? lines.length >= texts.length : areBeside(lines, label.lines)));
  return many.length > 0 && (isLabel || many.length === beside.length) ? texts : undefined;
}

function areBeside(some: readonly Line[], others: readonly Line[]): boolean {
  const isBeside = (line: Line, other: Line | undefined): boolean =>
    other !== undefined && Math.abs(bottomOf(line) - bottomOf(other)) < SIDE_BY_SIDE * heightOf(line);
  return some.length === others.length && some.every((line, index) => isBeside(line, others[index]));
}

/** Whether the head of the first column says that its texts name rows, or it has none. */
function hasLabels(cells: readonly RuledCell[]): boolean {
  const head = rowsOf(cells)[0]?.find(({ column }) => column === 0);
  return LABELS.test(head?.lines.map(textOf).join('').replaceAll(/\s/g, '') ?? '');
}

/** Those with texts side by side, from the top. */
function rowsOf(cells: readonly RuledCell[]): readonly (readonly RuledCell[])[] {
  const filled = cells.filter(({ lines }) => lines.length > 0);
  const rows = [...Map.groupBy(filled, ({ row }) => row).values()].filter((row) => row.length > 1);
  return rows.toSorted((one, other) => (one[0]?.row ?? 0) - (other[0]?.row ?? 0));
}

export function isSupplement(text: string): boolean {
  return /^[([<~\d※*]/.test(text);
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join(' ');
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
