// A table of a PDF that goes on over a page break is one table: on the next page stands the same head again, or the next
// day between the same lines, with nothing between but what stands on every page.

import { isNameOfDay } from './date-words.ts';
import type { PdfCell, PdfTable, PlacedTable } from './page-pdf-cell.ts';
import type { Line } from './page-pdf-lines.ts';

export interface PdfPart {
  readonly tables: readonly PlacedTable[];
  readonly lines: readonly Line[];
}

export interface Found {
  /** As the table is called in errors: its page and its place there. One over several pages has the name of each part. */
  readonly names: readonly [string, ...string[]];
  readonly rows: PdfTable;
  readonly sides?: readonly number[];
  readonly problem?: string;
}

/** In points: lines of two pages that differ by less stand at the same place. */
const SAME_SIDE = 1.5;
const PAGE_NUMBER = /^[-–—\s]*(?:p\.?|page)?\s*\d{1,3}(?:\s*(?:\/|of)\s*\d{1,3})?\s*(?:쪽|페이지)?[-–—\s]*$/i;

interface Last {
  readonly table: PlacedTable;
  readonly page: PdfPart;
  readonly at: number;
}

/** All tables, those that go on over pages joined, by their first page. */
export function joinPages(pages: readonly PdfPart[]): readonly Found[] {
  const found: Found[] = [];
  let last: Last | undefined;
  for (const [at, page] of pages.entries()) {
    for (const [place, table] of page.tables.entries()) {
      const name = `page-${at + 1}-table-${place + 1}`;
      const whole =
        place === 0 && last !== undefined && last.at === at - 1 && isNextTo(last, { page, table })
          ? found.pop()
          : undefined;
      found.push(...(whole === undefined ? [{ ...table, names: [name] as const }] : continued(whole, { name, table })));
      last = { table, page, at };
    }
  }
  return found;
}

/** Nothing stands between them but what stands on both pages, and page numbers. */
function isNextTo(before: Last, { page, table }: Omit<Last, 'at'>): boolean {
  const below = before.page.lines.filter((line) => middleOf(line) > before.table.bottom);
  const above = page.lines.filter((line) => middleOf(line) < table.top);
  const isOn = ({ lines }: PdfPart, line: Line): boolean =>
    lines.some((other) => furnitureOf(other) === furnitureOf(line));
  return [...below, ...above].every(
    (line) => PAGE_NUMBER.test(textOf(line)) || (isOn(before.page, line) && isOn(page, line)),
  );
}

interface Next {
  readonly name: string;
  readonly table: PlacedTable;
}

/** Both as one if it goes on below the same head, or below the same lines with the next day. */
function continued(whole: Found, next: Next): readonly Found[] {
  const { rows } = next.table;
  const own = { ...next.table, names: [next.name] as const };
  if (headOf(whole.rows) === headOf(rows) && rows.length > 1)
    return repeats(whole.rows.slice(1), rows.slice(1)) ? [whole, own] : [joined(whole, next, rows.slice(1))];
  if (goesOnByDays(whole, next.table)) return [joined(whole, next, rows)];
  const isCut = labelOf(rows[0] ?? []).length === 0 && widthOf(rows) === widthOf(whole.rows);
  return isCut ? [{ ...whole, rows: doubtLast(whole.rows, next.name) }, own] : [whole, own];
}

function goesOnByDays(whole: Found, { rows, sides = [] }: PlacedTable): boolean {
  const before = whole.sides ?? [];
  const isSame = sides.length > 0 && sides.length === before.length;
  if (!isSame || sides.some((side, at) => Math.abs(side - (before[at] ?? 0)) > SAME_SIDE)) return false;
  const labels = [whole.rows.slice(1), rows].map((part) => part.flatMap(labelOf));
  const areDays = labels.every((own) => own.length > 0 && own.every(isNameOfDay));
  return areDays && !repeats(whole.rows.slice(1), rows);
}

/** Labels come again in the table of something else; but the last one may go on. */
function repeats(rows: PdfTable, nextRows: PdfTable): boolean {
  const [labels, next] = [rows.flatMap(labelOf), nextRows.flatMap(labelOf)];
  const again = next.filter((label, at) => labels.includes(label) && (at > 0 || label !== labels.at(-1)));
  return again.length > 0 || (next.length > 0 && next.every((label) => labels.includes(label)));
}

function joined(whole: Found, { name, table }: Next, [first = [], ...rest]: PdfTable): Found {
  const upper = whole.rows;
  const isCut = labelOf(first).length === 0 || labelOf(upper.at(-1) ?? []).length === 0;
  const tall = Math.max(1, ...first.map((cell) => cell.tall ?? 1));
  const lower = [first, ...rest].map((row, at) => (isCut && at < tall ? doubted(row, name) : row));
  const problem = whole.problem ?? table.problem;
  return {
    ...whole,
    names: [...whole.names, name],
    rows: [...(isCut ? doubtLast(upper, name) : upper), ...lower],
    ...(problem === undefined ? {} : { problem }),
  };
}

function doubtLast(rows: PdfTable, name: string): PdfTable {
  return rows.map((row, at) => (at === rows.length - 1 ? doubted(row, name) : row));
}

function doubted(row: readonly PdfCell[], name: string): readonly PdfCell[] {
  const doubt = `the rows around the page break before \`#${name}\` have no label each, and may be one`;
  return row.map((cell) => ({ ...cell, doubt }));
}

/** Texts and spans of the first row; of no table that is headed otherwise. */
function headOf([head = []]: PdfTable): string {
  return JSON.stringify(head.map(({ lines, span }) => [lines.join(' '), span]));
}

function widthOf([row = []]: PdfTable): number {
  return row.reduce((sum, { span }) => sum + span, 0);
}

function labelOf(row: readonly PdfCell[]): readonly string[] {
  const label = row[0]?.lines.join(' ') ?? '';
  return label === '' ? [] : [label];
}

function furnitureOf(line: Line): string {
  return textOf(line).replaceAll(/\d+/g, '0');
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join(' ');
}

function middleOf(line: Line): number {
  return (Math.min(...line.map(({ top }) => top)) + Math.max(...line.map(({ bottom }) => bottom))) / 2;
}
