// Names of charsets: what a page, a header or an author calls one, and what iconv-lite calls it.
// The WHATWG labels come with TextDecoder; added here are the names Korean servers use that are not among them.
import iconv from 'iconv-lite';
import { decodeIso2022kr } from './charset-iso-2022-kr.ts';

/** Korean names of Windows code page 949 that the WHATWG does not list. */
const KOREAN = new Set([
  'cp949',
  'ms949',
  'ms_949',
  'uhc',
  'x-uhc',
  'windows-949',
  'x-windows-949',
  'x-cp949',
  'euckr',
  'ksc5601',
  'ks_c_5601',
  'x-euc-kr',
]);

/** Read here, though browsers refuse it and iconv-lite knows it not. */
const ISO_2022_KR = 'iso-2022-kr';
const ISO_2022_KR_NAMES = new Set([ISO_2022_KR, 'csiso2022kr']);

const UNREADABLE = new Map([
  ['johab', 'Johab'],
  ['cp1361', 'Johab'],
  ['ms1361', 'Johab'],
  ['x-johab', 'Johab'],
  ['ksc5601-1992', 'Johab'],
  ['hz-gb-2312', 'HZ'],
  ['iso-2022-cn', 'ISO-2022-CN'],
  ['iso-2022-cn-ext', 'ISO-2022-CN'],
]);

/** Where the supersets that pages really hold are better than the charset they name. */
const SUPERSETS = new Map([
  ['euc-kr', 'cp949'],
  ['gbk', 'gb18030'],
  ['x-mac-cyrillic', 'maccyrillic'],
]);

/** iconv-lite drops every other sign of a label, and some of its codecs are no charsets of pages. */
const SHAPE = /^[a-z0-9][a-z0-9_:.+-]*$/;
const INTERNAL = /^(utf-?7.*|base64|hex|binary|internal|cesu-?8)$/;

export type Charset =
  | { readonly kind: 'known'; readonly name: string }
  | { readonly kind: 'unreadable'; readonly name: string }
  | { readonly kind: 'unknown' };

/** What a label means. `name` is one that `decodeAs` takes. */
export function readLabel(label: string): Charset {
  const name = label.trim().toLowerCase();
  if (KOREAN.has(name)) return { kind: 'known', name: 'cp949' };
  if (ISO_2022_KR_NAMES.has(name)) return { kind: 'known', name: ISO_2022_KR };

  const unreadable = UNREADABLE.get(name);
  if (unreadable !== undefined) return { kind: 'unreadable', name: unreadable };

  const standard = standardName(name);
  if (standard !== undefined) return { kind: 'known', name: SUPERSETS.get(standard) ?? standard };
  if (!SHAPE.test(name) || INTERNAL.test(name) || !iconv.encodingExists(name)) return { kind: 'unknown' };
  return { kind: 'known', name };
}

/** Decodes whole bytes by a name that `readLabel` gave; what does not fit becomes U+FFFD. */
export function decodeAs(bytes: Uint8Array, name: string): string {
  if (name === ISO_2022_KR) return decodeIso2022kr(bytes);
  if (name === 'utf-8' || !iconv.encodingExists(name)) return new TextDecoder(name).decode(bytes);
  return iconv.decode(bytes, name);
}

function standardName(label: string): string | undefined {
  if (label === '') return undefined;
  try {
    const { encoding } = new TextDecoder(label);
    return encoding === 'x-user-defined' ? undefined : encoding;
  } catch {
    // TextDecoder says "not a label" only by throwing.
    return undefined;
  }
}
