// check: logins and the days they last, whether Kakao is reached, whether it knows the app's keys, and whether this
// machine's clock agrees with Kakao's.
import { EnvHttpProxyAgent, request } from 'undici';
import { formatDuration } from '../core/duration.ts';
import type { AccountRow, Clock, Store } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import type { Config } from '../io/config.ts';
import { openHttp } from '../kakao/http.ts';
import { openOauth, readTokenAnswer } from '../kakao/oauth.ts';
import { daysLeft } from './accounts.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { reasonOf } from './waits.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const TIMEOUT_MS = 5000;
const SKEW_WARN_MS = 30_000;
const SKEW_FAIL_MS = 10 * 60_000;
/** Kakao renews a login in its last month, so that one with less has not been renewed for two weeks. */
const FEW_DAYS = 14;

interface At {
  readonly now: number;
  readonly zone: string;
}

export async function checkAccounts(store: Store, at: At): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const row of await store.accounts()) {
    await store.tokens(row.name);
    findings.push(checkAccount(row, at));
  }
  return findings.length > 0 ? findings : [warn('logins', 'Nobody is logged in with Kakao. Log in: talkbell login')];
}

function checkAccount(row: AccountRow, { now, zone }: At): Finding {
  const { name, state, heldUntil } = row;
  const reason = reasonOf(row);
  const again = `Log in again: talkbell login --as ${name}`;
  const days = daysLeft(row, now);
  if (state === 'needs-login' || row.refreshExpiresAt <= now)
    return fail(`login ${name}`, reason.includes('talkbell login') ? reason : `${reason || 'It has ended.'} ${again}`);
  if (state === 'held') {
    const until =
      heldUntil === undefined
        ? `Then: talkbell resume --account ${name}`
        : `It ends by itself at ${showTime(zone, heldUntil)}.`;
    const isSaid = heldUntil === undefined && reason.includes('talkbell resume');
    return fail(`login ${name}`, `It is held: ${reason}${isSaid ? '' : ` ${until}`}`);
  }
  if (!row.scopes.includes('talk_message'))
    return fail(`login ${name}`, `It has no consent to talk_message, so nothing can be sent. ${again}`);
  if (days <= FEW_DAYS) return warn(`login ${name}`, `${days} days left, and Kakao has not renewed it. ${again}`);
  return ok(`login ${name}`, `${days} days left${state === 'verify' ? '; it is verified on first use' : ''}`);
}

interface Asked {
  readonly config: Config;
  readonly store: Store | undefined;
  readonly now: Clock;
  readonly signal: AbortSignal;
}

export async function checkKakao({ config, store, now, signal }: Asked): Promise<readonly Finding[]> {
  const { authUrl, apiUrl, restApiKey } = config.kakao;
  const uses = ((await store?.accounts()) ?? []).length > 0;
  const probes = await Promise.all([...new Set([authUrl, apiUrl])].map((url) => probe(url, { now, signal })));
  const reached = probes.map(({ finding }) => finding);
  const clock = probes.flatMap(({ skewMs }) => (skewMs === undefined ? [] : [skewMs]))[0];
  const skew = clock === undefined ? [] : [checkSkew(clock)];
  if (restApiKey === undefined) {
    const text =
      'KAKAO_REST_API_KEY is not set. Copy it from [앱] > [플랫폼 키] at https://developers.kakao.com into .env. To try without an app: talkbell sandbox';
    return [...reached, ...skew, uses ? fail('Kakao app', text) : warn('Kakao app', text)];
  }
  const isReached = reached[0]?.level === 'ok';
  return [...reached, ...skew, ...(isReached ? [await checkApp(config, { now, signal })] : [])];
}

interface Probe {
  readonly finding: Finding;
  /** How far this machine's clock is ahead. */
  readonly skewMs: number | undefined;
}

/** Any answer will do. It goes the way messages go: through a proxy where the environment names one. */
async function probe(url: string, { now, signal }: Pick<Asked, 'now' | 'signal'>): Promise<Probe> {
  const outside = process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '';
  const dispatcher = new EnvHttpProxyAgent({ noProxy: [outside, ...LOOPBACK].join(',') });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const begun = now();
  try {
    const { headers, body } = await request(url, { method: 'HEAD', dispatcher, signal: limit });
    await body.dump();
    const ended = now();
    const date = Date.parse(String(headers['date'] ?? ''));
    const skewMs = Number.isNaN(date) ? undefined : (begun + ended) / 2 - date;
    return { finding: ok('Kakao', `${url} answers in ${Math.round(ended - begun)} ms`), skewMs };
  } catch (error) {
    const text = `${url} is not reached (${whyOf(error)}). Check the network, the proxy and the firewall of this machine. Messages wait as long as they are fresh.`;
    return { finding: fail('Kakao', text), skewMs: undefined };
  } finally {
    await dispatcher.destroy();
  }
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  return 'code' in error ? String(error.code) : error.message;
}

/** The header has whole seconds. */
function checkSkew(skewMs: number): Finding {
  const apart = Math.max(Math.abs(skewMs) - 1000, 0);
  if (apart < SKEW_WARN_MS)
    return ok('clock', `agrees with Kakao's to ${apart < 1000 ? 'the second' : formatDuration(apart)}`);
  const text = `This machine's clock is ${formatDuration(apart)} ${skewMs > 0 ? 'ahead of' : 'behind'} Kakao's. Set it: timedatectl set-ntp true`;
  return apart < SKEW_FAIL_MS ? warn('clock', text) : fail('clock', text);
}

/** A code that cannot exist is presented: how Kakao refuses it tells whether it knows the keys. */
async function checkApp({ kakao }: Config, { now, signal }: Pick<Asked, 'now' | 'signal'>): Promise<Finding> {
  const { restApiKey = '', clientSecret, redirectUri, authUrl } = kakao;
  const http = openHttp({ timeoutMs: TIMEOUT_MS });
  try {
    const oauth = openOauth({ authUrl, clientId: restApiKey, clientSecret, redirectUri, http });
    const refusal = readTokenAnswer(await oauth.exchangeCode({ code: 'talkbell-check' }, signal), {
      at: now(),
      facts: oauth.facts,
    });
    if (!('kind' in refusal) || refusal.kind === 'code' || refusal.kind === 'dead')
      return ok('Kakao app', 'Kakao knows its keys');
    return refusal.kind === 'operator' ? fail('Kakao app', refusal.reason) : warn('Kakao app', refusal.reason);
  } finally {
    await http.close();
  }
}
