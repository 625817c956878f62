// JSON-LD: what a page says of itself for search engines. Often the steadiest part of a page: names, dates, prices.
import { ExtractError } from './errors.ts';
import { jsonOf } from './page-json.ts';
import { snippet } from './page-text.ts';

/** One thing of JSON-LD, as written: `@type` and its properties. */
export type JsonLd = Readonly<Record<string, unknown>>;

interface Source {
  readonly url: string;
  /** The text of each `<script type="application/ld+json">`. */
  readonly blocks: readonly string[];
}

const MOST_TYPES = 12;
const DEEPEST = 100;

/** Without a type the things on top, those of `@graph` among them; with one all of that type, at any depth. */
export function readJsonLd({ url, blocks }: Source, type: string | undefined): readonly JsonLd[] {
  const values = blocks.map((block) => jsonOf(mend(block)));
  const things = values.flatMap((value) => topThings(value, 0));
  if (things.length === 0) throw none(url, blocks, values);
  if (type === undefined) return things;

  const all = things.flatMap((thing) => [...thingsIn(thing, 0)]);
  const wanted = shorten(type);
  const found = all.filter((thing) => typesOf(thing).includes(wanted));
  if (found.length > 0) return found;
  const types = [...new Set(all.flatMap(typesOf))].slice(0, MOST_TYPES).map((name) => `\`${name}\``);
  const message = `${url}: no JSON-LD is of the type \`${type}\`. Types that do exist: ${types.join(', ') || 'none'}.`;
  throw new ExtractError(message, { url, selector: type });
}

function none(url: string, blocks: readonly string[], values: readonly unknown[]): ExtractError {
  const broken = blocks.find((_, index) => values[index] === undefined);
  const why = broken === undefined ? 'has no JSON-LD' : `has JSON-LD that is not JSON: "${snippet(broken, 60)}"`;
  return new ExtractError(`${url} ${why}.`, { url, selector: 'script[type="application/ld+json"]' });
}

function topThings(value: unknown, depth: number): readonly JsonLd[] {
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((inner) => topThings(inner, depth + 1));
  if (!isThing(value)) return [];
  const graph = value['@graph'];
  return Array.isArray(graph) ? graph.filter(isThing) : [value];
}

function* thingsIn(value: unknown, depth: number): Generator<JsonLd> {
  if (depth > DEEPEST) return;
  if (Array.isArray(value)) for (const inner of value) yield* thingsIn(inner, depth + 1);
  if (!isThing(value)) return;
  yield value;
  for (const inner of Object.values(value)) yield* thingsIn(inner, depth + 1);
}

function isThing(value: unknown): value is JsonLd {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typesOf(thing: JsonLd): readonly string[] {
  return [thing['@type']]
    .flat()
    .filter((type) => typeof type === 'string')
    .map(shorten);
}

/** `https://schema.org/Event` and `schema:Event` are Event. */
function shorten(type: string): string {
  return type.replace(/^(?:https?:\/\/schema\.org\/|schema:)/, '');
}

/** What pages get wrong most: comment marks around it, line breaks inside strings, a semicolon behind it. */
function mend(block: string): string {
  const inner = block
    .replace(/^\s*(?:<!--|\/\*[\s\S]*?\*\/|\/\/\s*<!\[CDATA\[|<!\[CDATA\[)/, '')
    .replace(/(?:-->|(?:\/\/\s*)?\]\]>)\s*$/, '');
  const text = inner.trim().replace(/;$/, '');
  if (jsonOf(text) !== undefined) return text;
  return text.replace(/\p{Cc}+/gu, ' ').replace(/,(\s*[}\]])/g, '$1');
}
