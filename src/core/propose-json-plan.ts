// Data of a page as a plan: the way to an array that holds a text, through keys, arrays and days, and the fields of its things.
import { dishes } from './dishes.ts';
import type { Item } from './job.ts';
import type { Page } from './page.ts';

/** A key, every thing of an array, or the key that is the day of the run. */
export type JsonStep = { readonly key: string } | { readonly each: true } | { readonly day: 'dashed' | 'packed' };

export interface JsonField {
  readonly role: string;
  readonly key: string;
  /** All of them are text, as far as they are there. */
  readonly isText: boolean;
  /** Some things have none, or null. */
  readonly optional: boolean;
}

export interface JsonPlan {
  /** The script that holds it; undefined when the page is JSON itself. */
  readonly embedded: string | undefined;
  /** From the root to the things; the last step is `each`. */
  readonly path: readonly JsonStep[];
  readonly fields: readonly JsonField[];
  /** The field that holds the text. */
  readonly main: string;
  readonly date: string | undefined;
  /** The text is a menu of several dishes. */
  readonly isMenu: boolean;
}

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readRoot(page: Page, embedded: string | undefined): unknown {
  return embedded === undefined ? page.json() : page.embedded(embedded);
}

/** The values at a path, those that are not there left out. */
export function valuesAt(root: unknown, path: readonly JsonStep[], date: string): readonly unknown[] {
  return path.reduce<readonly unknown[]>(
    (values, step) =>
      values.flatMap((value): readonly unknown[] => {
        if ('each' in step) return Array.isArray(value) ? value : [];
        const key = 'key' in step ? step.key : dayKey(step.day, date);
        return isRecord(value) && value[key] !== undefined ? [value[key]] : [];
      }),
    [root],
  );
}

function dayKey(form: 'dashed' | 'packed', date: string): string {
  return form === 'dashed' ? date : date.replaceAll('-', '');
}

/** What a message says is text, also where the page gives a number or nothing. */
function readField({ role }: JsonField, value: unknown): unknown {
  return role === 'main' ? String(value ?? '') : value;
}

interface Reading {
  readonly date: string;
  readonly nameOf: (role: string) => string;
}

export function readJsonPlan(page: Page, plan: JsonPlan, { date, nameOf }: Reading): readonly Item[] {
  const things = valuesAt(readRoot(page, plan.embedded), plan.path, plan.date ?? date).filter(isRecord);
  if (plan.isMenu) {
    const menus = things.map((thing) => thing[plan.main] as string | readonly string[] | null | undefined);
    return menus.flatMap((menu) => dishes(menu ?? [])).map(({ name }) => ({ [nameOf('main')]: name }));
  }
  return things.map((thing) =>
    Object.fromEntries(plan.fields.map((field) => [nameOf(field.role), readField(field, thing[field.key])])),
  );
}
