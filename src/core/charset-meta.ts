// The charset a page names in itself: an XML prolog or a meta tag, read as the HTML standard's prescan reads it.
// The prescan stops after 1024 bytes; this one goes on to the body, because a meta tag may come late in the head.
import iconv from 'iconv-lite';

/** The body counts too in the first part of a page, as it does in a browser's prescan. */
const PRESCAN_BYTES = 4096;
const HEAD_BYTES = 512 * 1024;

const PROLOG = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["'][^>]*>/i;
const ATTRIBUTE =
  /[\t\n\f\r /]*([^\t\n\f\r />][^=\t\n\f\r />]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*("[^"]*"?|'[^']*'?|[^\t\n\f\r >]*))?/y;
const TAG = /<(!--|\/?[a-z]|[!/?])/gi;

/** Gives the labels a page names, in order: the first one that means a charset counts. */
export function* namedCharsets(bytes: Uint8Array): Generator<string> {
  const text = iconv.decode(bytes.subarray(0, HEAD_BYTES), 'binary');
  const prolog = PROLOG.exec(text.slice(0, PRESCAN_BYTES))?.[1];
  if (prolog !== undefined) yield prolog;

  const tag = new RegExp(TAG);
  const body = /<body[\t\n\f\r />]/i.exec(text)?.index ?? text.length;
  const limit = Math.max(body, PRESCAN_BYTES);
  for (let match = tag.exec(text); match !== null && match.index < limit; match = tag.exec(text)) {
    const end = endOf(text, match);
    if (end === undefined) return;
    tag.lastIndex = end.at;
    if (end.label !== undefined) yield end.label;
  }
}

interface End {
  readonly at: number;
  readonly label?: string | undefined;
}

function endOf(text: string, match: RegExpExecArray): End | undefined {
  const [opening, kind = ''] = match;
  if (kind === '!--') return after(text, '-->', match.index + 2);
  if (!/[a-z]/i.test(opening)) return after(text, '>', match.index);

  const name = /[^\t\n\f\r />]*/y;
  name.lastIndex = match.index + 1;
  const word = (name.exec(text)?.[0] ?? '').toLowerCase();
  const attributes = readAttributes(text, match.index + 1 + word.length);
  if (attributes === undefined) return undefined;
  return { at: attributes.at, label: word === 'meta' ? labelOf(attributes.values) : undefined };
}

function after(text: string, mark: string, from: number): End | undefined {
  const at = text.indexOf(mark, from);
  return at < 0 ? undefined : { at: at + mark.length };
}

/** Undefined when the text ends within the tag. */
function readAttributes(text: string, from: number): { at: number; values: ReadonlyMap<string, string> } | undefined {
  const values = new Map<string, string>();
  const attribute = new RegExp(ATTRIBUTE);
  attribute.lastIndex = from;
  let at = from;
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    at = attribute.lastIndex;
    const [, name = '', value = ''] = match;
    if (!values.has(name.toLowerCase())) values.set(name.toLowerCase(), unquote(value));
  }
  return at >= text.length ? undefined : { at, values };
}

function unquote(value: string): string {
  return /^["']/.test(value) ? value.slice(1, -1) : value;
}

function labelOf(attributes: ReadonlyMap<string, string>): string | undefined {
  const charset = attributes.get('charset') ?? pragmaOf(attributes);
  // A page that can be read as ASCII is not UTF-16, whatever it says.
  return charset !== undefined && /^\s*(utf-?16|unicode|ucs-?2)/i.test(charset) ? 'utf-8' : charset;
}

function pragmaOf(attributes: ReadonlyMap<string, string>): string | undefined {
  if (attributes.get('http-equiv')?.toLowerCase() !== 'content-type') return undefined;
  return charsetParameter(attributes.get('content') ?? '');
}

/** The charset of a Content-Type value. */
export function charsetParameter(contentType: string): string | undefined {
  const match = /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^"'\t\n\f\r ;,][^\t\n\f\r ;,]*))/i.exec(
    contentType,
  );
  return match === null ? undefined : (match[1] ?? match[2] ?? match[3]);
}
