// Which state of an item counts: the one that enough looks in a row have found. A state that comes and goes between
// two looks never counts.
import type { Item, Later } from './job.ts';
import { isSame } from './watch-same.ts';

export interface ItemState {
  readonly key: string;
  /** The item stands in this look. */
  readonly isSeen: boolean;
  /** What was known before: the last state that counted or, with a digest, the one at the last digest. */
  readonly before: Item | undefined;
  /** The state that counts now. Undefined while no state of it ever has. */
  readonly now: Item | undefined;
  readonly unsettled: Later['unsettled'];
}

export interface Kept {
  readonly known: ReadonlyMap<string, Item>;
  readonly later: ReadonlyMap<string, Later>;
}

/** Every item of this look, in the order of the page, then those that are gone and wait for a digest. */
export function statesOf(
  found: ReadonlyMap<string, Item>,
  { known, later }: Kept,
  looks: number,
): readonly ItemState[] {
  const seen = [...found].map(([key, item]) =>
    stateOf(key, item, { before: known.get(key), later: later.get(key), looks }),
  );
  const gone = [...later].flatMap(([key, { gathered }]) => {
    if (found.has(key) || gathered === undefined) return [];
    return [{ key, isSeen: false, before: known.get(key), now: gathered, unsettled: undefined }];
  });
  return [...seen, ...gone];
}

interface Past {
  readonly before: Item | undefined;
  readonly later: Later | undefined;
  readonly looks: number;
}

function stateOf(key: string, item: Item, { before, later, looks }: Past): ItemState {
  const settled = { key, isSeen: true, before, now: item, unsettled: undefined };
  const counted = later?.gathered ?? before;
  if (looks === 1 || isSame(item, counted)) return settled;
  const waiting = later?.unsettled;
  const times = waiting !== undefined && isSame(item, waiting.item) ? waiting.looks + 1 : 1;
  return times >= looks ? settled : { ...settled, now: counted, unsettled: { item, looks: times } };
}
