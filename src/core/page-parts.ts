// What a page needs by its kind, loaded when it is made and read when it is first asked: the tree of HTML and XML, the
// reader of feeds, the words of a PDF. Nothing is loaded for a kind that does not come.
import { ExtractError } from './errors.ts';
import { type Dialect, type Dom, loadParser, type ParseMarkup } from './html.ts';
import type { Feed } from './page-feed.ts';
import { readFilename } from './page-filename.ts';
import { binaryKind, describeKind, howToRead, type PageKind, textKind } from './page-kind.ts';
import type { PdfView } from './page-pdf-view.ts';
import type { Scope } from './page-query.ts';
import { readBase } from './page-url.ts';

export interface Raw {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly text: string;
  readonly charset: string;
  readonly parser?: 'fast' | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface View {
  readonly $: Dom;
  readonly base: string;
}

export interface Parts {
  readonly kind: PageKind;
  readonly contentType: string;
  readonly filename: string | undefined;
  readonly xml: boolean;
  /** The tree; undefined when the page has none. */
  readonly view: () => View | undefined;
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

  const parse = hasTree(kind) || kind === 'pdf' ? await loadParser() : undefined;
  const view = openView(raw, xml, hasTree(kind) && isMarkup ? parse : undefined);
  const readFeed = kind === 'feed' && parse !== undefined ? await loadFeed(parse) : undefined;
  const pdf = kind === 'pdf' && parse !== undefined ? await loadPdf(raw, parse) : undefined;
  return {
    ...named,
    xml,
    view,
    refuse,
    scope: () => {
      const opened = view() ?? refuse('HTML or XML, and has no elements');
      return { origin: { url: raw.url, xml, charset: raw.charset, ...opened }, root: opened.$.root(), where: '' };
    },
    feed: () => readFeed?.(raw.text, raw.url) ?? refuseFeed(view(), refuse),
    pdf: () => pdf?.() ?? refuse('a PDF'),
  };
}

/** A feed in JSON needs the parser too: its texts are HTML. */
function hasTree(kind: PageKind): boolean {
  return kind === 'html' || kind === 'xml' || kind === 'text' || kind === 'feed';
}

/** The tree and the base on first use. */
function openView({ text, url, parser }: Raw, xml: boolean, parse: ParseMarkup | undefined): () => View | undefined {
  const dialect: Dialect = xml ? 'xml' : (parser ?? 'html');
  let view: View | undefined;
  return () => {
    if (view !== undefined || parse === undefined) return view;
    const $ = parse(text, dialect);
    view = { $, base: xml ? url : readBase($, url) };
    return view;
  };
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

function refuseFeed(view: View | undefined, refuse: Parts['refuse']): never {
  const named = view === undefined ? [] : view.$(FEED_LINK).get();
  const addresses = named.flatMap(({ attribs: { href = '' } }) => {
    return view !== undefined && URL.canParse(href, view.base) ? [new URL(href, view.base).href] : [];
  });
  const instead = addresses.length === 0 ? '' : ` (the page names ${addresses.slice(0, 3).join(', ')} as its feed)`;
  return refuse(`a feed${instead}`);
}
