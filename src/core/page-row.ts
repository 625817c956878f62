// Reads rows into plain records, field by field.
import type { Element } from './html.ts';
import { type Field, readField } from './page-field.ts';
import type { FieldSource, Fields, Hit, RowOf } from './page-hit.ts';

interface RowReading {
  /** The row as a function of the job takes it, and errors name it. */
  readonly hit: (row: Element, index: number) => Hit;
  /** Undefined for what the row has not. */
  readonly value: (row: Element, field: Field) => string | undefined;
}

/** A field that is there but empty is `''`; one that is not there is an error, unless it is marked with `?`. */
export function readRows<F extends Fields>(rows: readonly Element[], fields: F, reading: RowReading): RowOf<F>[] {
  const readers = Object.entries(fields).map(([name, source]) => [name, readerOf(source, reading)] as const);
  return rows.map((row, index) => {
    let made: Hit | undefined;
    const hit = (): Hit => {
      made ??= reading.hit(row, index);
      return made;
    };
    // The type follows from the fields, which only the mapped type can say.
    return Object.fromEntries(readers.map(([name, read]) => [name, read(row, hit)])) as RowOf<F>;
  });
}

function readerOf(source: FieldSource, { value }: RowReading): (row: Element, hit: () => Hit) => unknown {
  if (typeof source === 'function') return (_, hit) => source(hit());
  const field = readField(source);
  const { selector, attribute, optional } = field;
  const asked = attribute === undefined ? selector : `${selector}@${attribute}`;
  // A hit for each field would cost more than to find it: only an error needs one.
  return (row, hit) => value(row, field) ?? (optional ? undefined : hit().one(asked).text);
}
