// Reads what src/index.ts exports out of the source: each function, type and member with its docstring and examples.
// By lines and not by a parser: the formatter keeps every declaration of ours in one shape.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, '../src');

export interface Documented {
  /** `fell`, `Page`, `Page.one`; a call signature is its interface. */
  readonly name: string;
  readonly kind: 'function' | 'type' | 'member';
  /** It is called, by an author or by talkbell: it needs an example. */
  readonly takesArguments: boolean;
  /** The comment above it, without its stars; empty where there is none. */
  readonly docs: string;
  readonly examples: readonly string[];
}

/** What the builders of messages take: nobody imports these types, and everybody writes their fields. */
export function readInputs(): readonly Documented[] {
  const files = readdirSync(join(SOURCE, 'kakao')).filter((file) => file.startsWith('build-'));
  return files.flatMap((file) => {
    const text = readFileSync(join(SOURCE, 'kakao', file), 'utf8');
    const names = Array.from(text.matchAll(/^export (?:interface|type) (\w+)/gm), ([, name = '']) => name);
    return readFrom(text.split('\n'), names);
  });
}

/** Everything public, in the order of src/index.ts. */
export function readPublic(): readonly Documented[] {
  const index = readFileSync(join(SOURCE, 'index.ts'), 'utf8');
  return Array.from(index.matchAll(/^export (?:type )?\{([^}]*)\} from '(.+)';$/gm)).flatMap(
    ([, names = '', file = '']) =>
      readFrom(
        readFileSync(join(SOURCE, file), 'utf8').split('\n'),
        names.split(',').map((name) => name.replace(/^\s*type /, '').trim()),
      ),
  );
}

function readFrom(lines: readonly string[], names: readonly string[]): readonly Documented[] {
  return names
    .filter((name) => name !== '')
    .flatMap((name) => {
      const at = lines.findIndex((line) =>
        new RegExp(`^export (?:async )?(?:function|interface|type) ${name}\\b`).test(line),
      );
      const declaration = lines[at] ?? '';
      if (declaration === '') throw new Error(`src/index.ts exports ${name}, which is not found where it comes from.`);
      const docs = docsAbove(lines, at);
      if (!declaration.includes(' interface ')) {
        const isFunction = declaration.includes('function ');
        const takesArguments = isFunction || /^export type \w+(?:<.*>)? = \(.*\) =>/.test(declaration);
        return [
          { name, kind: isFunction ? 'function' : 'type', takesArguments, docs, examples: examplesOf(docs) } as const,
        ];
      }
      const members = membersOf(lines, at, name);
      const isCalled = members.some((member) => member.name === name);
      const own = { name, kind: 'type', takesArguments: isCalled, docs, examples: examplesOf(docs) } as const;
      return [own, ...members.filter((member) => member.name !== name)];
    });
}

/** Overloads stand together below one comment. */
function membersOf(lines: readonly string[], start: number, owner: string): readonly Documented[] {
  const end = lines.indexOf('}', start);
  const found = lines.slice(0, end).flatMap((line, at) => {
    const match = /^ {2}(?:readonly )?([\w$]*)\??(?:<.*>)?([:(].*)/.exec(line);
    if (at <= start || match === null) return [];
    const [, field = '', rest = ''] = match;
    const docs = docsAbove(lines, at);
    const takesArguments = rest.startsWith('(') || /^: \((?:$|\)|(?:\.\.\.)?\w+\??:)/.test(rest);
    const name = field === '' ? owner : `${owner}.${field}`;
    return [{ name, kind: 'member', takesArguments, docs, examples: examplesOf(docs) } as const];
  });
  return found.filter(({ name }, at) => found.findIndex((other) => other.name === name) === at);
}

function docsAbove(lines: readonly string[], at: number): string {
  if (lines[at - 1]?.trim().endsWith('*/') !== true) return '';
  const start = lines.slice(0, at).findLastIndex((line) => line.trim().startsWith('/**'));
  const comment = lines.slice(start, at).map((line) => line.replace(/^\s*(?:\/\*\*|\*(?!\/)) ?/, ''));
  return comment
    .join('\n')
    .replace(/\s*\*\/$/, '')
    .trim();
}

function examplesOf(docs: string): readonly string[] {
  return docs
    .split(/^@example\b[ \n]?/m)
    .slice(1)
    .map((code) => code.trim());
}
