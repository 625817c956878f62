// A fetched page as a job sees it: a value that can be asked for elements, rows, tables and JSON.
// The tree is built at the first question that needs one, so that an unread or JSON page costs nothing.
import type { CheerioAPI } from 'cheerio/slim';
import { ExtractError } from './errors.ts';
import { type Dialect, type Dom, loadParser, type ParseMarkup } from './html.ts';
import type { Fields, Hit, RowOf, Table } from './page-hit.ts';
import { checkJson, readJson, type Schema } from './page-json.ts';
import { type PageKind, readKind } from './page-kind.ts';
import { enter, findRows, findTable, queries, type Scope } from './page-query.ts';
import { readText } from './page-text.ts';
import { readBase } from './page-url.ts';

/** What fetching gave. */
export interface PageSource {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body decoded. */
  readonly text: string;
  readonly charset: string;
  readonly parser?: 'fast' | undefined;
}

/**
 * A page. What it must have and has not is an ExtractError that names the URL, the selector and the nearest selectors that
 * exist. Selectors are CSS; `selector@attribute` asks for an attribute, and addresses are made absolute.
 */
export interface Page {
  /** Where the page came from, after redirects. */
  readonly url: string;
  readonly status: number;
  /** By lower-case name: `page.headers['last-modified']`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came. */
  readonly body: Uint8Array;
  /** What the bytes were decoded as: `utf-8`, `cp949`. */
  readonly charset: string;
  /** The whole decoded source. For what a person reads, use `page.one('body').text`. */
  readonly text: string;
  /** What relative addresses are relative to: `<base href>`, else the page's URL. */
  readonly base: string;
  /** The text of `<title>`, if the page has one. */
  readonly title: string | undefined;
  /**
   * The first match, which must exist.
   * @example page.one('.week').text
   * @example page.one('a.next@href').text // an absolute address
   */
  one(selector: string): Hit;
  /**
   * The first match, if there is one.
   * @example if (page.maybe('.closed') !== undefined) return [];
   */
  maybe(selector: string): Hit | undefined;
  /**
   * All matches: at least one. With a container, which must exist, there may be none inside: closed today.
   * @example page.all('h2').map((heading) => heading.text)
   * @example page.all('#lunch', 'li').map((dish) => dish.text)
   */
  all(selector: string): readonly Hit[];
  all(container: string, selector: string): readonly Hit[];
  /**
   * Rows as plain records. The container must exist; no row inside is `[]`. A field is a selector, `selector@attribute`,
   * `@attribute`, `''` (the row's own text) or a function of the row; with `?` at its end it may be missing. A field that is
   * there but empty is `''`.
   * @example page.rows('#lunch', 'li', { dish: '.name', price: '.price?', link: 'a@href' })
   * // { dish: string; price: string | undefined; link: string }[]
   * @example page.rows('table.menu', 'tr', { dishes: (row) => row.one('td').lines })
   */
  rows<const F extends Fields>(container: string, row: string, fields: F): RowOf<F>[];
  /**
   * A table with its merged cells resolved. The selector names the table or something around it.
   * @example page.table('table.week').cell({ row: /2026-06-01/, column: '중식' })
   */
  table(selector: string): Table;
  /**
   * The page as JSON; with a schema, checked and typed.
   * @example page.json(z.object({ meals: z.array(z.string()) })).meals
   */
  json(): unknown;
  json<T>(schema: Schema<T>): T;
  /**
   * The page for cheerio, when nothing above will do.
   * @example page.$('dt:contains("가격") + dd').text()
   */
  readonly $: CheerioAPI;
}

/** Waits only for the parser to be loaded, and only if the page is HTML or XML. */
export async function makePage(source: PageSource): Promise<Page> {
  const contentType = source.headers['content-type'] ?? '';
  const kind = readKind(source.text, contentType);
  const parse = kind === 'html' || kind === 'xml' ? await loadParser() : undefined;
  return openPage(source, { kind, contentType, view: makeView(source, kind, parse) });
}

interface View {
  readonly $: Dom;
  readonly base: string;
}

/** The tree and the base on first use. Undefined when the page has neither. */
function makeView({ text, url, parser }: PageSource, kind: PageKind, parse: ParseMarkup | undefined) {
  const dialect: Dialect = kind === 'xml' ? 'xml' : (parser ?? 'html');
  let view: View | undefined;
  return (): View | undefined => {
    if (view !== undefined || parse === undefined) return view;
    const $ = parse(text, dialect);
    view = { $, base: kind === 'xml' ? url : readBase($, url) };
    return view;
  };
}

interface Opened {
  readonly kind: PageKind;
  readonly contentType: string;
  readonly view: () => View | undefined;
}

function openPage(source: PageSource, { kind, contentType, view }: Opened): Page {
  const { url, text } = source;
  const xml = kind === 'xml';
  const scope = (): Scope => {
    const opened = view() ?? refuse({ url, contentType, kind });
    return { origin: { url, xml, charset: source.charset, ...opened }, root: opened.$.root(), where: '' };
  };
  const json = (): unknown => readJson(text, { url, contentType });
  return {
    url,
    status: source.status,
    headers: source.headers,
    body: source.body,
    charset: source.charset,
    text,
    get base() {
      return view()?.base ?? url;
    },
    get title() {
      return readTitle(view(), xml);
    },
    get $() {
      return scope().origin.$;
    },
    one: (selector) => queries(scope()).one(selector),
    maybe: (selector) => queries(scope()).maybe(selector),
    all: (...selectors: [string] | [string, string]) => ask(queries(scope()), selectors),
    rows: (container, row, fields) => findRows(enter(scope(), container), row, fields),
    table: (selector) => findTable(scope(), selector),
    json: <T>(schema?: Schema<T>) => (schema === undefined ? json() : checkJson(json(), schema, url)) as T,
  };
}

function ask({ all }: Pick<Hit, 'all'>, selectors: [string] | [string, string]): readonly Hit[] {
  return selectors.length === 1 ? all(selectors[0]) : all(...selectors);
}

function readTitle(view: View | undefined, xml: boolean): string | undefined {
  const title = view
    ?.$('title')
    .filter((_, { parent }) => parent?.type !== 'tag' || parent.name !== 'svg')
    .get(0);
  return title === undefined ? undefined : readText(title, xml);
}

function refuse({ url, contentType, kind }: { url: string; contentType: string; kind: PageKind }): never {
  const what = kind === 'json' ? 'JSON' : contentType;
  const instead = kind === 'json' ? 'Read it with page.json().' : 'Read its bytes from page.body.';
  throw new ExtractError(`${url} is ${what}, not HTML or XML, and has no elements. ${instead}`, { url });
}
