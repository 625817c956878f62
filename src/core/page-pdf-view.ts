// A PDF as a job sees it: texts of its pages, and tables that are asked as those of HTML are.
import { ExtractError } from './errors.ts';
import type { ParseMarkup } from './html.ts';
import type { Table } from './page-hit.ts';
import type { PdfPage } from './page-pdf.ts';
import type { PdfCell, PdfTable, PlacedTable } from './page-pdf-cell.ts';
import { doubt } from './page-pdf-doubt.ts';
import { joinRules } from './page-pdf-grid.ts';
import { DOUBT, guard } from './page-pdf-guard.ts';
import { type Found, joinPages, type PdfPart } from './page-pdf-join.ts';
import { type Line, pdfText, readPdfLines } from './page-pdf-lines.ts';
import { readRuledTables } from './page-pdf-ruled.ts';
import { findPdfTables } from './page-pdf-table.ts';
import { findTable } from './page-query.ts';
import { snippet } from './page-text.ts';

export interface PdfView {
  readonly pages: readonly string[];
  /** The first table, or the first in which a text stands. */
  readonly table: (containing: string | undefined) => Table;
}

export function viewPdf(pages: readonly PdfPage[], { url, parse }: { url: string; parse: ParseMarkup }): PdfView {
  const lines = pages.map(({ words }) => readPdfLines(words));
  const parts = (): readonly PdfPart[] =>
    pages.map((page, index) => ({ tables: tablesOf(page, lines[index] ?? []), lines: lines[index] ?? [] }));
  const open = (found: Found): Table => {
    const $ = parse(toHtml(found), 'html');
    const page = { url, base: url, charset: 'utf-8', xml: false, $ };
    return findTable({ origin: page, root: $.root(), where: '' }, `#${found.names[0]}`);
  };
  return {
    pages: lines.map(pdfText),
    table: (containing) => {
      const all = joinPages(parts());
      const found = choose(all, containing);
      if (found === undefined) throw noTable(url, all, containing);
      if (found.problem !== undefined) throw unclear(url, found, found.problem);
      return guard(open(found), { url, found, others: all.filter((other) => other !== found), open });
    },
  };
}

/** By its name, as errors call it, or by a text in it. */
function choose(all: readonly Found[], containing: string | undefined): Found | undefined {
  if (containing === undefined) return all[0];
  const named = all.find(({ names }) => names.some((name) => containing === `#${name}`));
  return named ?? all.find(({ rows }) => holds(rows, containing));
}

/** What is ruled is read by its lines, all else by the gaps between words. */
function tablesOf({ words, rules }: PdfPage, lines: readonly Line[]): readonly PlacedTable[] {
  if (rules?.length === 0) return findPdfTables(lines);
  const joined = rules && joinRules(rules);
  const ruled = joined && readRuledTables(words, joined);
  if (joined === undefined || ruled === undefined)
    return findPdfTables(lines).map((table) => ({ ...table, problem: OVERDRAWN }));
  const others = ruled.tables.length === 0 ? lines : readPdfLines(ruled.others);
  const byGaps = findPdfTables(others, joined.across).map((table) =>
    doubt(table, { ...ruled, ...joined, lines: others }),
  );
  return inOrder([...ruled.tables, ...byGaps]);
}

/** From top to bottom, those side by side from left to right. */
function inOrder(tables: readonly PlacedTable[]): readonly PlacedTable[] {
  const rows: PlacedTable[][] = [];
  for (const table of tables.toSorted((one, other) => one.top - other.top)) {
    const first = rows.at(-1)?.[0];
    if (first !== undefined && table.top - first.top < SAME_TOP) rows.at(-1)?.push(table);
    else rows.push([table]);
  }
  return rows.flatMap((row) => row.toSorted((one, other) => one.left - other.left));
}

/** In points. */
const SAME_TOP = 6;
const OVERDRAWN = 'its page has more drawn lines than talkbell reads, and which of them are borders is not known';

function holds(rows: PdfTable, text: string): boolean {
  const wanted = text.replace(/\s+/g, ' ').trim();
  return rows.some((row) => row.some(({ lines }) => lines.join(' ').includes(wanted)));
}

function toHtml({ names: [name], rows }: Found): string {
  return `<table id="${name}">${rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`).join('')}</table>`;
}

function cellHtml({ lines, span, tall = 1, doubt: why }: PdfCell): string {
  const inner = lines.map(escaped).join('<br>');
  const spans = [span > 1 ? ` colspan="${span}"` : '', tall > 1 ? ` rowspan="${tall}"` : ''];
  const doubted = why === undefined ? '' : ` ${DOUBT}="${escaped(why)}"`;
  return `<td${spans.join('')}${doubted}>${inner}</td>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function unclear(url: string, { names: [name], rows }: Found, problem: string): ExtractError {
  const what = `\`#${name}\` ("${snippet(textOf(rows))}") cannot be told for sure: ${problem}`;
  const message = `${url}: the cells of ${what}. Read its lines from page.text or page.pages.`;
  return new ExtractError(message, { url, selector: `#${name}` });
}

function noTable(url: string, all: readonly Found[], containing: string | undefined): ExtractError {
  const begins = all.slice(0, 12).map(({ rows }) => `"${snippet(textOf(rows))}"`);
  const has = begins.length === 0 ? 'No columns were found in it.' : `Its tables begin with ${begins.join(', ')}.`;
  const what = containing === undefined ? 'has no table' : `has no table with "${containing}" in it`;
  const message = `${url} is a PDF that ${what}. ${has} Read its lines from page.text or page.pages.`;
  return new ExtractError(message, containing === undefined ? { url } : { url, selector: containing });
}

function textOf(rows: PdfTable): string {
  return rows
    .flatMap((row) => row.flatMap(({ lines }) => lines))
    .slice(0, 20)
    .join(' ');
}
