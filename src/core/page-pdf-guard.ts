// A table of a PDF that does not give away what cannot be told: cells in doubt are errors, and a day that another table of
// the same PDF has is not called one of an old page.
import { namesDay, readDay } from './date-words.ts';
import { ExtractError } from './errors.ts';
import type { CellName, CellPlace, Table } from './page-hit.ts';
import type { PdfTable } from './page-pdf-cell.ts';
import type { Found } from './page-pdf-join.ts';

interface Guarded {
  readonly url: string;
  readonly found: Found;
  /** The other tables of the same PDF. */
  readonly others: readonly Found[];
  readonly open: (found: Found) => Table;
}

/** Tables that are looked through for what another lacks. */
const MOST_OTHERS = 40;
/** The attribute of a cell in doubt: why. */
export const DOUBT = 'data-doubt';

export function guard(table: Table, guarded: Guarded): Table {
  const isSure = guarded.found.rows.every((row) => row.every(({ doubt }) => doubt === undefined));
  const one = <T>(place: CellPlace, read: (place: CellPlace) => T): T => {
    const doubt = isSure ? undefined : table.hit(place).$.attr(DOUBT);
    if (doubt !== undefined) throw inDoubt(guarded, 'a cell', doubt);
    return read(place);
  };
  const checked = <T>(place: CellPlace, read: (place: CellPlace) => T): T => {
    try {
      return one(place, read);
    } catch (error) {
      throw error instanceof ExtractError ? elsewhere(error, place, guarded) : error;
    }
  };
  const all = <T>(read: () => T): T => {
    const doubt = guarded.found.rows.flat().find((cell) => cell.doubt !== undefined)?.doubt;
    if (doubt !== undefined) throw inDoubt(guarded, 'some cells', doubt);
    return read();
  };
  return {
    get rows() {
      return all(() => table.rows);
    },
    get hits() {
      return all(() => table.hits);
    },
    headers: table.headers,
    headerRows: table.headerRows,
    headerColumns: table.headerColumns,
    rowHeaders: table.rowHeaders,
    records: () => all(() => table.records()),
    cell: (place) => checked(place, table.cell),
    hit: (place) => checked(place, table.hit),
    dishes: (place) => checked(place, table.dishes),
    meals: (place) => checked(place, table.meals),
  };
}

function inDoubt({ url, found: { names } }: Guarded, what: string, doubt: string): ExtractError {
  const message = `${url}: ${what} of \`#${names[0]}\` cannot be told for sure: ${doubt}.`;
  return new ExtractError(`${message} Read its lines from page.text or page.pages.`, { url, selector: `#${names[0]}` });
}

/** With the table that has what this one lacks, if one has: nothing is old then. */
function elsewhere(error: ExtractError, place: CellPlace, { url, others, open }: Guarded): ExtractError {
  const isLack = error.isOld || error.message.includes('` has no ');
  const asked = [...dayTexts(place.row), ...dayTexts(place.column)];
  const has = (other: Found): boolean =>
    error.isOld ? asked.some((text) => hasDay(other.rows, text)) : other.problem === undefined && holds(open(other));
  const holds = (table: Table): boolean => {
    try {
      return table.hit(place) !== undefined;
    } catch {
      // The question was whether it throws.
      return false;
    }
  };
  const other = isLack ? others.slice(0, MOST_OTHERS).find(has) : undefined;
  if (other === undefined) return error;
  const name = `#${other.names[0]}`;
  const message = `${error.message} The table \`${name}\` has it: choose it with page.table('${name}').`;
  return new ExtractError(message, { url, selector: name, cause: error });
}

function dayTexts(name: CellName | undefined): readonly string[] {
  const names = name === undefined || typeof name === 'string' || name instanceof RegExp ? [name] : name;
  return names.flatMap((each) => (typeof each === 'string' && readDay(each) !== undefined ? [each] : []));
}

/** By more than its weekday, which an old table has too. */
function hasDay(rows: PdfTable, text: string): boolean {
  const day = readDay(text);
  const heads = [...rows.slice(0, 2).flat(), ...rows.flatMap((row) => row.slice(0, 2))];
  const texts = heads.map(({ lines }) => lines.join(' ')).filter((head) => /\d/.test(head));
  return day !== undefined && texts.some((head) => namesDay([head], day));
}
