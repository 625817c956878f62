// Finds elements for a job and makes hits of them. What must exist and does not is an ExtractError that names the URL,
// the selector and what exists instead. User selectors run on css-select, which has no patterns that could run away.
import { ExtractError } from './errors.ts';
import { type Element, isElement, readSource } from './html.ts';
import { type Field, splitAttribute } from './page-field.ts';
import { findElements, findFirst, type Origin, type Scope } from './page-find.ts';
import type { Fields, Hit, RowOf, Table } from './page-hit.ts';
import { missingAttribute, missingElement } from './page-missing.ts';
import { readRows } from './page-row.ts';
import { readLines, readText, snippet } from './page-text.ts';
import { readAttribute } from './page-url.ts';
import { readTable } from './table.ts';

interface Match {
  readonly element: Element;
  /** The attribute's, when one was asked for. */
  readonly value?: string;
}

function match(
  scope: Scope,
  asked: string,
  { selector, attribute }: Pick<Field, 'selector' | 'attribute'>,
): Match | undefined {
  if (attribute !== undefined) return matchWith(scope, asked, { selector, attribute });
  const element = selector === '' ? ownElements(scope, asked)[0] : findFirst(scope, selector);
  return element && { element };
}

/** The first that has the attribute: mostly the first of all. */
function matchWith(
  scope: Scope,
  asked: string,
  { selector, attribute }: { readonly selector: string; readonly attribute: string },
): Match | undefined {
  const withValue = (element: Element | undefined): Match | undefined => {
    const value = element && readAttribute(element, attribute, scope.origin);
    return element === undefined || value === undefined ? undefined : { element, value };
  };
  if (selector === '') return firstOf(ownElements(scope, asked), withValue);
  const first = findFirst(scope, selector);
  return first && (withValue(first) ?? firstOf(findElements(scope, selector), withValue));
}

function firstOf<T>(elements: readonly Element[], read: (element: Element) => T | undefined): T | undefined {
  for (const element of elements) {
    const found = read(element);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findMaybe(scope: Scope, asked: string): Hit | undefined {
  const found = match(scope, asked, splitAttribute(asked));
  return found && makeHit(scope.origin, { ...found, asked });
}

function findOne(scope: Scope, asked: string): Hit {
  return makeHit(scope.origin, { ...matchOne(scope, asked), asked });
}

function matchOne(scope: Scope, asked: string): Match {
  const found = match(scope, asked, splitAttribute(asked));
  if (found === undefined) throw missing(scope, asked);
  return found;
}

function findAll(scope: Scope, asked: string, inside?: string): readonly Hit[] {
  if (inside !== undefined) return findAny(enter(scope, asked), inside);
  const hits = findAny(scope, asked);
  if (hits.length === 0) throw missing(scope, asked);
  return hits;
}

export function findRows<F extends Fields>(scope: Scope, row: string, fields: F): RowOf<F>[] {
  const { origin } = scope;
  const elements = findElements(scope, row);
  const path = scope.where === '' ? `\`${row}\`` : `\`${row}\` in ${scope.where}`;
  return readRows(elements, fields, {
    hit: (element, index) => {
      const where = (): string => `row ${index + 1} of ${path} ("${snippet(readText(element, origin.xml))}")`;
      return makeHit(origin, { element, asked: row, where });
    },
    value: (element, field) => {
      const found = match({ origin, root: [element], where: '' }, row, field);
      return found && (found.value ?? readText(found.element, origin.xml));
    },
  });
}

/** A table by a selector that matches it or something around it. */
export function findTable(scope: Scope, asked: string): Table {
  const { origin } = scope;
  const found = matchOne(scope, asked).element;
  const table = found.name === 'table' ? found : findFirst({ origin, root: [found], where: `\`${asked}\`` }, 'table');
  if (table === undefined) {
    const message = `${origin.url}: \`${asked}\` is a <${found.name}> with no table inside. Name the table.`;
    throw new ExtractError(message, { url: origin.url, selector: asked });
  }
  const place = { url: origin.url, selector: asked, text: (cell: Element) => readText(cell, origin.xml) };
  return readTable(table, { ...place, hit: (element) => makeHit(origin, { element, asked }) });
}

/** The scope of all elements that match, at least one. */
export function enter(scope: Scope, asked: string): Scope {
  const elements = findElements(scope, asked);
  if (elements.length === 0) throw missing(scope, asked);
  return { origin: scope.origin, root: elements, where: `\`${asked}\`` };
}

function findAny(scope: Scope, asked: string): readonly Hit[] {
  const { selector, attribute } = splitAttribute(asked);
  const { origin } = scope;
  const elements = selector === '' ? ownElements(scope, asked) : findElements(scope, selector);
  if (attribute === undefined) return elements.map((element) => makeHit(origin, { element, asked }));
  return elements.flatMap((element) => {
    const value = readAttribute(element, attribute, origin);
    return value === undefined ? [] : [makeHit(origin, { element, asked, value })];
  });
}

function ownElements({ origin, root }: Scope, asked: string): readonly Element[] {
  const own = Array.from(root).filter((node) => isElement(node));
  if (own.length > 0) return own;
  throw new ExtractError(`${origin.url}: the selector \`${asked}\` names no element. Write one such as \`li.dish\`.`, {
    url: origin.url,
    selector: asked,
  });
}

function missing(scope: Scope, asked: string): ExtractError {
  const { selector, attribute } = splitAttribute(asked);
  const element = selector === '' ? ownElements(scope, asked)[0] : findFirst(scope, selector);
  if (element === undefined || attribute === undefined) return missingElement(scope, selector);
  return missingAttribute(scope, { element, selector, attribute });
}

interface Found extends Match {
  /** The selector as the job wrote it. */
  readonly asked: string;
  readonly where?: () => string;
}

function makeHit(origin: Origin, found: Found): Hit {
  return new FoundHit(origin, found);
}

class FoundScope implements Scope {
  readonly origin: Origin;
  readonly root: readonly [Element];
  readonly #readWhere: () => string;

  constructor(origin: Origin, { element, asked, where }: Found) {
    this.origin = origin;
    this.root = [element];
    this.#readWhere = once(where ?? (() => `\`${asked}\``));
  }

  get where(): string {
    return this.#readWhere();
  }
}

class FoundHit implements Hit {
  readonly #scope: FoundScope;
  readonly #value: string | undefined;
  #text: string | undefined;
  #$: Hit['$'] | undefined;

  constructor(origin: Origin, found: Found) {
    this.#scope = new FoundScope(origin, found);
    this.#value = found.value;
  }

  get text(): string {
    const { origin, root } = this.#scope;
    this.#text ??= this.#value ?? readText(root[0], origin.xml);
    return this.#text;
  }

  get lines(): readonly string[] {
    const { origin, root } = this.#scope;
    return this.#value === undefined ? readLines(root[0], origin.xml) : [this.#value];
  }

  get html(): string {
    return readSource(this.$, this.#scope.origin.xml);
  }

  get $(): Hit['$'] {
    const { origin, root } = this.#scope;
    this.#$ ??= origin.$(root[0]);
    return this.#$;
  }

  get one(): Hit['one'] {
    return queries(this.#scope).one;
  }

  get maybe(): Hit['maybe'] {
    return queries(this.#scope).maybe;
  }

  get all(): Hit['all'] {
    return queries(this.#scope).all;
  }

  get attr(): Hit['attr'] {
    const scope = this.#scope;
    return (name) => attributeOf(scope, name);
  }

  get rows(): Hit['rows'] {
    const scope = this.#scope;
    return <F extends Fields>(container: string, ...rest: [F] | [string, F]): RowOf<F>[] =>
      rest.length === 1 ? findRows(scope, container, rest[0]) : findRows(enter(scope, container), rest[0], rest[1]);
  }

  get table(): Hit['table'] {
    const scope = this.#scope;
    return (selector = '') => findTable(scope, selector);
  }

  get toString(): Hit['toString'] {
    return () => this.text;
  }
}

function attributeOf(scope: FoundScope, name: string): string {
  const element = scope.root[0];
  const found = readAttribute(element, name, scope.origin);
  if (found === undefined) throw missingAttribute(scope, { element, selector: '', attribute: name });
  return found;
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
