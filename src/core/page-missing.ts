// Sentences for what a page lacks, with what it has instead. Costs a walk or thirty over the page: only failures pay it.
import { ExtractError } from './errors.ts';
import { type Dom, type Element, elementsBelow, isElement, type Parent } from './html.ts';
import { readText } from './page-text.ts';
import { attributeNames } from './page-url.ts';
import { type Names, type Near, nearestSelectors } from './selector.ts';

interface Place {
  readonly origin: { readonly url: string; readonly xml: boolean; readonly $: Dom };
  readonly root: ArrayLike<Parent>;
  readonly where: string;
}

/** More names than any person wrote are a generated style sheet's. */
const MOST_NAMES = 20_000;
/** A page with less text than this and with scripts is filled by them. */
const LITTLE_TEXT = 200;

export function missingElement(place: Place, selector: string): ExtractError {
  const { origin, where } = place;
  const inside = where === '' ? '' : `in ${where}, `;
  const sentence = `${origin.url}: ${inside}no element matches \`${selector}\`.`;
  return new ExtractError(`${sentence} ${hint(place, selector)}`, { url: origin.url, selector });
}

export function missingAttribute(
  { origin, where }: Place,
  { element, selector, attribute }: { element: Element; selector: string; attribute: string },
): ExtractError {
  const inside = selector === '' ? where : `\`${selector}\`${where === '' ? '' : ` in ${where}`}`;
  const names = attributeNames(element).slice(0, 12);
  const has = names.length === 0 ? 'It has none.' : `It has ${names.map((name) => `\`${name}\``).join(', ')}.`;
  const message = `${origin.url}: the <${element.name}> at ${inside} has no attribute \`${attribute}\`. ${has}`;
  return new ExtractError(message, { url: origin.url, selector: `${selector}@${attribute}` });
}

export function invalidSelector({ url, $ }: { url: string; $: Dom }, selector: string, cause: unknown): ExtractError {
  const at = readableUpTo($, selector);
  const part = selector.slice(at, at + 30);
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  const message = `${url}: \`${selector}\` is not a CSS selector: it cannot be read from character ${at + 1}, \`${part}\`${reason}.`;
  return new ExtractError(message, { url, selector, cause });
}

/** The length of the longest beginning that is a selector by itself. */
function readableUpTo($: Dom, selector: string): number {
  for (let length = selector.length - 1; length > 0; length--) {
    if (isReadable($, selector.slice(0, length))) return length;
  }
  return 0;
}

function isReadable($: Dom, selector: string): boolean {
  try {
    $.root().slice(0, 0).find(selector);
    $.root().children().first().is(selector);
    return true;
  } catch {
    // The question was whether it throws.
    return false;
  }
}

function hint(place: Place, selector: string): string {
  const { root, origin, where } = place;
  const $root = origin.$(Array.from(root));
  const near = nearestSelectors(selector, { names: collectNames(root), count: (tried) => countMatches($root, tried) });
  const shown = near.length > 0 ? near : where === '' ? [] : commonSelectors(root);
  if (shown.length > 0) {
    const list = shown.map((one) => `\`${one.selector}\` (${one.count})`).join(', ');
    return near.length > 0 ? `Nearest that do exist: ${list}.` : `What exists there: ${list}.`;
  }
  if (where !== '') return 'It holds no elements.';
  return isFilledByScripts(origin)
    ? 'The page has scripts and hardly any text: its content is probably loaded later. Draw it first, get(url, { render: true }), or fetch the address that the script loads.'
    : 'Nothing on the page resembles it.';
}

function countMatches($root: ReturnType<Dom>, selector: string): number {
  try {
    return $root.find(selector).length;
  } catch {
    // A suggestion that cannot be read is no suggestion.
    return 0;
  }
}

function collectNames(root: ArrayLike<Parent>): Names {
  const names = { tag: new Map<string, number>(), class: new Map<string, number>(), id: new Map<string, number>() };
  for (const element of Array.from(root).flatMap((node) => [...elementsBelow(node)])) {
    tally(names.tag, element.name);
    if (element.attribs['id']) tally(names.id, element.attribs['id']);
    for (const name of classNames(element)) tally(names.class, name);
  }
  return names;
}

/** The most common elements inside, for when nothing is near: enough to see what the row is made of. */
function commonSelectors(root: ArrayLike<Parent>): readonly Near[] {
  const counts = new Map<string, number>();
  for (const element of Array.from(root).flatMap((node) => [...elementsBelow(node)])) {
    const [first] = classNames(element);
    tally(counts, first !== undefined && /^[a-z][\w-]*$/i.test(first) ? `${element.name}.${first}` : element.name);
  }
  const common = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 5);
  return common.map(([selector, count]) => ({ selector, count }));
}

function classNames(element: Element): readonly string[] {
  return (element.attribs['class'] ?? '').split(/\s+/).filter((name) => name !== '');
}

function tally(counts: Map<string, number>, name: string): void {
  if (counts.size < MOST_NAMES || counts.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
}

function isFilledByScripts({ $, xml }: { $: Dom; xml: boolean }): boolean {
  const body = $('body').get(0);
  return body !== undefined && isElement(body) && $('script').length > 0 && readText(body, xml).length < LITTLE_TEXT;
}
