// What the tortured daemon works on: three jobs, two Kakao logins, three webhooks, and a page that grows. Everything that
// arrives is written down by somebody other than the daemon.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Store } from '../../src/core/ports.ts';
import { openStoreOf } from '../../src/engine.ts';
import { type Config, readConfig } from '../../src/io/config.ts';
import { openKakaoParts } from '../../src/kakao/parts.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type House, makeHouse } from '../processes.ts';
import type { Arrival } from './checker.ts';

/** Seconds between two due instants of each job. */
export const PERIODS: Readonly<Record<string, number>> = { parts: 2, ping: 1, news: 2 };
/** Account and recipient by the sandbox's name of the person. */
const PEOPLE: Readonly<Record<string, string>> = { 민지: 'me', 준호: 'mum' };
const WEBHOOKS = ['hook', 'news', 'owner'];
const NEWS_EVERY_MS = 700;
/** A page of many known items, so that the new ones never look like a flood. */
const FIRST_NEWS = 30;

const JOBS: Readonly<Record<string, string>> = {
  parts: `import { defineJob } from 'talkbell';
export default defineJob({
  schedule: '*/2 * * * * *', to: ['me', 'mum'],
  fetch: () => 1,
  extract: () => [1, 2, 3, 4, 5, 6, 7, 8].map((line) => ({ line })),
  render: (items, run) => items.map(({ line }) => 'line ' + line + ' of what was due at ' + run.due.toISOString()).join('\\n'),
});`,
  ping: `import { defineJob } from 'talkbell';
export default defineJob({
  schedule: '* * * * * *', to: 'hook', ifUnclear: 'resend',
  fetch: () => 1, extract: () => [{ n: 1 }],
  render: (_items, run) => 'ping ' + run.due.toISOString(),
});`,
  news: `import { defineJob, isNew, setting } from 'talkbell';
const url = setting('NEWS_URL');
export default defineJob({
  schedule: '*/2 * * * * *', to: 'news', most: 1000,
  fetch: (get) => get(url),
  extract: (page) => page.rows('ul', 'li', { n: 'b' }),
  watch: { key: ({ n }) => n, tell: isNew },
  render: (items) => items.map(({ n }) => '#' + n).join(' '),
});`,
};

export interface Scene extends AsyncDisposable {
  readonly house: House;
  readonly config: Config;
  readonly sandbox: Sandbox;
  /** What each recipient got, in order. */
  readonly arrivals: () => ReadonlyMap<string, readonly Arrival[]>;
  /** Works on the store as a command beside the daemon does. */
  readonly withStore: <T>(work: (store: Store) => Promise<T>) => Promise<T>;
  readonly logIn: (account: string) => Promise<void>;
  /** The next call with an access token made so far is answered with a 401. */
  readonly expireAccess: () => void;
}

export async function setScene(env: NodeJS.ProcessEnv = {}): Promise<Scene> {
  const sandbox = await startSandbox();
  relaxQuotas(sandbox);
  const hooks = await listenForHooks();
  const house = makeHouse({
    TALKBELL_OWNER: 'owner',
    TALKBELL_BUDGET_PER_SENDER: '1000000',
    TALKBELL_BUDGET_PER_RECIPIENT: '1000000',
    KAKAO_REST_API_KEY: sandbox.restApiKey,
    KAKAO_CLIENT_SECRET: sandbox.clientSecret,
    KAKAO_AUTH_URL: sandbox.authUrl,
    KAKAO_API_URL: sandbox.apiUrl,
    NEWS_URL: `${hooks.url}/page`,
    ...env,
  });
  for (const [name, source] of Object.entries(JOBS)) writeFileSync(join(house.jobs, `${name}.ts`), source);
  const config = readConfig(house.env);
  const withStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openStoreOf(config, { now: Date.now, log: QUIET });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  const scene: Scene = {
    house,
    config,
    sandbox,
    arrivals: () => new Map([...memos(sandbox), ...hooks.arrivals]),
    withStore,
    logIn: (account) => withStore((store) => logIn({ config, store, account })),
    expireAccess: () => {
      for (const person of Object.keys(PEOPLE)) sandbox.users.expire(person, 'access');
    },
    [Symbol.asyncDispose]: async () => {
      hooks.close();
      await sandbox.close();
      house[Symbol.dispose]();
    },
  };
  await withStore(async (store) => {
    for (const name of WEBHOOKS) {
      await store.saveRecipient({ name, address: { channel: 'webhook', url: `${hooks.url}/${name}` } }, Date.now());
    }
  });
  for (const account of Object.values(PEOPLE)) await scene.logIn(account);
  return scene;
}

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Kakao would never let so many messages through; and it rotates the refresh token every time, as in its last month. */
function relaxQuotas({ app }: Sandbox): void {
  const most = 1_000_000;
  app.memoCountsAgainstQuota = false;
  app.quotas = { ...app.quotas, appMonthly: most, accessTokens: most, refreshTokens: most };
  app.rotateBelowS = 10 * 365 * 86_400;
}

interface LogIn {
  readonly config: Config;
  readonly store: Store;
  readonly account: string;
}

/** A login through the sandbox's own shortcut for a person who agrees. */
async function logIn({ config, store, account }: LogIn): Promise<void> {
  const kakao = openKakaoParts({ config: config.kakao, store, now: Date.now });
  const person = Object.keys(PEOPLE).find((name) => PEOPLE[name] === account) ?? '';
  const address = new URL(kakao.oauth.authorizeUrl({ scope: ['talk_message'], state: 'test' }));
  address.searchParams.set('sandbox_user', person);
  const answer = await fetch(address, { redirect: 'manual' });
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const end = await kakao.finishLogin({ code, name: account });
  await kakao.close();
  if (end.kind === 'refused') throw new Error(end.reason);
}

function memos(sandbox: Sandbox): ReadonlyMap<string, readonly Arrival[]> {
  const received = sandbox.received().map(({ receiver, text = '', at }) => ({ receiver, is: text, at }));
  return new Map(
    Object.entries(PEOPLE).map(([person, name]) => [
      name,
      received.filter(({ receiver }) => receiver === person).map(({ is, at }) => ({ is, at })),
    ]),
  );
}

/** Counts what each webhook gets, and serves the page of news. */
async function listenForHooks() {
  const arrivals = new Map<string, Arrival[]>(WEBHOOKS.map((name) => [name, []]));
  const begun = Date.now();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const name = (request.url ?? '').slice(1);
      if (name === 'page') {
        response.setHeader('content-type', 'text/html');
        response.end(newsPage(FIRST_NEWS + Math.floor((Date.now() - begun) / NEWS_EVERY_MS)));
        return;
      }
      const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string };
      arrivals.get(name)?.push({ is: id, at: Date.now() });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrivals, close };
}

function newsPage(count: number): string {
  const items = Array.from({ length: count }, (_, index) => `<li><b>${index + 1}</b></li>`);
  return `<meta charset="utf-8"><ul>${items.join('')}</ul>`;
}
