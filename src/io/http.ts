// Fetches pages for jobs, within limits of time, size and politeness. One Http a process, one session a look.
// A session keeps cookies, and notes what the next look may know an unchanged page by. What hosts ask of everybody, and
// how they fare, is one for all sessions.
import type { LookupFunction } from 'node:net';
import type { GetOptions, Validator } from '../core/job.ts';
import type { Random } from '../core/ports.ts';
import { type Browsers, openBrowsers } from './browser.ts';
import type { Fetched } from './fetched.ts';
import { type IsPrivate, makeIsPrivate } from './http-address.ts';
import { type Agents, openAgents, readProxy } from './http-agents.ts';
import { type Sleep, sleep } from './http-clock.ts';
import { openCookies } from './http-cookies.ts';
import { drawPage } from './http-draw.ts';
import { type Answer, type ExchangeSettings, exchange, type Parts } from './http-exchange.ts';
import { type Health, type HealthSettings, openHealth } from './http-health.ts';
import { type Hosts, openHosts } from './http-hosts.ts';
import { type Hop, type RequestDefaults, readRequest } from './http-request.ts';
import { askRobots, obeyRobots } from './http-robots.ts';
import { readUrl } from './http-url.ts';
import { conditionsOf, isPlain, openValidatorLog, validatorOf } from './http-validators.ts';
import type { Place } from './page-room.ts';
import { openRobots, type Robots, type RobotsSettings } from './robots.ts';

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

type NotesOfRobots = Pick<RobotsSettings, 'robotsNotes' | 'onRobotsNotes'>;

/** What tests and the sandbox put in place of the world. */
export interface HttpPorts extends Pick<HealthSettings, 'hostNotes' | 'onHostNotes'>, NotesOfRobots {
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
  /** The cookies of the last look, as `keepCookies` gave them. */
  readonly cookies?: string | undefined;
  /** `obey`: fetches nothing that robots.txt disallows. */
  readonly robots?: 'obey' | undefined;
  /** A proxy for all of it, instead of the environment's. */
  readonly proxy?: string | undefined;
  /** Where the look's pages find room. Default: there is enough. */
  readonly place?: Place | undefined;
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
  /** The cookies as they are now, for the next look. */
  readonly keepCookies: () => string;
  /** Asks robots.txt alone. Rejects with FetchError if it disallows the address, not if nobody can know. */
  readonly askRobots: (url: string | URL, options?: GetOptions) => Promise<void>;
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
  readonly health: Health;
  readonly robots: Robots;
  readonly browsers: Browsers;
}

export function openHttp(given: Partial<HttpSettings & HttpPorts> = {}): Http {
  const ports = { now: Date.now, random: Math.random, sleep, env: process.env, isPrivate: makeIsPrivate() };
  const settings = { ...DEFAULTS, ...ports, ...given };
  const proxy = settings.proxy ? readProxy(settings.env) : undefined;
  const { connectMs, isPrivate, lookup } = settings;
  const shared = {
    settings,
    agents: openAgents({ connectMs, isPrivate, lookup, proxy }),
    hosts: openHosts(settings),
    health: openHealth(settings),
    robots: openRobots(settings),
    browsers: openBrowsers({ env: settings.env }),
  };
  return {
    session: (options) => openSession(shared, options),
    close: async () => {
      shared.hosts.close();
      await shared.browsers.close();
      await shared.agents.close();
    },
  };
}

function openSession(shared: Shared, { signal, validators = [], conditional, ...own }: SessionOptions): HttpSession {
  const log = openValidatorLog();
  const { settings, robots } = shared;
  const cookies = openCookies({ kept: own.cookies, now: settings.now });
  const open = { ...shared, cookies, signal };
  const permit = async (hop: Hop): Promise<void> => {
    if (own.robots === 'obey') await obeyRobots(hop, robots, open);
  };
  const parts: Parts = { ...open, permit, place: own.place };
  const defaults: RequestDefaults = { totalMs: settings.totalMs, proxy: own.proxy };
  const known = conditional ? validators : [];
  let asked = 0;
  let lastPage: { readonly url: string; readonly turn: number } | undefined;

  async function ask(url: string | URL, options: GetOptions, validator?: Validator): Promise<Fetched | undefined> {
    asked += 1;
    const turn = asked;
    const { hop, totalMs } = readRequest(url, options, defaults);
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
    if (options.render === undefined || options.render === false) return page;
    return drawPage(page, { parts, defaults, browsers: shared.browsers, options });
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
    keepCookies: cookies.keep,
    askRobots: (url, options = {}) => askRobots(readRequest(url, options, defaults).hop, robots, open),
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
