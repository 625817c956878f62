// A Kakao of the simulation, written from Kakao's own documents: tokens and their rotation, memos, quotas. It stands in
// the place of the network, and knows what it truly took.

import type { Instant } from '../../src/core/job.ts';
import type { Tokens } from '../../src/core/ports.ts';
import type { Answer, Http, KakaoRequest } from '../../src/kakao/http.ts';
import type { SimulatedTime } from './clock.ts';
import { type KakaoFriend, listOf, sendToFriends } from './kakao-friends.ts';
import type { NetworkFault } from './plan.ts';
import { seededRandom } from './random.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ACCESS_LIFE_S = 21_599;
const REFRESH_LIFE_S = 5_184_000;
const ROTATES_WITHIN_MS = 30 * DAY_MS;
/** Kakao's limits for one person: 20 access tokens in 10 minutes. */
const MOST_TOKENS = 20;
const TOKEN_SPAN_MS = 10 * MINUTE_MS;
const CLIENT_TIMEOUT_MS = 10 * SECOND_MS;
const KST_MS = 9 * 60 * MINUTE_MS;
const MEMO = '/v2/api/talk/memo/';
const FRIENDS = '/v1/api/talk/friends';
const QUOTA = [-10, -532, -536];
const DAILY = { sender: 100, pair: 20 };

export interface KakaoUser {
  readonly name: string;
  readonly id: number;
  linked: boolean;
  refresh: string;
  refreshExpiresAt: Instant;
  readonly accesses: Map<string, Instant>;
  /** The newest refresh token, when Kakao gave it and its answer is not known to have reached the disk. */
  unsaved: string | undefined;
  readonly issuedAt: Instant[];
  readonly memos: Map<string, number>;
}

export interface KakaoEvents {
  /** A memo was taken: the far side's own word. */
  readonly onTaken: (account: string, text: string, recipient: string) => void;
  /** A memo or a message to friends is asked for; a quota refuses one. */
  readonly onMemo: (account: string) => void;
  readonly onQuota: (account: string) => void;
  /** Something that Kakao's limits forbid was asked for. */
  readonly onLimit: (what: string) => void;
}

export interface KakaoModel {
  readonly users: readonly KakaoUser[];
  readonly friends: readonly KakaoFriend[];
  /** The network of one process: what it asks for is lost with it. */
  readonly networkOf: (delay: (ms: number) => Promise<void>) => Http;
  readonly login: (user: KakaoUser, refreshLeftMs: number) => Tokens;
  readonly unlink: (user: KakaoUser) => void;
}

export interface KakaoSettings {
  readonly seed: number;
  readonly names: readonly string[];
  readonly friends: number;
  /** What Kakao wants of the operator now. */
  readonly demand: () => number | string | undefined;
  readonly time: SimulatedTime;
  readonly faultFor: (path: 'token' | 'message') => NetworkFault | undefined;
  readonly events: KakaoEvents;
}

export interface Said {
  readonly status: number;
  readonly body: unknown;
}

export function modelKakao(settings: KakaoSettings): KakaoModel {
  const { seed, names, time, faultFor, events, demand } = settings;
  const random = seededRandom(seed, 'latency');
  const count = { tokens: 0 };
  const users = names.map(
    (name, index): KakaoUser => ({
      name,
      id: 1000 + index,
      linked: true,
      refresh: '',
      refreshExpiresAt: 0,
      accesses: new Map(),
      unsaved: undefined,
      issuedAt: [],
      memos: new Map(),
    }),
  );
  const friends = Array.from(
    { length: settings.friends },
    (_, index): KakaoFriend => ({
      name: `friend-${index}`,
      id: 5000 + index,
      uuid: `uuid-${index}-0`,
      blocks: false,
      memos: new Map(),
    }),
  );
  const mint = (what: string): string => {
    count.tokens += 1;
    return `${what}-${count.tokens}`;
  };
  const grant = (user: KakaoUser, rotates: boolean): Record<string, unknown> => {
    const access = mint('access');
    const now = time.truth();
    for (const [token, endsAt] of user.accesses) if (endsAt <= now) user.accesses.delete(token);
    user.accesses.set(access, now + ACCESS_LIFE_S * SECOND_MS);
    if (rotates) {
      user.refresh = mint('refresh');
      user.refreshExpiresAt = now + REFRESH_LIFE_S * SECOND_MS;
      user.unsaved = user.refresh;
    }
    const renewed = rotates ? { refresh_token: user.refresh, refresh_token_expires_in: REFRESH_LIFE_S } : {};
    return { token_type: 'bearer', access_token: access, expires_in: ACCESS_LIFE_S, ...renewed };
  };

  const askForToken = (form: Readonly<Record<string, string>>): Said => {
    if (form['grant_type'] === 'authorization_code') {
      const user = users.find(({ name }) => form['code'] === `code of ${name}`);
      if (user === undefined) return { status: 400, body: { error: 'invalid_grant', error_code: 'KOE320' } };
      user.linked = true;
      return { status: 200, body: grant(user, true) };
    }
    const now = time.truth();
    const user = users.find(({ refresh }) => refresh === form['refresh_token']);
    if (user === undefined || !user.linked || user.refreshExpiresAt <= now)
      return {
        status: 400,
        body: { error: 'invalid_grant', error_code: 'KOE322', error_description: 'expired_or_invalid_refresh_token' },
      };
    while ((user.issuedAt[0] ?? now) < now - TOKEN_SPAN_MS) user.issuedAt.shift();
    if (user.issuedAt.length >= MOST_TOKENS) {
      events.onLimit(`${MOST_TOKENS + 1} access tokens of ${user.name} within ten minutes`);
      return { status: 429, body: { error: 'invalid_request', error_code: 'KOE237' } };
    }
    user.issuedAt.push(now);
    return { status: 200, body: grant(user, user.refreshExpiresAt - now < ROTATES_WITHIN_MS) };
  };

  const owner = (token: string | undefined): KakaoUser | undefined =>
    users.find(({ linked, accesses }) => linked && (accesses.get(token ?? '') ?? 0) > time.truth());

  const askApi = ({ path, token, form = {} }: KakaoRequest): Said => {
    const user = owner(token);
    if (user === undefined) return { status: 401, body: { msg: 'this access token does not exist', code: -401 } };
    if (path === '/v1/user/access_token_info')
      return { status: 200, body: { id: user.id, expires_in: 1000, app_id: 1 } };
    if (path === '/v2/user/scopes')
      return { status: 200, body: { id: user.id, scopes: [{ id: 'talk_message', using: true, agreed: true }] } };
    if (path === FRIENDS) return { status: 200, body: listOf(friends) };
    const day = new Date(time.truth() + KST_MS).toISOString().slice(0, 10);
    const text = (JSON.parse(form['template_object'] ?? '{}') as { text?: string }).text ?? '';
    if (path.startsWith(FRIENDS)) return sendToFriends({ friends, events, day }, user, { form, text });
    if (path.startsWith(MEMO)) return takeMemo({ events, day }, user, text);
    return { status: 404, body: { msg: 'no such API', code: -9 } };
  };

  const noteMemo = ({ path, token }: KakaoRequest, fault: NetworkFault | undefined): void => {
    const sender = path.startsWith(MEMO) || path.startsWith(`${FRIENDS}/`) ? owner(token) : undefined;
    if (sender === undefined) return;
    events.onMemo(sender.name);
    if (fault?.how === 'code' && QUOTA.includes(fault.code)) events.onQuota(sender.name);
  };

  const serve = (request: KakaoRequest, fault: NetworkFault | undefined): Said => {
    if (fault?.how === 'tokens-end') endTokens(users);
    noteMemo(request, fault);
    const wanted = request.path.startsWith('/oauth') ? undefined : demand();
    if (wanted !== undefined) return demandOf(wanted);
    if (fault !== undefined && 'taken' in fault && !fault.taken) return refusalOf(fault);
    const said = request.path === '/oauth/token' ? askForToken(request.form ?? {}) : askApi(request);
    return fault !== undefined && 'taken' in fault ? refusalOf(fault) : said;
  };

  return {
    users,
    friends,
    networkOf: (delay) => ({
      ask: (request) =>
        ask(request, { delay, random, serve, fault: faultFor(request.path === '/oauth/token' ? 'token' : 'message') }),
      close: async () => {},
    }),
    login: (user, refreshLeftMs) => {
      const body = grant(user, true);
      user.refreshExpiresAt = time.truth() + refreshLeftMs;
      user.unsaved = undefined;
      user.linked = true;
      return {
        access: String(body['access_token']),
        accessExpiresAt: time.truth() + ACCESS_LIFE_S * SECOND_MS,
        refresh: user.refresh,
        refreshExpiresAt: user.refreshExpiresAt,
      };
    },
    unlink: (user) => {
      user.linked = false;
      user.accesses.clear();
    },
  };
}

function takeMemo({ events, day }: Omit<Sending, 'friends'>, user: KakaoUser, text: string): Said {
  const sent = user.memos.get(day) ?? 0;
  if (sent >= DAILY.pair) {
    events.onLimit(`memo ${sent + 1} of ${user.name} on ${day}`);
    return { status: 400, body: { msg: 'daily message limit has been exceeded', code: -536 } };
  }
  user.memos.set(day, sent + 1);
  events.onTaken(user.name, text, user.name);
  return { status: 200, body: { result_code: 0 } };
}

export interface Sending {
  readonly friends: readonly KakaoFriend[];
  readonly events: KakaoEvents;
  readonly day: string;
}

function demandOf(wanted: number | string): Said {
  if (typeof wanted === 'string') return { status: 401, body: { code: -401, msg: wanted } };
  return { status: 403, body: { code: wanted, msg: 'simulated' } };
}

function endTokens(users: readonly KakaoUser[]): void {
  for (const { accesses } of users) accesses.clear();
}

function refusalOf(fault: NetworkFault): Said {
  if (fault.how === 'status') return { status: fault.status, body: undefined };
  if (fault.how === 'code') return { status: 400, body: { code: fault.code, msg: 'simulated' } };
  return { status: 200, body: undefined };
}

interface Wire {
  readonly delay: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly serve: (request: KakaoRequest, fault: NetworkFault | undefined) => Said;
  readonly fault: NetworkFault | undefined;
}

/** One exchange over the network. What Kakao takes it has taken, whether or not anybody is left to read the answer. */
async function ask(request: KakaoRequest, { delay, random, serve, fault }: Wire): Promise<Answer> {
  const latencyMs = fault?.how === 'slow' ? 2000 + random() * 6000 : 20 + random() * 300;
  if (request.signal?.aborted) return { kind: 'lost', sent: false, why: 'stopped', reason: 'talkbell is stopping' };
  await delay(latencyMs / 3);
  if (fault?.how === 'refused')
    return { kind: 'lost', sent: false, why: 'network', reason: 'kapi refused the connection' };
  if (request.signal?.aborted) return { kind: 'lost', sent: false, why: 'stopped', reason: 'talkbell is stopping' };
  if (request.mayStart?.() === false) return { kind: 'lost', sent: false, why: 'stale', reason: 'no longer fresh' };
  await delay(latencyMs / 3);
  const said = serve(request, fault);
  await delay(fault?.how === 'timeout' ? CLIENT_TIMEOUT_MS : latencyMs / 3);
  if (request.signal?.aborted) return { kind: 'lost', sent: true, why: 'stopped', reason: 'talkbell is stopping' };
  if (fault?.how === 'timeout')
    return { kind: 'lost', sent: true, why: 'timeout', reason: 'kapi did not answer within 10 s' };
  if (fault?.how === 'reset')
    return { kind: 'lost', sent: true, why: 'network', reason: 'the connection to kapi broke' };
  const text = said.body === undefined ? '<html>sorry</html>' : JSON.stringify(said.body);
  const retryAfter = fault?.how === 'status' ? fault.retryAfter : undefined;
  return { kind: 'answer', status: said.status, text, json: said.body, retryAfter };
}
