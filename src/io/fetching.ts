// The network as one look of a job sees it: bytes come in by the session, and go on as a page with its text decoded.
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { decodeText } from '../core/charset.ts';
import type { Get, Validator } from '../core/job.ts';
import type { Fetching } from '../core/look.ts';
import { makePage, type Page } from '../core/page.ts';
import type { Fetched, Http } from './http.ts';
import { fetchConditionally } from './http-conditional.ts';
import { readUrl, safeUrl } from './http-url.ts';

export interface FetchingSettings {
  readonly signal: AbortSignal;
  readonly validators: readonly Validator[];
  /** Whether the look may be called unchanged: for jobs that watch. */
  readonly conditional: boolean;
  readonly isSecret: (text: string) => boolean;
}

export function openFetching(http: Http, { isSecret, ...options }: FetchingSettings): Fetching {
  const session = http.session(options);
  return {
    fetch: (step) =>
      fetchConditionally(session, (fetchPage) => {
        const get: Get = async (url, given) => toPage(await fetchPage(url, given));
        return step(get);
      }),
    validators: () => session.validators(),
    link: () => {
      const url = session.lastPage()?.url;
      return url === undefined || isSecret(url) ? undefined : url;
    },
  };
}

/** One saved file in the place of every page: what a job makes of it needs no network. */
export function openSavedPage(path: string, { isSecret }: Pick<FetchingSettings, 'isSecret'>): Fetching {
  const last: { url?: string } = {};
  const get: Get = async (given, { method, charset, parser } = {}) => {
    const url = readUrl(given);
    const body = await readFile(path);
    const headers = headersOf(path);
    if ((method ?? 'GET') === 'GET' && !/json|xml$/.test(headers['content-type'] ?? '')) last.url = url.href;
    return toPage({
      url: url.href,
      requestedUrl: url.href,
      status: 200,
      headers,
      body,
      charset,
      parser,
      method: method ?? 'GET',
    });
  };
  return {
    fetch: async (step) => ({ kind: 'raw', raw: await step(get) }),
    validators: () => [],
    link: () => (last.url === undefined || isSecret(last.url) ? undefined : last.url),
  };
}

/** The charset is left to the page itself. */
function headersOf(path: string): Readonly<Record<string, string>> {
  const type = {
    '.json': 'application/json',
    '.xml': 'application/xml',
    '.rss': 'application/rss+xml',
    '.html': 'text/html',
    '.htm': 'text/html',
  }[extname(path).toLowerCase()];
  return type === undefined ? {} : { 'content-type': type };
}

/** A page from what came: the same for a fetched one and for one read from a file. */
export async function toPage({ url, status, headers, body, charset: override, parser }: Fetched): Promise<Page> {
  const { text, charset } = decodeText(body, { override, contentType: headers['content-type'], url: safeUrl(url) });
  return makePage({ url, status, headers, body, text, charset, parser });
}
