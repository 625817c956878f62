// Finds the cell a job names by its row and its column: by text, by pattern, or by the day a header means.
import { type Day, isNameOfDay, leavesOut, namesDay, namesWholeDay } from './date-words.ts';
import type { CellName, CellPlace } from './page-hit.ts';
import { snippet } from './page-text.ts';
import { chooseOne } from './table-choose.ts';
import type { Cell } from './table-grid.ts';
import { isHeader, isNotEmpty, isTitle } from './table-headers.ts';
import {
  type Asked,
  type Candidate,
  dayOf,
  lacks,
  namesOf,
  type Pattern,
  patternsOf,
  problem,
  type Search,
  several,
} from './table-problem.ts';

/** The columns that a name means, and the first row below their headers. */
interface Found {
  readonly named: readonly Candidate[];
  readonly below: number;
}

export function findCell(search: Search, { row, column }: CellPlace): Cell {
  const columns = column === undefined ? undefined : findColumn(search, column);
  const at = row === undefined ? onlyRow(search, columns) : findRow(search, row, columns);
  const index =
    column === undefined || columns === undefined ? undefined : chooseColumn(search, column, { columns, at });
  const cell = search.grid.rows[at]?.[index ?? onlyColumn(search, at)];
  if (cell !== undefined) return cell;
  throw problem(search, `the row "${snippet(search.texts[at]?.[0] ?? '')}" ends before column ${(index ?? 0) + 1}.`);
}

function chooseColumn(
  search: Search,
  name: CellName,
  { columns, at }: { readonly columns: Found; readonly at: number },
): number | undefined {
  return chooseOne({ search, side: 'column', name }, columns.named, ({ index }) => search.texts[at]?.[index] ?? '');
}

/** By the header; a table whose header rows are none or not marked as such may name its columns in any row. */
function findColumn(search: Search, name: CellName): Found {
  const { texts, grid, headers } = search;
  const byHeader = columnsNamed(search, name, headers.rows);
  if (byHeader.length > 0) return { named: byHeader, below: headers.rows };
  const marked = headers.rows > 0 && grid.rows.slice(0, headers.rows).some((row) => row.some(isHeader));
  for (const row of marked ? [] : texts.keys()) {
    const named = columnsNamed(search, name, row + 1, row);
    if (named.length > 0) return { named, below: row + 1 };
  }
  throw lacks(search, 'column', name);
}

function columnsNamed(search: Search, name: CellName, to: number, from = 0): readonly Candidate[] {
  const { texts, grid, headers } = search;
  const rows = texts.slice(from, to).filter((_, at) => !isTitle(grid.rows[from + at] ?? []));
  const width = texts[0]?.length ?? 0;
  const cells = Array.from({ length: width }, (_, column) => [...new Set(rows.map((row) => row[column] ?? ''))]);
  const joined = to === headers.rows && from === 0 ? headers.names : cells.map((each) => each.join(' '));
  const candidates = cells.map((heads, index) => ({ index, heads, tiers: [[joined[index] ?? ''], heads] }));
  return narrow({ search, side: 'column', name }, candidates);
}

/** By the row's label, which is its first cell or any header; else by any cell but the one asked for. */
function findRow(search: Search, name: CellName, columns: Found | undefined): number {
  const { texts, grid, headers } = search;
  const below = columns?.below ?? headers.rows;
  const asked = columns?.named.map(({ index }) => index) ?? [];
  const own = Math.max(1, headers.columns);
  const candidates = texts.slice(below).map((row, offset) => {
    const index = below + offset;
    const isLabel = (column: number): boolean => column < own || isHeader(grid.rows[index]?.[column]);
    const heads = row.filter((_, column) => isLabel(column));
    const others = row.filter((_, column) => !isLabel(column) && column !== asked[0]);
    const next = asked.every((column) => column > own) && !isNameOfDay(headers.names[own] ?? '') ? row[own] : undefined;
    return { index, heads, others, tiers: [heads, others], ...(next === undefined ? {} : { next }) };
  });
  const named = narrow({ search, side: 'row', name }, candidates);
  const said = (row: readonly string[]): readonly string[] =>
    asked.length === 0 ? row.slice(own) : asked.map((column) => row[column] ?? '');
  const found = chooseOne({ search, side: 'row', name }, named, ({ index }) =>
    said(texts[index] ?? [])
      .filter(isNotEmpty)
      .join(' '),
  );
  if (found === undefined) throw lacks(search, 'row', name);
  return found;
}

/** The candidates that have every pattern of a name. Two for a day are an error: nobody can tell which is meant. */
function narrow(asked: Asked, candidates: readonly Candidate[]): readonly Candidate[] {
  const patterns = patternsOf(asked.name);
  const days = patterns.filter((pattern) => dayOf(pattern) !== undefined);
  const others = patterns.filter((pattern) => dayOf(pattern) === undefined);
  const left = [...days, ...others].reduce((kept, pattern) => keep(asked.search, kept, pattern), candidates);
  if (days.length > 0 && left.length > 1) throw several(asked, left);
  return left;
}

function keep(search: Search, candidates: readonly Candidate[], pattern: Pattern): readonly Candidate[] {
  const day = dayOf(pattern);
  if (day !== undefined) return keepDay(search, candidates, day);
  const tiers = candidates[0]?.tiers ?? [];
  const steps = tiers.flatMap((_, tier) => TESTS.map((test) => ({ tier, test })));
  const kept = steps.map(({ tier, test }) =>
    candidates.filter(({ tiers: own }) => own[tier]?.some((text) => test(text, pattern))),
  );
  return kept.find((list) => list.length > 0) ?? [];
}

function keepDay(search: Search, candidates: readonly Candidate[], day: Day): readonly Candidate[] {
  if (search.titles.some((title) => leavesOut(title, day))) return [];
  const named = candidates.filter(({ heads }) => namesDay(heads, day));
  if (named.length > 0) return named;
  return candidates.filter(({ others = [] }) => others.some((text) => namesWholeDay(text, day)));
}

/** The whole text first, then a part of it. A pattern is asked once; `search` ignores its `g` and `y`. */
const TESTS: readonly ((text: string, pattern: Pattern) => boolean)[] = [
  (text, pattern) => text !== '' && (typeof pattern === 'string' ? text === pattern.trim() : text.search(pattern) >= 0),
  (text, pattern) => typeof pattern === 'string' && pattern.trim() !== '' && text.includes(pattern.trim()),
];

/** Without a row named there must be one only: its cell is the only one below the header that says something. */
function onlyRow(search: Search, columns: Found | undefined): number {
  const { grid, texts, headers } = search;
  const below = columns?.below ?? headers.rows;
  const asked = columns?.named.map(({ index }) => index) ?? [0];
  const rows = texts.flatMap((row, at) => (at >= below && row.some(isNotEmpty) ? [at] : []));
  const said = rows.filter((at) => asked.some((column) => texts[at]?.[column] !== ''));
  const isOne = asked.every((column) => new Set(said.map((at) => grid.rows[at]?.[column])).size <= 1);
  if (isOne) return said[0] ?? rows[0] ?? below;
  throw problem(search, `has several rows with something in that column: name one of ${namesOf(search, 'row')}.`);
}

function onlyColumn(search: Search, at: number): number {
  const { grid, texts, headers } = search;
  const from = Math.max(1, headers.columns);
  const columns = (texts[at] ?? []).flatMap((text, column) => (column >= from && text !== '' ? [column] : []));
  const cells = new Set(columns.map((column) => grid.rows[at]?.[column]));
  if (cells.size <= 1) return columns[0] ?? from;
  throw problem(search, `has several columns with something in that row: name one of ${namesOf(search, 'column')}.`);
}
