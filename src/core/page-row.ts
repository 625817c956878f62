// Reads one row into a plain record, field by field.
import { readField } from './page-field.ts';
import type { FieldSource, Fields, Hit, RowOf } from './page-hit.ts';

/**
 * A field that is there but empty is `''`; one that is not there is an error, unless it is marked with `?`. What is
 * `found` of the row already need not be asked for.
 */
export function readRow<F extends Fields>(
  row: () => Hit,
  fields: F,
  found: ReadonlyMap<string, string> | undefined,
): RowOf<F> {
  const values = Object.entries(fields).map(([name, source]) => [name, found?.get(name) ?? readSource(row(), source)]);
  // The type follows from the fields, which only the mapped type can say.
  return Object.fromEntries(values) as RowOf<F>;
}

function readSource(row: Hit, source: FieldSource): unknown {
  if (typeof source === 'function') return source(row);
  const { selector, attribute, optional } = readField(source);
  const asked = attribute === undefined ? selector : `${selector}@${attribute}`;
  return optional ? row.maybe(asked)?.text : row.one(asked).text;
}
