// Where a redirect leads: what of a request goes along, and where it may not go.
// Across origins nothing of the author's goes along but what any browser would say: no keys, no cookies, no passwords.
import { FetchError } from '../core/errors.ts';
import type { Headers, Hop } from './http-request.ts';
import { isHttp, resolveLocation, safeUrl } from './http-url.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const HARMLESS = new Set(['accept', 'accept-language', 'user-agent', 'content-type']);
const OF_THE_BODY = new Set(['content-type', 'content-encoding', 'content-language', 'content-location']);

/** The hop a redirect asks for. Undefined if the answer is no redirect. Throws FetchError for one not to be followed. */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;

  const url = resolveLocation(location, hop.url);
  if (url === undefined || !isHttp(url)) {
    const target = url === undefined ? 'what is no address' : `a ${url.protocol} address`;
    const message = `${safeUrl(hop.url)} redirects to ${target}, which is not followed. Write the page's true address in the job.`;
    throw new FetchError(message, { url: safeUrl(hop.url), status });
  }
  url.username = '';
  url.password = '';

  const method = nextMethod(hop.method, status);
  const keepsBody = method === hop.method && hop.body !== undefined;
  const dropped = (name: string) =>
    (!keepsBody && OF_THE_BODY.has(name)) || (url.origin !== hop.url.origin && !HARMLESS.has(name));
  const headers = without(hop.headers, dropped);
  return { ...hop, url, method, headers, conditions: {}, body: keepsBody ? hop.body : undefined };
}

function nextMethod(method: string, status: number): string {
  if (status === 303 && method !== 'HEAD') return 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}

function without(headers: Headers, dropped: (name: string) => boolean): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped(name)));
}
