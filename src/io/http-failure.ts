// Why a page could not be had, as a sentence with the address and what to do.

import { formatDuration } from '../core/duration.ts';
import { FetchError, type RefusedAnswer } from '../core/errors.ts';
import { PrivateAddressError } from './http-address.ts';
import { BodyError } from './http-body.ts';
import { LONGEST_ASKED_MS, type Rest } from './http-health.ts';
import { codeOf } from './http-retry.ts';
import { safeUrl } from './http-url.ts';
import { ROBOT, type Verdict } from './robots.ts';

const OLD_TLS = "Its server speaks an old TLS: try get(url, { tls: 'legacy' }).";
const OWN_CA =
  'Its server does not send the whole chain, or is signed by an own authority: name the missing certificate in NODE_EXTRA_CA_CERTS.';

const BY_CODE: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'its host name is not known. Check the address and the name server.'],
  ['EAI_AGAIN', 'its host name could not be looked up. Check the network and the name server.'],
  ['ECONNREFUSED', 'the server refused the connection. Check the address and the port.'],
  ['ECONNRESET', 'the server broke off the connection.'],
  ['EHOSTUNREACH', 'no way leads to the server. Check the network.'],
  ['ENETUNREACH', 'no way leads to the server. Check the network.'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the server did not take the connection in time.'],
  ['UND_ERR_HEADERS_TIMEOUT', 'the server took the request and did not answer in time.'],
  ['UND_ERR_BODY_TIMEOUT', 'the answer stopped in its middle.'],
  ['UND_ERR_SOCKET', 'the server broke off the connection before the answer was whole.'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the answer is not as long as it says.'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of its answer are too large.'],
  ['UND_ERR_PRX_CONN', 'the proxy broke off the connection. Check the proxy of the job, or HTTPS_PROXY and NO_PROXY.'],
  ['UND_ERR_PRX_TLS', "the proxy's certificate does not hold. Check the proxy of the job, or HTTPS_PROXY."],
  ['CERT_HAS_EXPIRED', "the server's certificate has expired. Its operator must renew it."],
  ['CERT_NOT_YET_VALID', "the server's certificate is not valid yet. Check the clock of this machine."],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "the server's certificate is for another host. Check the address."],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', `the server's certificate cannot be verified. ${OWN_CA}`],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', `the server's certificate cannot be verified. ${OWN_CA}`],
  ['SELF_SIGNED_CERT_IN_CHAIN', `the server's certificate cannot be verified. ${OWN_CA}`],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', `the server's certificate is signed by itself. ${OWN_CA}`],
]);

const OLD_TLS_CODE =
  /^ERR_TLS_DH_PARAM_SIZE$|^ERR_SSL_.*(LEGACY|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|HANDSHAKE_FAILURE|KEY_TOO_SMALL|NO_PROTOCOLS)/;

const BY_STATUS: ReadonlyMap<number, string> = new Map([
  [304, 'It says "not changed" to a request that asked for the whole page.'],
  [400, 'The server does not understand the request. Check the address and what is sent.'],
  [
    401,
    'A login or key is missing or wrong. If the page redirects, write its last address: keys do not follow to another host.',
  ],
  [403, 'The server does not allow it. It may want a login, a key, or no programs at all.'],
  [404, 'Check the address: there is no such page.'],
  [405, 'The server does not take this method here.'],
  [407, 'The proxy wants a login. Write it into its address: http://user:password@proxy.example:3128.'],
  [410, 'Check the address: the page is gone for good.'],
  [429, 'Too many requests. Let the job look less often.'],
]);

/** The failure of a hop that gave no answer. */
export function noAnswer(url: URL, error: unknown): FetchError {
  const shown = safeUrl(url);
  if (error instanceof FetchError) return error;
  if (error instanceof BodyError)
    return new FetchError(`${shown} ${error.message}.`, { url: shown, cause: error.cause });
  if (error instanceof PrivateAddressError || hasCause(error, PrivateAddressError)) return refusedPrivate(url);
  return new FetchError(`${shown} could not be fetched: ${reasonOf(error)}`, { url: shown, cause: error });
}

export function refusedPrivate(url: URL): FetchError {
  const message =
    `A public page redirects to ${safeUrl(url)}, an address of a private network, which is not followed. ` +
    'If the page is meant, write this address in the job itself.';
  return new FetchError(message, { url: safeUrl(url) });
}

export function badStatus(
  url: URL,
  answer: RefusedAnswer & { status: number },
  waitMs: number | undefined,
): FetchError {
  const { status } = answer;
  const shown = safeUrl(url);
  const advice =
    BY_STATUS.get(status) ?? (status >= 500 ? 'The server is in trouble.' : 'Check the address in a browser.');
  const wait = waitMs === undefined ? '' : ` It asks to come back in ${formatDuration(waitMs)}${boundOf(waitMs)}.`;
  return new FetchError(`${shown} answered ${status}. ${advice}${wait}`, { url: shown, status, answer });
}

function boundOf(waitMs: number): string {
  return waitMs > LONGEST_ASKED_MS
    ? `; talkbell comes back after ${formatDuration(LONGEST_ASKED_MS)} at the earliest`
    : '';
}

/** What is not even asked, as its host is to be left alone. */
export function atRest(url: URL, { until, why, failures }: Rest, now: number): FetchError {
  const at = `${new Date(until).toISOString().slice(0, 19)}Z (in ${formatDuration(until - now)})`;
  const reason =
    why === 'asked'
      ? `${url.host} has asked to be left alone until ${at}. Let its jobs look less often.`
      : `${url.host} failed ${failures} times in a row. It is tried again at ${at}.`;
  return new FetchError(`${safeUrl(url)} is not fetched now: ${reason}`, { url: safeUrl(url) });
}

/** What robots.txt keeps a job from that obeys it. */
export function refusedByRobots(url: URL, verdict: Exclude<Verdict, { kind: 'allowed' }>): FetchError {
  const shown = safeUrl(url);
  const message =
    verdict.kind === 'disallowed'
      ? `robots.txt of ${url.host} disallows ${shown.slice(url.origin.length)} for ${ROBOT}.`
      : `robots.txt of ${url.host} could not be read (${verdict.why}), so ${shown} counts as disallowed for now.`;
  return new FetchError(message, { url: shown });
}

export function tooManyRedirects(url: URL, most: number): FetchError {
  const message = `${safeUrl(url)} redirects more than ${most} times. Check the address; the site may want cookies or a login first.`;
  return new FetchError(message, { url: safeUrl(url) });
}

export function tooSlow(url: URL, totalMs: number, cause: unknown): FetchError {
  const message =
    `${safeUrl(url)} was not there whole within ${formatDuration(totalMs)}. ` +
    "If it is that slow, give it longer: get(url, { timeout: '60s' }).";
  return new FetchError(message, { url: safeUrl(url), cause });
}

export function stopped(url: URL, cause: unknown): FetchError {
  return new FetchError(`The request for ${safeUrl(url)} was stopped.`, { url: safeUrl(url), cause });
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined && OLD_TLS_CODE.test(code)) return `no secure connection could be made (${code}). ${OLD_TLS}`;
  const known = BY_CODE.get(code ?? '');
  if (known !== undefined) return known;
  if (error instanceof Error && error.name === 'HTTPParserError') return 'the answer is not HTTP as it should be.';
  return `${error instanceof Error ? error.message : String(error)}${code === undefined ? '' : ` (${code})`}.`;
}

function hasCause(error: unknown, kind: new () => Error): boolean {
  return error instanceof Error && (error.cause instanceof kind || hasCause(error.cause, kind));
}
