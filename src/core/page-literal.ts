// Reads the value that begins at a place of a script: JSON, and what people write in scripts as if it were JSON, such as
// keys without quotes and commas at the end. It reads letters and runs nothing: anything else is refused with its place.

import { jsonOf } from './page-json.ts';

/** Deeper than any data, and far from the end of the stack. */
const DEEPEST = 500;

export interface Literal {
  readonly value: unknown;
  /** Where the value ends. */
  readonly end: number;
}

/** Thrown for what is no value. `at` is the place in the text. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const SPACE = /(?:[\s\uFEFF]|\/\*[\s\S]*?\*\/|\/\/[^\n\r]*)*/y;
const NUMBER = /[+-]?(?:0[xX][\da-fA-F]+|Infinity|NaN|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y;
const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
/** `!0` and `void 0` are how tools that shorten scripts write true and undefined. */
const WORD = /(?:null|true|false|undefined|!0|!1|void 0)(?![\p{ID_Continue}$])/uy;
/** What may end a text, or be the beginning of an escape, by the mark that opened it. */
const STOPS: Readonly<Record<string, RegExp>> = { '"': /["\\\n\r]/g, "'": /['\\\n\r]/g, '`': /[`\\$]/g };
const PARSE = /JSON\s*\.\s*parse\s*\(/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['!0', true],
  ['!1', false],
]);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' };

interface Reader {
  readonly text: string;
  at: number;
}

export function readLiteral(text: string, start: number): Literal {
  const reader = { text, at: start };
  const value = readValue(reader, 0);
  return { value, end: reader.at };
}

function readValue(reader: Reader, depth: number): unknown {
  if (depth > DEEPEST) throw new LiteralError(`is nested more than ${DEEPEST} deep`, reader.at);
  skipSpace(reader);
  const word = take(reader, WORD);
  if (word !== undefined) return WORDS.get(word);
  const letter = reader.text[reader.at];
  if (letter === '{') return readObject(reader, depth);
  if (letter === '[') return readArray(reader, depth);
  const quoted = takeQuoted(reader);
  if (quoted !== undefined) return unquote(quoted);
  const number = take(reader, NUMBER);
  if (number !== undefined) return readNumber(number);
  if (take(reader, PARSE) !== undefined) return readParsed(reader);
  throw refusal(reader);
}

function readNumber(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * Number(text.replace(/^[+-]/, ''));
}

function readObject(reader: Reader, depth: number): unknown {
  const entries: [string, unknown][] = [];
  readList(reader, '}', () => {
    const quoted = takeQuoted(reader);
    const key = quoted === undefined ? (take(reader, NAME) ?? take(reader, NUMBER)) : unquote(quoted);
    if (key === undefined) throw refusal(reader);
    expect(reader, ':');
    entries.push([key, readValue(reader, depth + 1)]);
  });
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(entries);
}

function readArray(reader: Reader, depth: number): unknown {
  const values: unknown[] = [];
  readList(reader, ']', () => {
    values.push(readValue(reader, depth + 1));
  });
  return values;
}

function readList(reader: Reader, close: string, readOne: () => void): void {
  reader.at += 1;
  skipSpace(reader);
  while (reader.text[reader.at] !== close) {
    readOne();
    skipSpace(reader);
    if (reader.text[reader.at] === ',') reader.at += 1;
    else if (reader.text[reader.at] !== close) throw refusal(reader);
    skipSpace(reader);
  }
  reader.at += 1;
}

/** `JSON.parse("...")`, which is how large data is often written. */
function readParsed(reader: Reader): unknown {
  const { at } = reader;
  skipSpace(reader);
  const quoted = takeQuoted(reader);
  if (quoted === undefined) throw refusal(reader);
  expect(reader, ')');
  try {
    return JSON.parse(unquote(quoted));
  } catch (cause) {
    throw new LiteralError(cause instanceof Error ? cause.message : String(cause), at);
  }
}

function expect(reader: Reader, letter: string): void {
  skipSpace(reader);
  if (reader.text[reader.at] !== letter) throw refusal(reader);
  reader.at += 1;
}

function skipSpace(reader: Reader): void {
  take(reader, SPACE);
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  reader.at += found?.length ?? 0;
  return found;
}

/** Step by step: a pattern for all of it would run out of stack on a text of megabytes. */
function takeQuoted(reader: Reader): string | undefined {
  const { text, at } = reader;
  const stops = STOPS[text[at] ?? ''];
  if (stops === undefined) return undefined;
  stops.lastIndex = at + 1;
  for (let stop = stops.exec(text); stop !== null; stop = stops.exec(text)) {
    if (stop[0] === '\\') stops.lastIndex += 1;
    else if (stop[0] === '$') {
      if (text[stops.lastIndex] === '{') return undefined;
    } else if (stop[0] !== text[at]) return undefined;
    else {
      reader.at = stops.lastIndex;
      return text.slice(at, reader.at);
    }
  }
  return undefined;
}

function unquote(quoted: string): string {
  // The engine's own reader is the fastest for what is JSON, as most texts are.
  const json = quoted.startsWith('"') ? jsonOf(quoted) : undefined;
  if (typeof json === 'string') return json;
  return quoted
    .slice(1, -1)
    .replace(/\\(?:u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(\r\n|[\s\S]))/g, (_, ...groups) => {
      const [braced, unit, byte, letter = ''] = groups as (string | undefined)[];
      if (braced !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(braced, 16), 0x10_ffff));
      const hex = unit ?? byte;
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return /^[\n\r\u2028\u2029]/.test(letter) ? '' : (ESCAPES[letter] ?? letter);
    });
}

function refusal({ text, at }: Reader): LiteralError {
  const rest = text.slice(at, at + 30).replace(/\s+/g, ' ');
  return new LiteralError(rest === '' ? 'ends before its value does' : `is no plain data at "${rest}"`, at);
}
