// What a page is made of. Servers often say it wrong, so the bytes come first, then the text, then the Content-Type.
import { markedCharset } from './charset.ts';
import { jsonOf } from './page-json.ts';
import { readSignature } from './page-signature.ts';

/**
 * What a page is made of, found by its content and not by what the server calls it:
 * - `html`: has elements. So has `xml`, in which names are as written (an SVG picture too).
 * - `feed`: RSS, Atom, RDF or JSON Feed: read it with `page.feed()`. It is XML or JSON as well.
 * - `json`: read it with `page.json()`. JSONP too.
 * - `text`: plain text. It has no markup, but can be read as the body of an HTML page.
 * - `pdf`: read it with `page.text`, `page.pages` and `page.table()`.
 * - `image`: a picture: `page.body`, `page.image()`, and `readPicture`.
 * - `file`: anything else, such as HWP, XLSX or ZIP: `page.body` has its bytes.
 */
export type PageKind = 'html' | 'xml' | 'json' | 'feed' | 'text' | 'pdf' | 'image' | 'file';

const BINARY = /^\s*(?:image|audio|video|font)\/|^\s*application\/(?:pdf|zip|octet-stream|x-|haansoft|vnd\.|ms)/i;
const TEXT = /^\s*(?:text\/(?!html|xml)|application\/(?:javascript|ecmascript|x-javascript))/i;
const PROLOGUE = /^(?:\s+|<\?[^>]{0,1000}>|<!--[\s\S]*?-->|<!doctype[^[>]{0,1000}(?:\[[^\]]*\]\s*)?>)+/i;
/** RDF is more than feeds: these are the two vocabularies that make it one. */
const RDF_FEED = /purl\.org\/(?:rss|net\/rss)|netscape\.com\/rdf\/simple/i;
const JSON_FEED = /"version"\s*:\s*"https?:\\?\/\\?\/jsonfeed\.org\\?\//;

/** The kind that bytes alone show; undefined for what is text. */
export function binaryKind(body: Uint8Array, contentType: string): 'pdf' | 'image' | 'file' | undefined {
  const known = readSignature(body, contentType)?.kind;
  if (known !== undefined) return known;
  if (/\btext\/|xml|json|charset/i.test(contentType) || !looksBinary(body)) return undefined;
  if (/^\s*image\/(?!svg)/i.test(contentType)) return 'image';
  return /^\s*application\/pdf\b/i.test(contentType) ? 'pdf' : 'file';
}

/** A zero byte, which text has only in the charsets of two and four bytes; those pair it with letters. */
function looksBinary(body: Uint8Array): boolean {
  const head = body.subarray(0, 4096);
  const zeros = head.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (zeros === 0) return false;
  return markedCharset(head) === undefined;
}

/** The kind of a page whose text was decoded. */
export function textKind(text: string, contentType: string): Exclude<PageKind, 'pdf' | 'image' | 'file'> {
  const declared = contentType.toLowerCase();
  const start = text.trimStart();
  if (start.startsWith('<')) return markupKind(start, /[/+]json\b/.test(declared) ? '' : declared);
  if (/[/+]json\b/.test(declared)) return jsonKind(start);
  if (/^[{[]/.test(start) && jsonOf(start) !== undefined) return jsonKind(start);
  if (/^[\w$./*)]/.test(start) && jsonOf(start) !== undefined && !isPlainValue(start)) return 'json';
  if (BINARY.test(declared) || TEXT.test(declared)) return 'text';
  return declared === '' && !/<[a-z!/?]/i.test(text) ? 'text' : markupKind(start, declared);
}

/** A number or a word is JSON too, but nobody means it so who does not say it. */
function isPlainValue(start: string): boolean {
  return !/[({[]/.test(start);
}

function jsonKind(text: string): 'json' | 'feed' {
  return JSON_FEED.test(text) ? 'feed' : 'json';
}

function markupKind(start: string, declared: string): 'html' | 'xml' | 'feed' {
  const head = start.slice(0, 20_000);
  const root = /^<([\w:.-]+)/.exec(head.replace(PROLOGUE, ''))?.[1]?.toLowerCase();
  if (root === 'html') return 'html';
  if (root === 'rss' || root === 'feed') return 'feed';
  if (root === 'rdf:rdf') return RDF_FEED.test(head) ? 'feed' : 'xml';
  if (declared.includes('xhtml')) return 'html';
  return root !== undefined && (/[/+]xml\b/.test(declared) || head.startsWith('<?xml')) ? 'xml' : 'html';
}

const NAMES: Readonly<Record<PageKind, string>> = {
  html: 'HTML',
  xml: 'XML',
  json: 'JSON',
  feed: 'a feed',
  text: 'plain text',
  pdf: 'a PDF',
  image: 'a picture',
  file: 'a file',
};

const READERS: Readonly<Record<PageKind, string>> = {
  html: 'Read its elements with page.one, page.all, page.rows or page.table.',
  xml: 'Read its elements with page.one, page.all or page.rows.',
  json: 'Read it with page.json().',
  feed: 'Read it with page.feed().',
  text: 'Read it from page.text.',
  pdf: 'Read it with page.text, page.pages or page.table().',
  image: 'Its bytes are in page.body; readPicture(page, ocr) reads its letters.',
  file: 'Its bytes are in page.body.',
};

interface Described {
  readonly kind: PageKind;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly filename: string | undefined;
}

/** What the page is, for a sentence: 'a PDF', 'an HWP document'. */
export function describeKind({ kind, body, contentType, filename }: Described): string {
  if (kind !== 'image' && kind !== 'file') return NAMES[kind];
  const name = readSignature(body, contentType)?.name(body, filename);
  if (name !== undefined) return name;
  return contentType === '' ? NAMES[kind] : `${NAMES[kind]} (${contentType.split(';', 1)[0]?.trim()})`;
}

/** How a page of this kind is read, as a sentence. */
export function howToRead(kind: PageKind): string {
  return READERS[kind];
}
