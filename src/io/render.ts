// A page that its scripts draw, drawn by a browser that never touches the network itself: each of its requests goes the
// way of every other request of the job, with the same limits.
import type { Page, Request, Route } from 'playwright-core';
import { decodeText } from '../core/charset.ts';
import { FetchError } from '../core/errors.ts';
import { BrowserError, type Browsers } from './browser.ts';
import type { Fetched } from './fetched.ts';
import { safeUrl } from './http-url.ts';

/** What one page may ask for besides itself. */
const MOST_REQUESTS = 300;
/** A page that asks again and again is drawn as it is by then. */
const LONGEST_QUIET_WAIT_MS = 5000;
/** What nobody reads off a page as text. */
const UNREAD = new Set(['image', 'media', 'font']);
const NOT_THEIRS = new Set(['host', 'connection', 'content-length', 'cookie', 'user-agent', 'accept-encoding']);

export interface Resource {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

export interface Rendering {
  readonly browsers: Browsers;
  /** Fetches what the page asks for: without a turn at the host, and never on a private network for a public page. */
  readonly fetchResource: (resource: Resource) => Promise<Fetched>;
  readonly userAgent: string;
  readonly maxBytes: number;
  readonly totalMs: number;
  readonly signal: AbortSignal;
}

/** Draws a page that was fetched. Throws FetchError. */
export async function renderPage(
  page: Fetched,
  { waitFor }: { readonly waitFor: string | undefined },
  rendering: Rendering,
): Promise<Fetched> {
  const url = safeUrl(page.url);
  const signal = AbortSignal.any([rendering.signal, AbortSignal.timeout(rendering.totalMs)]);
  try {
    return await rendering.browsers.use(async (browser) => {
      const context = await browser.newContext({
        userAgent: rendering.userAgent,
        locale: 'ko-KR',
        serviceWorkers: 'block',
        acceptDownloads: false,
        viewport: { width: 1280, height: 2000 },
      });
      try {
        const tab = await context.newPage();
        tab.on('dialog', (dialog) => void dialog.dismiss().catch(() => undefined));
        context.on('page', (other) => void other.close().catch(() => undefined));
        await context.routeWebSocket(/.*/, (socket) => socket.close());
        await context.route('**/*', serveFrom(tab, page, rendering));
        return await draw(tab, { page, waitFor, rendering, signal });
      } finally {
        await context.close().catch(() => undefined);
      }
    }, signal);
  } catch (error) {
    if (error instanceof FetchError) throw error;
    if (rendering.signal.aborted) throw new FetchError(`Drawing ${url} was stopped.`, { url, cause: error });
    throw new FetchError(`${url} could not be drawn: ${reasonOf(error, { signal, rendering, waitFor })}`, {
      url,
      cause: error,
    });
  }
}

interface Drawing {
  readonly page: Fetched;
  readonly waitFor: string | undefined;
  readonly rendering: Rendering;
  readonly signal: AbortSignal;
}

async function draw(tab: Page, { page, waitFor, rendering }: Drawing): Promise<Fetched> {
  const until = performance.now() + rendering.totalMs;
  const leftMs = (): number => Math.max(until - performance.now(), 1);
  const crashed = new Promise<never>((_, reject) => {
    tab.on('crash', () => reject(new BrowserError('its scripts took more memory than there is for them')));
  });
  crashed.catch(() => undefined);
  const drawn = (async (): Promise<Fetched> => {
    await tab.goto(page.url, { waitUntil: 'load', timeout: leftMs() });
    if (waitFor !== undefined) await tab.waitForSelector(waitFor, { state: 'attached', timeout: leftMs() });
    else
      await tab.waitForLoadState('networkidle', { timeout: Math.min(leftMs(), LONGEST_QUIET_WAIT_MS) }).catch(() => {});
    const body = new TextEncoder().encode(await tab.content());
    if (body.byteLength > rendering.maxBytes)
      throw new BrowserError(`it is larger than ${Math.round(rendering.maxBytes / 1e6)} MB once it is drawn`);
    const headers = { ...page.headers, 'content-type': 'text/html; charset=utf-8' };
    return { ...page, url: addressOf(tab, page), headers, body, charset: 'utf-8' };
  })();
  return Promise.race([drawn, crashed]);
}

function addressOf(tab: Page, page: Fetched): string {
  return /^https?:/.test(tab.url()) ? tab.url() : page.url;
}

/** The page itself is there already; what it asks for comes by way of the job's own network. */
function serveFrom(tab: Page, page: Fetched, { fetchResource, maxBytes }: Rendering): (route: Route) => Promise<void> {
  const state = { requests: 0, bytes: 0, isServed: false };
  return async (route) => {
    const request = route.request();
    if (!state.isServed && request.isNavigationRequest() && sameAddress(request.url(), page.url)) {
      state.isServed = true;
      await fulfill(route, decoded(page));
      return;
    }
    state.requests += 1;
    const isElsewhere = request.isNavigationRequest() && pageOf(request) !== tab;
    if (isElsewhere || UNREAD.has(request.resourceType()) || state.requests > MOST_REQUESTS || state.bytes > maxBytes) {
      await route.abort('blockedbyclient').catch(() => undefined);
      return;
    }
    try {
      const answer = await fetchResource(await toResource(request));
      state.bytes += answer.body.byteLength;
      await fulfill(route, answer);
    } catch {
      // A script that cannot be had is what a browser on a bad line meets too: the page is drawn without it.
      await route.abort('failed').catch(() => undefined);
    }
  };
}

/** A pop-up's first request comes before there is a page for it. */
function pageOf(request: Request): Page | undefined {
  try {
    return request.frame().page();
  } catch {
    return undefined;
  }
}

/** By what the bytes are, and the author's word: the browser would go by the header and the tag alone. */
function decoded(page: Fetched): Fetched {
  const { headers, body, url, charset: override } = page;
  const { text } = decodeText(body, { override, contentType: headers['content-type'], url: safeUrl(url) });
  return {
    ...page,
    headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
    body: new TextEncoder().encode(text),
  };
}

function sameAddress(one: string, other: string): boolean {
  return one.replace(/#.*$/, '') === other.replace(/#.*$/, '');
}

async function fulfill(route: Route, { status, headers, body }: Fetched): Promise<void> {
  const { 'content-encoding': _, 'content-length': __, 'content-security-policy': ___, ...rest } = headers;
  await route.fulfill({ status, headers: rest, body: Buffer.from(body) });
}

async function toResource(request: Request): Promise<Resource> {
  const headers = Object.entries(await request.allHeaders()).filter(
    ([name]) => !name.startsWith(':') && !NOT_THEIRS.has(name.toLowerCase()),
  );
  return {
    url: request.url(),
    method: request.method(),
    headers: Object.fromEntries(headers),
    body: request.postDataBuffer() ?? undefined,
  };
}

function reasonOf(
  error: unknown,
  { signal, rendering, waitFor }: { signal: AbortSignal; rendering: Rendering; waitFor: string | undefined },
): string {
  if (error instanceof BrowserError) return `${error.message}.`;
  const isLate = signal.aborted || (error instanceof Error && error.name === 'TimeoutError');
  if (!isLate) return `${(error instanceof Error ? error.message : String(error)).split('\n', 1)[0]}.`;
  const seconds = Math.round(rendering.totalMs / 1000);
  const what = waitFor === undefined ? 'it was not done' : `no element matched \`${waitFor}\``;
  return `${what} within ${seconds} s. If it is that slow, give it longer: get(url, { render: true, timeout: '60s' }).`;
}
