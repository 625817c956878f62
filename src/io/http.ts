// Fetches pages for jobs, within limits of time, size and politeness. One Http a process, one session a look.
// A session keeps cookies, and notes what the next look may know an unchanged page by.
import type { LookupFunction } from 'node:net';
import type { GetOptions, Validator } from '../core/job.ts';
import type { Random } from '../core/ports.ts';
import { type IsPrivate, makeIsPrivate } from './http-address.ts';
import { type Agents, openAgents, readProxy } from './http-agents.ts';
import { type Sleep, sleep } from './http-clock.ts';
import { openCookies } from './http-cookies.ts';
import { type Answer, type ExchangeSettings, exchange } from './http-exchange.ts';
import { type Hosts, openHosts } from './http-hosts.ts';
import { readRequest } from './http-request.ts';
import { readUrl } from './http-url.ts';
import { conditionsOf, isPlain, openValidatorLog, validatorOf } from './http-validators.ts';

/** A page as it came, unpacked and not yet decoded. */
export interface Fetched {
  /** After all redirects, without user name and password. */
  readonly url: string;
  readonly requestedUrl: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The author's word on the charset. */
  readonly charset: string | undefined;
  readonly parser: 'fast' | undefined;
  readonly method: string;
}

export interface HttpSettings {
  /** Names the project, so that a server's operator knows who asks. */
  readonly userAgent: string;
  /** The most bytes of one page, packed or unpacked. */
  readonly maxBytes: number;
  /** The longest one get may take, from its first turn at the host, redirects and retries included. */
  readonly totalMs: number;
  readonly connectMs: number;
  /** The longest wait for the first byte of an answer, and between two of its parts. */
  readonly headersMs: number;
  readonly retries: number;
  readonly retryBaseMs: number;
  /** The rest of a host after each request. */
  readonly hostGapMs: number;
  readonly maxHosts: number;
  readonly maxRedirects: number;
  /** Whether to use the proxy the environment names. */
  readonly proxy: boolean;
}

/** What tests and the sandbox put in place of the world. */
export interface HttpPorts {
  readonly now: () => number;
  readonly random: Random;
  readonly sleep: Sleep;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isPrivate: IsPrivate;
  readonly lookup: LookupFunction | undefined;
}

export interface SessionOptions {
  readonly signal: AbortSignal;
  /** What the last look left. */
  readonly validators?: readonly Validator[];
  /** Whether the look may be called unchanged: for jobs that watch. */
  readonly conditional: boolean;
}

export interface HttpSession {
  /** Fetches in full. Throws FetchError. */
  readonly get: (url: string | URL, options?: GetOptions) => Promise<Fetched>;
  /** Undefined for a page that has not changed since the validator was given. */
  readonly getIfChanged: (url: string | URL, options: GetOptions, validator: Validator) => Promise<Fetched | undefined>;
  /** The last look's validators, if this look may be called unchanged. */
  readonly known: readonly Validator[];
  /** What to keep for the next look. Empty when the next one cannot be called unchanged. */
  readonly validators: () => readonly Validator[];
  readonly validatorOf: (page: Fetched) => Validator | undefined;
  /** What a validator knows an address by. Throws FetchError for what is no address. */
  readonly keyOf: (url: string | URL) => string;
  /** The last HTML page got by GET, in the order of asking. */
  readonly lastPage: () => { readonly url: string } | undefined;
}

export interface Http {
  readonly session: (options: SessionOptions) => HttpSession;
  /** Ends every connection and every wait. */
  readonly close: () => Promise<void>;
}

const DEFAULTS: HttpSettings = {
  userAgent: 'talkbell/0.1 (looks at pages on a schedule for one person)',
  maxBytes: 10_000_000,
  totalMs: 30_000,
  connectMs: 10_000,
  headersMs: 15_000,
  retries: 3,
  retryBaseMs: 1000,
  hostGapMs: 1000,
  maxHosts: 4,
  maxRedirects: 5,
  proxy: true,
};

interface Shared {
  readonly settings: ExchangeSettings & { readonly totalMs: number };
  readonly agents: Agents;
  readonly hosts: Hosts;
}

export function openHttp(given: Partial<HttpSettings & HttpPorts> = {}): Http {
  const ports = { now: Date.now, random: Math.random, sleep, env: process.env, isPrivate: makeIsPrivate() };
  const settings = { ...DEFAULTS, ...ports, ...given };
  const proxy = settings.proxy ? readProxy(settings.env) : undefined;
  const { connectMs, isPrivate, lookup } = settings;
  const shared = { settings, agents: openAgents({ connectMs, isPrivate, lookup, proxy }), hosts: openHosts(settings) };
  return {
    session: (options) => openSession(shared, options),
    close: async () => {
      shared.hosts.close();
      await shared.agents.close();
    },
  };
}

function openSession(shared: Shared, { signal, validators = [], conditional }: SessionOptions): HttpSession {
  const log = openValidatorLog();
  const parts = { ...shared, cookies: openCookies(), signal };
  const known = conditional ? validators : [];
  let asked = 0;
  let lastPage: { readonly url: string; readonly turn: number } | undefined;

  async function ask(url: string | URL, options: GetOptions, validator?: Validator): Promise<Fetched | undefined> {
    asked += 1;
    const turn = asked;
    const { hop, totalMs } = readRequest(url, options, shared.settings.totalMs);
    const conditions = validator === undefined ? {} : conditionsOf(validator);
    const answer = await exchange({ hop: { ...hop, conditions }, totalMs }, parts);
    if (answer.status === 304) return undefined;

    const page = toFetched(answer, { requestedUrl: hop.url.href, method: hop.method, options });
    if (page.method === 'GET' && isHtml(page) && turn > (lastPage?.turn ?? 0)) lastPage = { url: page.url, turn };
    return page;
  }

  async function get(url: string | URL, options: GetOptions = {}): Promise<Fetched> {
    const page = await noted(options, () => ask(url, options));
    if (page === undefined) throw new Error('A request without conditions was taken for unchanged.');
    return page;
  }

  /** Notes the validator of what was fetched; an error or a page without one makes the look one that cannot be known. */
  async function noted(options: GetOptions, work: () => Promise<Fetched | undefined>): Promise<Fetched | undefined> {
    try {
      const page = await work();
      if (page !== undefined) log.add(isPlain(options) ? pageValidator(page) : undefined);
      return page;
    } catch (error) {
      log.add(undefined);
      throw error;
    }
  }

  return {
    get,
    getIfChanged: (url, options, validator) => noted(options, () => ask(url, options, validator)),
    known,
    validators: () => (conditional ? log.all() : []),
    validatorOf: pageValidator,
    keyOf,
    lastPage: () => (lastPage === undefined ? undefined : { url: lastPage.url }),
  };
}

/** A redirected page gives none: its validator is another address's. */
function pageValidator({ url, requestedUrl, headers }: Fetched): Validator | undefined {
  return url === requestedUrl ? validatorOf(requestedUrl, headers) : undefined;
}

function keyOf(url: string | URL): string {
  const key = readUrl(url);
  key.username = '';
  key.password = '';
  return key.href;
}

interface Asked {
  readonly requestedUrl: string;
  readonly method: string;
  readonly options: GetOptions;
}

function toFetched(answer: Answer, { requestedUrl, method, options }: Asked): Fetched {
  const { status, headers, body } = answer;
  const { charset, parser } = options;
  return { url: answer.url.href, requestedUrl, status, headers, body, charset, parser, method };
}

function isHtml({ headers, body }: Fetched): boolean {
  const type = headers['content-type'] ?? '';
  if (type !== '') return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(type);
  return /^\W*<(!doctype html|html)\b/i.test(Buffer.from(body.subarray(0, 512)).toString('latin1'));
}
