// The cells of a table that was found by where its words stand, with the lines of each at their heights.
import type { PdfCell } from './page-pdf-cell.ts';

/** A cell at its place: the first column it covers, and where its texts stand. */
export interface Placed {
  readonly column: number;
  readonly end: number;
  readonly text: string;
  readonly lines: readonly TextLine[];
}

export interface TextLine {
  readonly text: string;
  readonly top: number;
  readonly bottom: number;
}

export type PlacedRow = readonly Placed[];

/** Without the cells that hold nothing. */
export function placed(row: readonly PdfCell[]): PlacedRow {
  let column = 0;
  return row.flatMap(({ lines, span, chunks = [] }) => {
    const from = column;
    column += span;
    const own = Map.groupBy(chunks, ({ bottom }) => Math.round(bottom));
    const found = [...own.values()].map((line) => ({
      text: line.map(({ text }) => text).join(' '),
      top: Math.min(...line.map(({ top }) => top)),
      bottom: Math.max(...line.map(({ bottom }) => bottom)),
    }));
    return lines.length === 0 ? [] : [{ column: from, end: column, text: lines.join(' '), lines: found }];
  });
}

export function topOf(lines: readonly TextLine[]): number {
  return Math.min(...lines.map(({ top }) => top));
}

export function bottomOf(lines: readonly TextLine[]): number {
  return Math.max(...lines.map(({ bottom }) => bottom));
}

export function heightOf(lines: readonly TextLine[]): number {
  return Math.max(...lines.map(({ top, bottom }) => bottom - top)) || 1;
}
