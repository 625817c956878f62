// One request of a job from its first byte to its last: turns at hosts, redirects, retries, one deadline for all of it.
// Time spent waiting for the first turn does not count: a job may ask for many pages of one host at once.
import type { Dispatcher } from 'undici';
import { FetchError } from '../core/errors.ts';
import type { Random } from '../core/ports.ts';
import type { AgentKind, Agents } from './http-agents.ts';
import { BodyError, readBody } from './http-body.ts';
import { type Deadline, openDeadline, type Sleep } from './http-clock.ts';
import type { Cookies } from './http-cookies.ts';
import { atRest, badStatus, noAnswer, refusedPrivate, stopped, tooManyRedirects, tooSlow } from './http-failure.ts';
import type { Health, Rest } from './http-health.ts';
import type { Hosts } from './http-hosts.ts';
import { nextHop } from './http-redirect.ts';
import { type Headers, type Hop, headersOf, type Request } from './http-request.ts';
import { isHostFailure, isPassing, isPassingError, mayRepeat, retryAfterMs, retryDelayMs } from './http-retry.ts';
import { loadUndici } from './http-undici.ts';
import type { Place } from './page-room.ts';

/** The most bytes that are read of an answer that is not the page. */
const LONGEST_REFUSAL = 64 * 1024;

export interface ExchangeSettings {
  readonly userAgent: string;
  readonly maxBytes: number;
  readonly headersMs: number;
  readonly retries: number;
  readonly retryBaseMs: number;
  readonly maxRedirects: number;
  readonly now: () => number;
  readonly random: Random;
  readonly sleep: Sleep;
}

export interface Parts {
  readonly settings: ExchangeSettings;
  readonly agents: Agents;
  readonly hosts: Hosts;
  readonly health: Health;
  readonly cookies: Cookies;
  /** Rejects with FetchError for an address that is not to be asked, also one that a redirect leads to. */
  readonly permit: (hop: Hop) => Promise<void>;
  /** Where too many large pages wait to be read, no further one is asked for. */
  readonly place?: Pick<Place, 'isCrowded' | 'uncrowded'> | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

interface Context extends Parts {
  readonly deadline: Deadline;
  readonly totalMs: number;
  /** Tries that failed so far, on every hop together. */
  failures: number;
  /** The end of a rest that this request has waited for. */
  waitedUntil: number;
  /** What has been asked for and given all the time there is to begin an answer, without one. */
  silent: URL | undefined;
}

/** The answer at the end of all redirects: 2xx, or 304 to a conditional request. Throws FetchError for any other end. */
export async function exchange(request: Request, parts: Parts): Promise<Answer> {
  const deadline = openDeadline(request.totalMs, parts.signal);
  const context: Context = {
    ...parts,
    deadline,
    totalMs: request.totalMs,
    failures: 0,
    waitedUntil: 0,
    silent: undefined,
  };
  try {
    return await follow(request.hop, context);
  } catch (error) {
    if (parts.signal.aborted) throw stopped(request.hop.url, parts.signal.reason);
    if (deadline.passed()) {
      if (context.silent !== undefined) parts.health.failed(context.silent, 'connection');
      throw tooSlow(request.hop.url, request.totalMs, error);
    }
    throw error instanceof FetchError ? error : stopped(request.hop.url, error);
  } finally {
    deadline.end();
  }
}

async function follow(first: Hop, context: Context): Promise<Answer> {
  let hop = first;
  for (let redirects = 0; redirects <= context.settings.maxRedirects; redirects++) {
    await context.permit(hop);
    const answer = await askUntilSettled(hop, context);
    const next = nextHop(hop, answer.status, answer.headers['location']);
    if (next === undefined) return checkStatus(hop, answer, context);
    hop = await guard(hop, next, context.agents);
  }
  throw tooManyRedirects(first.url, context.settings.maxRedirects);
}

/** What a public page redirects to must be public itself. A page of the private network may lead anywhere. */
async function guard(hop: Hop, next: Hop, agents: Agents): Promise<Hop> {
  const guarded = hop.guarded || !(await agents.isPrivate(hop.url));
  if (guarded && (await agents.isPrivate(next.url))) throw refusedPrivate(next.url);
  return { ...next, guarded };
}

function checkStatus(hop: Hop, answer: Answer, context: Context): Answer {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return answer;
  if (status === 304 && isConditional(hop)) return answer;
  throw badStatus(hop.url, answer, retryAfterMs(headers['retry-after'], context.settings.now()));
}

type Attempt =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly passing: boolean }
  | { readonly kind: 'error'; readonly error: unknown; readonly passing: boolean };

async function askUntilSettled(hop: Hop, context: Context): Promise<Answer> {
  for (let again = false; ; again = true) {
    const attempt = await ask(again ? fresh(hop) : hop, context);
    const waitMs = attempt.passing && mayRepeat(hop.method) ? waitBeforeRetry(hop, attempt, context) : undefined;
    if (waitMs === undefined) {
      noteEnd(hop, attempt, context.health);
      if (attempt.kind === 'answer') return attempt.answer;
      throw noAnswer(hop.url, attempt.error);
    }
    const rest = context.health.restOf(hop.url);
    await context.settings.sleep(waitMs, context.deadline.signal);
    context.deadline.signal.throwIfAborted();
    context.waitedUntil = rest?.until ?? context.waitedUntil;
  }
}

/** Too many requests say nothing of a host's health. */
function noteEnd({ url }: Hop, attempt: Attempt, health: Health): void {
  if (attempt.kind === 'error') {
    if (isHostFailure(attempt.error)) health.failed(url, 'connection');
  } else if (attempt.answer.status >= 500) health.failed(url, 'answer');
  else if (attempt.answer.status !== 429) health.worked(url);
}

/** Undefined when enough tries were made, or the wait would outlast the deadline. */
function waitBeforeRetry(hop: Hop, attempt: Attempt, context: Context): number | undefined {
  const { retries, retryBaseMs, random, now } = context.settings;
  context.failures += 1;
  if (context.failures > retries || context.health.isDoubtful(hop.url)) return undefined;

  const asked = attempt.kind === 'answer' ? retryAfterMs(attempt.answer.headers['retry-after'], now()) : undefined;
  const waitMs = asked ?? retryDelayMs(context.failures, retryBaseMs, random);
  return waitMs < context.deadline.remainingMs() ? waitMs : undefined;
}

/** A second try asks caches on the way not to answer for the server. */
function fresh(hop: Hop): Hop {
  return isConditional(hop) ? hop : { ...hop, headers: { 'cache-control': 'no-cache', ...hop.headers } };
}

async function ask(hop: Hop, context: Context): Promise<Attempt> {
  const { deadline } = context;
  const endTurn = await takeTurn(hop, context);
  deadline.start();
  try {
    const answer = await send(hop, context);
    noteWish(answer, context);
    return { kind: 'answer', answer, passing: isPassing(answer.status, isConditional(hop)) };
  } catch (error) {
    deadline.signal.throwIfAborted();
    return { kind: 'error', error, passing: isPassingError(error) };
  } finally {
    endTurn();
  }
}

/** Another request may have learned of a rest, or brought a large page, while this one waited for its turn. */
async function takeTurn(hop: Hop, context: Context): Promise<() => void> {
  const { deadline, hosts, place } = context;
  for (;;) {
    const urgent = deadline.started();
    if (!urgent) await place?.uncrowded();
    await waitForRest(hop, context);
    const endTurn = await hosts.turn(hop.url.hostname, { signal: deadline.signal, urgent });
    const isCrowded = !urgent && place?.isCrowded() === true;
    if (!isCrowded && restOf(hop, context) === undefined) return endTurn;
    endTurn();
  }
}

async function waitForRest(hop: Hop, context: Context): Promise<void> {
  const rest = restOf(hop, context);
  if (rest === undefined) return;
  const { settings, deadline } = context;
  const waitMs = rest.until - settings.now();
  if (rest.why === 'failing' || waitMs >= deadline.remainingMs()) throw atRest(hop.url, rest, settings.now());
  await settings.sleep(waitMs, deadline.signal);
  deadline.signal.throwIfAborted();
  context.waitedUntil = rest.until;
}

function restOf({ url }: Hop, { health, waitedUntil }: Context): Rest | undefined {
  const rest = health.restOf(url);
  return rest === undefined || rest.until <= waitedUntil ? undefined : rest;
}

/** A host that wants to be left alone is left alone by all jobs. */
function noteWish({ url, status, headers }: Answer, { health, settings }: Context): void {
  const waitMs = status < 400 ? undefined : retryAfterMs(headers['retry-after'], settings.now());
  if (waitMs !== undefined && waitMs > 0) health.asked(url, waitMs);
}

async function send(hop: Hop, context: Context): Promise<Answer> {
  const { settings, agents, cookies, deadline } = context;
  const { request } = await loadUndici();
  const kind: AgentKind = { guarded: hop.guarded, legacy: hop.legacyTls, proxy: hop.proxy };
  const cookie = await cookies.header(hop.url);
  context.silent = context.totalMs >= settings.headersMs ? hop.url : undefined;
  const response = await request(await agents.agent(kind), hop.url, {
    method: hop.method,
    headers: headersOf(hop, { userAgent: settings.userAgent, cookie }),
    body: hop.body ?? null,
    signal: deadline.signal,
    headersTimeout: settings.headersMs,
    bodyTimeout: settings.headersMs,
  });
  context.silent = undefined;
  // A body that is given up still reports that it was: nobody is left to hear it.
  response.body.on('error', () => undefined);

  const { statusCode: status, headers } = response;
  await cookies.save([headers['set-cookie'] ?? []].flat(), hop.url);
  const body = await readAnswer(response, hop.method, settings.maxBytes);
  return { url: hop.url, status, headers: flatten(headers), body };
}

/** The body of a good answer. Of any other only what a person may want to see, and nothing when it is long. */
async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  method: string,
  maxBytes: number,
): Promise<Uint8Array> {
  try {
    if (statusCode < 200 || statusCode >= 300) return await readRefusal({ statusCode, headers, body });
    const encoding = method === 'HEAD' ? undefined : join(headers['content-encoding']);
    const length = method === 'HEAD' ? undefined : join(headers['content-length']);
    return await readBody(body, { encoding, length, maxBytes });
  } catch (error) {
    if (error instanceof BodyError) body.destroy();
    throw error;
  }
}

/** A server that refuses says why, as a rule, in a page; whatever else it sends is read to free the connection. */
async function readRefusal({
  statusCode,
  headers,
  body,
}: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>): Promise<Uint8Array> {
  if (statusCode >= 400 && /html|text/i.test(join(headers['content-type']) ?? '')) {
    const options = { encoding: join(headers['content-encoding']), length: undefined, maxBytes: LONGEST_REFUSAL };
    return readBody(body, options).catch((error: unknown) => {
      if (!(error instanceof BodyError)) throw error;
      body.destroy();
      return new Uint8Array();
    });
  }
  await body.dump({ limit: LONGEST_REFUSAL });
  return new Uint8Array();
}

function isConditional(hop: Hop): boolean {
  return Object.keys(hop.conditions).length > 0;
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), join(value) ?? '']));
}

function join(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
