// Takes a CSS selector apart, only as far as suggesting another one needs. It never fails: what it cannot read is `other`.
export interface Part {
  readonly kind: 'tag' | 'class' | 'id' | 'other';
  readonly name: string;
  readonly text: string;
}

/** One compound (`li.dish[lang]`) and how it hangs on the one before. */
export interface Step {
  readonly combinator: ' ' | '>' | '+' | '~';
  readonly parts: readonly Part[];
}

const NAME = /(?:\\[0-9a-f]{1,6}\s?|\\.|[^\s\\>+~,.#:[\]()'"*])+/iy;
const COMBINATOR = /\s*[>+~]\s*|\s+/y;

/** `a, b` is two selectors; commas inside brackets, quotes and parentheses do not count. */
export function splitAlternatives(selector: string): readonly string[] {
  const found: string[] = [];
  let from = 0;
  for (let at = 0; at < selector.length; at = skipOne(selector, at)) {
    if (selector[at] !== ',') continue;
    found.push(selector.slice(from, at).trim());
    from = at + 1;
  }
  return [...found, selector.slice(from).trim()].filter((alternative) => alternative !== '');
}

export function splitSelector(selector: string): readonly Step[] {
  const steps: { combinator: Step['combinator']; parts: Part[] }[] = [];
  let combinator: Step['combinator'] = ' ';
  let parts: Part[] = [];
  for (let at = 0; at < selector.length; ) {
    const join = matchAt(COMBINATOR, selector, at);
    if (join !== '') {
      if (parts.length > 0) steps.push({ combinator, parts });
      combinator = readCombinator(join);
      parts = [];
    }
    const part = join === '' ? readPart(selector, at) : undefined;
    if (part !== undefined) parts.push(part);
    at += part?.text.length ?? join.length;
  }
  return parts.length > 0 ? [...steps, { combinator, parts }] : steps;
}

function readCombinator(text: string): Step['combinator'] {
  const sign = text.trim();
  return sign === '>' || sign === '+' || sign === '~' ? sign : ' ';
}

function readPart(selector: string, at: number): Part {
  const sign = selector[at] ?? '';
  if (sign === '*') return { kind: 'tag', name: '*', text: '*' };
  const kind = sign === '.' ? 'class' : sign === '#' ? 'id' : 'tag';
  const name = matchAt(NAME, selector, kind === 'tag' ? at : at + 1);
  if (name !== '') return { kind, name: unescapeName(name), text: kind === 'tag' ? name : sign + name };
  return { kind: 'other', name: '', text: selector.slice(at, otherEnd(selector, at)) };
}

/** A pseudo-class with its parentheses, an attribute with its brackets, or a single sign. */
function otherEnd(selector: string, at: number): number {
  if (selector[at] !== ':') return skipOne(selector, at);
  const colons = selector[at + 1] === ':' ? 2 : 1;
  const end = at + colons + matchAt(NAME, selector, at + colons).length;
  return selector[end] === '(' ? skipOne(selector, end) : end;
}

function unescapeName(name: string): string {
  return name
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex: string) =>
      String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff)),
    )
    .replace(/\\(.)/g, '$1');
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** The index behind the character, quoted string or balanced pair of brackets at an index. */
function skipOne(text: string, from: number): number {
  const closers: string[] = [];
  for (let at = from; at < text.length; at++) {
    const sign = text[at] ?? '';
    const wanted = closers.at(-1);
    if (sign === '\\') at++;
    else if (sign === wanted) closers.pop();
    else if (wanted !== '"' && wanted !== "'") closers.push(...opens(sign));
    if (closers.length === 0) return at + 1;
  }
  return text.length;
}

function opens(sign: string): readonly string[] {
  const closer = { '[': ']', '(': ')', '"': '"', "'": "'" }[sign];
  return closer === undefined ? [] : [closer];
}
