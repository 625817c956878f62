// Finds the cell a job names by its row and its column: by text, by pattern, or by the day a header means.
import { type Day, leavesOut, namesDay, namesWholeDay, readDay } from './date-words.ts';
import { ExtractError } from './errors.ts';
import type { CellName, CellPlace } from './page-hit.ts';
import { snippet } from './page-text.ts';
import type { Cell, Grid } from './table-grid.ts';
import { type Headers, isHeader, isNotEmpty, isTitle, rowNamesOf, type Texts } from './table-headers.ts';

export interface Search {
  readonly url: string;
  readonly selector: string;
  readonly grid: Grid;
  readonly texts: Texts;
  readonly headers: Headers;
  /** Titles and caption: what the whole table is of. */
  readonly titles: readonly string[];
}

type Pattern = string | RegExp;
type Side = 'row' | 'column';
/** Indexes, and whether one pattern of the name allows no two of them. */
interface Found {
  readonly at: readonly number[];
  readonly below: number;
}

const MOST_NAMES = 12;

export function findCell(search: Search, { row, column }: CellPlace): Cell {
  const columns = column === undefined ? undefined : findColumn(search, column);
  const index = columns?.at[0];
  const at = row === undefined ? onlyRow(search, columns) : findRow(search, row, columns);
  const cell = search.grid.rows[at]?.[index ?? onlyColumn(search, at)];
  if (cell !== undefined) return cell;
  throw problem(search, `the row "${snippet(search.texts[at]?.[0] ?? '')}" ends before column ${(index ?? 0) + 1}.`);
}

/** By the header; a table whose header rows are none or not marked as such may name its columns in any row. */
function findColumn(search: Search, name: CellName): Found {
  const { texts, grid, headers } = search;
  const byHeader = columnsNamed(search, name, headers.rows);
  if (byHeader.length > 0) return { at: byHeader, below: headers.rows };
  const marked = headers.rows > 0 && grid.rows.slice(0, headers.rows).some((row) => row.some(isHeader));
  for (const row of marked ? [] : texts.keys()) {
    const at = columnsNamed(search, name, row + 1, row);
    if (at.length > 0) return { at, below: row + 1 };
  }
  throw lacks(search, 'column', name);
}

function columnsNamed(search: Search, name: CellName, to: number, from = 0): readonly number[] {
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
  const candidates = texts.slice(below).map((row, offset) => {
    const index = below + offset;
    const isLabel = (column: number): boolean =>
      column < Math.max(1, headers.columns) || isHeader(grid.rows[index]?.[column]);
    const heads = row.filter((_, column) => isLabel(column));
    const others = row.filter((_, column) => !isLabel(column) && column !== columns?.at[0]);
    return { index, heads, others, tiers: [heads, others] };
  });
  const [found] = narrow({ search, side: 'row', name }, candidates);
  if (found === undefined) throw lacks(search, 'row', name);
  return found;
}

interface Candidate {
  readonly index: number;
  /** The texts of its headers. */
  readonly heads: readonly string[];
  /** What else may name a row: its other cells, by a day written out. */
  readonly others?: readonly string[];
  /** Texts to be looked through for a pattern, the likeliest first. */
  readonly tiers: readonly (readonly string[])[];
}

interface Asked {
  readonly search: Search;
  readonly side: Side;
  readonly name: CellName;
}

/** The candidates that have every pattern of a name. Two for a day are an error: nobody can tell which is meant. */
function narrow(asked: Asked, candidates: readonly Candidate[]): readonly number[] {
  const patterns = patternsOf(asked.name);
  const days = patterns.filter((pattern) => dayOf(pattern) !== undefined);
  const others = patterns.filter((pattern) => dayOf(pattern) === undefined);
  const left = [...days, ...others].reduce((kept, pattern) => keep(asked.search, kept, pattern), candidates);
  if (days.length > 0 && left.length > 1) throw several(asked, left);
  return left.map(({ index }) => index);
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
  const column = columns?.at[0] ?? 0;
  const rows = texts.flatMap((row, at) => (at >= below && row.some(isNotEmpty) ? [at] : []));
  const said = rows.filter((at) => texts[at]?.[column] !== '');
  const cells = new Set(said.map((at) => grid.rows[at]?.[column]));
  if (cells.size <= 1) return said[0] ?? rows[0] ?? below;
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

function patternsOf(name: CellName): readonly Pattern[] {
  return typeof name === 'string' || name instanceof RegExp ? [name] : name;
}

function dayOf(pattern: Pattern): Day | undefined {
  return typeof pattern === 'string' ? readDay(pattern) : undefined;
}

function several({ search, side, name }: Asked, found: readonly Candidate[]): ExtractError {
  const list = quoted(found.map(({ heads, index }) => heads.filter(isNotEmpty).join(' ') || `${side} ${index + 1}`));
  return problem(search, `has ${found.length} ${side}s for ${told(name)}: ${list}. Name one: ${side}: ['…', '…'].`);
}

function lacks(search: Search, side: Side, name: CellName): ExtractError {
  const { headers, titles } = search;
  const list = namesOf(search, side);
  const isHeadless = side === 'column' && headers.names.length === 0;
  const has = isHeadless ? 'It has no header row; its rows begin with' : `Its ${side}s are`;
  const rest = list === '' ? `It has no ${side}s.` : `${has} ${list}.`;
  const titled = titles.length === 0 ? '' : ` It is titled ${quoted(titles)}.`;
  return problem(search, `has no ${side} ${told(name)}. ${rest}${titled}`);
}

function namesOf({ texts, headers }: Search, side: Side): string {
  const named = { ...headers, columns: Math.max(1, headers.columns) };
  return quoted(side === 'column' && headers.names.length > 0 ? headers.names : rowNamesOf(texts, named));
}

function told(name: CellName): string {
  return patternsOf(name)
    .map((pattern) => (typeof pattern === 'string' ? `"${pattern}"` : String(pattern)))
    .join(' and ');
}

function quoted(texts: readonly string[]): string {
  const names = texts.filter(isNotEmpty).slice(0, MOST_NAMES);
  return names.map((name) => `"${snippet(name, 30)}"`).join(', ');
}

function problem({ url, selector }: Search, rest: string): ExtractError {
  const of = rest.startsWith('has ') ? `the table \`${selector}\`` : `in the table \`${selector}\``;
  return new ExtractError(`${url}: ${of} ${rest}`, { url, selector });
}
