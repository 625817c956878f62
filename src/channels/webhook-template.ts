// The user's own body and headers for a webhook, with {{text}} and the like filled in. A body is JSON, a form or plain
// text, as its Content-Type header says; without one a body that begins with [ or a single { is JSON, any other is text.
import type { Outgoing } from '../core/ports.ts';
import { plainText } from '../kakao/plain.ts';

/** What may stand between {{ and }}. */
export const PLACEHOLDERS = ['text', 'title', 'link', 'job', 'id', 'recipient', 'part', 'parts'] as const;

export type Values = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

export interface Body {
  readonly contentType: string;
  readonly text: string;
}

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The bytes of one encoded word: with its frame it stays under the 75 characters of RFC 2047. */
const WORD_BYTES = 45;

export function valuesOf(row: Outgoing): Values {
  const { title = '', text, link = '' } = plainText(row.saying);
  const { job = '', key: id, recipient } = row;
  return { text, title, link, job, id, recipient, part: `${row.part}`, parts: `${row.parts}` };
}

/** Names between {{ and }} that mean nothing. */
export function strangersIn(template: string): readonly string[] {
  const names = Array.from(template.matchAll(PLACEHOLDER), ([, name = '']) => name);
  return names.filter((name) => !isPlaceholder(name));
}

/** The body with values filled in, escaped so that none can break out of its place. */
export function fillBody(template: string, { values, contentType }: { values: Values; contentType?: string }): Body {
  if (isJson(template, contentType)) {
    const text = fill(template, (name) => JSON.stringify(values[name]).slice(1, -1));
    return { contentType: contentType ?? 'application/json', text };
  }
  const isForm = contentType?.toLowerCase().includes('x-www-form-urlencoded') ?? false;
  const text = fill(template, (name) => (isForm ? encodeURIComponent(values[name].toWellFormed()) : values[name]));
  return { contentType: contentType ?? 'text/plain; charset=utf-8', text };
}

export function isJson(template: string, contentType: string | undefined): boolean {
  return contentType === undefined ? /^\s*(?:\[|\{(?!\{))/.test(template) : /\bjson\b/i.test(contentType);
}

/** The header with values filled in, on one line; what is not ASCII is encoded as RFC 2047 says, which ntfy reads. */
export function fillHeader(template: string, values: Values): string {
  const line = fill(template, (name) => values[name])
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return /^[ -~]*$/.test(line) ? line : encodedWords(line.toWellFormed()).join(' ');
}

function fill(template: string, written: (name: keyof Values) => string): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => (isPlaceholder(name) ? written(name) : whole));
}

function isPlaceholder(name: string): name is keyof Values {
  return PLACEHOLDERS.some((one) => one === name);
}

function encodedWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const codePoint of line) {
    const longer = `${words.at(-1) ?? ''}${codePoint}`;
    const fits = words.length > 0 && Buffer.byteLength(longer) <= WORD_BYTES;
    if (fits) words.pop();
    words.push(fits ? longer : codePoint);
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`);
}
