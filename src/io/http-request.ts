// What goes out: a job's options made into method, headers and body, and checked before anything is sent.
import { DURATION_SHAPE, parseDuration } from '../core/duration.ts';
import { FetchError } from '../core/errors.ts';
import type { GetOptions } from '../core/job.ts';
import { isProxy, PROXY_SHAPE } from '../core/proxy.ts';
import { readUrl, safeUrl } from './http-url.ts';

export type Headers = Readonly<Record<string, string>>;

/** One request on its way; every redirect makes another one of it. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** The author's headers, in lower case. */
  readonly headers: Headers;
  readonly body: string | Uint8Array | undefined;
  /** Headers of a conditional request: for the first hop only. */
  readonly conditions: Headers;
  readonly legacyTls: boolean;
  /** Undefined for the environment's. */
  readonly proxy: string | undefined;
  /** A public address was on the way, so no private one may follow. */
  readonly guarded: boolean;
}

export interface Request {
  readonly hop: Hop;
  readonly totalMs: number;
}

export interface RequestDefaults {
  readonly totalMs: number;
  /** The job's proxy. */
  readonly proxy?: string | undefined;
}

const OURS = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'ko-KR,ko;q=0.9,en;q=0.5',
  'accept-encoding': 'gzip, deflate, br, zstd',
};

/** A timer set for longer rings at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const NOT_FOR_AUTHORS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Throws FetchError for options that make no request. */
export function readRequest(given: string | URL, options: GetOptions, defaults: RequestDefaults): Request {
  const url = readUrl(given);
  const { body, type } = readContent(url, options);
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    throw wrong(url, `a ${method} has no body; leave out the method or use POST`);

  const headers = {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...readHeaders(url, options.headers ?? {}),
  };
  const authorized = { ...credentials(url), ...readAuth(url, options.auth), ...headers };
  url.username = '';
  url.password = '';
  const hop = {
    url,
    method,
    headers: authorized,
    body,
    conditions: {},
    legacyTls: options.tls === 'legacy',
    proxy: readOwnProxy(url, options.proxy ?? defaults.proxy),
    guarded: false,
  };
  return { hop, totalMs: readTimeout(url, options.timeout) ?? defaults.totalMs };
}

/** All headers of a hop, the author's over ours. */
export function headersOf(
  hop: Hop,
  extra: { readonly userAgent: string; readonly cookie: string | undefined },
): Headers {
  const cookie = [hop.headers['cookie'], extra.cookie].filter((part) => part !== undefined).join('; ');
  return {
    'user-agent': extra.userAgent,
    ...OURS,
    ...hop.headers,
    ...hop.conditions,
    ...(cookie === '' ? {} : { cookie }),
  };
}

function readContent(url: URL, { form, json, body }: GetOptions): { body: Hop['body']; type: string | undefined } {
  if ([form, json, body].filter((part) => part !== undefined).length > 1) {
    throw wrong(url, 'only one of form, json and body can be sent');
  }
  if (form !== undefined) return { body: String(new URLSearchParams(form)), type: 'application/x-www-form-urlencoded' };
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' };
  return { body, type: undefined };
}

function readHeaders(url: URL, given: Headers): Headers {
  const headers = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name, value] of headers) {
    if (NOT_FOR_AUTHORS.has(name)) throw wrong(url, `the header ${name} is set by talkbell itself; leave it out`);
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw wrong(url, `'${name}' is not a header's name`);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw wrong(url, `the header ${name} holds a sign that headers cannot carry; write it with encodeURIComponent`);
    }
  }
  return Object.fromEntries(headers);
}

function credentials({ username, password }: URL): Headers {
  if (username === '' && password === '') return {};
  return basic(decode(username), decode(password));
}

function readAuth(url: URL, auth: GetOptions['auth']): Headers {
  if (auth === undefined) return {};
  const { user, password } = auth;
  if (typeof user !== 'string' || typeof password !== 'string')
    throw wrong(url, "auth must be { user: '...', password: secret('...') }");
  if (user.includes(':')) throw wrong(url, 'the user of auth holds a colon, which HTTP cannot carry');
  return basic(user, password);
}

function basic(user: string, password: string): Headers {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** The address itself stands in no error: it may hold a password. */
function readOwnProxy(url: URL, proxy: string | undefined): string | undefined {
  if (proxy === undefined) return undefined;
  if (typeof proxy === 'string' && isProxy(proxy)) return proxy;
  throw wrong(url, `its proxy is no address of one. ${PROXY_SHAPE.replace(/\.$/, '')}`);
}

function decode(part: string): string {
  return new URLSearchParams(`v=${part.replaceAll('+', '%2B').replaceAll('&', '%26')}`).get('v') ?? '';
}

function readTimeout(url: URL, timeout: string | undefined): number | undefined {
  if (timeout === undefined) return undefined;
  const ms = parseDuration(timeout);
  if (ms === undefined) throw wrong(url, `the timeout '${timeout}' is not ${DURATION_SHAPE}`);
  return Math.min(ms, LONGEST_TIMER_MS);
}

function wrong(url: URL, problem: string): FetchError {
  return new FetchError(`${safeUrl(url)} cannot be fetched: ${problem}.`, { url: safeUrl(url), isOfJob: true });
}
