// Which headers of a table mean a day, and which day that is: a job names it by its run, never by the header's own words.
import { namesDay, readDay } from './date-words.ts';
import type { Element } from './html.ts';
import type { Table } from './page-hit.ts';

/** The headers of a cell on one side: as one text, and each that it is joined of. */
export interface Header {
  readonly text: string;
  readonly parts: readonly string[];
}

export interface Headers {
  readonly row: Header;
  readonly column: Header;
}

export interface Stand {
  /** Counted with the header rows and columns. */
  readonly row: number;
  readonly column: number;
  readonly own: Headers;
}

const MAY_BE_DAY =
  /\d{1,2}\s?[-./월]\s?\d{1,2}|(?<!\d)\d{1,2}\s?일|\(\d{1,2}\)|(?<![\p{L}\p{N}])(?:[월화수목금토일](?:요일)?|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6})(?![\p{L}\p{N}])/iu;
const WHOLE_DATE = /(20\d\d)\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})/;
/** How far from today the day of a saved page is looked for. */
const MOST_DAYS = 400;
const MOST_DAYS_TRIED = 10;
const DAY_MS = 86_400_000;

/** Undefined for a header. */
export function standOf(table: Table, cell: Element): Stand | undefined {
  const hits = table.hits;
  const row = hits.findIndex((each) => each.some((hit) => hit?.$[0] === cell));
  const column = hits[row]?.findIndex((hit) => hit?.$[0] === cell) ?? -1;
  if (row < table.headerRows || column < table.headerColumns) return undefined;
  const isTitle = (at: number): boolean => hits[at]?.every((hit) => hit?.$[0] === hits[at]?.[0]?.$[0]) === true;
  const heads = table.rows.slice(0, table.headerRows).filter((_, at) => !isTitle(at));
  const rowParts = distinct(table.rows[row]?.slice(0, table.headerColumns) ?? []);
  const columnParts = distinct(heads.map((texts) => texts[column] ?? ''));
  return {
    row,
    column,
    own: {
      row: { text: table.rowHeaders[row - table.headerRows] ?? '', parts: rowParts },
      column: { text: table.headers[column] ?? '', parts: columnParts },
    },
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}

export function isDayHeader(text: string): boolean {
  return text.length <= 40 && MAY_BE_DAY.test(text) && !/코너|층|관$/.test(text);
}

/** The part of a header that is the day. */
export function dayPartOf({ text, parts }: Header): string | undefined {
  return parts.find(isDayHeader) ?? (isDayHeader(text) ? text : undefined);
}

/** The day that is written out, else those nearest to today. */
export function daysFor({ row, column }: Headers, today: string): readonly string[] {
  return daysOf(
    [row, column].map((header) => dayPartOf(header) ?? header.text),
    today,
  );
}

export function isDay(text: string, today: string): boolean {
  return isDayHeader(text) && daysOf([text], today).length > 0;
}

function daysOf(texts: readonly string[], today: string): readonly string[] {
  const written = texts.flatMap((text) => {
    const [, year = '', month = '', day = ''] = WHOLE_DATE.exec(text) ?? [];
    return year === '' ? [] : [`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`];
  });
  if (written.length > 0) return written;
  const at = (readDay(today)?.at ?? 0) * DAY_MS;
  const offsets = Array.from({ length: MOST_DAYS }, (_, days) => (days === 0 ? [0] : [-days, days])).flat();
  return offsets
    .map((days) => new Date(at + days * DAY_MS).toISOString().slice(0, 10))
    .filter((date) => texts.some((text) => isNamedDay(text, date)))
    .slice(0, MOST_DAYS_TRIED);
}

function isNamedDay(text: string, date: string): boolean {
  const day = readDay(date);
  return day !== undefined && isDayHeader(text) && namesDay([text], day);
}
