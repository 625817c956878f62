// What the tests of the Kakao client stand on: a sandbox, a real store in a fresh folder, one clock for both, and a
// small server that answers as a test says.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outgoing, Store } from '../../src/core/ports.ts';
import { openStore } from '../../src/io/store.ts';
import { type Kakao, openKakao } from '../../src/kakao/client.ts';
import { type Http, openHttp } from '../../src/kakao/http.ts';
import { consentScopes, finishLogin, type LoginEnd } from '../../src/kakao/login.ts';
import { type Oauth, openOauth } from '../../src/kakao/oauth.ts';
import { makeTokenKeeper, type TokenKeeper } from '../../src/kakao/tokens.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const REDIRECT_URI = 'http://localhost:8917/oauth';
export const never = new AbortController().signal;

export interface Stage {
  readonly clock: { at: number };
  readonly sandbox: Sandbox;
  readonly store: Store;
  /** Another connection to the same store file, as another process has it. */
  readonly secondStore: () => Promise<Store>;
  readonly http: Http;
  readonly oauth: Oauth;
  readonly kakao: Kakao;
  readonly keeper: TokenKeeper;
  readonly makeKeeper: (store?: Store) => TokenKeeper;
  readonly login: (user: string, name?: string, query?: string) => Promise<LoginEnd>;
  readonly refreshes: () => number;
  readonly close: () => Promise<void>;
}

/** The clock stands at 10:00 in Seoul. */
export async function openStage(app: SandboxOptions['app'] = {}, timeoutMs = 2000): Promise<Stage> {
  const clock = { at: Date.UTC(2026, 10, 20, 1) };
  const now = () => clock.at;
  const sandbox = await startSandbox({ now, app });
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-'));
  const key = randomBytes(32);
  const stores: Store[] = [];
  const open = async () => {
    const store = await openStore({ file: join(folder, 'talkbell.db'), key, now });
    stores.push(store);
    return store;
  };
  const store = await open();
  const http = openHttp({ timeoutMs });
  const { authUrl, apiUrl, restApiKey: clientId, clientSecret } = sandbox;
  const oauth = openOauth({ authUrl, clientId, clientSecret, redirectUri: REDIRECT_URI, http });
  const kakao = openKakao({ apiUrl, http });
  const makeKeeper = (over: Store = store) => makeTokenKeeper({ store: over, oauth, now });

  return {
    clock,
    sandbox,
    store,
    secondStore: open,
    http,
    oauth,
    kakao,
    keeper: makeKeeper(),
    makeKeeper,
    login: async (user, name = 'me', query = '') => {
      const code = await agree(oauth, user, query);
      return finishLogin({ oauth, kakao, store, now }, { code, name, friends: true });
    },
    refreshes: () => sandbox.requests().filter(({ path }) => path.includes('/oauth/token')).length,
    close: async () => {
      await http.close();
      await Promise.all(stores.map((one) => one.close()));
      await sandbox.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a person does in the browser. Gives the code. */
export async function agree(oauth: Oauth, user: string, query = ''): Promise<string> {
  const url = oauth.authorizeUrl({ scope: consentScopes(true), state: 'a state' });
  const answer = await fetch(`${url}&sandbox_user=${encodeURIComponent(user)}${query}`, { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

export interface Script {
  readonly url: string;
  /** `METHOD path` and body of each request. */
  readonly asked: { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
  readonly close: () => Promise<void>;
}

/** A server on loopback that answers as the test says. */
export async function startScript(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Script> {
  const asked: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    asked.push({
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

let lastId = 0;

export function makeRow(changes: Partial<Outgoing> & Pick<Outgoing, 'address' | 'freshUntil'>): Outgoing {
  lastId += 1;
  return {
    id: lastId,
    key: `key-${lastId}`,
    job: 'cafeteria',
    recipient: 'me',
    saying: {
      kind: 'default',
      object: { object_type: 'text', text: '점심', link: { web_url: 'https://example.com' } },
    },
    part: 1,
    parts: 1,
    attempts: 1,
    ...changes,
  };
}
