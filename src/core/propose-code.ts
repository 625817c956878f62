// Small pieces of TypeScript, laid out as the formatter of the jobs folder would.
/** The longest line, as in jobs/. */
const WIDTH = 120;

const RESERVED =
  /^(?:arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/;

export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  if (text.includes("'") && !text.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A name that needs no quotes. */
function isIdentifier(name: string): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name);
}

export function keyOf(name: string): string {
  return isIdentifier(name) ? name : quote(name);
}

/** A name that may stand for a value. */
export function isVariable(name: string): boolean {
  return isIdentifier(name) && !RESERVED.test(name);
}

export function accessOf(name: string): string {
  return isIdentifier(name) ? `.${name}` : `[${quote(name)}]`;
}

/** `{ title: '.title', url: 'a@href' }` in one line. */
export function objectOf(entries: readonly (readonly [name: string, code: string])[]): string {
  return `{ ${entries.map(([name, code]) => (name === code ? name : `${keyOf(name)}: ${code}`)).join(', ')} }`;
}

/** A property whose value is an arrow function of one expression; each of `layouts` is a wider way to write it. */
export function stepOf(head: string, layouts: readonly string[]): string {
  const [first = ''] = layouts;
  const line = `  ${head} => ${first},`;
  if (!first.includes('\n') && fits(line)) return line;
  const laid = layouts.find((layout) => layout.split('\n').every((each) => fits(`    ${each}`))) ?? layouts.at(-1);
  return `  ${head} =>\n${indent(laid ?? '', 4)},`;
}

export function fits(line: string): boolean {
  return widthOf(line) <= WIDTH;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/gu;

/** In columns: a Korean letter takes two. */
export function widthOf(line: string): number {
  return Array.from(line).length + (line.match(WIDE)?.length ?? 0);
}

export function indent(code: string, by: number): string {
  return code
    .split('\n')
    .map((line) => (line === '' ? line : ' '.repeat(by) + line))
    .join('\n');
}

/** Plain data as code. */
export function codeOf(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(codeOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return objectOf(Object.entries(value).map(([name, inner]) => [name, codeOf(inner)]));
}

/** Text for the inside of a template string. */
export function inTemplate(text: string): string {
  return text.replaceAll(/[`\\]|\$\{/g, '\\$&');
}

/** One import line of a written file. */
export function importOf(what: string, from: string): string {
  return `import ${what} from ${quote(from)};`;
}
