// What a job takes from a page: hits (elements), rows of fields and tables, as types. page-query.ts and table.ts make them.
import type { Cheerio } from 'cheerio/slim';
import type { Element } from './html.ts';

/**
 * How one field of a row is read: a selector (`'.name'`), an attribute (`'a@href'`), an attribute of the row itself
 * (`'@data-id'`), the row's own text (`''`), each with `?` at the end if it may be missing, or a function of the row.
 */
export type FieldSource = string | ((row: Hit) => unknown);

export type Fields = Readonly<Record<string, FieldSource>>;

type FieldValue<Source> = Source extends (row: Hit) => infer Value
  ? Value
  : Source extends `${string}?`
    ? string | undefined
    : string;

/** A row as its fields describe it: `{ dish: '.name', price: '.price?' }` gives `{ dish: string; price: string | undefined }`. */
export type RowOf<F extends Fields> = { -readonly [Name in keyof F]: FieldValue<F[Name]> };

/** An element that was found. With `selector@attribute`, the first element that has the attribute, and `text` is its value. */
export interface Hit {
  /**
   * What a person reads, in one line: white space collapsed, no scripts, styles or comments, a space where a line breaks.
   * May be empty. Of `selector@attribute`, the attribute; of a script asked for by name, its source.
   * @example page.one('.price').text // '4,500원'
   */
  readonly text: string;
  /**
   * The text cut at `<br>`, at block elements and cells, and at newlines; each line trimmed, none empty.
   * @example page.one('td.lunch').lines // ['김치콩나물국', '소불고기', '요구르트']
   */
  readonly lines: readonly string[];
  /** The HTML inside the element, addresses as written. */
  readonly html: string;
  /**
   * An attribute, which the element must have. Addresses (`href`, `src` and the like) are absolute.
   * @example page.one('a.next').attr('href') // 'https://example.ac.kr/board?page=2'
   */
  attr(name: string): string;
  /**
   * The first match within this element, which must exist.
   * @example page.all('li').map((row) => row.one('.name').text)
   */
  one(selector: string): Hit;
  /**
   * The first match within this element, if there is one.
   * @example row.maybe('.sold-out') !== undefined
   */
  maybe(selector: string): Hit | undefined;
  /**
   * All matches within this element: at least one. With a container, which must exist, there may be none inside.
   * @example page.one('#menu').all('li').map((dish) => dish.text)
   */
  all(selector: string): readonly Hit[];
  all(container: string, selector: string): readonly Hit[];
  /**
   * Rows within this element as plain records; none is `[]`.
   * @example page.one('#lunch').rows('li', { dish: '.name', price: '.price?' })
   */
  rows<const F extends Fields>(row: string, fields: F): RowOf<F>[];
  rows<const F extends Fields>(container: string, row: string, fields: F): RowOf<F>[];
  /**
   * A table within this element, or this element itself when no selector is given.
   * @example page.one('#week').table('table').cell({ row: /06-01/, column: '중식' })
   */
  table(selector?: string): Table;
  /** The same element for cheerio, when nothing above will do. */
  readonly $: Cheerio<Element>;
  /** The same as `text`, so that a hit can stand in a template string. */
  toString(): string;
}

/** Which cell: by the text of its row's label and of its column's header, whole (a string) or by a pattern. */
export interface CellPlace {
  readonly row: string | RegExp;
  readonly column: string | RegExp;
}

/** A table with its merged cells resolved: every row is as long as the widest, a merged cell stands at each place it covers. */
export interface Table {
  /**
   * The text of every cell, the header's row too, row by row; `''` where a row is short. Rows of a table inside a cell do
   * not count.
   * @example page.table('table.week').rows[1] // ['2026-06-01 (월)', '미운영', '김치콩나물국 소불고기']
   */
  readonly rows: readonly (readonly string[])[];
  /**
   * The header's texts, one a column: `<thead>`, else the first row of `<th>` only, else, in a table without any `<th>`,
   * the first row. Headers of several rows are joined: `'중식 A코너'`. Empty when no row is a header.
   * @example page.table('table.board').headers // ['번호', '제목', '작성일']
   */
  readonly headers: readonly string[];
  /** The same grid as `rows`, as hits; undefined where a row is short. */
  readonly hits: readonly (readonly (Hit | undefined)[])[];
  /**
   * The rows below the header, by header text. A header that comes twice is `'비고'` and `'비고 (2)'`, one without text
   * `'column 3'`. A table without a header is an error.
   * @example page.table('table.board').records().map((row) => row['제목'])
   */
  records(): Readonly<Record<string, string>>[];
  /**
   * The text of one cell, which must exist. A string is the whole text or, when no text is equal, a part of it.
   * @example page.table('table.week').cell({ row: /2026-06-01/, column: '중식' })
   */
  cell(place: CellPlace): string;
  /**
   * The same cell as a hit, to read its lines or links.
   * @example page.table('table.week').hit({ row: /2026-06-01/, column: '중식' }).lines
   */
  hit(place: CellPlace): Hit;
}
