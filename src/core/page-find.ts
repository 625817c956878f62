// Finds elements by a selector. What most jobs write is looked up in the tree directly; the rest is cheerio's, which knows
// more than CSS. Both run on css-select, which has no patterns that could run away.
import { type Dom, type Element, isElement, type Parent } from './html.ts';
import { invalidSelector } from './page-missing.ts';
import { type Query, search } from './selector-paths.ts';

/** The page that hits are of. */
export interface Origin {
  readonly url: string;
  readonly base: string;
  readonly charset: string;
  readonly xml: boolean;
  readonly $: Dom;
  /** A selector made ready for many questions; undefined for one that is cheerio's. */
  readonly ready?: (selector: string) => Query | undefined;
}

/** Where a query looks: the whole page, or some elements of it. */
export interface Scope {
  readonly origin: Origin;
  readonly root: ArrayLike<Parent>;
  /** Empty for the page, else a phrase such as 'row 3 of `li` ("...")'. */
  readonly where: string;
}

export function findElements({ origin, root }: Scope, selector: string): readonly Element[] {
  return attempt(origin, selector, (readable) => {
    const query = origin.ready?.(readable);
    const found = query && search(query, root, Number.POSITIVE_INFINITY);
    return found ?? origin.$(Array.from(root)).find(readable).get().filter(isElement);
  });
}

export function findFirst({ origin, root }: Scope, selector: string): Element | undefined {
  return attempt(origin, selector, (readable) => {
    const query = origin.ready?.(readable);
    const found = query && search(query, root, 1);
    return found === undefined ? extractFirst(origin.$(Array.from(root)), readable) : found[0];
  });
}

/** cheerio's `extract` stops at the first match, which `find` does not. */
function extractFirst($root: ReturnType<Dom>, selector: string): Element | undefined {
  const first = { selector, value: (element: Element) => element };
  return $root.extract({ first }).first;
}

function attempt<T>(origin: Origin, selector: string, find: (selector: string) => T): T {
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
