// Tables laid out on a page of a PDF as browsers do it, without lines: cells of several lines, in rows as high as the
// highest cell, with white around them.
import type { Page } from '../../src/core/page.ts';
import { pageOf } from '../../src/core/page-of.ts';
import type { Placed } from './pdf-fixture.ts';

/** Lines of a cell between slashes. */
export type Row = readonly string[];

interface Layout {
  readonly top?: number;
  /** Where columns begin, and the last one ends. */
  readonly xs?: readonly number[];
  /** White above and below each cell. */
  readonly pad?: number;
  readonly across?: 'left' | 'center' | 'right';
  readonly head?: 'left' | 'center';
  readonly down?: 'top' | 'middle' | 'bottom';
}

export const SIZE = 10;
const STEP = 13;
export const XS = [60, 140, 230, 320, 410];

export function open(bytes: Uint8Array): Promise<Page> {
  return pageOf(bytes, { url: 'https://dorm.example.ac.kr/menu.pdf', contentType: 'application/pdf' });
}

/** What a person reads in the table. */
export function read(page: Page, text?: string): readonly Row[] {
  return page.table(text).hits.map((row) => row.map((hit) => hit?.lines.join('/') ?? 'none'));
}

/** Where rows begin and the last one ends. */
export function topsOf(rows: readonly Row[], { top = 100, pad = 5 }: Layout = {}): readonly number[] {
  const heights = rows.map((row) => Math.max(...row.map((cell) => linesOf(cell).length)) * STEP + 2 * pad);
  return [top, ...heights.map((_, row) => heights.slice(0, row + 1).reduce((sum, height) => sum + height, top))];
}

export function laid(rows: readonly Row[], layout: Layout = {}): readonly Placed[] {
  const { xs = XS, pad = 5, across = 'center', head = across, down = 'middle' } = layout;
  const tops = topsOf(rows, layout);
  return rows.flatMap((row, at) =>
    row.flatMap((cell, column) => {
      const lines = linesOf(cell);
      const room = (tops[at + 1] ?? 0) - (tops[at] ?? 0) - 2 * pad - lines.length * STEP;
      const first = (tops[at] ?? 0) + pad + room * { top: 0, middle: 0.5, bottom: 1 }[down] + SIZE;
      return lines.map((text, line) => ({
        text,
        x: xOf(text, [xs[column] ?? 0, xs[column + 1] ?? 0], at === 0 ? head : across),
        y: first + line * STEP,
        size: SIZE,
      }));
    }),
  );
}

function xOf(text: string, [left, right]: readonly [number, number], side: 'left' | 'center' | 'right'): number {
  const width = [...text].reduce((sum, letter) => sum + (letter === ' ' ? 0.3 : 1), 0) * SIZE;
  const room = right - left - width - 4;
  return left + 2 + room * { left: 0, center: 0.5, right: 1 }[side];
}

function linesOf(cell: string): readonly string[] {
  return cell.split('/').filter((line) => line !== '');
}
