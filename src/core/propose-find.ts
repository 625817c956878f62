// Where on a page a text stands: the smallest elements that hold it, those that are nothing but it first.
import { type Element, isElement, type Parent } from './html.ts';
import { readLines, readText } from './page-text.ts';

const UNREAD = new Set('head script style template noscript iframe title select datalist'.split(' '));
const MOST_PLACES = 40;
const NAVIGATION =
  /^(?:[\w-]*[_-])?(?:nav|navi|navigation|gnb|lnb|snb|footer|aside|breadcrumbs?|sitemap|allmenu|paging|pagination)(?:[_-]?(?:wrap|list|area|menu|box|site))?$/i;

/** Without white space and case, in which a page and what a person copied from it differ. */
export function fold(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\u00AD\u200B\u2060]+/g, '')
    .toLowerCase();
}

/** Those outside the navigation first. */
export function findText(root: Parent, text: string, xml = false): readonly Element[] {
  const wanted = fold(text);
  if (wanted === '') return [];
  const found = smallestHolding(root, wanted, xml).map((element) => ({ element, rank: rankOf(element, wanted, xml) }));
  const best = Math.min(...found.map(({ rank }) => rank));
  return found
    .filter(({ rank }) => Math.floor(rank) === Math.floor(best) && rank - best < 0.5)
    .map(({ element }) => element);
}

function smallestHolding(root: Parent, wanted: string, xml: boolean): readonly Element[] {
  const holding = (parent: Parent): Element[] =>
    parent.children
      .filter(isElement)
      .filter((child) => !UNREAD.has(child.name) && fold(readText(child, xml)).includes(wanted));
  const found: Element[] = [];
  const stack = holding(root).toReversed();
  for (let element = stack.pop(); element !== undefined && found.length < MOST_PLACES; element = stack.pop()) {
    const inner = holding(element);
    if (inner.length === 0) found.push(element);
    else stack.push(...inner.toReversed());
  }
  return found;
}

/** The whole text, one of its lines, or a part; half a step worse inside the navigation. */
function rankOf(element: Element, wanted: string, xml: boolean): number {
  const where = isNavigation(element) ? 0.5 : 0;
  if (fold(readText(element, xml)) === wanted) return where;
  return where + (readLines(element, xml).some((line) => fold(line) === wanted) ? 1 : 2);
}

export function isNavigation(element: Element): boolean {
  return [element, ...ancestorsOf(element)].some(
    ({ name, attribs }) =>
      name !== 'body' && `${name} ${attribs['class'] ?? ''} ${attribs['id'] ?? ''}`.split(/\s+/).some(isNavigationWord),
  );
}

function isNavigationWord(word: string): boolean {
  return NAVIGATION.test(word);
}

/** From the nearest outwards, the root of the document left out. */
export function ancestorsOf(element: Element): readonly Element[] {
  const found: Element[] = [];
  for (let { parent } = element; parent !== null && isElement(parent); parent = parent.parent) found.push(parent);
  return found;
}
