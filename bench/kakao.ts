// A Kakao of this machine with accounts that are logged in, for what the measurements send, and pages for them to look at.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeScrubber } from '../src/core/redact.ts';
import { openEngine } from '../src/engine.ts';
import { readConfig } from '../src/io/config.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.ts';
import type { House } from '../test/processes.ts';

/** As a user with a larger quota sets them: budgets are not what is measured. */
const BUDGETS = { TALKBELL_BUDGET_PER_SENDER: '1000000', TALKBELL_BUDGET_PER_RECIPIENT: '1000000' };
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Kakao extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly env: NodeJS.ProcessEnv;
}

export async function startKakao(): Promise<Kakao> {
  const sandbox = await startSandbox();
  sandbox.app.memoCountsAgainstQuota = false;
  return {
    sandbox,
    env: {
      ...BUDGETS,
      KAKAO_REST_API_KEY: sandbox.restApiKey,
      KAKAO_CLIENT_SECRET: sandbox.clientSecret,
      KAKAO_AUTH_URL: sandbox.authUrl,
      KAKAO_API_URL: sandbox.apiUrl,
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** Logs accounts of these names in, each of a person of its own, before the daemon starts. */
export async function logIn({ sandbox }: Kakao, { env }: House, names: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const engine = await openEngine({
    config: readConfig(env),
    log: SILENT,
    scrubber: makeScrubber(),
    signal: stop.signal,
    now: Date.now,
    random: Math.random,
    print: () => {},
    onChange: () => {},
  });
  try {
    for (const name of names) {
      const person = `사람 ${name}`;
      sandbox.users.add(person);
      const address = new URL(engine.kakao.oauth.authorizeUrl({ scope: ['talk_message'], state: 'bench' }));
      address.searchParams.set('sandbox_user', person);
      const answer = await fetch(address, { redirect: 'manual' });
      const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
      const end = await engine.kakao.finishLogin({ code, name });
      if (end.kind === 'refused') throw new Error(end.reason);
    }
  } finally {
    stop.abort();
    await engine.close();
  }
}

export interface Site extends Disposable {
  readonly url: string;
}

/** One page on a host of its own: politeness lets only one request a second go to any host. */
export async function startSite(body: string | Buffer, host = '127.0.0.1'): Promise<Site> {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/`,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
