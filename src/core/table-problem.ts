// What is said of a row or a column that a table lacks, or has several times: with the names there are to choose from.
import { type Day, leavesOut, namesOnlyEarlier, readDay } from './date-words.ts';
import { ExtractError } from './errors.ts';
import type { CellName } from './page-hit.ts';
import { snippet } from './page-text.ts';
import type { Grid } from './table-grid.ts';
import { type Headers, isNotEmpty, rowNamesOf, type Texts } from './table-headers.ts';

export interface Search {
  readonly url: string;
  readonly selector: string;
  readonly grid: Grid;
  readonly texts: Texts;
  readonly headers: Headers;
  /** Titles and caption: what the whole table is of. */
  readonly titles: readonly string[];
}

export type Pattern = string | RegExp;
export type Side = 'row' | 'column';

/** A row or a column that a name may mean. */
export interface Candidate {
  readonly index: number;
  /** The texts of its headers. */
  readonly heads: readonly string[];
  /** What else may name a row: its other cells, by a day written out. */
  readonly others?: readonly string[];
  /** The cell beside a row's headers, where it may be a name of the row too: `A코너`. */
  readonly next?: string;
  /** Texts to be looked through for a pattern, the likeliest first. */
  readonly tiers: readonly (readonly string[])[];
}

export interface Asked {
  readonly search: Search;
  readonly side: Side;
  readonly name: CellName;
}

const MOST_NAMES = 12;
/** What to do with several that no name tells apart. */
export const NAMELESS = 'They have no names of their own: read each with records() or rows.';

export function patternsOf(name: CellName): readonly Pattern[] {
  return typeof name === 'string' || name instanceof RegExp ? [name] : name;
}

export function dayOf(pattern: Pattern): Day | undefined {
  return typeof pattern === 'string' ? readDay(pattern) : undefined;
}

/** `advice` is a sentence on how to name one of them. */
export function several({ search, side, name }: Asked, found: readonly Candidate[], advice?: string): ExtractError {
  const isShared = new Set(found.map(({ next }) => next)).size === 1;
  const list = quoted(
    found.map(({ index, heads, next = '' }) => joined(isShared ? heads : [...heads, next]) || `${side} ${index + 1}`),
  );
  const isOneName = new Set(found.map(({ heads, next }) => joined([...heads, next ?? '']))).size === 1;
  const rest = advice ?? (isOneName ? NAMELESS : `Name one: ${side}: ['…', '…'].`);
  return problem(search, `has ${found.length} ${side}s for ${told(name)}: ${list}. ${rest}`);
}

function joined(names: readonly string[]): string {
  return [...new Set(names)].filter(isNotEmpty).join(' ');
}

export function lacks(search: Search, side: Side, name: CellName): ExtractError {
  const { headers, titles } = search;
  const list = namesOf(search, side);
  const isHeadless = side === 'column' && headers.names.length === 0;
  const has = isHeadless ? 'It has no header row; its rows begin with' : `Its ${side}s are`;
  const rest = list === '' ? `It has no ${side}s.` : `${has} ${list}.`;
  const titled = titles.length === 0 ? '' : ` It is titled ${quoted(titles)}.`;
  return problem(search, `has no ${side} ${told(name)}. ${rest}${titled}`, isBefore(search, side, name));
}

/** A week that has passed is no broken page. A header of the day itself or a later one says that it is no old page. */
function isBefore({ texts, headers, titles }: Search, side: Side, name: CellName): boolean {
  const days = patternsOf(name).flatMap((pattern) => dayOf(pattern) ?? []);
  const width = texts[0]?.length ?? 0;
  const heads =
    side === 'row'
      ? texts.slice(headers.rows).map((row) => row.slice(0, Math.max(1, headers.columns)))
      : Array.from({ length: width }, (_, column) => texts.slice(0, headers.rows).map((row) => row[column] ?? ''));
  return days.some((day) => {
    const weeks = titles.filter((title) => leavesOut(title, day)).map((title) => [title]);
    const named = heads.map((each) => each.filter((text) => !titles.includes(text)));
    return namesOnlyEarlier([...weeks, ...named], day);
  });
}

export function namesOf({ texts, headers }: Search, side: Side): string {
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

export function problem({ url, selector }: Search, rest: string, isOld = false): ExtractError {
  const of = rest.startsWith('has ') ? `the table \`${selector}\`` : `in the table \`${selector}\``;
  return new ExtractError(`${url}: ${of} ${rest}`, { url, selector, isOld });
}
