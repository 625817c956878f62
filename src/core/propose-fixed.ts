// Which plans read the same day for ever: those that name a day's header by its words, or take a cell of a table with a
// column or a row for each day by its place. They find what was asked for today, and the wrong meal tomorrow.
import type { Element } from './html.ts';
import type { Table } from './page-hit.ts';
import { dayPartOf, isDay, isDayHeader, type Stand, standOf } from './propose-day.ts';
import { ancestorsOf } from './propose-find.ts';
import type { Plan, PlanPlace } from './propose-plan.ts';

export interface DayTable {
  readonly table: Table;
  readonly cell: Element;
  readonly stand: Stand;
  readonly today: string;
}

/** A class for the day of today, which the site moves on by itself. */
const TODAY = /[.#][\w-]*(?:today|current|active|오늘|(?<![a-z])now(?![a-z]))/i;

export function openDayTable(table: Table, cell: Element, today: string): DayTable | undefined {
  const stand = standOf(table, cell);
  return stand === undefined ? undefined : { table, cell, stand, today };
}

/** The header that the plan is bound to; undefined where it is bound to none. `rows` are those of a plan by rows. */
export function fixedTo(of: DayTable, plan: Plan, rows: readonly Element[] = []): string | undefined {
  if (plan.form === 'records') return isDay(plan.header, of.today) ? plan.header : undefined;
  if (plan.form === 'cell') return namesIn(plan.place).find((name) => isDay(name, of.today));
  if (TODAY.test(JSON.stringify(plan))) return undefined;
  if (plan.form === 'one') return dayColumn(of) ?? dayRow(of);
  if (plan.form !== 'rows') return undefined;
  const isOneEach = rows.some((row) => ancestorsOf(of.cell).includes(row));
  const isInCell = rows.length > 0 && rows.every((row) => row === of.cell || ancestorsOf(row).includes(of.cell));
  const isByPlace = JSON.stringify(plan).includes(':nth-child');
  return isOneEach || isInCell || isByPlace ? (dayColumn(of) ?? (isInCell ? dayRow(of) : undefined)) : undefined;
}

function namesIn({ row, column }: PlanPlace): readonly string[] {
  return [row, column].flat().filter((name) => typeof name === 'string');
}

/** In a table of one day the same place holds the next day's as well. */
function dayColumn({ table, stand: { own, column } }: DayTable): string | undefined {
  const others = table.headers.filter((_, at) => at !== column && at >= table.headerColumns);
  return dayAmong(dayPartOf(own.column), others);
}

function dayRow({ table, stand: { own, row } }: DayTable): string | undefined {
  return dayAmong(
    dayPartOf(own.row),
    table.rowHeaders.filter((_, at) => at !== row - table.headerRows),
  );
}

function dayAmong(own: string | undefined, others: readonly string[]): string | undefined {
  if (own === undefined) return undefined;
  return others.some((header) => !header.includes(own) && isDayHeader(header)) ? own : undefined;
}
