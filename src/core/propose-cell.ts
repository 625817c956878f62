// A cell of a table with a row or a column for each day or meal: named by its headers, so that tomorrow's is found too.
import type { Element } from './html.ts';
import type { Page } from './page.ts';
import type { Table } from './page-hit.ts';
import { readText } from './page-text.ts';
import { dayPartOf, daysFor, type Header, type Headers, isDayHeader, standOf } from './propose-day.ts';
import { ancestorsOf } from './propose-find.ts';
import { type DayTable, openDayTable } from './propose-fixed.ts';
import { handlesOf } from './propose-handle.ts';
import { cellPlace, type Plan, type PlanName, type PlanPlace, usesDay } from './propose-plan.ts';

type CellPlan = Extract<Plan, { form: 'cell' | 'records' }>;

export interface CellFound {
  /** Undefined where no header names the cell. */
  readonly found: { readonly plan: CellPlan; readonly cost: number } | undefined;
  /** Undefined where the text stands in a header. */
  readonly of: DayTable | undefined;
}

const MEAL = /조식|중식|석식|야식|아침|점심|저녁|식단|메뉴|코너|breakfast|lunch|dinner|mittag|abend/i;
/** A cell that its headers name is what a person means, whatever rows its table has. */
const NAMED_CELL = 4;
const DAY = { day: true } as const;

/** Undefined when the text stands in no such table. */
export function findCellPlan(page: Page, target: Element, today: string): CellFound | undefined {
  const cell = [target, ...ancestorsOf(target)].find(({ name }) => name === 'td' || name === 'th');
  const element = cell && ancestorsOf(cell).find(({ name }) => name === 'table');
  if (cell === undefined || element === undefined) return undefined;
  const named = findTable(page, element, cell);
  if (named === undefined) return undefined;
  return { found: planOf(named, cell, today), of: openDayTable(named.table, cell, today) };
}

function planOf(named: NamedTable, cell: Element, today: string): CellFound['found'] {
  const where = findPlace(named.table, cell, today);
  if (where === undefined) return recordsOf(named, cell);
  const { place, date } = where;
  const isMenu = named.table.dishes(cellPlace(place, date ?? today)).length > 0;
  return {
    plan: { form: 'cell', table: named.selector, place, date, reads: isMenu ? 'dishes' : 'lines' },
    cost: named.cost - NAMED_CELL,
  };
}

/** A column by its header. What has neither a name nor a header is left to its place in the row. */
function recordsOf({ table, selector, cost }: NamedTable, cell: Element): CellFound['found'] {
  const row = table.hits.findIndex((hits) => hits.some((hit) => hit?.$[0] === cell));
  const column = table.hits[row]?.findIndex((hit) => hit?.$[0] === cell) ?? -1;
  const header = table.headers[column] ?? '';
  if (row < table.headerRows || header === '' || header.length > 20) return undefined;
  if (table.headers.indexOf(header) !== column) return undefined;
  return { plan: { form: 'records', table: selector, header }, cost: cost + 4.5 };
}

interface NamedTable {
  readonly selector: string | undefined;
  readonly table: Table;
  readonly cost: number;
}

/** The cheapest selector that gives this very table. */
function findTable(page: Page, element: Element, cell: Element): NamedTable | undefined {
  const around = ancestorsOf(element).filter(({ name }) => name !== 'html' && name !== 'body');
  const handles = [element, ...around].flatMap((each, depth) =>
    handlesOf(each)
      .filter(({ selector }) => /[#.]/.test(selector))
      .map(({ selector, cost }) => ({ selector, cost: cost + depth * 0.2 })),
  );
  const words = wordsIn(page, element).map((text, at) => ({
    selector: `table:contains("${text}"):not(:has(table))`,
    cost: 3 + at * 0.1,
  }));
  const only = page.$('table').length === 1 ? [{ selector: undefined, cost: 1.1 }] : [];
  const tried = [...handles, ...only, ...words, { selector: undefined, cost: 4 }].toSorted((a, b) => a.cost - b.cost);
  for (const { selector, cost } of tried) {
    if (selector !== undefined && page.$(selector).length === 0) continue;
    const table = readTable(page, selector);
    if (table?.hits.some((row) => row.some((hit) => hit?.$[0] === cell))) return { selector, table, cost };
  }
  return undefined;
}

/** What holds no table, or one that cannot be read, is none. */
function readTable(page: Page, selector: string | undefined): Table | undefined {
  try {
    return page.table(selector);
  } catch {
    return undefined;
  }
}

/** What the first cells say, which names a table that has no name. */
function wordsIn(page: Page, element: Element): readonly string[] {
  const cells = page.$(element).find('th, td').get().slice(0, 6);
  return cells.map((cell) => readText(cell, false)).filter((text) => /^[\p{L} ]{2,20}$/u.test(text));
}

interface Found {
  readonly place: PlanPlace;
  readonly date: string | undefined;
}

function findPlace(table: Table, cell: Element, today: string): Found | undefined {
  const own = standOf(table, cell)?.own;
  if (own === undefined) return undefined;
  const says = [own.row, own.column].flatMap(({ text, parts }) => [text, ...parts]);
  if (!says.some((header) => MEAL.test(header) || isDayHeader(header))) return undefined;
  const isThere = (place: PlanPlace, date: string): boolean => standsAt(table, { place, date, cell });
  const days = daysFor(own, today);
  return dayPlaces(own)
    .flatMap((place) => days.map((date) => ({ place, date })))
    .concat(plainPlaces(own).map((place) => ({ place, date: today })))
    .map(({ place, date }) => ({ place, date: usesDay(place) ? date : undefined, isThere: () => isThere(place, date) }))
    .find((found) => found.isThere());
}

function standsAt(table: Table, { place, date, cell }: { place: PlanPlace; date: string; cell: Element }): boolean {
  try {
    return table.hit(cellPlace(place, date)).$[0] === cell;
  } catch {
    return false;
  }
}

/** One text where that is enough, else all that it is joined of: `중식` over `B코너` is no text of any cell. */
function plainNames({ text, parts }: Header): readonly PlanName[] {
  return [...(text === '' ? [] : [text]), ...(parts.length > 1 ? [parts] : [])];
}

/** The day by itself, else with what stands beside it. */
function dayNames(header: Header): readonly PlanName[] {
  const own = dayPartOf(header);
  if (own === undefined) return [];
  const others = header.parts.filter((part) => part !== own);
  return [DAY, ...(others.length === 0 ? [] : [[DAY, ...others]])];
}

function dayPlaces({ row, column }: Headers): readonly PlanPlace[] {
  const otherRows = plainNames(row).map((name): PlanPlace => ({ row: name }));
  const otherColumns = plainNames(column).map((name): PlanPlace => ({ column: name }));
  return [
    ...dayNames(column).flatMap((day) => orNone(otherRows).map((other) => ({ ...other, column: day }))),
    ...dayNames(row).flatMap((day) => orNone(otherColumns).map((other) => ({ row: day, ...other }))),
  ];
}

/** A side without a header is not named. */
function orNone(places: readonly PlanPlace[]): readonly PlanPlace[] {
  return places.length === 0 ? [{}] : places;
}

function plainPlaces({ row, column }: Headers): readonly PlanPlace[] {
  const rows = plainNames(row);
  const columns = plainNames(column);
  return [
    ...rows.flatMap((each) => columns.map((other) => ({ row: each, column: other }))),
    ...columns.map((each) => ({ column: each })),
    ...rows.map((each) => ({ row: each })),
  ];
}
