// Data that a page carries in its scripts: JSON in a script of its own, or assigned to a name. Found and read as text;
// nothing of a page is ever run.
import type { Cheerio } from 'cheerio/slim';
import { ExtractError } from './errors.ts';
import type { Dom, Element } from './html.ts';
import { jsonOf } from './page-json.ts';
import { LiteralError, readLiteral } from './page-literal.ts';
import { snippet } from './page-text.ts';

export interface Scripts {
  readonly url: string;
  /** The text of every script, in order, with the name (`id`) of those that have one. */
  readonly scripts: readonly { readonly id: string | undefined; readonly type: string; readonly text: string }[];
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$.-]*$/u;
const MOST_NAMES = 12;
/** Places in one script that assign to the name, and nothing that can be read. */
const MOST_FAILURES = 1000;

/** The scripts of a page, or those a selector matches. */
export function scriptsOf($: Dom, url: string, selector = 'script'): Scripts {
  const elements: Cheerio<Element> = $(selector).filter('script, template, textarea, pre, code');
  const scripts = elements.get().map((element) => {
    const { id, type = '' } = element.attribs;
    return { id, type, text: $(element).text() };
  });
  return { url, scripts };
}

/** Whether what a job asks for is the name of a variable or script, not a selector. */
export function isName(asked: string): boolean {
  return NAME.test(asked);
}

/** The value of the first script that holds JSON. */
export function readScriptOf({ url, scripts }: Scripts, selector: string): unknown {
  for (const { text } of scripts) {
    const value = jsonOf(bare(text));
    if (value !== undefined) return value;
  }
  const first = scripts[0];
  const what =
    first === undefined
      ? `no script matches \`${selector}\``
      : `the script \`${selector}\` is not JSON: it begins with "${snippet(first.text, 60)}"`;
  throw new ExtractError(`${url}: ${what}.${namesIn(scripts)}`, { url, selector });
}

/** The data of `<script id="NAME">`, else what a script assigns to NAME. */
export function readNamed({ url, scripts }: Scripts, name: string): unknown {
  const own = scripts.find(({ id }) => id === name);
  const value = own && jsonOf(bare(own.text));
  if (value !== undefined) return value;

  const failures: string[] = [];
  for (const { text } of scripts) {
    for (const at of assignments(text, name)) {
      const read = attempt(text, at);
      if ('value' in read) return read.value;
      failures.push(read.problem);
      if (failures.length > MOST_FAILURES) break;
    }
  }
  const problem = failures[0];
  if (problem === undefined) {
    throw new ExtractError(`${url}: no script holds data named \`${name}\`.${namesIn(scripts)}`, {
      url,
      selector: name,
    });
  }
  const hint =
    'Only plain data can be read: a function call is never run. Look for the address the page loads it from.';
  throw new ExtractError(`${url}: what is assigned to \`${name}\` ${problem}. ${hint}`, { url, selector: name });
}

function attempt(text: string, at: number): { readonly value: unknown } | { readonly problem: string } {
  try {
    const { value, end } = readLiteral(text, at);
    // `a = 1 + 2` and `a = {...}.b` begin with a value and are none.
    const next = /^\s*([.+\-*/%&|?([=<>])/.exec(text.slice(end, end + 200))?.[1];
    if (next !== undefined && !isComment(text.slice(end, end + 200))) return { problem: 'is an expression' };
    return value === undefined ? { problem: 'is undefined' } : { value };
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    return { problem: error.message };
  }
}

function isComment(rest: string): boolean {
  return /^\s*\/[/*]/.test(rest);
}

/** The places behind `NAME =`, in whichever way a script may write it. Guards such as `NAME = NAME || {...}` are passed. */
function* assignments(text: string, name: string): Generator<number> {
  const word = name.replace(/[$.]/g, '\\$&').replaceAll('-', '\\-');
  const bareName = `(?<![\\p{ID_Continue}$.'"\\[])${word}`;
  const owned = `(?:window|self|globalThis|top|this)(?:\\.${word}|\\[\\s*(?:"${word}"|'${word}')\\s*\\])`;
  const either = `(?:${owned}|${bareName})`;
  const pattern = new RegExp(`${either}\\s*=(?![=>])\\s*(?:${either}\\s*(?:\\|\\||\\?\\?)\\s*)?`, 'gu');
  for (const { 0: found, index } of text.matchAll(pattern)) yield index + found.length;
}

/** Without the comment and CDATA marks that old pages put around a script. */
function bare(text: string): string {
  return text
    .replace(/^\s*(?:<!--|(?:\/\/|\/\*)?\s*<!\[CDATA\[(?:\s*\*\/)?)/, '')
    .replace(/(?:-->|(?:\/\/|\/\*)?\s*\]\]>(?:\s*\*\/)?)\s*$/, '');
}

/** What a page has instead, for an error. */
function namesIn(scripts: Scripts['scripts']): string {
  const ids = scripts.flatMap(({ id, type }) => (id !== undefined && /json/.test(type) ? [id] : []));
  const assigned = scripts.flatMap(({ text }) =>
    [
      ...text
        .slice(0, 500_000)
        .matchAll(/(?:\b(?:var|let|const)\s+|\bwindow\.)([\w$]{1,60})\s*=\s*(?=[[{]|JSON\.parse)/g),
    ].map(([, name = '']) => name),
  );
  const names = [...new Set([...ids, ...assigned])].slice(0, MOST_NAMES).map((name) => `\`${name}\``);
  return names.length === 0 ? ' Its scripts hold no data by name.' : ` Data it does hold: ${names.join(', ')}.`;
}
