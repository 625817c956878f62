// Waits for Kakao to send a person's browser back after a login: a listener on this machine that takes one answer and
// closes, and for machines without a browser a reader of the address a person pastes.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type LoginCode =
  | { readonly kind: 'code'; readonly code: string }
  /** A sentence: why there is none. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface LoginWait {
  readonly redirectUri: string;
  readonly state: string;
  readonly signal: AbortSignal;
  /** Called once the listener takes connections: only then is the person sent to Kakao. */
  readonly onReady?: (port: number) => void;
}

/** Loopback only: another redirect URI means that the person pastes the address. */
export function canListen(redirectUri: string): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const { protocol, hostname } = new URL(redirectUri);
  return protocol === 'http:' && Object.hasOwn(HOSTS, hostname);
}

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1', '::1'],
  '127.0.0.1': ['127.0.0.1'],
  '[::1]': ['::1'],
};

/** Takes the first answer that carries our state. Gives why not when nothing can listen there, or waiting is stopped. */
export async function waitForCode({ redirectUri, state, signal, onReady }: LoginWait): Promise<LoginCode> {
  if (!canListen(redirectUri))
    return refused(
      `${redirectUri} does not lead to this machine. Log in with --paste, or use http://localhost:8917/oauth.`,
    );
  if (signal.aborted) return refused(STOPPED);

  const url = new URL(redirectUri);
  const { promise, resolve } = Promise.withResolvers<LoginCode>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const end = answerBrowser({ request, response, url, state });
    if (end !== undefined) response.once('close', () => resolve(end));
  };
  const stop = () => resolve(refused(STOPPED));
  signal.addEventListener('abort', stop, { once: true });
  const servers: Server[] = [];
  try {
    const problem = await listenOnAll(servers, url, answer);
    if (problem !== undefined) return refused(problem);
    onReady?.(portOf(servers));
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all(servers.map(closeServer));
  }
}

/** Reads what a person pastes: the whole address the browser ended at, or the code alone. */
export function readPastedCode(text: string, state: string): LoginCode {
  const pasted = text.trim().replace(/^["'<]|[">']$/g, '');
  if (pasted === '') return refused('Nothing was pasted. Paste the whole address the browser shows after the login.');

  const query = /[?&=]/.test(pasted)
    ? new URLSearchParams(pasted.replace(/^[^?]*\?/, '').replace(/#.*$/, ''))
    : undefined;
  if (query === undefined) return /^[\w.~-]{10,}$/.test(pasted) ? { kind: 'code', code: pasted } : refused(UNREADABLE);
  const given = query.get('state');
  if (given !== null && !isSame(given, state))
    return refused(
      'This address belongs to another login. Open the address talkbell printed last and paste what it ends at.',
    );
  return readQuery(query) ?? refused(UNREADABLE);
}

const STOPPED = 'The login was stopped before Kakao answered.';
const UNREADABLE =
  'That is neither the address the browser ended at nor a code. Paste the whole address, with ?code= in it.';

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly state: string;
}

/** Answers a browser. Gives the end of the login, if this was it. */
function answerBrowser({ request, response, url, state }: Visit): LoginCode | undefined {
  const asked = new URL(request.url ?? '/', url.origin);
  if (asked.pathname !== url.pathname || request.method !== 'GET') {
    sendPage(response, 404, PAGES.elsewhere);
    return undefined;
  }
  if (!isSame(asked.searchParams.get('state') ?? '', state)) {
    sendPage(response, 400, PAGES.otherState);
    return undefined;
  }
  const end = readQuery(asked.searchParams);
  if (end === undefined) sendPage(response, 400, PAGES.elsewhere);
  else if (end.kind === 'code') sendPage(response, 200, PAGES.done);
  else sendPage(response, 200, PAGES.denied);
  return end;
}

function readQuery(query: URLSearchParams): LoginCode | undefined {
  const code = query.get('code');
  const error = query.get('error');
  if (error === 'access_denied')
    return refused('The person did not agree, so nobody is logged in. Begin the login again.');
  if (error === 'consent_required')
    return refused('Kakao needs the consent of the person: log in without --prompt none.');
  if (error !== null)
    return refused(`Kakao ended the login with ${/^\w{1,40}$/.test(error) ? error : 'an error'}. Begin it again.`);
  return code === null || code === '' ? undefined : { kind: 'code', code };
}

/** `localhost` is both loopbacks where this machine has both; one of them is enough. */
async function listenOnAll(
  servers: Server[],
  url: URL,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string | undefined> {
  const errors: unknown[] = [];
  for (const host of HOSTS[url.hostname] ?? []) {
    const server = createServer(answer);
    const port = portOf(servers) || Number(url.port || 80);
    const error = await listen(server, { host, port });
    if (error === undefined) servers.push(server);
    else errors.push(error);
  }
  const busy = errors.map(codeOf).find((code) => code === 'EADDRINUSE' || code === 'EACCES');
  if (busy === undefined && servers.length > 0) return undefined;
  const why = busy === 'EADDRINUSE' ? 'another program uses it' : `it may not be used (${codeOf(errors[0])})`;
  return `Port ${url.port || 80} of this machine cannot take the login: ${why}. End that program, or choose another port in KAKAO_REDIRECT_URI and register it in Kakao Developers, or log in with --paste.`;
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<unknown> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port, ipv6Only: host === '::1' }, () => resolve(undefined));
  });
}

function portOf(servers: readonly Server[]): number {
  const address = servers[0]?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** Compares in a time that tells nothing about where two texts differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function refused(reason: string): LoginCode {
  return { kind: 'refused', reason };
}

const PAGES = {
  done: [
    '카카오의 답을 받았습니다',
    '로그인이 되었는지는 터미널에 나옵니다. 이 창은 닫아도 됩니다.',
    'Kakao has answered. The terminal says whether you are logged in; you can close this window.',
  ],
  denied: [
    '로그인하지 않았습니다',
    '동의를 취소했습니다. 터미널에서 다시 시작하세요.',
    'You did not agree. Begin again in the terminal.',
  ],
  otherState: [
    '다른 로그인의 주소입니다',
    '터미널에 마지막으로 나온 주소를 여세요.',
    'This belongs to another login. Open the address printed last in the terminal.',
  ],
  elsewhere: ['여기에는 아무것도 없습니다', '로그인을 기다리고 있습니다.', 'Nothing here; waiting for a login.'],
} as const;

/** Nothing of the address is repeated on the page, and the browser leaks it nowhere. */
function sendPage(
  response: ServerResponse,
  status: number,
  [title, korean, english]: readonly [string, string, string],
): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(
    `<!doctype html><html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>talkbell</title><body style="font: 16px/1.6 sans-serif; max-width: 30em; margin: 4em auto; padding: 0 1em"><h1>${title}</h1><p>${korean}</p><p lang="en">${english}</p></body></html>`,
  );
}
