// Tables found by gaps, held against the boxes that are drawn around some of their words: where the two say different
// things, neither is believed.

import type { PdfCell, PdfTable, PlacedTable } from './page-pdf-cell.ts';
import { type Grid, type GridCell, makeCellFinder } from './page-pdf-grid.ts';
import type { Chunk, Line } from './page-pdf-lines.ts';
import type { Rule } from './page-pdf-path.ts';

/** In font sizes: what texts stick out of a box, the white that parts rows no line parts, and the most below a row. */
const OVERHANG = 0.5;
const ROW_WHITE = 1.2;
const LAST_WHITE = 1.5;

interface Drawn {
  readonly boxes: readonly Grid[];
  /** Horizontal lines. */
  readonly across: readonly Rule[];
  /** The lines of text it was found among. */
  readonly lines: readonly Line[];
}

/** With the reason not to believe it, if there is one. */
export function doubt(table: PlacedTable, { boxes, across, lines }: Drawn): PlacedTable {
  const finders = boxes.map(makeCellFinder);
  const parted = finders.flatMap((find) => findParted(table.rows, find) ?? [])[0];
  if (parted !== undefined) {
    const problem = `the lines drawn around "${parted.lines.join(' ')}" part it otherwise than its place does`;
    return { ...table, problem };
  }
  const lost = boxes.flatMap((box) => lostIn(table.rows, { box, lines }) ?? [])[0];
  if (lost !== undefined)
    return { ...table, problem: `"${lost}" stands within the same lines, but not in its columns` };
  const below = cutOff(table.rows, { across, lines });
  if (below === undefined) return table;
  return { ...table, problem: `"${below}" below it is no row of its own by its place, but by the line drawn below it` };
}

function findParted(rows: PdfTable, find: Find): PdfCell | undefined {
  const parted = rows.flat().find((cell) => boxesOf(cell, find).size > 1);
  return parted ?? rows.find((row, index) => isSplit(rows[index - 1], row, find))?.[0];
}

/** A text among the lines of a table that is ruled in part, where only others of them were found to be a table. */
function lostIn(rows: PdfTable, { box, lines }: { box: Grid; lines: readonly Line[] }): string | undefined {
  if (box.xs.length < 3 || box.ys.length < 3) return undefined;
  const find = makeCellFinder(box);
  const isInside = (chunk: Chunk): boolean => find((chunk.left + chunk.right) / 2, middleOf(chunk)) !== undefined;
  const found = rows.flat().flatMap((cell) => cell.chunks ?? []);
  if (!found.some(isInside)) return undefined;
  const [top, bottom] = [Math.min(...found.map((chunk) => chunk.top)), Math.max(...found.map((chunk) => chunk.bottom))];
  const within = lines.flat().filter(isInside);
  return within.find((chunk) => middleOf(chunk) < top || middleOf(chunk) > bottom)?.text;
}

/** What stands between the last row and the line below it. */
function cutOff(rows: PdfTable, { across, lines }: Omit<Drawn, 'boxes'>): string | undefined {
  const chunks = rows.flat().flatMap((cell) => cell.chunks ?? []);
  const [left, right] = [
    Math.min(...chunks.map((chunk) => chunk.left)),
    Math.max(...chunks.map((chunk) => chunk.right)),
  ];
  const last = rows.at(-1)?.flatMap((cell) => cell.chunks ?? []) ?? [];
  const bottom = Math.max(...last.map((chunk) => chunk.bottom));
  const ends = across.filter(({ at, from, to }) => from <= left && to >= right && at > bottom - 1).map(({ at }) => at);
  const end = Math.min(...ends);
  const isBetween = (chunk: Chunk): boolean => middleOf(chunk) > bottom && middleOf(chunk) < end;
  const below = lines.filter((line) => line.some(isBetween));
  // A note in the same frame is one text to the line.
  if (below.every((line) => line.length === 1)) return undefined;
  const between = below.flat();
  const depth = Math.max(...between.map((chunk) => chunk.bottom));
  const top = Math.min(...between.map((chunk) => chunk.top));
  const [height = 0] = between.map((chunk) => chunk.bottom - chunk.top);
  if (top - bottom > height) return undefined;
  return end - depth < LAST_WHITE * height ? between.map(({ text }) => text).join(' ') : undefined;
}

type Find = ReturnType<typeof makeCellFinder>;

function boxesOf({ chunks = [] }: PdfCell, find: Find): ReadonlySet<GridCell> {
  const found = chunks.flatMap((chunk) => {
    const within = Math.min(OVERHANG * (chunk.bottom - chunk.top), (chunk.right - chunk.left) / 2);
    const y = middleOf(chunk);
    return [find(chunk.left + within, y) ?? [], find(chunk.right - within, y) ?? []].flat();
  });
  return new Set(found);
}

/** Two rows whose labels stand close together in a box of their own. */
function isSplit(above: readonly PdfCell[] | undefined, below: readonly PdfCell[], find: Find): boolean {
  const [upper] = above?.[0]?.chunks?.slice(-1) ?? [];
  const [lower] = below[0]?.chunks ?? [];
  if (above === undefined || upper === undefined || lower === undefined) return false;
  const box = find(lower.left, middleOf(lower));
  if (box === undefined || find(upper.left, middleOf(upper)) !== box) return false;
  const others = [...above.slice(1), ...below.slice(1)].flatMap((cell) => [...boxesOf(cell, find)]);
  return !others.includes(box) && lower.top - upper.bottom < ROW_WHITE * (lower.bottom - lower.top);
}

function middleOf({ top, bottom }: Chunk): number {
  return (top + bottom) / 2;
}
