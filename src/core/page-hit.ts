// What a job takes from a page: hits (elements), rows of fields and tables, as types. page-query.ts and table.ts make them.
import type { Cheerio } from 'cheerio/slim';
import type { Dish } from './dish-line.ts';
import type { Meal } from './dishes.ts';
import type { Element } from './html.ts';

/**
 * How one field of a row is read: a selector (`'.name'`), an attribute (`'a@href'`), an attribute of the row itself
 * (`'@data-id'`), the row's own text (`''`), each with `?` at the end if it may be missing, or a function of the row.
 */
export type FieldSource = string | ((row: Hit) => unknown);

/** The fields of a row, by the names they get: `{ dish: '.name', price: '.price?' }`. */
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
   * @example page.one('.price').text // '4,000원'
   */
  readonly text: string;
  /**
   * The text cut at `<br>`, at block elements and cells, and at newlines; each line trimmed, none empty.
   * @example page.one('td.lunch').lines // ['김치찌개 (5.9.)', '소불고기', '요구르트']
   */
  readonly lines: readonly string[];
  /** The HTML inside the element, addresses as written. */
  readonly html: string;
  /**
   * An attribute, which the element must have. Addresses (`href`, `src` and the like) are absolute.
   * @example page.one('a.next').attr('href') // 'https://dorm.example.ac.kr/menu?page=2'
   */
  attr(name: string): string;
  /**
   * The first match within this element, which must exist.
   * @example page.all('#lunch li').map((row) => row.one('.name').text) // ['김치찌개', '돈까스']
   */
  one(selector: string): Hit;
  /**
   * The first match within this element, if there is one.
   * @example row.maybe('.sold-out') !== undefined // false
   */
  maybe(selector: string): Hit | undefined;
  /**
   * All matches within this element: at least one. With a container, which must exist, there may be none inside.
   * @example page.one('#menu').all('li').map((dish) => dish.text) // ['김치찌개 4,000원', '돈까스 5,500원']
   */
  all(selector: string): readonly Hit[];
  all(container: string, selector: string): readonly Hit[];
  /**
   * Rows within this element as plain records; none is `[]`.
   * @example
   * page.one('#lunch').rows('li', { dish: '.name', price: '.price?' })[1] // { dish: '돈까스', price: '5,500원' }
   */
  rows<const F extends Fields>(row: string, fields: F): RowOf<F>[];
  rows<const F extends Fields>(container: string, row: string, fields: F): RowOf<F>[];
  /**
   * A table within this element, or this element itself when no selector is given.
   * @example page.one('#week').table('table').cell({ row: '석식', column: /11\.20/ }) // '잔치국수'
   */
  table(selector?: string): Table;
  /** The same element for cheerio, when nothing above will do. */
  readonly $: Cheerio<Element>;
  /**
   * The same as `text`, so that a hit can stand in a template string.
   * @example `오늘: ${row.one('.name')}` // '오늘: 김치찌개'
   */
  toString(): string;
}

/**
 * The name of a row or a column: its header's text, whole or in part, or a pattern. A day such as `run.date` finds the
 * header that means that day, however it is written: `11.20(금)`, `11/20`, `2026년 11월 20일`, `20일(금)`, `금(20)` or, in
 * the table of one week, `금`. Which week that is, only a caption or title row such as `11.16 ~ 11.20` can tell; where the
 * week stands outside the table, the job checks it. Several names must all be there: `['2026-11-20', '중식']`.
 */
export type CellName = string | RegExp | readonly (string | RegExp)[];

/** Which cell. A row or a column that is the only one need not be named. */
export type CellPlace =
  | { readonly row: CellName; readonly column?: CellName }
  | { readonly row?: CellName; readonly column: CellName };

/** A table with its merged cells resolved: every row is as long as the widest, a merged cell stands at each place it covers. */
export interface Table {
  /**
   * The text of every cell, the header's row too, row by row; `''` where a row is short. Rows of a table inside a cell do
   * not count.
   * @example page.table('table.week').rows[1] // ['조식', '토스트 우유', '미운영']
   */
  readonly rows: readonly (readonly string[])[];
  /**
   * The header's texts, one a column: `<thead>`, else the first rows of `<th>` only, else, in a table without any `<th>`,
   * the first row. Headers of several rows are joined: `'중식 A코너'`; a title over all columns does not count. Empty when
   * no row is a header.
   * @example page.table('table.board').headers // ['번호', '제목', '작성일']
   */
  readonly headers: readonly string[];
  /** How many rows on top are headers, titles included. */
  readonly headerRows: number;
  /** How many columns on the left name their rows: those of `<th>`, else the first one if its texts are short. */
  readonly headerColumns: number;
  /**
   * What names each row below the header; `''` where nothing does.
   * @example page.table('table.week').rowHeaders // ['조식', '중식', '석식']
   */
  readonly rowHeaders: readonly string[];
  /** The same grid as `rows`, as hits; undefined where a row is short. */
  readonly hits: readonly (readonly (Hit | undefined)[])[];
  /**
   * The rows below the header, by header text. A header that comes twice is `'비고'` and `'비고 (2)'`, one without text
   * `'column 3'`. A table without a header is an error.
   * @example page.table('table.board').records().map((row) => row['제목']) // ['식당 휴무', '겨울 식단']
   */
  records(): Readonly<Record<string, string>>[];
  /**
   * The text of one cell, which must exist. A string is the whole text or, when no text is equal, a part of it. A day that
   * no header means, or that several mean, is an error that names them. So are several rows or columns of one name, such
   * as the corners of a merged `중식`, unless their cells say the same; below one merged header a blank or a price alone
   * does not count. Name one of them: `row: ['중식', 'B코너']`.
   * @example page.table('table.week').cell({ row: /석식/, column: run.date }) // '잔치국수'
   * @example page.table('table.month').cell({ row: [run.date, '중식'], column: '식단' }) // '김치찌개'
   */
  cell(place: CellPlace): string;
  /**
   * The same cell as a hit, to read its lines or links.
   * @example page.table('table.week').hit({ row: '조식', column: /목/ }).lines // ['토스트', '우유']
   */
  hit(place: CellPlace): Hit;
  /**
   * The dishes of one cell, with allergens and prices split off; `[]` where nothing is served. `dishes` reads other texts so.
   * @example page.table('table.week').dishes({ row: '조식', column: run.date }) // []
   */
  dishes(place: CellPlace): readonly Dish[];
  /**
   * The meals of one cell that holds several, each with its title, dishes and price.
   * @example page.table('table.corners').meals({ column: '1코너 중식' })[0]?.price // 4000
   */
  meals(place: CellPlace): readonly Meal[];
}
