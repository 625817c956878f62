// Addresses in a page: its base, and attributes that hold an address made absolute. A bad address stays as it is.
import iconv from 'iconv-lite';
import { type Element, isElement } from './html.ts';

const ADDRESSES = new Set(
  'href src action formaction poster cite background longdesc data-src data-href data-url data-original data-lazy-src'.split(
    ' ',
  ),
);
/** A comma ends a candidate when a space follows it or a descriptor such as `2x` stands before it: URLs hold commas. */
const BETWEEN_CANDIDATES = /(?<=\s\d{1,6}(?:\.\d{1,6})?[wxh]),\s*|,\s+|,$/;

/** What an address on a page is read against. */
export interface Ground {
  readonly base: string;
  /** Browsers write the letters of a query in the page's charset: `?q=한글` on an EUC-KR page is `?q=%C7%D1%B1%DB`. */
  readonly charset: string;
}

/** The address of a `<base>` made absolute, or the page's own URL. */
export function readBase(base: Element | undefined, url: string): string {
  const href = base?.attribs['href'];
  return href === undefined ? url : (httpUrl(href, { base: url, charset: 'utf-8' }) ?? url);
}

/** An attribute as a job wants it: absolute if it is an address, else as it stands. Undefined if the element lacks it. */
export function readAttribute(element: Element, name: string, ground: Ground): string | undefined {
  const key = name in element.attribs ? name : name.toLowerCase();
  const value = Object.hasOwn(element.attribs, key) ? element.attribs[key] : undefined;
  if (value === undefined) return undefined;
  if (key === 'srcset' || key === 'data-srcset') return absoluteSet(value, ground);
  return holdsAddress(element, key) ? absolute(value, ground) : value;
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

function absoluteSet(value: string, ground: Ground): string {
  return value
    .split(BETWEEN_CANDIDATES)
    .map((candidate) => candidate.trim())
    .filter((candidate) => candidate !== '')
    .map((candidate) => candidate.replace(/^\S+/, (url) => absolute(url, ground)))
    .join(', ');
}

function absolute(value: string, ground: Ground): string {
  const trimmed = value.trim();
  return trimmed === '' ? '' : (httpUrl(trimmed, ground) ?? trimmed);
}

/** Undefined for what is no web address: `javascript:`, `mailto:`, `data:`, or something no browser could read. */
function httpUrl(value: string, { base, charset }: Ground): string | undefined {
  const url = URL.parse(encodeQuery(value, charset), base);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function encodeQuery(value: string, charset: string): string {
  if (/^utf-/.test(charset) || !iconv.encodingExists(charset)) return value;
  return value.replace(/\?[^#]*/, (query) =>
    query.replace(/[^\0-\x7f]+/g, (letters) => percentEncode(letters, charset)),
  );
}

/** Letters that the charset lacks are left for UTF-8. */
function percentEncode(letters: string, charset: string): string {
  const bytes = iconv.encode(letters, charset);
  return iconv.decode(bytes, charset) === letters
    ? `%${bytes.toString('hex').match(/../g)?.join('%').toUpperCase()}`
    : letters;
}
