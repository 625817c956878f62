// Finds elements for a job and makes hits of them. What must exist and does not is an ExtractError that names the URL,
// the selector and what exists instead. User selectors run on css-select, which has no patterns that could run away.
import type { Cheerio } from 'cheerio/slim';
import { ExtractError } from './errors.ts';
import { type Dom, type Element, isElement, type Parent, readSource } from './html.ts';
import { splitAttribute } from './page-field.ts';
import type { Fields, Hit, RowOf, Table } from './page-hit.ts';
import { invalidSelector, missingAttribute, missingElement } from './page-missing.ts';
import { readRow } from './page-row.ts';
import { type RowReading, readTogether } from './page-rows.ts';
import { readLines, readText, snippet } from './page-text.ts';
import { readAttribute } from './page-url.ts';
import { readTable } from './table.ts';

/** The page that hits are of. */
interface Origin {
  readonly url: string;
  readonly base: string;
  readonly charset: string;
  readonly xml: boolean;
  readonly $: Dom;
}

/** Where a query looks: the whole page, or one element of it. */
export interface Scope {
  readonly origin: Origin;
  readonly root: Cheerio<Parent>;
  /** Empty for the page, else a phrase such as 'row 3 of `li` ("...")'. */
  readonly where: string;
}

function findMaybe(scope: Scope, asked: string): Hit | undefined {
  const { selector, attribute } = splitAttribute(asked);
  if (attribute !== undefined) return findWith(scope, asked, { selector, attribute });
  const found = selector === '' ? ownElements(scope, asked)[0] : findFirst(scope, selector);
  return found && makeHit(scope.origin, found, { asked });
}

/** The first that has the attribute. */
function findWith(
  scope: Scope,
  asked: string,
  { selector, attribute }: { readonly selector: string; readonly attribute: string },
): Hit | undefined {
  const elements = selector === '' ? ownElements(scope, asked) : findElements(scope, selector);
  for (const element of elements) {
    const value = readAttribute(element, attribute, scope.origin);
    if (value !== undefined) return makeHit(scope.origin, element, { asked, value });
  }
  return undefined;
}

function findOne(scope: Scope, asked: string): Hit {
  const hit = findMaybe(scope, asked);
  if (hit === undefined) throw missing(scope, asked);
  return hit;
}

function findAll(scope: Scope, asked: string, inside?: string): readonly Hit[] {
  if (inside !== undefined) return findAny(enter(scope, asked), inside);
  const hits = findAny(scope, asked);
  if (hits.length === 0) throw missing(scope, asked);
  return hits;
}

export function findRows<F extends Fields>(scope: Scope, row: string, fields: F): RowOf<F>[] {
  const elements = findElements(scope, row);
  const path = scope.where === '' ? `\`${row}\`` : `\`${row}\` in ${scope.where}`;
  const found = readTogether(elements, fields, readingOf(scope.origin));
  return elements.map((element, index) => {
    const where = (): string => `row ${index + 1} of ${path} ("${snippet(readText(element, scope.origin.xml))}")`;
    const hit = once(() => makeHit(scope.origin, element, { asked: row, where }));
    return readRow(hit, fields, found.get(element));
  });
}

function readingOf(origin: Origin): RowReading {
  const scopeOf = (elements: readonly Element[]): Scope => ({ origin, root: origin.$([...elements]), where: '' });
  return {
    find: (rows, selector) => findElements(scopeOf(rows), selector),
    sift: (elements) => {
      const scope = scopeOf(elements);
      return (selector) => attempt(scope, selector, (readable) => scope.root.filter(readable).get().filter(isElement));
    },
    text: (element) => readText(element, origin.xml),
    attribute: (element, name) => readAttribute(element, name, origin),
  };
}

/** A table by a selector that matches it or something around it. */
export function findTable(scope: Scope, asked: string): Table {
  const { origin } = scope;
  const hit = findOne(scope, asked);
  const table = hit.$.is('table') ? hit.$[0] : findFirst({ origin, root: hit.$, where: `\`${asked}\`` }, 'table');
  if (table === undefined) {
    const message = `${origin.url}: \`${asked}\` is a <${hit.$[0]?.name}> with no table inside. Name the table.`;
    throw new ExtractError(message, { url: origin.url, selector: asked });
  }
  const place = { url: origin.url, selector: asked, text: (cell: Element) => readText(cell, origin.xml) };
  return readTable(table, { ...place, hit: (cell) => makeHit(origin, cell, { asked }) });
}

/** The scope of all elements that match, at least one. */
export function enter(scope: Scope, asked: string): Scope {
  const elements = findElements(scope, asked);
  if (elements.length === 0) throw missing(scope, asked);
  return { origin: scope.origin, root: scope.origin.$(elements), where: `\`${asked}\`` };
}

function findAny(scope: Scope, asked: string): readonly Hit[] {
  const { selector, attribute } = splitAttribute(asked);
  const { origin } = scope;
  const elements = selector === '' ? ownElements(scope, asked) : findElements(scope, selector);
  if (attribute === undefined) return elements.map((element) => makeHit(origin, element, { asked }));
  return elements.flatMap((element) => {
    const value = readAttribute(element, attribute, origin);
    return value === undefined ? [] : [makeHit(origin, element, { asked, value })];
  });
}

function ownElements({ origin, root }: Scope, asked: string): readonly Element[] {
  const own = root.get().filter((node) => isElement(node));
  if (own.length > 0) return own;
  throw new ExtractError(`${origin.url}: the selector \`${asked}\` names no element. Write one such as \`li.dish\`.`, {
    url: origin.url,
    selector: asked,
  });
}

function findElements(scope: Scope, selector: string): readonly Element[] {
  return attempt(scope, selector, (readable) => scope.root.find(readable).get().filter(isElement));
}

/** cheerio's `extract` stops at the first match, which `find` does not. */
function findFirst(scope: Scope, selector: string): Element | undefined {
  return attempt(scope, selector, (readable) => {
    const first = { selector: readable, value: (element: Element) => element };
    return scope.root.extract({ first }).first;
  });
}

function attempt<T>({ origin }: Scope, selector: string, find: (selector: string) => T): T {
  try {
    return find(origin.xml ? escapePrefixes(selector) : selector);
  } catch (cause) {
    throw invalidSelector(origin, selector, cause);
  }
}

/** In XML `dc:date` is a name. In CSS it would be the pseudo-class `:date`. */
function escapePrefixes(selector: string): string {
  return selector.replace(
    /(?<=^|[\s>+~,])([\w-]+):(?=[a-z])(?!(?:is|not|has|first|last|nth|only|empty|contains|eq)\b)/gi,
    '$1\\:',
  );
}

function missing(scope: Scope, asked: string): ExtractError {
  const { selector, attribute } = splitAttribute(asked);
  const element = selector === '' ? ownElements(scope, asked)[0] : findFirst(scope, selector);
  if (element === undefined || attribute === undefined) return missingElement(scope, selector);
  return missingAttribute(scope, { element, selector, attribute });
}

interface Found {
  /** The selector as the job wrote it. */
  readonly asked: string;
  /** The attribute's value, when one was asked for. */
  readonly value?: string;
  readonly where?: () => string;
}

function makeHit(origin: Origin, element: Element, { asked, value, where }: Found): Hit {
  const place = once(() => where?.() ?? `\`${asked}\``);
  const scope = {
    origin,
    root: origin.$(element),
    get where(): string {
      return place();
    },
  };
  const readOnce = once(() => value ?? readText(element, origin.xml));
  return {
    get text() {
      return readOnce();
    },
    get lines() {
      return value === undefined ? readLines(element, origin.xml) : [value];
    },
    get html() {
      return readSource(scope.root, origin.xml);
    },
    $: scope.root,
    attr: (name) => {
      const found = readAttribute(element, name, origin);
      if (found === undefined) throw missingAttribute(scope, { element, selector: '', attribute: name });
      return found;
    },
    ...queries(scope),
    rows: <F extends Fields>(container: string, ...rest: [F] | [string, F]): RowOf<F>[] =>
      rest.length === 1 ? findRows(scope, container, rest[0]) : findRows(enter(scope, container), rest[0], rest[1]),
    table: (selector = '') => findTable(scope, selector),
    toString: readOnce,
  };
}

/** The methods that a page and a hit share. */
export function queries(scope: Scope): Pick<Hit, 'one' | 'maybe' | 'all'> {
  return {
    one: (selector) => findOne(scope, selector),
    maybe: (selector) => findMaybe(scope, selector),
    all: (selector: string, inside?: string) => findAll(scope, selector, inside),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
