// Takes the READMEs apart: sections, fenced blocks, tables and commands.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The cells of the rows below a table's head, as they are written. */
export type Table = readonly (readonly string[])[];

export interface Section {
  readonly level: number;
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly tables: readonly Table[];
}

export function readPage(file: string): string {
  return readFileSync(join(import.meta.dirname, '..', file), 'utf8');
}

export function sectionsOf(page: string): readonly Section[] {
  const masked = page.replaceAll(/^```[\s\S]*?^```$/gm, (block) => block.replaceAll(/^#/gm, '\u0000'));
  return masked.split(/^(?=#{1,6} )/m).map((part) => {
    const text = part.replaceAll('\u0000', '#');
    const [, marks = '', title = ''] = /^(#+) (.*)/.exec(text) ?? [];
    return { level: marks.length, title, blocks: blocksOf(text), tables: tablesOf(text) };
  });
}

function blocksOf(text: string): readonly Block[] {
  const blocks = text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return Array.from(blocks, ([, language = '', inner = '']) => ({ language, text: inner }));
}

function tablesOf(text: string): readonly Table[] {
  const tables = text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^\|.*\|\n\|[-| ]+\|\n((?:\|.*\|\n?)+)/gm);
  return Array.from(tables, ([, body = '']) => body.trim().split('\n').map(cellsOf));
}

/** The table whose first row begins with this in code. */
export function tableFrom(page: string, begins: string): Table {
  const tables = sectionsOf(page).flatMap((section) => section.tables);
  const found = tables.find(([row = []]) => codeIn(row[0] ?? '')[0] === begins);
  if (found === undefined) throw new Error(`There is no table that begins with ${begins}.`);
  return found;
}

function cellsOf(row: string): readonly string[] {
  return row
    .replace(/^\|\s*|\s*\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/** What stands between backticks. */
export function codeIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
}

export function blocksIn(page: string, language: string): readonly string[] {
  return sectionsOf(page)
    .flatMap(({ blocks }) => blocks)
    .filter((block) => block.language === language)
    .map(({ text }) => text);
}

/** Every command in the order a reader meets it; those joined with && one by one. */
export function commandsOf(page: string): readonly string[] {
  return blocksIn(page, 'sh')
    .flatMap((text) => text.trim().split('\n'))
    .flatMap((line) => line.split(' && '))
    .map((command) => command.trim());
}
