// How a job could take its items from a page, as data: what `talkbell new` chooses among and writes into a file. A plan is
// read here by the very methods that the written job calls.
import type { Item } from './job.ts';
import type { Page } from './page.ts';
import type { CellName, CellPlace, Table } from './page-hit.ts';
import { type JsonPlan, readJsonPlan } from './propose-json-plan.ts';

export type JobKind = 'menu' | 'notices' | 'price' | 'custom';

/** `main` is the text a person gave: each kind of job has its own name for it. */
export type Role = 'main' | 'url' | 'id' | 'date' | 'price' | (string & {});

export interface PlanField {
  readonly role: Role;
  /** In the language of `page.rows`. */
  readonly source: string;
}

type NamePart = string | { readonly day: true };
/** The name of a row or a column, where `day` is the day of the run. Of several, all must be there. */
export type PlanName = NamePart | readonly NamePart[];

export interface PlanPlace {
  readonly row?: PlanName;
  readonly column?: PlanName;
}

export type Plan =
  | { readonly form: 'rows'; readonly container: string; readonly row: string; readonly fields: readonly PlanField[] }
  | {
      readonly form: 'cell';
      readonly table: string | undefined;
      readonly place: PlanPlace;
      readonly reads: 'dishes' | 'lines';
      /** The day that the header of the cell names. */
      readonly date: string | undefined;
    }
  | { readonly form: 'records'; readonly table: string | undefined; readonly header: string }
  | { readonly form: 'one'; readonly selector: string; readonly name: string | undefined }
  | { readonly form: 'json'; readonly json: JsonPlan }
  | { readonly form: 'feed' };

export interface Proposal {
  readonly plan: Plan;
  readonly kind: JobKind;
  /** What it finds on the page now. */
  readonly items: readonly Item[];
  /** How many of the given texts are among it. */
  readonly holds: number;
  /** How likely it is to break: less is better. */
  readonly cost: number;
  /** The header of the one day that it reads, whatever the day of the run. */
  readonly fixedTo?: string;
}

const MAIN: Readonly<Record<JobKind, string>> = { menu: 'dish', notices: 'title', price: 'price', custom: 'text' };

export function nameOf(role: Role, kind: JobKind): string {
  return role === 'main' ? MAIN[kind] : role;
}

/** The fields of `page.rows`. */
export function fieldsOf(fields: readonly PlanField[], kind: JobKind): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.map(({ role, source }) => [nameOf(role, kind), source]));
}

/** What the written job finds on the page, on that day. Throws ExtractError as the job would. */
export function readPlan(page: Page, plan: Plan, { kind, date }: { kind: JobKind; date: string }): readonly Item[] {
  if (plan.form === 'rows') return page.rows(plan.container, plan.row, fieldsOf(plan.fields, kind));
  if (plan.form === 'cell') return readCell(page.table(plan.table), plan, { kind, date });
  if (plan.form === 'json') return readJsonPlan(page, plan.json, { date, nameOf: (role) => nameOf(role, kind) });
  if (plan.form === 'feed')
    return page.feed().items.map(({ id, title = '', link = page.url }) => ({ id, title, link }));
  if (plan.form === 'records')
    return page
      .table(plan.table)
      .records()
      .map((row) => ({ [MAIN[kind]]: row[plan.header] ?? '' }));
  const text = page.one(plan.selector).text;
  if (kind !== 'price') return [{ [MAIN[kind]]: text }];
  const name = plan.name === undefined ? (page.title ?? '') : page.one(plan.name).text;
  return [{ name, price: toPrice(text), url: page.url }];
}

/** As the written job does it. Throws when there is no number. */
function toPrice(text: string): number {
  const digits = /\d[\d,]*/.exec(text)?.[0].replaceAll(',', '');
  if (digits === undefined) throw new Error(`There is no price in "${text}".`);
  return Number(digits);
}

function readCell(
  table: Table,
  { place, reads, date: own }: Extract<Plan, { form: 'cell' }>,
  { kind, date }: { kind: JobKind; date: string },
): readonly Item[] {
  const at = cellPlace(place, own ?? date);
  if (reads === 'lines') return table.hit(at).lines.map((text) => ({ [MAIN[kind]]: text }));
  return table.dishes(at).map(({ name }) => ({ [MAIN[kind]]: name }));
}

export function cellPlace({ row, column }: PlanPlace, date: string): CellPlace {
  const partFor = (part: NamePart): string => (typeof part === 'string' ? part : date);
  const nameFor = (name: PlanName): CellName => (isSeveral(name) ? name.map(partFor) : partFor(name));
  return {
    ...(row === undefined ? {} : { row: nameFor(row) }),
    ...(column === undefined ? {} : { column: nameFor(column) }),
  } as CellPlace;
}

export function isSeveral(name: PlanName): name is readonly NamePart[] {
  return Array.isArray(name);
}

export function usesDay({ row, column }: PlanPlace): boolean {
  return [row, column].flat().some((part) => typeof part === 'object');
}
