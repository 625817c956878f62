// What a watching job speaks of: the only place with a rule about novelty.

import { ExtractError } from './errors.ts';
import type { Item, Later, Told, Watch } from './job.ts';
import { learnFields } from './watch-fields.ts';
import { fieldAskedBy } from './watch-number.ts';
import { isSame } from './watch-same.ts';
import { refuseLarge, refuseMuchLater } from './watch-size.ts';
import { type ItemState, type Kept, statesOf } from './watch-state.ts';

/** A list is long from here on: if more than half of it is new at once, its keys have changed rather than its items. */
const LONG_LIST = 20;

export interface Memory {
  /** What the job knows; undefined before its first run. */
  readonly known: ReadonlyMap<string, Item> | undefined;
  /** What waits to settle or for a digest. */
  readonly later?: ReadonlyMap<string, Later>;
  /** The job's file has changed since the last look. */
  readonly isEdited?: boolean;
  /** The line of the schedule whose run this is. */
  readonly slot?: string;
}

export interface Selection<T> {
  readonly told: readonly Told<T>[];
  readonly toldKeys: readonly string[];
  /** What is known from now on, by key. Undefined when the job does not watch. */
  readonly seen: ReadonlyMap<string, T> | undefined;
  /** All that is kept for later, by key. */
  readonly later: readonly (readonly [key: string, later: Later])[];
  readonly learned: boolean;
  /** How many items are not settled. */
  readonly unsettled: number;
  readonly digest?: { readonly slot: string; readonly gathered: number };
}

const NOTHING = { told: [], toldKeys: [], seen: undefined, later: [], learned: false, unsettled: 0 } as const;

/**
 * For `watch.tell`: speaks of an item that was not there before. One that vanishes and returns within 180 days is not
 * new. It never throws.
 *
 * @example
 * watch: { key: (notice) => notice.url, tell: isNew }
 */
export function isNew(item: object): boolean {
  return Reflect.get(item, 'before') === undefined;
}

/**
 * For `watch.tell`: speaks of an item that was there before and reads differently now, in any field. An item seen for
 * the first time has not changed; for both write `(item) => isNew(item) || changed(item)`. It never throws.
 *
 * @example
 * watch: { key: (product) => product.name, tell: changed }
 */
export function changed(item: object): boolean {
  const { before, ...now } = item as { readonly before?: unknown };
  return before !== undefined && !isSame(before, now);
}

/** Chooses what to tell of the items of one look, and what is known and kept from now on. */
export function select<T extends object>(
  items: readonly T[],
  watch: Watch<T> | undefined,
  { known, later = new Map(), isEdited = false, slot = 'main' }: Memory,
): Selection<T> {
  if (watch === undefined) return { ...NOTHING, told: items };

  const seen = byKey(items, watch);
  const found = seen as ReadonlyMap<string, object> as ReadonlyMap<string, Item>;
  refuseLarge(found);
  refuseUnknownField(found, watch.tell);
  if (known === undefined) return { ...NOTHING, seen, learned: true };

  refuseFlood(found, new Map<string, unknown>([...known, ...later]));
  const kept = isEdited ? learnFields(found, { known, later }) : { known, later };
  return choose(watch, found, { ...kept, slot });
}

function refuseUnknownField(found: ReadonlyMap<string, Item>, tell: object): void {
  const field = fieldAskedBy(tell);
  const items = [...found.values()];
  if (field === undefined || items.length === 0 || items.some((item) => Object.hasOwn(item, field))) return;
  const there = [...new Set(items.flatMap((item) => Object.keys(item)))].slice(0, 12).join(', ');
  throw new TypeError(`watch.tell looks at the field "${field}", which no item has. They have ${there}.`);
}

function choose<T extends object>(
  watch: Watch<T>,
  found: ReadonlyMap<string, Item>,
  { slot, ...kept }: Kept & { readonly slot: string },
): Selection<T> {
  const { digest } = watch;
  const isGathering = digest !== undefined && digest !== slot;
  const states = statesOf(found, kept, watch.settled ?? 1);
  const told = states.flatMap(({ key, before, now }) =>
    now === undefined ? [] : [{ key, item: toTold<T>(now, before) }],
  );
  const chosen = told.filter(({ item }) => watch.tell(item));
  const chosenKeys = new Set(chosen.map(({ key }) => key));
  const later = new Map(states.flatMap((state) => laterOf(state, isGathering, chosenKeys)));
  if (isGathering) refuseMuchLater(later, digest);
  return {
    told: isGathering ? [] : chosen.map(({ item }) => item),
    toldKeys: isGathering ? [] : [...chosenKeys],
    seen: new Map(states.flatMap((state) => knownOf(state, isGathering))) as ReadonlyMap<string, object> as ReadonlyMap<
      string,
      T
    >,
    later: [...later],
    learned: false,
    unsettled: states.filter(({ unsettled }) => unsettled !== undefined).length,
    ...(digest === undefined ? {} : { digest: { slot: digest, gathered: isGathering ? chosen.length : 0 } }),
  };
}

/** While a job gathers, what it knows stays as it was at the last digest. */
function knownOf({ key, before, now }: ItemState, isGathering: boolean): readonly (readonly [string, Item])[] {
  const item = isGathering ? before : now;
  return item === undefined ? [] : [[key, item]];
}

/** An item that is gone waits for the digest only if there is something to say of it. */
function laterOf(
  { key, isSeen, before, now, unsettled }: ItemState,
  isGathering: boolean,
  chosen: ReadonlySet<string>,
): readonly (readonly [string, Later])[] {
  const isGathered = isGathering && now !== undefined && !isSame(now, before) && (isSeen || chosen.has(key));
  if (!isGathered && unsettled === undefined) return [];
  return [[key, { ...(isGathered ? { gathered: now } : {}), ...(unsettled === undefined ? {} : { unsettled }) }]];
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

/** Items of the store are of the job's own type: they were its own once. */
function toTold<T extends object>(item: Item, before: Item | undefined): Told<T> {
  const told: object = before === undefined ? item : { ...item, before };
  return told as Told<T>;
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
