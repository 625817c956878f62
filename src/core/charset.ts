// Bytes to text. Korean pages often name a charset they do not use, so the bytes are believed before any name:
// the author's override; BOM; UTF-8 if the bytes are valid UTF-8; header; meta; else CP949, never TextDecoder's EUC-KR.
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

  const charset = declaredCharset(bytes, options) ?? guessedCharset(bytes, options);
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

function markedCharset(bytes: Uint8Array): string | undefined {
  return BOMS.find(([, bom]) => startsWith(bytes, bom))?.[0];
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

/** Many servers say UTF-8 of every page. Damaged UTF-8 is still mostly UTF-8; CP949 hardly ever looks like it. */
function lies(name: string, bytes: Uint8Array): boolean {
  if (name.startsWith('utf-16')) return !bytes.includes(0);
  if (name !== 'utf-8') return false;

  const text = decodeAs(bytes, name);
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

/** What no name tells: UTF-16 without a mark, seen by its zeros; else CP949. */
function guessedCharset(bytes: Uint8Array, { url }: DecodeOptions): string {
  if (startsWith(bytes, [0x3c, 0, undefined, 0])) return 'utf-16le';
  if (startsWith(bytes, [0, 0x3c, 0, undefined])) return 'utf-16be';
  if (isIso2022kr(bytes)) throw unreadable('ISO-2022-KR', url);
  return 'cp949';
}

function isIso2022kr(bytes: Uint8Array): boolean {
  const at = bytes.indexOf(0x1b);
  return at >= 0 && startsWith(bytes.subarray(at), [0x1b, 0x24, 0x29, 0x43]);
}

function unreadable(name: string, url: string | undefined): FetchError {
  const message =
    `${url ?? 'A page'} is in ${name}, a charset talkbell cannot read. ` +
    "If it really is in another one, name that: get(url, { charset: 'cp949' }).";
  return new FetchError(message, { url: url ?? '' });
}
