// What an edit of the job's file changes of its items, told apart from what the page changed: a field that is new, gone
// or of another kind in every item was edited, and is learned without a word.
import type { Item, Later } from './job.ts';
import type { Kept } from './watch-state.ts';

/** What is kept, with the edited fields as they are found now. */
export function learnFields(found: ReadonlyMap<string, Item>, { known, later }: Kept): Kept {
  const pairs = [...found].flatMap(([key, now]) => {
    const before = later.get(key)?.gathered ?? known.get(key);
    return before === undefined ? [] : [{ now, before }];
  });
  const fields = new Set(pairs.flatMap(({ now, before }) => [...Object.keys(now), ...Object.keys(before)]));
  const edited = [...fields].filter((field) => {
    const kinds = kindsOf(pairs.map(({ now }) => now[field]));
    return kindsOf(pairs.map(({ before }) => before[field])).every((kind) => !kinds.includes(kind));
  });
  if (edited.length === 0) return { known, later };

  const learn = (item: Item, key: string): Item => withFields(item, found.get(key), edited);
  return {
    known: new Map([...known].map(([key, item]) => [key, learn(item, key)])),
    later: new Map([...later].map(([key, one]) => [key, mapItems(one, (item) => learn(item, key))])),
  };
}

/** Absence is no kind: a field may lack in some of the items. */
function kindsOf(values: readonly unknown[]): readonly string[] {
  const present = values.filter((value) => value !== undefined && value !== null);
  return [...new Set(present.map((value) => (Array.isArray(value) ? 'list' : typeof value)))];
}

function withFields(item: Item, now: Item | undefined, fields: readonly string[]): Item {
  if (now === undefined) return item;
  const rest = Object.entries(item).filter(([field]) => !fields.includes(field));
  const learned = fields.filter((field) => Object.hasOwn(now, field)).map((field) => [field, now[field]] as const);
  return Object.fromEntries([...rest, ...learned]);
}

function mapItems({ unsettled, gathered }: Later, change: (item: Item) => Item): Later {
  return {
    ...(unsettled === undefined ? {} : { unsettled: { ...unsettled, item: change(unsettled.item) } }),
    ...(gathered === undefined ? {} : { gathered: change(gathered) }),
  };
}
