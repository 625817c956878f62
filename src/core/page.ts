// A fetched page as a job sees it: a value that can be asked for elements, rows, tables, JSON, a feed, the text of a PDF.
// The tree is built at the first question that needs one, so that an unread or JSON page costs nothing.
import type { CheerioAPI } from 'cheerio/slim';
import { isName, readNamed, readScriptOf, type Scripts, scriptsOf } from './page-embedded.ts';
import type { Feed } from './page-feed.ts';
import { findElements } from './page-find.ts';
import type { Fields, Hit, RowOf, Table } from './page-hit.ts';
import { findImage } from './page-image.ts';
import { checkJson, readJson, type Schema } from './page-json.ts';
import { type JsonLd, readJsonLd } from './page-json-ld.ts';
import type { PageKind } from './page-kind.ts';
import { loadParts, type Parts } from './page-parts.ts';
import { enter, findRows, findTable, queries } from './page-query.ts';
import { readTitle } from './page-text.ts';

/** What fetching gave. */
export interface PageSource {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body decoded; empty for what is no text. */
  readonly text: string;
  readonly charset: string;
  readonly parser?: 'fast' | undefined;
  /** Ends the reading of a long PDF. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A page. What it must have and has not is an ExtractError that names the URL, the selector and the nearest selectors that
 * exist. Selectors are CSS; `selector@attribute` asks for an attribute, and addresses are made absolute.
 * What is no web address (`javascript:view(12)`, `data:`, `mailto:`) stays as it stands, for boards whose posts a script
 * opens keep the number of the post there; as the link of a message it is an error that names the field.
 */
export interface Page {
  /** Where the page came from, after redirects. */
  readonly url: string;
  /** Of HTTP: a good one, 200 to 299, for any other is a FetchError. */
  readonly status: number;
  /** What it is, by its content. Asking a page for what its kind has not is an ExtractError that says what it is. */
  readonly kind: PageKind;
  /**
   * The name the server gives the file (`Content-Disposition`), without folders; undefined when it gives none.
   * @example page.filename?.endsWith('.hwp') // true
   */
  readonly filename: string | undefined;
  /** By lower-case name: `page.headers['last-modified']`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came. */
  readonly body: Uint8Array;
  /** What the bytes were decoded as: `utf-8`, `cp949`; `binary` for a PDF, a picture or a file. */
  readonly charset: string;
  /**
   * The whole decoded source; for what a person reads, use `page.one('body').text`. Of a PDF, its text: line by line from
   * top to bottom, all pages. A picture or a file has none, which is an error.
   */
  readonly text: string;
  /**
   * The text of each page of a PDF, line by line. At most 200 pages; a PDF that is longer, locked, damaged or a scan
   * without text is an error.
   * @example page.pages[0]?.split('\n').filter((line) => line.includes('중식')).length // 1
   */
  readonly pages: readonly string[];
  /** What relative addresses are relative to: `<base href>`, else the page's URL. */
  readonly base: string;
  /** The text of `<title>`, if the page has one. */
  readonly title: string | undefined;
  /**
   * The first match, which must exist.
   * @example page.one('.week').text // '2026-11-19'
   * @example page.one('a.next@href').text // 'https://dorm.example.ac.kr/menu?page=2'
   */
  one(selector: string): Hit;
  /**
   * The first match, if there is one.
   * @example if (page.maybe('.closed') !== undefined) return [];
   */
  maybe(selector: string): Hit | undefined;
  /**
   * All matches: at least one. With a container, which must exist, there may be none inside: closed today.
   * @example page.all('h2').map((heading) => heading.text) // ['점심']
   * @example page.all('#lunch', 'li .name').map((dish) => dish.text) // ['김치찌개', '돈까스']
   */
  all(selector: string): readonly Hit[];
  all(container: string, selector: string): readonly Hit[];
  /**
   * Rows as plain records. The container must exist; no row inside is `[]`. A field is a selector, `selector@attribute`,
   * `@attribute`, `''` (the row's own text) or a function of the row; with `?` at its end it may be missing. A field that is
   * there but empty is `''`.
   * @example page.rows('#lunch', 'li', { dish: '.name', price: '.price?', link: 'a@href' })[0]
   * // { dish: '김치찌개', price: '4,000원', link: 'https://dorm.example.ac.kr/dish/1' }
   * @example page.rows('table.today', 'tr', { dishes: (row) => row.one('td').lines })[0]?.dishes
   * // ['김치찌개', '돈까스']
   */
  rows<const F extends Fields>(container: string, row: string, fields: F): RowOf<F>[];
  /**
   * A table with its merged cells resolved. The selector names the table or something around it; without one it is the
   * first of the page. In a PDF, a text that stands in the table takes the place of the selector. Its cells are those that
   * lines are drawn around; a table without lines is found by where its text stands (columns by x, rows by y). One whose
   * head comes again on the next page goes on there. What lines and texts leave open is an error.
   * @example page.table('table.week').cell({ row: /중식/, column: run.date }) // '김치찌개 (5.9.) 소불고기 요구르트'
   * @example page.table('table.week').dishes({ row: /중식/, column: run.date })[0]
   * // { name: '김치찌개', allergens: [5, 9] }
   * @example pdf.table('조식').hit({ row: '중식', column: /금/ }).lines // ['김치찌개']
   */
  table(selector?: string): Table;
  /**
   * RSS, Atom, RDF or JSON Feed as items, all in one shape. At most 10,000; a feed that is not well-formed is read as far
   * as it goes.
   * @example page.feed().items.map(({ id, title }) => ({ id, title })) // [{ id: '12', title: '식당 휴무' }]
   */
  feed(): Feed;
  /**
   * The page as JSON, JSONP too; with a schema, checked and typed.
   * @example page.json(z.object({ meals: z.array(z.string()) })).meals // ['김치찌개', '돈까스']
   */
  json(): unknown;
  json<T>(schema: Schema<T>): T;
  /**
   * JSON-LD, which pages write for search engines: with a type all things of that type, however deep, else those on top.
   * At least one; none is an error that names the types there are.
   * @example
   * page.jsonLd('Product', z.object({ offers: z.object({ price: z.coerce.number() }) }))[0]?.offers.price // 5500
   */
  jsonLd(type?: string): readonly JsonLd[];
  jsonLd<T>(type: string, schema: Schema<T>): readonly T[];
  /**
   * Data inside the page's scripts: by the id of a JSON script (`__NEXT_DATA__`), by the name it is assigned to (`window.NAME
   * = {...}`, `var NAME = [...]`, `JSON.parse('...')`), or by a selector of the script. It is read as text and never run:
   * an assigned function call is an error. With a schema, checked and typed.
   * @example page.embedded('__NEXT_DATA__') // { props: { date: '2026-11-20' } }
   * @example page.embedded('menuData', z.array(z.object({ dish: z.string() })))[0]?.dish // '김치찌개'
   */
  embedded(name: string): unknown;
  embedded<T>(name: string, schema: Schema<T>): T;
  /**
   * The absolute http(s) address of a picture, as a message takes it: the one the page names as its own (`og:image`), or
   * the one at an element. Pictures loaded late and the largest of several sizes are found. None is an error.
   * @example feed({ title, image: page.image(), link: page.url })
   * @example page.rows('#photos', 'li', { title: 'b', image: (row) => page.image(row) })[0]?.image
   * // 'https://dorm.example.ac.kr/photo/1.jpg'
   */
  image(from?: string | Hit): string;
  /**
   * The page for cheerio, when nothing above will do.
   * @example page.$('dt:contains("가격") + dd').text() // '4,000원'
   */
  readonly $: CheerioAPI;
}

/** Waits for what the kind of the page needs: a parser, the reader of feeds, the words of a PDF. */
export async function makePage(source: PageSource): Promise<Page> {
  return new OpenedPage(source, await loadParts(source));
}

class OpenedPage implements Page {
  readonly url: string;
  readonly status: number;
  readonly kind: PageKind;
  readonly filename: string | undefined;
  readonly headers: Page['headers'];
  readonly body: Uint8Array;
  readonly charset: string;
  readonly #source: PageSource;
  readonly #parts: Parts;

  constructor(source: PageSource, parts: Parts) {
    this.#source = source;
    this.#parts = parts;
    this.url = source.url;
    this.status = source.status;
    this.kind = parts.kind;
    this.filename = parts.filename;
    this.headers = source.headers;
    this.body = source.body;
    this.charset = source.charset;
  }

  get text(): string {
    return readWhole(this.#source, this.#parts);
  }

  get pages(): readonly string[] {
    return this.#parts.pdf().pages;
  }

  get base(): string {
    return this.#parts.view()?.origin.base ?? this.url;
  }

  get title(): string | undefined {
    const view = this.#parts.view();
    return view && readTitle(findElements(view, 'title'), view.origin.xml);
  }

  get $(): CheerioAPI {
    return this.#parts.scope().origin.$;
  }

  get one(): Page['one'] {
    const { scope } = this.#parts;
    return (selector) => queries(scope()).one(selector);
  }

  get maybe(): Page['maybe'] {
    const { scope } = this.#parts;
    return (selector) => queries(scope()).maybe(selector);
  }

  get all(): Page['all'] {
    const { scope } = this.#parts;
    return (...selectors: [string] | [string, string]) => ask(queries(scope()), selectors);
  }

  get rows(): Page['rows'] {
    const { scope } = this.#parts;
    return (container, row, fields) => {
      if (typeof row !== 'string' || typeof fields !== 'object')
        throw new TypeError("page.rows takes three things: page.rows('#lunch', 'li', { dish: '.name' }).");
      return findRows(enter(scope(), container), row, fields);
    };
  }

  get table(): Page['table'] {
    const { kind, pdf, scope } = this.#parts;
    return (selector) => (kind === 'pdf' ? pdf().table(selector) : findTable(scope(), selector ?? 'table'));
  }

  get feed(): Page['feed'] {
    return this.#parts.feed;
  }

  get image(): Page['image'] {
    return (from) => findImage(this.#parts, this.url, from);
  }

  get json(): Page['json'] {
    return dataOf(this.#source, this.#parts).json;
  }

  get jsonLd(): Page['jsonLd'] {
    return dataOf(this.#source, this.#parts).jsonLd;
  }

  get embedded(): Page['embedded'] {
    return dataOf(this.#source, this.#parts).embedded;
  }
}

/** The parts of a page that are data already. */
function dataOf(source: PageSource, parts: Parts): Pick<Page, 'json' | 'jsonLd' | 'embedded'> {
  const { url } = source;
  const check = <T>(value: unknown, schema: Schema<T> | undefined): T =>
    schema === undefined ? (value as T) : checkJson(value, schema, url);
  const json = (): unknown => {
    if (isBinary(parts.kind)) return parts.refuse('JSON');
    return readJson(source.text, { url, contentType: parts.contentType });
  };
  return {
    json: <T>(schema?: Schema<T>) => check(json(), schema),
    jsonLd: <T>(type?: string, schema?: Schema<T>) =>
      readJsonLd({ url, blocks: blocksOf(source, parts) }, type).map((thing) => check<T>(thing, schema)),
    embedded: <T>(name: string, schema?: Schema<T>) => check<T>(readEmbedded(source, parts, name), schema),
  };
}

function isBinary(kind: PageKind): boolean {
  return kind === 'pdf' || kind === 'image' || kind === 'file';
}

function readWhole({ text }: PageSource, { kind, pdf, refuse }: Parts): string {
  if (kind === 'pdf') return pdf().pages.join('\n');
  return isBinary(kind) ? refuse('text') : text;
}

function blocksOf({ text }: PageSource, { kind, scope }: Parts): readonly string[] {
  if (kind === 'json') return [text];
  const { $ } = scope().origin;
  return $('script[type*="ld+json" i]')
    .get()
    .map((script) => $(script).text());
}

/** A script got on its own is one script. */
function readEmbedded({ url, text }: PageSource, { kind, scope }: Parts, name: string): unknown {
  const own: Scripts = { url, scripts: [{ id: undefined, type: '', text }] };
  if (isName(name)) return readNamed(kind === 'text' ? own : scriptsOf(scope().origin.$, url), name);
  const scripts =
    queries(scope()).maybe(name) === undefined ? { url, scripts: [] } : scriptsOf(scope().origin.$, url, name);
  return readScriptOf(scripts, name);
}

function ask({ all }: Pick<Hit, 'all'>, selectors: [string] | [string, string]): readonly Hit[] {
  return selectors.length === 1 ? all(selectors[0]) : all(...selectors);
}
