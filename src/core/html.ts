// Reads HTML and XML into a tree for cheerio. The parsers are loaded when first asked for, so that a job that reads JSON
// never pays for them; parsing itself is synchronous and happens when a page is first queried.
import type { CheerioAPI } from 'cheerio/slim';

export type Node = CheerioAPI['_root']['children'][number];
export type Element = Extract<Node, { attribs: unknown }>;
export type Parent = Extract<Node, { children: unknown }>;
export type Dom = CheerioAPI;

export type Dialect = 'html' | 'fast' | 'xml';
export type ParseMarkup = (text: string, dialect: Dialect) => Dom;

/** As in Chromium: what is nested deeper becomes siblings, so that no walk over the tree can exhaust the stack. */
const DEEPEST = 512;
/** htmlparser2 takes quadratic time on open tags: beyond this many the standard's parser, which does not, is used. */
const MOST_OPEN_TAGS = 10_000;
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;
/** Without this, cheerio would write every Korean letter of our tree as a numeric entity. */
const HTML_OPTIONS = { xmlMode: false, encodeEntities: 'utf8' } as const;

interface TreeParts {
  readonly root: Parent;
  /** Whether an element matches, by a selector that looks at one element alone. Throws for what is none. */
  readonly compile: (selector: string) => (element: Element) => boolean;
  readonly load: () => Dom;
}

/**
 * A page's tree. Getters on all that holds a tree are those of a class: V8 keeps the getters of an object literal with the
 * object's shape, which outlives the object, so that every page would be held until the next full collection of garbage.
 */
export class Tree {
  readonly root: Parent;
  readonly compile: TreeParts['compile'];
  readonly #load: TreeParts['load'];
  #dom: Dom | undefined;

  constructor({ root, compile, load }: TreeParts) {
    this.root = root;
    this.compile = compile;
    this.#load = load;
  }

  /** For cheerio, which is made ready when it is first asked for: most pages are read without it. */
  get $(): Dom {
    this.#dom ??= this.#load();
    return this.#dom;
  }
}

export function isElement(node: Node): node is Element {
  return 'attribs' in node;
}

export function isParent(node: Node): node is Parent {
  return 'children' in node;
}

/** Every element below a node, in the order of the document, without recursion. */
export function* elementsBelow(root: Parent): Generator<Element> {
  const stack: Node[] = root.children.toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (isElement(node)) yield node;
    if (isParent(node))
      for (let index = node.children.length - 1; index >= 0; index--) push(stack, node.children[index]);
  }
}

export async function loadParser(): Promise<ParseMarkup> {
  const readTree = await loadTrees();
  return (text, dialect) => readTree(text, dialect).$;
}

export async function loadTrees(): Promise<(text: string, dialect: Dialect) => Tree> {
  const [{ load }, { compile }, { parseDocument }, { parse }, { adapter }] = await Promise.all([
    import('cheerio/slim'),
    import('css-select'),
    import('htmlparser2'),
    import('parse5'),
    import('parse5-htmlparser2-tree-adapter'),
  ]);
  return (text, dialect) => {
    const xmlMode = dialect === 'xml';
    const quick = dialect !== 'html' && (hasFewTags(text) || openTags(text) <= MOST_OPEN_TAGS);
    // The adapter's nodes are of a newer domhandler than cheerio's: the same fields, other declarations.
    const root = quick
      ? parseDocument(text, { xmlMode })
      : (parse(text, { treeAdapter: adapter }) as unknown as Dom['_root']);
    if (isDeep(root)) flatten(root);
    return new Tree({
      root,
      compile: (selector) => compile<Node, Element>(selector, { xmlMode, cacheResults: false }),
      load: () => load(root, { xml: xmlMode || HTML_OPTIONS }),
    });
  };
}

/** What is inside an element, as source. In XML cheerio knows no way to leave letters beyond ASCII as they are. */
export function readSource($element: ReturnType<Dom>, xml: boolean): string {
  const source = $element.html() ?? '';
  if (!xml) return source;
  return source.replace(/&#x([0-9a-f]{2,6});/gi, (entity, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code >= 0x80 && code <= 0x10_ffff ? String.fromCodePoint(code) : entity;
  });
}

/** Quicker than to count those that are open: most pages have no more tags in all. */
function hasFewTags(text: string): boolean {
  let count = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) if (++count > MOST_OPEN_TAGS) return false;
  return true;
}

/** The most tags open at once, at a glance: comments and scripts count too, as this is only a guard. */
function openTags(text: string): number {
  let open = 0;
  let most = 0;
  for (const [tag, slash, name] of text.matchAll(/<(\/?)([a-z][^\s/>]*)[^<>]{0,2000}>?/gi)) {
    if (VOID.test(name ?? '') || tag.endsWith('/>')) continue;
    open = slash === '/' ? Math.max(0, open - 1) : open + 1;
    most = Math.max(most, open);
  }
  return most;
}

/** Whether anything is nested so deep that `flatten` may have to do with it. */
function isDeep(root: Parent): boolean {
  const open: (readonly Node[])[] = [root.children];
  const next = [0];
  for (let depth = 0; depth >= 0; ) {
    const at = next[depth] ?? 0;
    const node = open[depth]?.[at];
    next[depth] = at + 1;
    if (node === undefined) depth--;
    else if (isParent(node) && node.children.length > 0) {
      depth++;
      if (depth >= DEEPEST) return true;
      open[depth] = node.children;
      next[depth] = 0;
    }
  }
  return false;
}

function flatten(root: Parent): void {
  const stack: { node: Parent; depth: number }[] = [{ node: root, depth: 0 }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { node, depth } = entry;
    if (depth === DEEPEST - 1) setChildren(node, node.children.flatMap(withElementsBelow));
    else for (const child of node.children) if (isParent(child)) stack.push({ node: child, depth: depth + 1 });
  }
}

/** A node followed by all elements below it, each left with its own text only. */
function withElementsBelow(node: Node): readonly Node[] {
  if (!isElement(node) || !node.children.some(isBranch)) return [node];
  const all = [node, ...elementsBelow(node)];
  for (const element of all) setChildren(element, element.children.filter(isLeaf));
  return all;
}

/** Elements, and the document inside a `<template>`; a CDATA section has children too, but only text. */
function isBranch(node: Node): boolean {
  return isParent(node) && node.type !== 'cdata';
}

function isLeaf(node: Node): boolean {
  return !isBranch(node);
}

function setChildren(parent: Parent, children: readonly Node[]): void {
  const kept: Node[] = [...children];
  parent.children = kept;
  for (const [index, child] of kept.entries()) {
    child.parent = parent;
    child.prev = kept[index - 1] ?? null;
    child.next = kept[index + 1] ?? null;
  }
}

function push(stack: Node[], node: Node | undefined): void {
  if (node !== undefined) stack.push(node);
}
