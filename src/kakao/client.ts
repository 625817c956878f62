// Kakao's API: memos, messages to friends, the friends list, and what a token may do. Each call is one request and
// gives Kakao's answer or a verdict on it; none is tried again here.
import * as v from '@badrap/valita';
import { judgeQuestion, type Verdict } from './errors.ts';
import type { Answer, Http, KakaoRequest } from './http.ts';
import { Finite, orElse, readShape } from './shape.ts';
import type { Saying } from './template.ts';

/** Kakao takes at most five receivers in one call. */
export const MOST_RECEIVERS = 5;

/** The most friends one page holds. */
export const MOST_FRIENDS_A_PAGE = 100;

export interface KakaoSettings {
  readonly apiUrl: string;
  readonly http: Http;
}

export interface SendOptions {
  readonly signal?: AbortSignal;
  /** Asked right before the first byte is written. */
  readonly mayStart?: () => boolean;
}

export interface FriendsQuery {
  readonly offset: number;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
}

export interface ListedFriend {
  readonly id: string | undefined;
  readonly uuid: string;
  readonly nickname: string | undefined;
  /** Kakao leaves it out for friends who may be written to. */
  readonly allowed: boolean;
}

export interface FriendsPage {
  readonly friends: readonly ListedFriend[];
  readonly total: number;
  /** Where the next page begins. Undefined on the last one. */
  readonly next: FriendsQuery | undefined;
}

export interface TokenInfo {
  readonly id: string;
  readonly expiresInS: number | undefined;
}

export interface Scope {
  readonly id: string;
  /** Whether the app has switched it on. */
  readonly using: boolean;
  readonly agreed: boolean;
}

export interface Kakao {
  readonly memo: (token: string, saying: Saying, options?: SendOptions) => Promise<Answer>;
  /** Throws RangeError for no receiver and for more than five. */
  readonly friendsMessage: (
    token: string,
    message: { readonly uuids: readonly string[]; readonly saying: Saying },
    options?: SendOptions,
  ) => Promise<Answer>;
  readonly friendsPage: (token: string, query: FriendsQuery, signal?: AbortSignal) => Promise<Verdict<FriendsPage>>;
  readonly tokenInfo: (token: string, signal?: AbortSignal) => Promise<Verdict<TokenInfo>>;
  readonly scopes: (token: string, signal?: AbortSignal) => Promise<Verdict<readonly Scope[]>>;
  /** Ends this login's tokens. Gives the Kakao id. */
  readonly logout: (token: string, signal?: AbortSignal) => Promise<Verdict<string>>;
  /** Takes back all consents of the person and ends all tokens. Gives the Kakao id. */
  readonly unlink: (token: string, signal?: AbortSignal) => Promise<Verdict<string>>;
}

export function openKakao({ apiUrl, http }: KakaoSettings): Kakao {
  const call = (request: Omit<KakaoRequest, 'base'>) => http.ask({ ...request, base: apiUrl });
  const leave = async (path: string, token: string, signal?: AbortSignal) =>
    judgeQuestion(await call({ method: 'POST', path, token, form: {}, signal }), readId);

  return {
    memo: (token, saying, options = {}) =>
      call({ method: 'POST', path: `/v2/api/talk/memo${ending(saying)}`, token, form: formOf(saying), ...options }),
    friendsMessage: (token, { uuids, saying }, options = {}) => {
      if (uuids.length < 1 || uuids.length > MOST_RECEIVERS)
        throw new RangeError(`A message to friends has 1 to ${MOST_RECEIVERS} receivers; ${uuids.length} were given.`);
      const form = { receiver_uuids: JSON.stringify(uuids), ...formOf(saying) };
      return call({ method: 'POST', path: `/v1/api/talk/friends/message${ending(saying)}`, token, form, ...options });
    },
    friendsPage: async (token, { offset, limit, order }, signal) => {
      const query = { offset: String(offset), limit: String(limit), order };
      const answer = await call({ method: 'GET', path: '/v1/api/talk/friends', token, query, signal });
      return judgeQuestion(answer, (json) => readFriendsPage(json, offset));
    },
    tokenInfo: async (token, signal) =>
      judgeQuestion(await call({ method: 'GET', path: '/v1/user/access_token_info', token, signal }), readTokenInfo),
    scopes: async (token, signal) =>
      judgeQuestion(await call({ method: 'GET', path: '/v2/user/scopes', token, signal }), readScopes),
    logout: (token, signal) => leave('/v1/user/logout', token, signal),
    unlink: (token, signal) => leave('/v1/user/unlink', token, signal),
  };
}

const ENDINGS = { default: '/default/send', custom: '/send', scrap: '/scrap/send' } as const;

function ending(saying: Saying): string {
  if (saying.kind === 'text') throw new TypeError('A long text has to be prepared into templates before it is sent.');
  return ENDINGS[saying.kind];
}

/** Kakao takes objects as JSON in the fields of a form. */
function formOf(saying: Saying): Readonly<Record<string, string>> {
  if (saying.kind === 'text') return {};
  if (saying.kind === 'default') return { template_object: JSON.stringify(saying.object) };

  const form: Record<string, string> = saying.kind === 'scrap' ? { request_url: saying.request_url } : {};
  if (saying.template_id !== undefined) form['template_id'] = String(saying.template_id);
  if (saying.template_args !== undefined) form['template_args'] = JSON.stringify(saying.template_args);
  return form;
}

const Text = v.string().assert((text) => text !== '');

/** Ids are int64: JSON gives them as numbers, or as strings when they are beyond 2^53. */
const KakaoId = v.union(Finite, Text).map(String);

const IdBody = v.object({ id: KakaoId });

function readId(json: unknown): string | undefined {
  return readShape(IdBody, json)?.id;
}

const TokenInfoBody = v.object({ id: KakaoId, expires_in: orElse(Finite, undefined) });

function readTokenInfo(json: unknown): TokenInfo | undefined {
  const body = readShape(TokenInfoBody, json);
  return body === undefined ? undefined : { id: body.id, expiresInS: body.expires_in };
}

const ScopesBody = v.object({
  scopes: v.array(v.object({ id: v.string(), using: orElse(v.boolean(), false), agreed: orElse(v.boolean(), false) })),
});

function readScopes(json: unknown): readonly Scope[] | undefined {
  return readShape(ScopesBody, json)?.scopes;
}

const FriendBody = v
  .object({
    id: orElse(KakaoId, undefined),
    uuid: Text,
    profile_nickname: orElse(v.string(), undefined),
    allowed_msg: orElse(v.boolean(), true),
  })
  .map((friend) => ({
    id: friend.id,
    uuid: friend.uuid,
    nickname: friend.profile_nickname,
    allowed: friend.allowed_msg,
  }));

const FriendsBody = v.object({
  elements: v.array().nullable().optional(),
  total_count: orElse(Finite, 0),
  after_url: orElse(v.string(), undefined),
});

function readFriendsPage(json: unknown, offset: number): FriendsPage | undefined {
  const body = readShape(FriendsBody, json);
  if (body === undefined) return undefined;
  const friends = (body.elements ?? []).flatMap((element) => readShape(FriendBody, element) ?? []);
  return { friends, total: body.total_count, next: readNext(body.after_url, offset) };
}

/** Takes offset, limit and order out of `after_url`; its host is never asked. It must lead onward. */
function readNext(afterUrl: string | undefined, offset: number): FriendsQuery | undefined {
  const query = afterUrl ? new URLSearchParams(afterUrl.replace(/^[^?]*\?/, '')) : undefined;
  const next = Number(query?.get('offset') ?? Number.NaN);
  if (!Number.isSafeInteger(next) || next <= offset) return undefined;

  const limit = Number(query?.get('limit') ?? Number.NaN);
  const fits = Number.isSafeInteger(limit) && limit >= 1 && limit <= MOST_FRIENDS_A_PAGE;
  const order = query?.get('order') === 'desc' ? 'desc' : 'asc';
  return { offset: next, limit: fits ? limit : MOST_FRIENDS_A_PAGE, order };
}
