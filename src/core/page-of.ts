// A page from saved bytes: as fetching makes them, and for tests, which hand a job's steps their data.
import { decodeText } from './charset.ts';
import { makePage, type Page, type PageSource } from './page.ts';
import { binaryKind } from './page-kind.ts';

/** What came, not yet decoded. */
export interface Arrived extends Omit<PageSource, 'text' | 'charset'> {
  /** The author's word on the charset. */
  readonly charset?: string | undefined;
  /** How errors of decoding name the page, when its address holds what nobody is to read. */
  readonly shownUrl?: string;
}

/** Decodes what is text; a PDF, a picture or a file stays bytes. Throws FetchError for a charset nobody can read. */
export async function readPage({ charset: override, shownUrl, ...came }: Arrived): Promise<Page> {
  const contentType = came.headers['content-type'];
  if (binaryKind(came.body, contentType ?? '') !== undefined) return makePage({ ...came, text: '', charset: 'binary' });
  const { text, charset } = decodeText(came.body, { override, contentType, url: shownUrl ?? came.url });
  return makePage({ ...came, text, charset });
}

export interface SavedPage {
  /** Where the page came from: its links are made absolute against it. Default `https://example.com/`. */
  readonly url?: string;
  /** The Content-Type header it came with, if that matters. */
  readonly contentType?: string;
  /** Further headers it came with, by lower-case name: `{ 'content-disposition': 'attachment; filename=menu.hwp' }`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Makes a page of saved bytes or text, for testing a job without a network. Bytes may be anything a server sends: HTML in
 * any charset, JSON, a feed, a PDF, a picture, a file. Throws FetchError for a charset that cannot be read.
 *
 * @example
 * const page = await pageOf(readFileSync('menu.html'), { url: 'https://dorm.example.ac.kr/menu' });
 * assert.deepEqual(job.extract(page, run)[0], { dish: '김치찌개', price: '4,000원' });
 *
 * @example
 * const pdf = await pageOf(readFileSync('menu.pdf'));
 * assert.match(pdf.text, /김치찌개/);
 */
export async function pageOf(
  source: string | Uint8Array,
  { url = 'https://example.com/', contentType, headers = {} }: SavedPage = {},
): Promise<Page> {
  const isText = typeof source === 'string';
  return readPage({
    url,
    status: 200,
    headers: contentType === undefined ? headers : { ...headers, 'content-type': contentType },
    body: isText ? new TextEncoder().encode(source) : source,
    ...(isText ? { charset: 'utf-8' } : {}),
  });
}
