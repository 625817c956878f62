// Bytes to text. Korean pages often name a charset they do not use, so the bytes are believed before any name:
// the author's override; BOM and other marks; UTF-8 if the bytes are valid UTF-8; header; meta; else CP949, never
// TextDecoder's EUC-KR.
import { isIso2022kr } from './charset-iso-2022-kr.ts';
import { decodeAs, readLabel } from './charset-labels.ts';
import { charsetParameter, namedCharsets } from './charset-meta.ts';
import { FetchError } from './errors.ts';

export interface DecodeOptions {
  /** The author's word on the charset. */
  readonly override?: string | undefined;
  /** The Content-Type header. */
  readonly contentType?: string | undefined;
  /** For error messages. */
  readonly url?: string | undefined;
}

export interface Decoded {
  /** Without any byte order mark. */
  readonly text: string;
  readonly charset: string;
}

const REPLACEMENT = '\uFFFD';
const FEWEST_SYLLABLES = 4;

const BOMS: readonly (readonly [name: string, bom: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Throws FetchError for a charset that nothing here can read, and for an override that is no charset. */
export function decodeText(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  const decoded = decode(bytes, options);
  // Pages glued together from files carry marks in their middle, too, where they break comparisons unseen.
  return { ...decoded, text: decoded.text.replaceAll('\uFEFF', '') };
}

function decode(bytes: Uint8Array, options: DecodeOptions): Decoded {
  const certain = overridden(options) ?? markedCharset(bytes);
  if (certain !== undefined) return { text: decodeAs(bytes, certain), charset: certain };

  const utf8 = readUtf8(bytes);
  if (utf8 !== undefined) return { text: utf8, charset: 'utf-8' };

  const charset = declaredCharset(bytes, options) ?? 'cp949';
  return { text: decodeAs(bytes, charset), charset };
}

function overridden({ override, url }: DecodeOptions): string | undefined {
  if (override === undefined) return undefined;

  const charset = readLabel(override);
  if (charset.kind === 'known') return charset.name;
  if (charset.kind === 'unreadable') throw unreadable(charset.name, url);
  const message = `The charset '${override}' given for ${url ?? 'a page'} is not known. Use a name like 'euc-kr' or 'utf-8'.`;
  throw new FetchError(message, { url: url ?? '' });
}

/** By a byte order mark, by the zeros of a tag in UTF-16, or by the escape that ISO-2022-KR begins with. */
export function markedCharset(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, [0x3c, 0, undefined, 0])) return 'utf-16le';
  if (startsWith(bytes, [0, 0x3c, 0, undefined])) return 'utf-16be';
  return BOMS.find(([, bom]) => startsWith(bytes, bom))?.[0] ?? (isIso2022kr(bytes) ? 'iso-2022-kr' : undefined);
}

function startsWith(bytes: Uint8Array, start: readonly (number | undefined)[]): boolean {
  return bytes.length >= start.length && start.every((byte, at) => byte === undefined || bytes[at] === byte);
}

/** The text if the bytes are UTF-8 with a multi-byte character in it. A character cut off at the very end is borne. */
function readUtf8(bytes: Uint8Array): string | undefined {
  const cut = cutLength(bytes);
  const whole = bytes.subarray(0, bytes.length - cut);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(whole);
    if (text.length === whole.length) return undefined;
    return cut > 0 ? text + REPLACEMENT : text;
  } catch {
    // TextDecoder says "not UTF-8" only by throwing.
    return undefined;
  }
}

/** How many bytes at the end begin a character of UTF-8 that is not whole. */
function cutLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

function declaredCharset(bytes: Uint8Array, { contentType, url }: DecodeOptions): string | undefined {
  const header = charsetParameter(contentType ?? '');
  if (header !== undefined) {
    const charset = believed(header, bytes, url);
    if (charset !== undefined) return charset;
  }
  for (const label of namedCharsets(bytes)) {
    const charset = believed(label, bytes, url);
    if (charset !== undefined) return charset;
  }
  return undefined;
}

function believed(label: string, bytes: Uint8Array, url: string | undefined): string | undefined {
  const charset = readLabel(label);
  if (charset.kind === 'unknown') return undefined;
  if (charset.kind === 'unreadable') throw unreadable(charset.name, url);
  return lies(charset.name, bytes) ? undefined : charset.name;
}

/** Many servers say the same of every page: UTF-8, or the ISO-8859-1 that came with them. */
function lies(name: string, bytes: Uint8Array): boolean {
  if (name.startsWith('utf-16')) return !bytes.includes(0);
  if (name === 'iso-2022-kr') return bytes.some((byte) => byte >= 0x80);
  if (name === 'windows-1252') return isPlainlyKorean(decodeAs(bytes, 'cp949'));
  return name === 'utf-8' && isHardlyUtf8(bytes);
}

/** In Western text a byte beyond ASCII stands alone among letters, which no pair of CP949 allows. */
function isPlainlyKorean(text: string): boolean {
  const syllables = text.match(/[가-힣]/g)?.length ?? 0;
  return syllables >= FEWEST_SYLLABLES && syllables * 2 > countWide(text) && countBroken(text) === 0;
}

/** Damaged UTF-8 is still mostly UTF-8; CP949 hardly ever looks like it. */
function isHardlyUtf8(bytes: Uint8Array): boolean {
  const text = decodeAs(bytes, 'utf-8');
  const broken = countBroken(text);
  const read = countWide(text) - broken;
  return broken > read && countBroken(decodeAs(bytes, 'cp949')) * 4 <= broken;
}

function countBroken(text: string): number {
  return text.split(REPLACEMENT).length - 1;
}

function countWide(text: string): number {
  return text.match(/[\u0080-\uffff]/g)?.length ?? 0;
}

function unreadable(name: string, url: string | undefined): FetchError {
  const message =
    `${url ?? 'A page'} is in ${name}, a charset talkbell cannot read. ` +
    "If it really is in another one, name that: get(url, { charset: 'cp949' }). " +
    "If it is not, get it with { charset: 'latin1' } and decode page.body in the job.";
  return new FetchError(message, { url: url ?? '' });
}
