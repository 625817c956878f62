// What a page needs by its kind, loaded when it is made and read when it is first asked: the tree of HTML and XML, the
// reader of feeds, the words of a PDF. Nothing is loaded for a kind that does not come.
import { ExtractError } from './errors.ts';
import { type Dialect, type Dom, loadTrees, type ParseMarkup, type Tree } from './html.ts';
import type { Feed } from './page-feed.ts';
import { readFilename } from './page-filename.ts';
import { findFirst, type Origin, type Scope } from './page-find.ts';
import { binaryKind, describeKind, howToRead, type PageKind, textKind } from './page-kind.ts';
import type { PdfView } from './page-pdf-view.ts';
import { readBase } from './page-url.ts';
import { rememberQueries } from './selector-paths.ts';

export interface Raw {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly text: string;
  readonly charset: string;
  readonly parser?: 'fast' | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Parts {
  readonly kind: PageKind;
  readonly contentType: string;
  readonly filename: string | undefined;
  readonly xml: boolean;
  /** The whole tree; undefined when the page has none. */
  readonly view: () => Scope | undefined;
  /** Where elements are looked for. Throws ExtractError when the page has none. */
  readonly scope: () => Scope;
  /** Throws ExtractError when the page is none. */
  readonly feed: () => Feed;
  readonly pdf: () => PdfView;
  /** Throws ExtractError: the page is of another kind than `wanted` says. */
  readonly refuse: (wanted: string) => never;
}

export async function loadParts(raw: Raw): Promise<Parts> {
  const contentType = raw.headers['content-type'] ?? '';
  const kind = binaryKind(raw.body, contentType) ?? textKind(raw.text, contentType);
  const named = { kind, contentType, filename: readFilename(raw.headers['content-disposition']) };
  const refuse = (wanted: string): never => refuseKind({ ...raw, ...named }, wanted);
  const isMarkup = kind === 'html' || kind === 'xml' || kind === 'text' || raw.text.trimStart().startsWith('<');
  const xml = kind === 'xml' || (kind === 'feed' && isMarkup);

  const readTree = hasTree(kind) || kind === 'pdf' ? await loadTrees() : undefined;
  const parse: ParseMarkup | undefined = readTree && ((text, dialect) => readTree(text, dialect).$);
  const view = openView(raw, xml, hasTree(kind) && isMarkup ? readTree : undefined);
  const readFeed = kind === 'feed' && parse !== undefined ? await loadFeed(parse) : undefined;
  const pdf = kind === 'pdf' && parse !== undefined ? await loadPdf(raw, parse) : undefined;
  return {
    ...named,
    xml,
    view,
    refuse,
    scope: () => view() ?? refuse('HTML or XML, and has no elements'),
    feed: () => readFeed?.(raw.text, raw.url) ?? refuseFeed(view(), refuse),
    pdf: () => pdf?.() ?? refuse('a PDF'),
  };
}

/** A feed in JSON needs the parser too: its texts are HTML. */
function hasTree(kind: PageKind): boolean {
  return kind === 'html' || kind === 'xml' || kind === 'text' || kind === 'feed';
}

/** The tree and the base on first use. */
function openView(
  raw: Raw,
  xml: boolean,
  readTree: ((text: string, dialect: Dialect) => Tree) | undefined,
): () => Scope | undefined {
  const dialect: Dialect = xml ? 'xml' : (raw.parser ?? 'html');
  let view: Scope | undefined;
  return () => {
    if (readTree !== undefined) view ??= viewOf(readTree(raw.text, dialect), raw, xml);
    return view;
  };
}

function viewOf(tree: Tree, raw: Raw, xml: boolean): Scope {
  const origin = new TreeOrigin(tree, raw, xml);
  return { origin, root: [tree.root], where: '' };
}

class TreeOrigin implements Origin {
  readonly url: string;
  readonly base: string;
  readonly charset: string;
  readonly xml: boolean;
  readonly ready: ReturnType<typeof rememberQueries>;
  readonly #tree: Tree;

  constructor(tree: Tree, { url, charset, text }: Raw, xml: boolean) {
    this.#tree = tree;
    this.url = url;
    this.charset = charset;
    this.xml = xml;
    this.ready = rememberQueries(tree.compile);
    const mayName = !xml && /<base/i.test(text);
    this.base = mayName ? readBase(findFirst({ origin: this, root: [tree.root], where: '' }, 'base[href]'), url) : url;
  }

  get $(): Dom {
    return this.#tree.$;
  }
}

async function loadFeed(parse: ParseMarkup): Promise<(text: string, url: string) => Feed> {
  const { loadFeedReader } = await import('./page-feed.ts');
  return loadFeedReader(parse);
}

/** What is wrong with a PDF is told when its text is asked for: a job may want no more than its bytes. */
async function loadPdf({ url, body, signal }: Raw, parse: ParseMarkup): Promise<() => PdfView> {
  const [{ readPdf }, { viewPdf }] = await Promise.all([import('./page-pdf.ts'), import('./page-pdf-view.ts')]);
  try {
    const words = await readPdf({ url, body, signal });
    let view: PdfView | undefined;
    return () => {
      view ??= viewPdf(words, { url, parse });
      return view;
    };
  } catch (error) {
    if (!(error instanceof ExtractError)) throw error;
    return () => {
      throw error;
    };
  }
}

function refuseKind(page: Raw & Pick<Parts, 'kind' | 'contentType' | 'filename'>, wanted: string): never {
  const message = `${page.url} is ${describeKind(page)}, not ${wanted}. ${howToRead(page.kind)}`;
  throw new ExtractError(message, { url: page.url });
}

const FEED_LINK = 'link[rel~="alternate"]:is([type*="rss"],[type*="atom"],[type*="feed+json"])[href]';

function refuseFeed(view: Scope | undefined, refuse: Parts['refuse']): never {
  const named = view === undefined ? [] : view.origin.$(FEED_LINK).get();
  const addresses = named.flatMap(({ attribs: { href = '' } }) => {
    const base = view?.origin.base;
    return base !== undefined && URL.canParse(href, base) ? [new URL(href, base).href] : [];
  });
  const instead = addresses.length === 0 ? '' : ` (the page names ${addresses.slice(0, 3).join(', ')} as its feed)`;
  return refuse(`a feed${instead}`);
}
