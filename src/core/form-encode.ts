// A form's entries as bytes, in the charset of its page: a server that serves EUC-KR reads EUC-KR.
// A letter the charset lacks goes as a browser sends it, as `&#44033;`.
import iconv from 'iconv-lite';

export interface FormEntry {
  readonly name: string;
  readonly value: string;
  /** A file that nobody chose: its part of a multipart body is empty. */
  readonly file?: true;
}

const UTF8 = 'utf-8';
const PLAIN_BYTE = /[*\-.\w]/;

/** The charset a form is sent in: browsers send none in UTF-16, and nothing can be sent in what iconv-lite lacks. */
export function sendingCharset(name: string): string {
  return /^utf-?(8|16|32)/i.test(name) || !iconv.encodingExists(name) ? UTF8 : name;
}

/** As `application/x-www-form-urlencoded`. */
export function encodeForm(entries: readonly FormEntry[], charset: string): string {
  return entries.map(({ name, value }) => `${encodeWord(name, charset)}=${encodeWord(value, charset)}`).join('&');
}

/** One name or value of a form: `%B9%E4+1`. */
export function encodeWord(text: string, charset: string): string {
  return Array.from(bytesOf(withCrlf(text), charset), (byte) => {
    const sign = String.fromCharCode(byte);
    if (sign === ' ') return '+';
    return PLAIN_BYTE.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** As `multipart/form-data`. The boundary is one that stands nowhere in the values. */
export function encodeMultipart(
  entries: readonly FormEntry[],
  charset: string,
): { readonly body: Uint8Array; readonly type: string } {
  const parts = entries.map((entry) => partOf(entry, charset));
  const boundary = boundaryOf(parts);
  const text = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
  return { body: bytesOfBinary(text), type: `multipart/form-data; boundary=${boundary}` };
}

/** As `text/plain`. */
export function encodePlain(entries: readonly FormEntry[], charset: string): Uint8Array {
  return bytesOf(entries.map(({ name, value }) => `${name}=${withCrlf(value)}\r\n`).join(''), charset);
}

/** One part, each of its bytes a sign. */
function partOf({ name, value, file }: FormEntry, charset: string): string {
  const escaped = withCrlf(name).replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
  const head = `Content-Disposition: form-data; name="${binaryOf(escaped, charset)}"`;
  if (file) return `${head}; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return `${head}\r\n\r\n${binaryOf(withCrlf(value), charset)}`;
}

function boundaryOf(parts: readonly string[], count = 0): string {
  const boundary = `----talkbell-form-${count}`;
  return parts.some((part) => part.includes(boundary)) ? boundaryOf(parts, count + 1) : boundary;
}

function withCrlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}

function bytesOf(text: string, charset: string): Uint8Array {
  if (charset === UTF8) return new TextEncoder().encode(text);
  const whole = iconv.encode(text, charset);
  if (iconv.decode(whole, charset) === text) return whole;
  const sendable = Array.from(text, (letter) =>
    iconv.decode(iconv.encode(letter, charset), charset) === letter ? letter : `&#${letter.codePointAt(0)};`,
  );
  return iconv.encode(sendable.join(''), charset);
}

function binaryOf(text: string, charset: string): string {
  return Array.from(bytesOf(text, charset), (byte) => String.fromCharCode(byte)).join('');
}

function bytesOfBinary(text: string): Uint8Array {
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}
