// A page from a saved file: a job's steps are functions of data, and this is how a test hands them theirs.
import { decodeText } from './charset.ts';
import { makePage, type Page } from './page.ts';

export interface SavedPage {
  /** Where the page came from: its links are made absolute against it. Default `https://example.com/`. */
  readonly url?: string;
  /** The Content-Type header it came with, if that matters. */
  readonly contentType?: string;
}

/**
 * Makes a page of saved bytes or text, for testing a job without a network.
 *
 * @example
 * const page = await pageOf(readFileSync('menu.html'), { url: 'https://dorm.example.ac.kr/menu' });
 * assert.deepEqual(job.extract(page, run), [{ dish: '김치찌개', price: '4,000원' }]);
 */
export async function pageOf(
  source: string | Uint8Array,
  { url = 'https://example.com/', contentType }: SavedPage = {},
): Promise<Page> {
  const body = typeof source === 'string' ? new TextEncoder().encode(source) : source;
  const { text, charset } = decodeText(body, {
    url,
    contentType,
    ...(typeof source === 'string' ? { override: 'utf-8' } : {}),
  });
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  return makePage({ url, status: 200, headers, body, text, charset });
}
