// Reads the fields of many rows together: asked row by row, a query is made ready anew each time, which costs more than all
// the rest of the page. What is left out here is asked row by row, and so is what was not found, which tells of it.
import { ExtractError } from './errors.ts';
import { type Element, elementsBelow, isElement, type Node } from './html.ts';
import { readField } from './page-field.ts';
import type { Fields } from './page-hit.ts';

/** To ask many rows at once, each is compared with all others. */
const ROWS_A_QUERY = 8;
/** A pseudo-class may count, over all rows instead of within one; a combinator in front means the row itself. */
const ALONE = /:|^\s*[>+~]|,\s*[>+~]/;
/** Tags, ids, classes and attributes that are there: nothing that looks beyond the one element. */
const SIMPLE = /^[^\s>+~,|\\"'()[\]]+(?:\[[\w-]+\])*$/;

export interface RowReading {
  /** All elements below these that match, in the order of the document. Throws for what is no selector. */
  readonly find: (rows: readonly Element[], selector: string) => readonly Element[];
  /** For many selectors that look at one element alone. Throws for what is no selector. */
  readonly sift: (elements: readonly Element[]) => (selector: string) => readonly Element[];
  readonly text: (element: Element) => string;
  readonly attribute: (element: Element, name: string) => string | undefined;
}

/** What was found of each row, by the name of the field. */
type Found = ReadonlyMap<Element, Map<string, string>>;

export function readTogether(
  rows: readonly Element[],
  fields: Fields,
  reading: RowReading,
): ReadonlyMap<Element, ReadonlyMap<string, string>> {
  const found: Found = new Map(rows.map((row) => [row, new Map<string, string>()]));
  if (rows.length < 2 || rows.some((row) => !isElementIn(row.parent) || rowOf(row.parent, found) !== undefined))
    return found;
  const asked = Object.entries(fields).flatMap(([name, source]) =>
    typeof source === 'string' && !ALONE.test(source) ? [{ name, ...readField(source) }] : [],
  );
  const match = makeMatch(rows, found, reading);
  for (const [selector, alike] of Map.groupBy(asked, (field) => field.selector)) {
    for (const element of match(selector)) {
      const values = found.get(rowOf(element, found) ?? element);
      for (const { name, attribute } of alike) note(values, name, () => readValue(element, attribute, reading));
    }
  }
  return found;
}

/** Gives what matches in any row. A selector that cannot be read matches nothing. */
function makeMatch(
  rows: readonly Element[],
  found: Found,
  reading: RowReading,
): (selector: string) => readonly Element[] {
  let sift: ReturnType<RowReading['sift']> | undefined;
  const simple = new Map<string, ReadonlySet<Element>>();
  const matching = (part: string): ReadonlySet<Element> => {
    sift ??= reading.sift(rows.flatMap((row) => [row, ...elementsBelow(row)]));
    const matches = simple.get(part) ?? new Set(sift(part));
    simple.set(part, matches);
    return matches;
  };
  return (selector) => {
    if (selector === '') return rows;
    const parts = selector.split(/\s+/);
    try {
      if (!parts.every((part) => SIMPLE.test(part))) return findInTurns(rows, selector, reading);
      const [last, ...around] = parts.map(matching).toReversed();
      return [...(last ?? [])].filter((element) => !found.has(element) && isInside(element, around, found));
    } catch (error) {
      if (error instanceof ExtractError) return [];
      throw error;
    }
  };
}

function findInTurns(rows: readonly Element[], selector: string, { find }: RowReading): readonly Element[] {
  const turns = Array.from({ length: Math.ceil(rows.length / ROWS_A_QUERY) }, (_, turn) =>
    rows.slice(turn * ROWS_A_QUERY, (turn + 1) * ROWS_A_QUERY),
  );
  return turns.flatMap((some) => find(some, selector));
}

/** Whether one of each of these is around the element, from the inside to the outside, the row itself among them. */
function isInside(element: Element, around: readonly ReadonlySet<Element>[], found: Found): boolean {
  let met = 0;
  for (let node: Node | null = element.parent; isElementIn(node) && met < around.length; node = node.parent) {
    if (around[met]?.has(node)) met += 1;
    if (found.has(node)) break;
  }
  return met === around.length;
}

function isElementIn(node: Node | null): node is Element {
  return node !== null && isElement(node);
}

/** The first of a row counts. */
function note(values: Map<string, string> | undefined, name: string, read: () => string | undefined): void {
  if (values === undefined || values.has(name)) return;
  const value = read();
  if (value !== undefined) values.set(name, value);
}

function readValue(
  element: Element,
  attribute: string | undefined,
  { text, ...reading }: RowReading,
): string | undefined {
  return attribute === undefined ? text(element) : reading.attribute(element, attribute);
}

function rowOf(from: Node | null, found: Found): Element | undefined {
  for (let node = from; node !== null; node = node.parent) if (isElementIn(node) && found.has(node)) return node;
  return undefined;
}
