// One request to Kakao and what came of it. It tells exactly whether any byte of the request was written, because that
// decides whether a message may be sent again. It follows no redirect and reads no answer without end.
/// <reference path="../undici-parts.d.ts" />
import * as v from '@badrap/valita';
import type { Dispatcher } from 'undici';
import { readShape } from './shape.ts';

const TIMEOUT_MS = 10_000;
const BODY_LIMIT_BYTES = 1_048_576;
const PROXY_NAMES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'];
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Undefined when the body broke off, was too long, or came too late. */
      readonly text: string | undefined;
      /** The body as JSON; whole numbers beyond 2^53 stay as strings. Undefined when it is not JSON. */
      readonly json: unknown;
      /** The Retry-After header as it stands. */
      readonly retryAfter: string | undefined;
    }
  | {
      readonly kind: 'lost';
      /** False: not one byte of the request left this machine. */
      readonly sent: boolean;
      readonly why: 'stale' | 'stopped' | 'timeout' | 'network';
      readonly reason: string;
    };

export interface KakaoRequest {
  readonly method: 'GET' | 'POST';
  /** Base address, perhaps with a path of its own, and the path below it. */
  readonly base: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Asked right before the first byte is written; false ends the request unsent. */
  readonly mayStart?: (() => boolean) | undefined;
}

export interface HttpSettings {
  readonly dispatcher?: Dispatcher;
  /** For the whole request, from the look-up of the name to the last byte of the answer. */
  readonly timeoutMs?: number;
  readonly bodyLimitBytes?: number;
}

export interface Http {
  readonly ask: (request: KakaoRequest) => Promise<Answer>;
  /** Ends what is still under way and closes the connections that were opened here; a dispatcher that was passed in stays open. */
  readonly close: () => Promise<void>;
}

type Limits = Required<Pick<HttpSettings, 'timeoutMs' | 'bodyLimitBytes'>>;

export function openHttp(settings: HttpSettings = {}): Http {
  const { dispatcher, timeoutMs = TIMEOUT_MS, bodyLimitBytes = BODY_LIMIT_BYTES } = settings;
  let own: Promise<Dispatcher> | undefined;
  const load = async (): Promise<Dispatcher> => {
    own ??= loadDispatcher(timeoutMs);
    return own;
  };
  return {
    ask: async (request) => exchange(dispatcher ?? (await load()), request, { timeoutMs, bodyLimitBytes }),
    close: async () => {
      await (await own)?.destroy();
    },
  };
}

/** Joins a base that may carry a path with a path below it. */
export function addressUnder(base: string, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(base.replace(/[/?#]*$/, '') + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** JSON whose whole numbers beyond 2^53 (Kakao's ids are int64) come as strings. Undefined when it is not JSON. */
export function readJson(text: string): unknown {
  const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? context?.source
      : value;
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return undefined;
  }
}

async function loadDispatcher(timeoutMs: number): Promise<Dispatcher> {
  const options = { allowH2: false, connect: { timeout: timeoutMs } };
  if (!PROXY_NAMES.some((name) => process.env[name])) {
    const { default: Agent } = await import('undici/lib/dispatcher/agent.js');
    return new Agent(options);
  }
  const { EnvHttpProxyAgent } = await import('undici');
  const outside = process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '';
  const noProxy = [outside, ...LOOPBACK].join(',');
  return new EnvHttpProxyAgent({ ...options, noProxy });
}

interface Progress {
  controller: Dispatcher.DispatchController | undefined;
  /** Set when the first byte is about to be written. */
  started: boolean;
  over: boolean;
  status: number | undefined;
  retryAfter: string | undefined;
  readonly chunks: Buffer[];
  size: number;
}

type Settle = (answer: Answer) => void;

function exchange(dispatcher: Dispatcher, request: KakaoRequest, limits: Limits): Promise<Answer> {
  const url = addressUnder(request.base, request.path, request.query);
  const progress: Progress = {
    controller: undefined,
    started: false,
    over: false,
    status: undefined,
    retryAfter: undefined,
    chunks: [],
    size: 0,
  };
  const { promise, resolve } = Promise.withResolvers<Answer>();

  const settle: Settle = (answer) => {
    if (progress.over) return;
    progress.over = true;
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', stop);
    resolve(answer);
    progress.controller?.abort(new Error('the request is over'));
  };
  const giveUp = (why: 'stopped' | 'timeout', reason: string) =>
    settle(progress.status === undefined ? { kind: 'lost', sent: progress.started, why, reason } : unread(progress));
  const stop = () => giveUp('stopped', `talkbell is stopping; the request to ${url.host} was broken off`);
  const timer = setTimeout(
    () => giveUp('timeout', `${url.host} did not answer within ${limits.timeoutMs} ms`),
    limits.timeoutMs,
  );

  request.signal?.addEventListener('abort', stop, { once: true });
  if (request.signal?.aborted) stop();
  else dispatcher.dispatch(optionsOf(request, url), makeHandler({ progress, settle, url, request, limits }));
  return promise;
}

function optionsOf(request: KakaoRequest, url: URL): Dispatcher.DispatchOptions {
  const form = request.form === undefined ? undefined : new URLSearchParams(request.form).toString();
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.method,
    headers: {
      accept: 'application/json',
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }),
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
    },
    body: form ?? null,
    // A connection of its own: on a kept one, an idle close by the server looks like a message perhaps taken.
    reset: true,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

interface Talk {
  readonly progress: Progress;
  readonly settle: Settle;
  readonly url: URL;
  readonly request: KakaoRequest;
  readonly limits: Limits;
}

function makeHandler({ progress, settle, url, request, limits }: Talk): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      progress.controller = controller;
      if (progress.over) return controller.abort(new Error('the request is over'));
      if (request.mayStart?.() === false)
        return settle({ kind: 'lost', sent: false, why: 'stale', reason: 'no longer fresh' });
      progress.started = true;
    },
    onResponseStart(_controller, status, headers) {
      if (status < 200) return;
      progress.status = status;
      progress.retryAfter = [headers['retry-after']].flat()[0];
    },
    onResponseData(_controller, chunk) {
      progress.size += chunk.length;
      if (progress.size > limits.bodyLimitBytes) return settle(unread(progress));
      progress.chunks.push(chunk);
    },
    onResponseEnd() {
      settle(read(progress));
    },
    onResponseError(_controller, error) {
      if (progress.status !== undefined) return settle(unread(progress));
      const reason = explainNetwork(error, url.host, progress.started);
      settle({ kind: 'lost', sent: progress.started, why: 'network', reason });
    },
  };
}

function read({ status = 0, retryAfter, chunks }: Progress): Answer {
  const text = Buffer.concat(chunks).toString('utf8');
  return { kind: 'answer', status, text, json: readJson(text), retryAfter };
}

function unread({ status = 0, retryAfter }: Progress): Answer {
  return { kind: 'answer', status, text: undefined, json: undefined, retryAfter };
}

const WithCode = v.object({ code: v.string() });

function explainNetwork(error: unknown, host: string, started: boolean): string {
  const code = readShape(WithCode, error)?.code ?? 'no error code';
  if (started) return `the connection to ${host} broke after the request had begun (${code})`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the name ${host} could not be looked up (${code}); check this machine's network`;
  if (code === 'ECONNREFUSED') return `${host} refused the connection (${code})`;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return `${host} could not be reached in time (${code}); check this machine's network`;
  if (/CERT|TLS|SSL|SELF_SIGNED|EPROTO|ISSUER|ALTNAME/.test(code))
    return `no safe connection to ${host} could be made (${code}); check this machine's clock and certificates`;
  return `no connection to ${host} could be made (${code})`;
}
