// A cell of a table with a row or a column for each day or meal: named by its headers, so that tomorrow's is found too.
import { namesDay, readDay } from './date-words.ts';
import type { Element } from './html.ts';
import type { Page } from './page.ts';
import type { Table } from './page-hit.ts';
import { readText } from './page-text.ts';
import { ancestorsOf } from './propose-find.ts';
import { handlesOf } from './propose-handle.ts';
import { cellPlace, type Plan, type PlanPlace } from './propose-plan.ts';

export interface CellFound {
  readonly plan: Extract<Plan, { form: 'cell' | 'records' }>;
  readonly cost: number;
}

const MEAL = /조식|중식|석식|야식|아침|점심|저녁|식단|메뉴|코너|breakfast|lunch|dinner|mittag|abend/i;
const MAY_BE_DAY =
  /\d{1,2}\s?[-./월]\s?\d{1,2}|(?<!\d)\d{1,2}\s?일|\(\d{1,2}\)|(?<![\p{L}\p{N}])(?:[월화수목금토일](?:요일)?|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6})(?![\p{L}\p{N}])/iu;
const WHOLE_DATE = /(20\d\d)\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})/;
/** How far from today the day of a saved page is looked for. */
const MOST_DAYS = 400;
/** A cell that its headers name is what a person means, whatever rows its table has. */
const NAMED_CELL = 4;
const MOST_DAYS_TRIED = 10;
const DAY_MS = 86_400_000;

/** Undefined when the text stands in no such table. */
export function findCellPlan(page: Page, target: Element, today: string): CellFound | undefined {
  const cell = [target, ...ancestorsOf(target)].find(({ name }) => name === 'td' || name === 'th');
  const element = cell && ancestorsOf(cell).find(({ name }) => name === 'table');
  if (cell === undefined || element === undefined) return undefined;
  const named = findTable(page, element, cell);
  if (named === undefined) return undefined;
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
function recordsOf({ table, selector, cost }: NamedTable, cell: Element): CellFound | undefined {
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
  const row = table.hits.findIndex((hits) => hits.some((hit) => hit?.$[0] === cell));
  const column = table.hits[row]?.findIndex((hit) => hit?.$[0] === cell) ?? -1;
  if (row < table.headerRows || column < table.headerColumns) return undefined;
  const own = { row: table.rowHeaders[row - table.headerRows] ?? '', column: table.headers[column] ?? '' };
  if (![own.row, own.column].some((header) => MEAL.test(header) || isDayHeader(header))) return undefined;
  const isThere = (place: PlanPlace, date: string): boolean => standsAt(table, { place, date, cell });
  return dayPlaces(own)
    .flatMap((place) => daysFor(own, today).map((date) => ({ place, date })))
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

function isDayHeader(text: string): boolean {
  return text.length <= 40 && MAY_BE_DAY.test(text) && !/코너|층|관$/.test(text);
}

interface Headers {
  readonly row: string;
  readonly column: string;
}

function dayPlaces({ row, column }: Headers): readonly PlanPlace[] {
  const otherRow = row === '' ? {} : { row };
  const otherColumn = column === '' ? {} : { column };
  return [
    ...(isDayHeader(column) ? [{ ...otherRow, column: { day: true } as const }] : []),
    ...(isDayHeader(row) ? [{ row: { day: true } as const, ...otherColumn }] : []),
  ];
}

function plainPlaces({ row, column }: Headers): readonly PlanPlace[] {
  const named = [
    { ...(row === '' ? {} : { row }), ...(column === '' ? {} : { column }) },
    ...(column === '' ? [] : [{ column }]),
    ...(row === '' ? [] : [{ row }]),
  ];
  return named.filter((place) => Object.keys(place).length > 0);
}

function usesDay({ row, column }: PlanPlace): boolean {
  return typeof row === 'object' || typeof column === 'object';
}

function isNamedDay(text: string, date: string): boolean {
  const day = readDay(date);
  return day !== undefined && isDayHeader(text) && namesDay([text], day);
}

/** The day that is written out, else those nearest to today. */
function daysFor({ row, column }: Headers, today: string): readonly string[] {
  const written = [row, column].flatMap((text) => {
    const [, year = '', month = '', day = ''] = WHOLE_DATE.exec(text) ?? [];
    return year === '' ? [] : [`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`];
  });
  if (written.length > 0) return written;
  const at = (readDay(today)?.at ?? 0) * DAY_MS;
  const offsets = Array.from({ length: MOST_DAYS }, (_, days) => (days === 0 ? [0] : [-days, days])).flat();
  return offsets
    .map((days) => new Date(at + days * DAY_MS).toISOString().slice(0, 10))
    .filter((date) => [row, column].some((text) => isNamedDay(text, date)))
    .slice(0, MOST_DAYS_TRIED);
}
