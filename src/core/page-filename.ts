// The name a server gives a file in Content-Disposition: by RFC 6266 and 5987, and as Korean servers write it, in raw
// bytes of CP949 or UTF-8, percent-encoded without saying so, or as mail encodes it.
import { decodeAs, readLabel } from './charset-labels.ts';

const LONGEST = 255;
const EXTENDED = /(?:^|;)\s*filename\*\s*=\s*(?:"([^"]*)"|([^;]*))/i;
const CONTINUED = /(?:^|;)\s*filename\*(\d{1,2})(\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/gi;
const PLAIN = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))/i;

/** Undefined when the header names none. A header comes with its bytes as characters of the same number. */
export function readFilename(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const given = extended(header) ?? continued(header) ?? plain(header);
  const name = given
    ?.split(/[/\\]/)
    .at(-1)
    ?.replace(/\p{Cc}/gu, '')
    .trim()
    .normalize('NFC')
    .slice(0, LONGEST);
  return name === '' || name === '.' || name === '..' ? undefined : name;
}

function extended(header: string): string | undefined {
  const [, quoted, bare] = EXTENDED.exec(header) ?? [];
  const value = quoted ?? bare;
  return value === undefined ? undefined : readExtended(value.trim());
}

/** `UTF-8'ko'%EC%8B%9D`. Undefined when it is not of that form or its charset is not known. */
function readExtended(value: string): string | undefined {
  const [, charset = '', encoded = ''] = /^([\w.-]*)'[^']*'(.*)$/s.exec(value) ?? [];
  return encoded === '' ? undefined : decodeBy(charset || 'utf-8', unescapeBytes(encoded));
}

/** A long name in pieces: `filename*0*=...; filename*1*=...`. */
function continued(header: string): string | undefined {
  const pieces = [...header.matchAll(CONTINUED)]
    .map(([, index, star, quoted, bare]) => ({ index: Number(index), star, text: quoted ?? bare?.trim() ?? '' }))
    .sort((one, other) => one.index - other.index);
  const whole = pieces.map(({ text }) => text).join('');
  if (pieces.length === 0) return undefined;
  return pieces[0]?.star === '*' ? readExtended(whole) : readRaw(whole);
}

function plain(header: string): string | undefined {
  const [, quoted, bare] = PLAIN.exec(header) ?? [];
  const value = quoted?.replace(/\\(["\\])/g, '$1') ?? bare?.trim();
  return value === undefined ? undefined : readRaw(value);
}

function readRaw(value: string): string {
  const words = value.replace(/\?=\s+=\?/g, '?==?');
  if (/=\?[\w-]+\?[bq]\?[^?]*\?=/i.test(words)) return words.replace(/=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi, readWord);
  if (/[^\0-\xff]/.test(value)) return value;
  const letters = /[\x80-\xff]/.test(value) ? guess(bytesOf(value)) : value;
  return /%[89a-f][\da-f]/i.test(letters) ? (readEscaped(letters) ?? letters) : letters;
}

/** As `encodeURIComponent` writes it, or Java's URLEncoder, whose spaces are plus signs. */
function readEscaped(value: string): string | undefined {
  if (/[^\0-\x7f]/.test(value)) return undefined;
  const name = guess(unescapeBytes(/%20/.test(value) ? value : value.replaceAll('+', ' ')));
  return name.includes('\uFFFD') ? undefined : name;
}

function readWord(word: string, charset: string, way: string, text: string): string {
  const bytes = way.toLowerCase() === 'b' ? readBase64(text) : readQuotedPrintable(text);
  return (bytes && decodeBy(charset, bytes)) ?? word;
}

function readBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/[=\s]/g, '');
  return /^[A-Za-z\d+/]*$/.test(digits) && digits.length % 4 !== 1 ? bytesOf(atob(digits)) : undefined;
}

function readQuotedPrintable(text: string): Uint8Array {
  return unescapeBytes(text.replaceAll('_', ' ').replace(/=([\da-f]{2})/gi, '%$1'));
}

/** Undefined for a charset nobody knows. */
function decodeBy(label: string, bytes: Uint8Array): string | undefined {
  const charset = readLabel(label);
  return charset.kind === 'known' ? decodeAs(bytes, charset.name) : undefined;
}

/** UTF-8 where the bytes are, else CP949. */
function guess(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // TextDecoder says "not UTF-8" only by throwing.
    return decodeAs(bytes, 'cp949');
  }
}

function unescapeBytes(text: string): Uint8Array {
  return bytesOf(text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
