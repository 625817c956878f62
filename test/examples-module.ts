// Makes a module of an example. Four kinds, told by how they are written: a whole job file, one field of a job, an
// expression with or without its value behind it, and statements.
import { Script } from 'node:vm';
import * as talkbell from 'talkbell';

export interface Example {
  /** The file of its module, without the ending: `Page.one-2`. */
  readonly file: string;
  /** What it stands above. */
  readonly name: string;
  readonly kind: 'job' | 'field' | 'expression' | 'statements';
  /** As JavaScript; undefined where none is told. */
  readonly value: string | undefined;
  readonly source: string;
}

interface Making {
  readonly name: string;
  readonly index: number;
  readonly code: string;
  readonly scene: string;
  /** The names of a job's fields. */
  readonly fields: ReadonlySet<string>;
}

const SCENE = ['get', 'run', 'job', 'page', 'pdf', 'row', 'url', 'title'];

/** Behind the code, on its last line or in the lines below it. An address has no space before its slashes. */
const VALUE = /(?:^|\s)\/\/ (.*(?:\n\/\/ .*)*)$/;

export function makeExample({ name, index, code, scene, fields }: Making): Example {
  const file = `${name}-${index + 1}`;
  const field = code.split('\n').findIndex((line) => fields.has(/^(\w+): /.exec(line)?.[1] ?? ''));
  if (/^export default /m.test(code)) return { file, name, kind: 'job', value: undefined, source: withImports(code) };
  if (field >= 0) {
    const lines = code.split('\n');
    const source = asJob(lines.slice(field).join('\n'), scene);
    return {
      file,
      name,
      kind: 'field',
      value: undefined,
      source: withImports([...lines.slice(0, field), source].join('\n')),
    };
  }
  const { told, value } = splitValue(code);
  const isExpression = compiles(`(async () => (\n${told}\n))`);
  const body = isExpression ? `return [await (\n${told}\n), (${value})];` : `{\n${code}\n}`;
  const used = SCENE.filter((word) => new RegExp(`\\b${word}\\b`).test(code)).join(', ');
  const source = `import type { Scene } from '${scene}';
export default async ({ ${used} }: Scene): Promise<unknown> => {
${body}
return undefined;
};`;
  return { file, name, kind: isExpression ? 'expression' : 'statements', value, source: withImports(source) };
}

function splitValue(code: string): { readonly told: string; readonly value: string | undefined } {
  const match = VALUE.exec(code);
  if (match === null || match.index === 0) return { told: code, value: undefined };
  return { told: code.slice(0, match.index), value: match[1]?.replaceAll('\n// ', '\n') };
}

/** The job around one field, in the order of the flow. */
function asJob(code: string, scene: string): string {
  const given = (name: string): boolean => new RegExp(`^${name}: `).test(code);
  const rest: readonly (readonly [string, string])[] = [
    ['schedule', `{ lunch: '20 11 * * 1-5', evening: '0 18 * * *' }`],
    ['to', `'me'`],
    ['fetch', `(get) => get('https://dorm.example.ac.kr/menu')`],
    ['extract', '() => items'],
    ['watch', ''],
    ['render', `(found) => JSON.stringify(found)`],
  ];
  const isStep = rest.some(([name]) => given(name));
  const lines = rest.flatMap(([name, value]) => {
    if (given(name)) return [code];
    return value === '' ? [] : [`${name}: ${value}`];
  });
  return `import { items } from '${scene}';
export default defineJob({
${[...(isStep ? [] : [code]), ...lines].map((line) => line.replace(/,$/, '')).join(',\n')},
});
void items;`;
}

/** What a reader takes for granted: talkbell's own names, zod, assert and files. */
function withImports(code: string): string {
  const imported = /^import .*$/gm;
  const has = (word: string): boolean => new RegExp(`(?<![.\\w])${word}\\b`).test(code.replace(imported, ''));
  const isBrought = (word: string): boolean =>
    (code.match(imported) ?? []).some((line) => new RegExp(`[{, ]${word}[, }]`).test(line));
  const ours = Object.keys(talkbell).filter((word) => has(word) && !isBrought(word));
  return [
    ...(ours.length > 0 ? [`import { ${ours.join(', ')} } from 'talkbell';`] : []),
    ...(has('assert') ? [`import assert from 'node:assert/strict';`] : []),
    ...(has('readFileSync') ? [`import { readFileSync } from 'node:fs';`] : []),
    ...(has('z') ? [`import { z } from 'zod';`] : []),
    code,
    '',
  ].join('\n');
}

function compiles(code: string): boolean {
  try {
    new Script(code);
    return true;
  } catch {
    // Not an expression is an answer here, not a failure.
    return false;
  }
}
