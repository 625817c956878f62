// The address of a picture: where a page really keeps it. Pages that load pictures late have a placeholder in `src`.
import { ExtractError } from './errors.ts';
import { type Element, elementsBelow, isElement } from './html.ts';
import { findFirst, type Scope } from './page-find.ts';
import type { Hit } from './page-hit.ts';
import type { PageKind } from './page-kind.ts';
import { queries } from './page-query.ts';
import { snippet } from './page-text.ts';
import { type Ground, readAttribute } from './page-url.ts';

const MAIN = [
  'meta[property="og:image:secure_url"]',
  'meta[property="og:image"]',
  'meta[property="og:image:url"]',
  'meta[name="og:image"]',
  'meta[name="twitter:image"]',
  'meta[property="twitter:image"]',
  'meta[name="twitter:image:src"]',
  'meta[itemprop="image"]',
  'link[rel="image_src"]',
];

/** Sets, from which the largest is taken, and then addresses, in the order in which they are to be believed. */
const SETS = ['data-srcset', 'data-lazy-srcset', 'srcset'];
const LAZY =
  'data-src data-original data-lazy-src data-lazy data-actualsrc data-original-src data-hi-res-src data-img-src data-image data-url data-echo'.split(
    ' ',
  );
const PLACEHOLDER =
  /(?:^|[/_.-])(?:blank|spacer|placeholder|loading|lazy|transparent|pixel|1x1|noimg)\w*\.(?:gif|png|svg|jpg)(?:\?|$)/i;
const PICTURE = /^\S+\.(?:jpe?g|png|webp|gif|avif|bmp)(?:[?#]\S*)?$/i;
const STYLE = /background(?:-image)?\s*:[^;]*?url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"]*))\s*\)/i;

interface Pictured {
  readonly kind: PageKind;
  readonly scope: () => Scope;
}

/** The picture that is the page, that it names as its own, or that is at an element. */
export function findImage({ kind, scope }: Pictured, url: string, from: string | Hit | undefined): string {
  if (kind === 'image') return url;
  if (from === undefined) return mainImage(scope());
  return typeof from === 'string'
    ? imageOf(queries(scope()).one(from), scope(), from)
    : imageOf(from, scope(), 'the row');
}

/** The picture a page names as its own. */
function mainImage(page: Scope): string {
  const { origin } = page;
  for (const selector of MAIN) {
    const { content, href, value } = findFirst(page, selector)?.attribs ?? {};
    const address = webAddress(content ?? href ?? value, origin);
    if (address !== undefined) return address;
  }
  const hint = "Name the picture's element: page.image('article img').";
  throw new ExtractError(`${origin.url}: the page names no picture as its own (\`og:image\`). ${hint}`, {
    url: origin.url,
    selector: 'meta[property="og:image"]',
  });
}

/** The picture at an element: its own, that of a `<picture>` around it, or the first one inside it. */
function imageOf(hit: Hit, { origin }: Scope, asked: string): string {
  const element = hit.$.get(0);
  for (const candidate of element === undefined ? [] : candidates(element)) {
    const address = addressOf(candidate, origin);
    if (address !== undefined) return address;
  }
  const shown = element === undefined ? asked : `the <${element.name}> at \`${asked}\` ("${snippet(hit.text)}")`;
  const message = `${origin.url}: ${shown} has no picture with a web address.`;
  throw new ExtractError(message, { url: origin.url, selector: asked });
}

function* candidates(element: Element): Generator<Element> {
  const { parent } = element;
  // The sources of a <picture> come first: they are larger or newer than what the <img> in it has for old browsers.
  if (element.name === 'img' && parent !== null && isElement(parent) && parent.name === 'picture')
    yield* parent.children.filter(isElement).filter(({ name }) => name === 'source');
  yield element;
  for (const inner of elementsBelow(element)) yield inner;
}

function addressOf(element: Element, ground: Ground): string | undefined {
  const isPicture = /^(?:img|source|image|input|video|amp-img)$/.test(element.name);
  if (!isPicture) return styleOf(element, ground) ?? undefined;
  const largest = SETS.map((name) => largestOf(readAttribute(element, name, ground), ground)).find(isAddress);
  const lazy = LAZY.map((name) => webAddress(element.attribs[name], ground)).find(isAddress);
  const plain = ['src', 'poster', 'href', 'xlink:href'].map((name) => readAttribute(element, name, ground));
  const shown = plain.map((address) => webAddress(address, ground)).find(isAddress);
  return (
    largest ?? lazy ?? (shown !== undefined && !PLACEHOLDER.test(shown) ? shown : (unnamed(element, ground) ?? shown))
  );
}

/** Any attribute that holds nothing but a picture's address, for scripts with names of their own. */
function unnamed({ attribs }: Element, ground: Ground): string | undefined {
  const found = Object.entries(attribs).find(([name, value]) => name.startsWith('data-') && PICTURE.test(value.trim()));
  return webAddress(found?.[1], ground);
}

function styleOf({ attribs }: Element, ground: Ground): string | undefined {
  const [, double, single, bare] = STYLE.exec(attribs['style'] ?? '') ?? [];
  const lazy = attribs['data-bg'] ?? attribs['data-background-image'] ?? attribs['data-background'];
  return webAddress(double ?? single ?? bare, ground) ?? webAddress(lazy, ground);
}

/** The widest of a set, or the one for the sharpest screens. */
function largestOf(set: string | undefined, ground: Ground): string | undefined {
  const sized = (set ?? '').split(/,\s+/).map((candidate) => {
    const [address = '', size = '1x'] = candidate.trim().split(/\s+/);
    return { address, size: Number.parseFloat(size) || 0 };
  });
  const largest = sized.reduce((most, one) => (one.size > most.size ? one : most), { address: '', size: 0 });
  return webAddress(largest.address, ground);
}

/** Undefined for what is no address of the web: nothing, `data:` and the like. */
function webAddress(value: string | undefined, { base }: Ground): string | undefined {
  const trimmed = value?.trim() ?? '';
  if (trimmed === '' || trimmed.startsWith('#') || !URL.canParse(trimmed, base)) return undefined;
  const url = new URL(trimmed, base);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function isAddress(address: string | undefined): address is string {
  return address !== undefined;
}
