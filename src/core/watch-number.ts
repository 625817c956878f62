// Numbers for `watch.tell`: what falls, rises or passes a limit. Each is told when it happens and not again at the next
// look, because each compares with `before`.
import { readNumber } from './read-number.ts';

/** How much: a number, or a part of what it was before. */
export type Amount = number | `${number}%`;

/** An item whose field holds a number, or a text with one in it. */
export type WithNumber<Field extends string> = { readonly [Name in Field]?: number | string | null | undefined };

type Tell<Field extends string> = (item: WithNumber<Field>) => boolean;

/**
 * For `watch.tell`: the field's number is smaller than before, by at least `by` if it is given. The first number of a
 * text counts (`12,300원`, `1만 2천원`); without one (`품절`) nothing has fallen.
 *
 * `before` is what the last look found, so that many small falls pass unheard; with `watch.digest` it is what the last
 * digest found.
 *
 * `by` is in the field's own unit, or a part of what it was before: `'5%'`. A negative one, or a text that is no part,
 * throws TypeError, so that the file does not load.
 *
 * @example
 * const cheaper = fell('price', { by: '5%' });
 * watch: { key: ({ url }) => url, tell: (item) => isNew(item) || cheaper(item) }
 */
export function fell<const Field extends string>(field: Field, { by = 0 }: { readonly by?: Amount } = {}): Tell<Field> {
  return compare(field, by, (change) => change < 0);
}

/**
 * For `watch.tell`: the field's number is greater than before, by at least `by` if it is given. As `fell` otherwise: it
 * throws for the same.
 *
 * @example
 * watch: { key: ({ seat }) => seat, tell: rose('free', { by: 2 }) }
 */
export function rose<const Field extends string>(field: Field, { by = 0 }: { readonly by?: Amount } = {}): Tell<Field> {
  return compare(field, by, (change) => change > 0);
}

/**
 * For `watch.tell`: the field's number is another than before, up or down, by at least this much. As `fell` otherwise:
 * it throws for the same.
 *
 * @example
 * watch: { key: ({ currency }) => currency, tell: changedBy('rate', '1%') }
 */
export function changedBy<const Field extends string>(field: Field, by: Amount): Tell<Field> {
  return compare(field, by, (change) => change !== 0);
}

/**
 * For `watch.tell`: the field's number is below the limit and was not before. An item that is new, or had no number
 * before, is told too if it is below. The limit is in the field's own unit; one that is no number, or not finite,
 * throws TypeError, so that the file does not load.
 *
 * @example
 * watch: { key: ({ url }) => url, tell: below('price', 10_000) }
 */
export function below<const Field extends string>(field: Field, limit: number): Tell<Field> {
  return cross(field, limit, (number) => number < limit);
}

/**
 * For `watch.tell`: the field's number is above the limit and was not before. As `below` otherwise: it throws for the
 * same.
 *
 * @example
 * watch: { key: ({ station }) => station, tell: above('dust', 80) }
 */
export function above<const Field extends string>(field: Field, limit: number): Tell<Field> {
  return cross(field, limit, (number) => number > limit);
}

function compare<Field extends string>(field: Field, by: Amount, isWanted: (change: number) => boolean): Tell<Field> {
  const leastOf = readAmount(by);
  return asking(field, (item) => {
    const [now, before] = numbersOf(item, field);
    if (now === undefined || before === undefined) return false;
    return isWanted(now - before) && isAtLeast(Math.abs(now - before), leastOf(before));
  });
}

function cross<Field extends string>(field: Field, limit: number, isPast: (number: number) => boolean): Tell<Field> {
  if (!Number.isFinite(limit))
    throw new TypeError(`The limit of "${field}" is ${limit}. Give a number, such as 10_000.`);
  return asking(field, (item) => {
    const [now, before] = numbersOf(item, field);
    return now !== undefined && isPast(now) && (before === undefined || !isPast(before));
  });
}

const fieldsAsked = new WeakMap<object, string>();

/** A name that no item has would be silence for ever: whoever has all the items asks what it is. */
function asking<Tell extends object>(field: string, tell: Tell): Tell {
  fieldsAsked.set(tell, field);
  return tell;
}

/** The field that a `tell` made here looks at. */
export function fieldAskedBy(tell: object): string | undefined {
  return fieldsAsked.get(tell);
}

function numbersOf(item: object, field: string): readonly [now: number | undefined, before: number | undefined] {
  const before: unknown = Reflect.get(item, 'before');
  return [
    readNumber(Reflect.get(item, field)),
    typeof before === 'object' && before !== null ? readNumber(Reflect.get(before, field)) : undefined,
  ];
}

/** The least change that counts, given the number before. */
function readAmount(by: Amount): (before: number) => number {
  const amount = typeof by === 'number' ? by : Number(/^([\d.]+)%$/.exec(by)?.[1] ?? Number.NaN);
  if (!Number.isFinite(amount) || amount < 0)
    throw new TypeError(`by is ${JSON.stringify(by)}. Give a number that is not negative, or a part such as '5%'.`);
  return typeof by === 'number' ? () => amount : (before) => (Math.abs(before) * amount) / 100;
}

/** Sums of fractions are a hair off: 1.1 - 1 is more than 0.1, and 0.3 - 0.2 less. */
function isAtLeast(change: number, least: number): boolean {
  return change >= least * (1 - 1e-9);
}
