// Secrets in running text, found by what stands before them: a header, a field, a parameter, an address with a password.
// What comes out of a line of JSON is still a line of JSON, and scrubbing it again changes nothing.
import { isSecretField, isSecretParameter, SECRET } from './redact-names.ts';

/** `https://user:password@host`. */
const USER_INFO = /\b([a-z][a-z\d+.-]{0,20}:\/\/)[^\s/?#"'<>\\]+@/gi;

/** A whole header line, because a cookie or a credential goes on to its end. */
const HEADER = /\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*[:=]\s*)[^\r\n"'\\]+/gi;

/** `Bearer abc`, wherever it stands. */
const SCHEME =
  /\b(Bearer|Basic|Digest|KakaoAK)(\s+|%20|\+)(?!(?:authentication|authorization|auth|realm|token|error)\b)[\w.~+/-]{6,}=*(?![\w=])/gi;

/** `"name": "value"`, quoted with or without backslashes, the name perhaps bare, the end perhaps cut off. */
const QUOTED = /((?<!\\)\\*["']|\b)([\w.-]{1,64})\1(\s*:\s*)(\\*["'`])((?:(?!\4|")(?:\\[\s\S]|[^\\]))*)(?:\4|(?=")|$)/g;

/** `"name": 123`, `"name": ["a"]`, `"name": {"a": "b"}`. */
const STRUCTURED =
  /((?<!\\)\\*["'])([\w.-]{1,64})\1(\s*:\s*)(-?\d[\w.+-]*|[[{](?:[^\]"'\\{}[]|\1(?:(?!\1|")(?:\\[\s\S]|[^\\]))*\1)*[\]}])/g;

/** `name=value` in an address, a form or a sentence, also percent-encoded inside another address. */
const PARAMETER = /(%3F|%26|\b)([\w.~-]{1,64}?)(=|%3D)(\[secret\]|(?:(?!%26|%23)[^\s&#;,"'<>\\)}\]])+)/gi;

/** `name: value` in a sentence. */
const FIELD = /\b([a-z][\w.-]{1,63})(:[ \t]*)([^\s"'`\\,;&{}[\]()]+)/gi;

/** What is nested deeper than this is a trap, and no longer looked at but replaced. */
const DEEPEST = 8;

export function scrubPatterns(text: string): string {
  const marked = text
    .replace(USER_INFO, `$1${SECRET}@`)
    .replace(HEADER, `$1$2${SECRET}`)
    .replace(SCHEME, `$1$2${SECRET}`);
  return [scrubQuoted, scrubStructured, scrubParameters, scrubFields].reduce((done, scrub) => scrub(done, 0), marked);
}

// A value that is no secret itself may hold one: JSON within JSON, an address within an address. So each looks inside.

function scrubQuoted(text: string, depth: number): string {
  if (depth > DEEPEST) return SECRET;
  return text.replace(QUOTED, (whole, before: string, name: string, colon: string, quote: string, value: string) => {
    const head = `${before}${name}${before}${colon}${quote}`;
    if (value !== '' && isSecretField(name, value)) return `${head}${SECRET}${quote}`;
    return `${head}${scrubQuoted(value, depth + 1)}${whole.slice(head.length + value.length)}`;
  });
}

function scrubStructured(text: string, depth: number): string {
  if (depth > DEEPEST) return SECRET;
  return text.replace(STRUCTURED, (_whole, quote: string, name: string, colon: string, value: string) => {
    const head = `${quote}${name}${quote}${colon}`;
    if (isSecretField(name, value)) return `${head}${quote}${SECRET}${quote}`;
    return `${head}${scrubStructured(value, depth + 1)}`;
  });
}

function scrubParameters(text: string, depth: number): string {
  if (depth > DEEPEST) return SECRET;
  return text.replace(PARAMETER, (_whole, before: string, name: string, equals: string, value: string) => {
    const head = `${before}${name}${equals}`;
    return isSecretParameter(name, value) ? `${head}${SECRET}` : `${head}${scrubParameters(value, depth + 1)}`;
  });
}

function scrubFields(text: string, depth: number): string {
  if (depth > DEEPEST) return SECRET;
  return text.replace(FIELD, (_whole, name: string, colon: string, value: string) => {
    const isSecret = isSecretField(name, value) && !value.startsWith('//');
    return isSecret ? `${name}${colon}${SECRET}` : `${name}${colon}${scrubFields(value, depth + 1)}`;
  });
}
