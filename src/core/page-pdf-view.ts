// A PDF as a job sees it: texts of its pages, and tables that are asked as those of HTML are.
import { ExtractError } from './errors.ts';
import type { ParseMarkup } from './html.ts';
import type { Table } from './page-hit.ts';
import type { PdfPages } from './page-pdf.ts';
import { pdfText, readPdfLines } from './page-pdf-lines.ts';
import { findPdfTables, type PdfCell, type PdfTable } from './page-pdf-table.ts';
import { findTable } from './page-query.ts';
import { snippet } from './page-text.ts';

export interface PdfView {
  readonly pages: readonly string[];
  /** The first table, or the first in which a text stands. */
  readonly table: (containing: string | undefined) => Table;
}

interface Found {
  /** As the table is called in errors: its page and its place there. */
  readonly name: string;
  readonly rows: PdfTable;
}

export function viewPdf(words: PdfPages, { url, parse }: { url: string; parse: ParseMarkup }): PdfView {
  const lines = words.map(readPdfLines);
  const tables = (): readonly Found[] =>
    lines.flatMap((page, index) =>
      findPdfTables(page).map((rows, place) => ({ name: `page-${index + 1}-table-${place + 1}`, rows })),
    );
  return {
    pages: lines.map(pdfText),
    table: (containing) => {
      const all = tables();
      const found = all.find(({ rows }) => containing === undefined || holds(rows, containing));
      if (found === undefined) throw noTable(url, all, containing);
      const $ = parse(toHtml(found), 'html');
      return findTable(
        { origin: { url, base: url, charset: 'utf-8', xml: false, $ }, root: $.root(), where: '' },
        `#${found.name}`,
      );
    },
  };
}

function holds(rows: PdfTable, text: string): boolean {
  const wanted = text.replace(/\s+/g, ' ').trim();
  return rows.some((row) => row.some(({ lines }) => lines.join(' ').includes(wanted)));
}

function toHtml({ name, rows }: Found): string {
  return `<table id="${name}">${rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`).join('')}</table>`;
}

function cellHtml({ lines, span }: PdfCell): string {
  const inner = lines.map((line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')).join('<br>');
  return `<td${span > 1 ? ` colspan="${span}"` : ''}>${inner}</td>`;
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
