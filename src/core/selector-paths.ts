// The selectors that most jobs write, made ready once for all questions to a page: compounds joined by spaces, `>`, `+` and
// commas. css-select reads each compound. All others are left to cheerio, which makes them ready anew for each question.
import { type Element, isElement, isParent, type Node, type Parent } from './html.ts';

type Test = (element: Element) => boolean;

/** One compound, and how the one before it in the selector is reached from here. */
interface Link {
  readonly test: Test;
  readonly join: '>' | '+' | undefined;
}

/** From the inside to the outside: links that hang together, each chain anywhere around the one before. */
type Path = readonly (readonly Link[])[];

/** A selector that is ready: what any of its paths leads to. */
export type Query = readonly Path[];

const NAME = String.raw`(?:[\w\u00b0-\uffff-]|\\[^\da-f\s])+`;
const ATTRIBUTE = String.raw`\[${NAME}(?:[~^$*|]?=(?:"[^"\\]*"|'[^'\\]*'|${NAME}))?\]`;
const NTH = String.raw`nth-(?:last-)?(?:child|of-type)\((?:odd|even|[\dn+-]+)\)`;
const PART = String.raw`[.#]${NAME}|${ATTRIBUTE}|:(?:first|last|only)-(?:child|of-type)(?![\w-])|:${NTH}`;
const COMPOUND = new RegExp(String.raw`(?:\*|${NAME})?(?:${PART}|:not\((?:${NAME})?(?:${PART})*\))*`, 'iy');
const JOIN = /[ \t\n\f\r]*[>+,][ \t\n\f\r]*|[ \t\n\f\r]+/y;
/** A job that makes selectors by the thousand makes each of them ready for itself. */
const MOST_KEPT = 200;

/** Makes each selector ready once. Gives undefined for one that is written in any other way, or is none. */
export function rememberQueries(compile: (compound: string) => Test): (selector: string) => Query | undefined {
  const known = new Map<string, Query | undefined>();
  return (selector) => {
    if (known.has(selector)) return known.get(selector);
    const query = readQuery(selector, compile);
    if (known.size < MOST_KEPT) known.set(selector, query);
    return query;
  };
}

function readQuery(selector: string, compile: (compound: string) => Test): Query | undefined {
  const paths: Link[][][] = [];
  let join = ',';
  for (let at = 0; ; ) {
    const compound = matchAt(COMPOUND, selector, at);
    const test = compound === '' ? undefined : attempt(compile, compound);
    if (test === undefined) return undefined;
    add(paths, { test, join: join === '>' || join === '+' ? join : undefined }, join);
    at += compound.length;
    if (at === selector.length) return paths;
    const joined = matchAt(JOIN, selector, at);
    if (joined === '') return undefined;
    join = joined.trim();
    at += joined.length;
  }
}

function add(paths: Link[][][], link: Link, join: string): void {
  const path = paths.at(-1);
  if (path === undefined || join === ',') paths.push([[link]]);
  else if (link.join === undefined) path.unshift([link]);
  else path[0]?.unshift(link);
}

/** What css-select refuses cheerio refuses too, and says why. */
function attempt(compile: (compound: string) => Test, compound: string): Test | undefined {
  try {
    return compile(compound);
  } catch {
    return undefined;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/**
 * What matches below these, in the order of the document, at most so many. Gives undefined where one root is inside another,
 * which is cheerio's to sort out.
 */
export function search(query: Query, roots: ArrayLike<Parent>, most: number): readonly Element[] | undefined {
  const all = Array.from(roots);
  if (all.length > 1 && isNested(all)) return undefined;
  // As jQuery has it: the whole path lies within an element that is asked, itself included; below the outermost element
  // of a document it need not.
  const isScoped = all.every(({ parent }) => parent !== null && isElement(parent));
  const found: Element[] = [];
  for (const root of all) {
    if (found.length >= most) break;
    collect({ query, root, top: isScoped ? root : undefined, most }, found);
  }
  return found;
}

function isNested(roots: readonly Parent[]): boolean {
  const known = new Set<Node>(roots);
  if (known.size < roots.length) return true;
  return roots.some((root) => {
    for (let node = root.parent; node !== null; node = node.parent) if (known.has(node)) return true;
    return false;
  });
}

interface Walk {
  readonly query: Query;
  readonly root: Parent;
  /** Paths end here; undefined where nothing bounds them. */
  readonly top: Parent | undefined;
  readonly most: number;
}

/** What a `<template>` holds is a document of its own: no path leads into it. */
function collect({ query, root, top, most }: Walk, found: Element[]): void {
  const stack: Node[] = [];
  pushChildren(stack, root);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (isElement(node)) {
      if (matches(node, query, top)) found.push(node);
      if (found.length >= most) return;
      pushChildren(stack, node);
    } else if (top === undefined && isParent(node)) pushChildren(stack, node);
  }
}

function pushChildren(stack: Node[], { children }: Parent): void {
  for (let index = children.length - 1; index >= 0; index--) {
    const child = children[index];
    if (child !== undefined && child.type !== 'text') stack.push(child);
  }
}

function matches(element: Element, query: Query, top: Parent | undefined): boolean {
  for (const path of query) if (leadsTo(element, path, top)) return true;
  return false;
}

/** The nearest place for each chain leaves the most room for the next, so that no other need be tried. */
function leadsTo(element: Element, path: Path, top: Parent | undefined): boolean {
  let outermost: Element | undefined;
  for (const chain of path) {
    let at = outermost === undefined ? element : around(outermost, top);
    let climbed = at && climb(at, chain, top);
    while (climbed === undefined && outermost !== undefined && at !== undefined) {
      at = around(at, top);
      climbed = at && climb(at, chain, top);
    }
    if (climbed === undefined) return false;
    outermost = climbed;
  }
  return true;
}

/** The outermost element of a chain that begins here; undefined if it does not match. */
function climb(from: Element, chain: readonly Link[], top: Parent | undefined): Element | undefined {
  let outermost: Element | undefined;
  let join: Link['join'];
  for (const link of chain) {
    const element: Element | undefined = outermost === undefined ? from : step(outermost, join, top);
    if (element === undefined || !link.test(element)) return undefined;
    outermost = element;
    join = link.join;
  }
  return outermost;
}

function step(from: Element, join: Link['join'], top: Parent | undefined): Element | undefined {
  return join === '+' ? before(from, top) : around(from, top);
}

function around(element: Element, top: Parent | undefined): Element | undefined {
  const { parent } = element;
  return element === top || parent === null || !isElement(parent) ? undefined : parent;
}

function before(element: Element, top: Parent | undefined): Element | undefined {
  if (element === top) return undefined;
  let node = element.prev;
  while (node !== null && !isElement(node)) node = node.prev;
  return node ?? undefined;
}
