// Finds the array of a JSON document whose things hold a text, and which of their fields a reader wants.
import type { Page } from './page.ts';
import { fold } from './propose-find.ts';
import {
  isRecord,
  type JsonField,
  type JsonPlan,
  type JsonRecord,
  type JsonStep,
  readRoot,
  valuesAt,
} from './propose-json-plan.ts';

export interface JsonFound {
  readonly plan: JsonPlan;
  readonly cost: number;
}

type Way = readonly (string | number)[];

const MOST_PLACES = 10;
const MOST_FIELDS = 4;
/** Fields that say what a thing costs, when it is of, who wrote it and where it is. */
const WANTED: readonly (readonly [string, RegExp])[] = [
  ['url', /(?:url|link|href|주소)$/i],
  ['id', /^(?:id|no|seq|idx|.+[a-z](?:Id|No|Seq)|.+_(?:id|no|seq))$/],
  ['date', /(?:date|날짜|일자|작성일)$|^(?:published|created)(?:_?at)?$/i],
  ['price', /(?:price|cost|가격|금액)$/i],
  ['writer', /^(?:writer|author|작성자|글쓴이)$/i],
];

export function findJsonPlans(page: Page, text: string, embedded?: string): readonly JsonFound[] {
  const root = readRoot(page, embedded);
  const wanted = fold(text);
  const plans = waysTo(root, wanted).flatMap((way) => planOf(root, way, embedded));
  const seen = new Set<string>();
  return plans.filter(({ plan }) => {
    const key = JSON.stringify([plan.path, plan.main]);
    return !seen.has(key) && seen.add(key);
  });
}

/** Those whose text is the wanted one before those that only hold it. */
function waysTo(root: unknown, wanted: string): readonly Way[] {
  const found: { way: Way; isWhole: boolean }[] = [];
  const stack: { value: unknown; way: Way }[] = [{ value: root, way: [] }];
  for (let next = stack.pop(); next !== undefined && found.length < MOST_PLACES; next = stack.pop()) {
    const { value, way } = next;
    if (Array.isArray(value))
      stack.push(...value.map((inner, at) => ({ value: inner, way: [...way, at] })).toReversed());
    else if (isRecord(value))
      stack.push(
        ...Object.entries(value)
          .map(([key, inner]) => ({ value: inner, way: [...way, key] }))
          .toReversed(),
      );
    else if (typeof value === 'string' || typeof value === 'number') {
      const own = fold(String(value));
      if (own.includes(wanted)) found.push({ way, isWhole: own === wanted });
    }
  }
  return found.toSorted((a, b) => Number(b.isWhole) - Number(a.isWhole)).map(({ way }) => way);
}

/** `['meals', 0, 'name']` and `['meals', 0, 'names', 2]` are both a thing of `meals`. */
function planOf(root: unknown, way: Way, embedded: string | undefined): readonly JsonFound[] {
  const leaf = typeof way.at(-1) === 'number' ? way.slice(0, -1) : way;
  const main = leaf.at(-1);
  const at = leaf.slice(0, -1);
  if (typeof main !== 'string' || typeof at.at(-1) !== 'number') return [];
  const date = at
    .map(String)
    .map(readDayKey)
    .find((day) => day !== undefined);
  const path = at.map(stepOf);
  const things = valuesAt(root, path, date ?? '').filter(isRecord);
  const having = things.filter((thing) => thing[main] !== undefined);
  if (having.length < things.length) return [];
  const isMenu = things.some((thing) => isSeveral(thing[main]));
  const plan: JsonPlan = { embedded, path, main, fields: fieldsOf(things, main), date, isMenu };
  return [{ plan, cost: path.length * 0.1 }];
}

/** A list of names, or names joined by line breaks. */
function isSeveral(value: unknown): boolean {
  return Array.isArray(value) || (typeof value === 'string' && /<br\s*\/?>|\n/i.test(value));
}

function stepOf(part: string | number): JsonStep {
  if (typeof part === 'number') return { each: true };
  if (readDayKey(part) === undefined) return { key: part };
  return { day: part.includes('-') ? 'dashed' : 'packed' };
}

function readDayKey(key: string): string | undefined {
  const [, year, month, day] = /^(20\d\d)(?:-(?=\d\d-\d\d))?(\d\d)-?(\d\d)$/.exec(key) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}`;
}

function fieldsOf(things: readonly JsonRecord[], main: string): readonly JsonField[] {
  const names = [...new Set(things.flatMap((thing) => Object.keys(thing)))];
  const plain = names.filter((name) => name !== main && things.every((thing) => isPlain(thing[name])));
  const typeOf = (key: string): Pick<JsonField, 'isText' | 'optional'> => {
    const given = things.map((thing) => thing[key] ?? null);
    return {
      isText: given.every((value) => value === null || typeof value === 'string'),
      optional: given.includes(null),
    };
  };
  const others = WANTED.flatMap(([role, pattern]) => {
    const key = plain.find((name) => pattern.test(name));
    return key === undefined || !isFit(role, things, key) ? [] : [{ role, key, ...typeOf(key) }];
  });
  return [{ role: 'main', key: main, ...typeOf(main) }, ...others].slice(0, MOST_FIELDS);
}

/** What a thing is known by must be there, and an address whole: a job cannot know what a part of one is of. */
function isFit(role: string, things: readonly JsonRecord[], key: string): boolean {
  if (role === 'url') return things.every((thing) => /^https?:/.test(String(thing[key])));
  return role !== 'id' || things.every((thing) => ['string', 'number'].includes(typeof thing[key]));
}

function isPlain(value: unknown): boolean {
  return value === undefined || value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
