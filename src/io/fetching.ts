// The network as one look of a job sees it: bytes come in by the session, and go on as a page with its text decoded.
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { decodeText } from '../core/charset.ts';
import { Closed, FetchError } from '../core/errors.ts';
import { getOf } from '../core/form.ts';
import type { Get, GetOptions, Validator } from '../core/job.ts';
import type { Fetching } from '../core/look.ts';
import type { Page } from '../core/page.ts';
import { binaryKind } from '../core/page-kind.ts';
import { readPage } from '../core/page-of.ts';
import type { Suspect } from '../core/wrong-page.ts';
import type { Fetched } from './fetched.ts';
import type { Http, SessionOptions } from './http.ts';
import { fetchConditionally } from './http-conditional.ts';
import { readUrl, safeUrl } from './http-url.ts';
import { type KeptPage, readKeptPages } from './kept-pages.ts';

export interface FetchingSettings extends SessionOptions {
  readonly validators: readonly Validator[];
  readonly isSecret: (text: string) => boolean;
}

/** A look's network, and the pages it has brought so far. */
export interface KeepingFetching extends Fetching {
  readonly pages: () => readonly Fetched[];
  /** The cookies it has now; undefined where nothing is fetched. */
  readonly cookies: () => string | undefined;
}

export function openFetching(http: Http, { isSecret, ...options }: FetchingSettings): KeepingFetching {
  const session = http.session(options);
  const fetched: Fetched[] = [];
  return {
    pages: () => fetched,
    cookies: () => session.keepCookies(),
    suspects: () => fetched.flatMap(toSuspect),
    fetch: (step) =>
      fetchConditionally(session, (fetchPage) => {
        // The step runs once more when only some of the pages were unchanged.
        fetched.length = 0;
        const get = getOf(async (url, given) => {
          const page = await fetchPage(url, given).catch((error: unknown) => {
            if (error instanceof FetchError) fetched.push(...refusedPage(error, given));
            throw error;
          });
          fetched.push(page);
          await options.place?.take(page.body.byteLength);
          return toPage(page, options.signal);
        });
        return step(get);
      }),
    validators: () => session.validators(),
    link: () => {
      const url = session.lastPage()?.url;
      return url === undefined || isSecret(url) ? undefined : url;
    },
  };
}

/** What a server sent with its refusal, for a person to look at. */
function refusedPage({ url, status, answer }: FetchError, { method = 'GET' }: GetOptions = {}): readonly Fetched[] {
  if (answer === undefined || status === undefined || answer.body.byteLength === 0) return [];
  const { headers, body } = answer;
  return [{ url, requestedUrl: url, status, headers, body, charset: undefined, parser: undefined, method }];
}

/** Asks robots.txt of the first page the job gets, and ends the step there: a FetchError if it is disallowed. */
export function openRobotsCheck(http: Http, options: SessionOptions): KeepingFetching {
  const session = http.session(options);
  const get = getOf(async (url, given) => {
    await session.askRobots(url, given);
    throw new Closed('robots.txt allows the page');
  });
  return {
    pages: () => [],
    cookies: () => undefined,
    suspects: () => [],
    fetch: async (step) => ({ kind: 'raw', raw: await step(get) }),
    validators: () => [],
    link: () => undefined,
  };
}

/** One saved file in the place of every page, or a folder of kept ones: what a job makes of it needs no network. */
export function openSavedPage(path: string, { isSecret }: Pick<FetchingSettings, 'isSecret'>): KeepingFetching {
  const last: { url?: string } = {};
  const fetched: Fetched[] = [];
  const saved = openSaved(path);
  const get = getOf(async (given, { method = 'GET', charset, parser } = {}) => {
    const url = readUrl(given);
    const page = { ...(await saved(url, method)), charset, parser, method };
    if (method === 'GET' && /^$|html/.test(page.headers['content-type'] ?? '')) last.url = page.url;
    fetched.push(page);
    return toPage(page);
  });
  return {
    pages: () => fetched,
    cookies: () => undefined,
    suspects: () => fetched.flatMap(toSuspect),
    fetch: async (step) => ({ kind: 'raw', raw: await step((await isFile(path)) ? withoutForms(get) : get) }),
    validators: () => [],
    link: () => (last.url === undefined || isSecret(last.url) ? undefined : last.url),
  };
}

/** Where one page stands for all, it also stands for what comes back from a form that it need not have. */
function withoutForms(get: Get): Get {
  const form: Get['form'] = (from, options) => {
    const { selector: _selector, fields: _fields, submit: _submit, ...rest } = options ?? {};
    return get(typeof from === 'string' || from instanceof URL ? from : from.url, rest);
  };
  return Object.assign((url: string | URL, options?: GetOptions) => get(url, options), { form });
}

async function isFile(path: string): Promise<boolean> {
  return !(await stat(path)).isDirectory();
}

type Saved = Omit<Fetched, 'charset' | 'parser' | 'method'>;

/** A page of a folder goes to who asks for its address, else to whose turn it is: an address may hold the day. */
function openSaved(path: string): (url: URL, method: string) => Promise<Saved> {
  let kept: Promise<KeptPage[]> | undefined;
  return async (url, method) => {
    if (await isFile(path)) {
      const body = await readFile(path);
      return { url: url.href, requestedUrl: url.href, status: 200, headers: headersOf(path), body };
    }
    kept ??= readKeptPages(path).then((pages) => [...pages]);
    const left = await kept;
    const own = left.findIndex((page) => page.method === method && page.requestedUrl === safeUrl(url));
    const [page] = left.splice(Math.max(own, 0), 1);
    if (page !== undefined) return page;
    throw new FetchError(`${path} holds no page for ${safeUrl(url)}: all that it holds have been asked for.`, {
      url: safeUrl(url),
    });
  };
}

/** Only what may be a page for people: an answer of an API is never a log-in page by its looks. */
function toSuspect(page: Fetched): readonly Suspect[] {
  const { url, requestedUrl, body, headers, charset: override } = page;
  const contentType = headers['content-type'] ?? '';
  if (body.byteLength === 0 && !/html|^$/i.test(contentType)) return [];
  if (/json/i.test(contentType) || binaryKind(body, contentType) !== undefined) return [];
  try {
    const { text } = decodeText(body, { override, contentType: headers['content-type'], url: safeUrl(url) });
    return [{ url: safeUrl(url), requestedUrl: safeUrl(requestedUrl), text }];
  } catch {
    // What cannot be decoded has failed for that already.
    return [];
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.rss': 'application/rss+xml',
  '.atom': 'application/atom+xml',
  '.html': 'text/html',
  '.htm': 'text/html',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.hwp': 'application/x-hwp',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.zip': 'application/zip',
};

/** As a server would say of the file. The charset is left to the page itself. */
export function headersOf(path: string): Readonly<Record<string, string>> {
  const type = TYPES[extname(path).toLowerCase()];
  return type === undefined ? {} : { 'content-type': type };
}

/** A page from what came: the same for a fetched one and for one read from a file. */
export async function toPage(fetched: Fetched, signal?: AbortSignal): Promise<Page> {
  const { url, status, headers, body, charset, parser } = fetched;
  return readPage({ url, status, headers, body, charset, parser, signal, shownUrl: safeUrl(url) });
}
