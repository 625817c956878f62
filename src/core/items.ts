// Items travel as JSON, from the worker to the daemon and into the store: what would not come back equal is refused
// here, where the field can still be named.
import type { Item } from './job.ts';

/** More items than this are no list for people, and would hold up the daemon that stores them. */
const MOST_ITEMS = 5000;

/** Checks what `extract` gave. Throws TypeError naming the item and the field. */
export function checkItems(given: unknown): readonly Item[] {
  if (!Array.isArray(given)) {
    throw new TypeError(`extract gave ${describe(given)}. It must give a list of items; [] means there is nothing.`);
  }
  if (given.length > MOST_ITEMS) {
    throw new TypeError(`extract gave ${given.length} items; the most is ${MOST_ITEMS}. Take fewer of the page.`);
  }
  return given.map((item: unknown, index) => checkItem(item, index));
}

function checkItem(item: unknown, index: number): Item {
  if (!isRecord(item)) {
    throw new TypeError(
      `extract gave ${describe(item)} as item ${index + 1}. An item is a plain record, such as { title }.`,
    );
  }
  const path = findUnequal(item, `item ${index + 1}`, new Set());
  if (path !== undefined)
    throw new TypeError(`${path} would not survive being stored. Give text, numbers, lists or records.`);
  return JSON.parse(JSON.stringify(item)) as Item;
}

/** The first value that JSON would not bring back as it is; a property that is undefined counts as absent. */
function findUnequal(value: unknown, path: string, above: ReadonlySet<unknown>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} (${value})`;
  if (above.has(value)) return `${path} (contains itself)`;
  const inside = new Set(above).add(value);
  if (Array.isArray(value))
    return firstOf(
      value.map((entry, index) => [`${path}[${index}]`, entry] as const),
      inside,
    );
  if (!isRecord(value)) return `${path} (${describe(value)})`;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return firstOf(
    entries.map(([key, entry]) => [`${path}.${key}`, entry] as const),
    inside,
  );
}

function firstOf(entries: readonly (readonly [string, unknown])[], above: ReadonlySet<unknown>): string | undefined {
  for (const [path, value] of entries) {
    const found = findUnequal(value, path, above);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `a ${value.constructor?.name ?? 'thing'}`;
}
