// What a watching job speaks of: the only place with a rule about novelty.
import { ExtractError } from './errors.ts';
import type { Item, Told, Watch } from './job.ts';

/** A list is long from here on: if more than half of it is new at once, its keys have changed rather than its items. */
const LONG_LIST = 20;

export interface Selection<T> {
  readonly told: readonly Told<T>[];
  readonly toldKeys: readonly string[];
  /** What was seen, by key. Undefined when the job does not watch. */
  readonly seen: ReadonlyMap<string, T> | undefined;
  readonly learned: boolean;
}

/**
 * For `watch.tell`: speaks of an item that was not there before.
 *
 * @example
 * watch: { key: (notice) => notice.url, tell: isNew }
 */
export function isNew(item: object): boolean {
  return Reflect.get(item, 'before') === undefined;
}

/**
 * For `watch.tell`: speaks of an item that was there before and reads differently now. An item seen for the first time
 * has not changed; for both write `(item) => isNew(item) || changed(item)`.
 *
 * @example
 * watch: { key: (product) => product.name, tell: changed }
 */
export function changed(item: object): boolean {
  const { before, ...now } = item as { readonly before?: unknown };
  return before !== undefined && !isSame(before, now);
}

/** Chooses what to tell of the items of one look. `known` is undefined before a watching job's first run. */
export function select<T extends object>(
  items: readonly T[],
  watch: Watch<T> | undefined,
  known: ReadonlyMap<string, Item> | undefined,
): Selection<T> {
  if (watch === undefined) return { told: items, toldKeys: [], seen: undefined, learned: false };

  const seen = byKey(items, watch);
  if (known === undefined) return { told: [], toldKeys: [], seen, learned: true };

  refuseFlood(seen, known);
  const told = [...seen].map(([key, item]) => ({ key, item: withBefore(item, known.get(key)) }));
  const chosen = told.filter(({ item }) => watch.tell(item));
  return { told: chosen.map(({ item }) => item), toldKeys: chosen.map(({ key }) => key), seen, learned: false };
}

function byKey<T extends object>(items: readonly T[], watch: Watch<T>): ReadonlyMap<string, T> {
  const seen = new Map<string, T>();
  items.forEach((item, index) => {
    const given: unknown = watch.key(item);
    const key = typeof given === 'number' && Number.isFinite(given) ? String(given) : given;
    if (typeof key !== 'string' || key === '') throw new TypeError(keyProblem(key, index));
    if (!seen.has(key)) seen.set(key, item);
  });
  return seen;
}

function keyProblem(key: unknown, index: number): string {
  return `watch.key gave ${JSON.stringify(key)} for item ${index + 1}. It must give a text that is not empty, or a number.`;
}

function withBefore<T extends object>(item: T, before: Item | undefined): Told<T> {
  return (before === undefined ? item : { ...item, before }) as Told<T>;
}

function refuseFlood(seen: ReadonlyMap<string, unknown>, known: ReadonlyMap<string, unknown>): void {
  const fresh = [...seen.keys()].filter((key) => !known.has(key)).length;
  if (seen.size < LONG_LIST || known.size === 0 || fresh * 2 <= seen.size) return;
  throw new ExtractError(
    `${fresh} of ${seen.size} items are new at once, so their keys have probably changed and nothing was sent. ` +
      'If they are right, run the job once with --learn: it takes them as known.',
    { url: '' },
  );
}

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => isSame(Reflect.get(one, key), Reflect.get(other, key)));
}
