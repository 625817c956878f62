// Decodes ISO-2022-KR, the seven-bit charset of old Korean mail: its shifted pairs are KS X 1001, the rows of which CP949
// keeps with the high bits set. No library at hand reads it.
import iconv from 'iconv-lite';

const ESCAPE = 0x1b;
const SHIFT_OUT = '\x0e';
const SHIFT_IN = '\x0f';
/** Says that shifted bytes are KS X 1001. */
const DESIGNATION = '\x1b$)C';
/** No character of CP949: iconv-lite makes U+FFFD of it. */
const BROKEN = '\xff';

/** Whether the first escape says so, and all bytes have seven bits. */
export function isIso2022kr(bytes: Uint8Array): boolean {
  const at = bytes.indexOf(ESCAPE);
  const start = iconv.decode(bytes.subarray(at, at + DESIGNATION.length), 'binary');
  return at >= 0 && start === DESIGNATION && bytes.every((byte) => byte < 0x80);
}

export function decodeIso2022kr(bytes: Uint8Array): string {
  const text = iconv.decode(bytes, 'binary').replaceAll(DESIGNATION, '');
  const wide = text
    .split(/([\r\n])/)
    .map(widenLine)
    .join('');
  return iconv.decode(iconv.encode(wide, 'binary'), 'cp949');
}

/** A line begins unshifted, whatever the one before forgot. */
function widenLine(line: string): string {
  const [plain = '', ...shifted] = line.split(SHIFT_OUT);
  const after = shifted.map((part) => {
    const [korean = '', ...rest] = part.split(SHIFT_IN);
    return widen(korean) + rest.map(keepAscii).join('');
  });
  return keepAscii(plain.replaceAll(SHIFT_IN, '')) + after.join('');
}

function keepAscii(part: string): string {
  return part.replace(/[\x80-\xff]/g, BROKEN);
}

/** Half a pair is broken by itself, and so is a byte with a high bit. */
function widen(part: string): string {
  return part.replace(/[!-~]{2}|[!-~\x80-\xff]/g, (pair) => (pair.length === 2 ? setHighBits(pair) : BROKEN));
}

function setHighBits(pair: string): string {
  return String.fromCharCode(...[...pair].map((sign) => sign.charCodeAt(0) | 0x80));
}
