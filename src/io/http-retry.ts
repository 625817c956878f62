// Which requests are asked again, and when: GET and HEAD only, and only for what a second later may work.
import type { Random } from '../core/ports.ts';

const STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

const CODES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_PRX_CONN',
  'UND_ERR_SOCKET',
]);

/** Of these it is rather this machine's network that fails, or its name server. */
const OWN_TROUBLES = new Set(['EAI_AGAIN', 'EMFILE', 'ENETDOWN', 'ENETUNREACH', 'ENOTFOUND', 'UND_ERR_PRX_CONN']);

/** How much of the wait is left to chance, so that many jobs do not ask again together. */
const JITTER = 0.25;

export function mayRepeat(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A 304 to a request without conditions is a mistake of the server's, or of a cache before it. */
export function isPassing(status: number, conditional: boolean): boolean {
  return STATUSES.has(status) || (status === 304 && !conditional);
}

export function isPassingError(error: unknown): boolean {
  return CODES.has(codeOf(error) ?? '');
}

/** Whether a host that gives no answer is to blame for it. */
export function isHostFailure(error: unknown): boolean {
  return isPassingError(error) && !OWN_TROUBLES.has(codeOf(error) ?? '');
}

/** The code of an error or of what caused it; of several tries to connect, the first one's. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : codeOf(error.cause);
}

/** 1 s, 2 s, 4 s and a little, where the server does not say. */
export function retryDelayMs(retry: number, baseMs: number, random: Random): number {
  return Math.round(baseMs * 2 ** (retry - 1) * (1 + JITTER * random()));
}

/** What Retry-After asks for: seconds or a date. Undefined for anything else. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^[a-z]{3,9},? /i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
