// Addresses in a page: its base, and attributes that hold an address made absolute. A bad address stays as it is.
import { type Dom, type Element, isElement } from './html.ts';

const ADDRESSES = new Set(
  'href src action formaction poster cite background longdesc data-src data-href data-url data-original data-lazy-src'.split(
    ' ',
  ),
);
/** A comma ends a candidate when a space follows it or a descriptor such as `2x` stands before it: URLs hold commas. */
const BETWEEN_CANDIDATES = /(?<=\s\d{1,6}(?:\.\d{1,6})?[wxh]),\s*|,\s+|,$/;

/** `<base href>` made absolute, or the page's own URL. */
export function readBase($: Dom, url: string): string {
  const href = $('base[href]').first().attr('href');
  return href === undefined ? url : (httpUrl(href, url) ?? url);
}

/** An attribute as a job wants it: absolute if it is an address, else as it stands. Undefined if the element lacks it. */
export function readAttribute(element: Element, name: string, base: string): string | undefined {
  const key = name in element.attribs ? name : name.toLowerCase();
  const value = Object.hasOwn(element.attribs, key) ? element.attribs[key] : undefined;
  if (value === undefined) return undefined;
  if (key === 'srcset' || key === 'data-srcset') return absoluteSet(value, base);
  return holdsAddress(element, key) ? absolute(value, base) : value;
}

export function attributeNames(element: Element): readonly string[] {
  return isElement(element) ? Object.keys(element.attribs) : [];
}

function holdsAddress(element: Element, name: string): boolean {
  return (
    ADDRESSES.has(name) ||
    (name === 'data' && element.name === 'object') ||
    (name === 'url' && element.name === 'enclosure')
  );
}

function absoluteSet(value: string, base: string): string {
  return value
    .split(BETWEEN_CANDIDATES)
    .map((candidate) => candidate.trim())
    .filter((candidate) => candidate !== '')
    .map((candidate) => candidate.replace(/^\S+/, (url) => absolute(url, base)))
    .join(', ');
}

function absolute(value: string, base: string): string {
  const trimmed = value.trim();
  return trimmed === '' ? '' : (httpUrl(trimmed, base) ?? trimmed);
}

/** Undefined for what is no web address: `javascript:`, `mailto:`, `data:`, or something no browser could read. */
function httpUrl(value: string, base: string): string | undefined {
  if (!URL.canParse(value, base)) return undefined;
  const url = new URL(value, base);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}
