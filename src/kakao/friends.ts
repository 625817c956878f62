// Friends by their id or nickname. Kakao addresses friends by a uuid that may change, so the list is kept for an hour at
// most and fetched again whenever it does not fit.
import type { Clock, Friend, Outcome, PeopleStore } from '../core/ports.ts';
import { type FriendsQuery, type Kakao, MOST_FRIENDS_A_PAGE } from './client.ts';
import type { Verdict } from './errors.ts';
import type { TokenKeeper } from './tokens.ts';
import { type Settled, withToken } from './with-token.ts';

const KEEP_MS = 3_600_000;
/** 10,000 friends: KakaoTalk's own limit. */
const MOST_PAGES = 100;

export interface FriendsPorts {
  readonly kakao: Pick<Kakao, 'friendsPage'>;
  readonly keeper: TokenKeeper;
  readonly store: Pick<PeopleStore, 'friends' | 'saveFriends'>;
  readonly now: Clock;
}

export type Found =
  | { readonly kind: 'found'; readonly friend: Friend }
  | Exclude<Outcome, { kind: 'sent' | 'unclear' }>;

export interface FriendsBook {
  /** `anew`: the kept list has proved wrong. */
  readonly find: (account: string, friend: string, options: { signal: AbortSignal; anew?: boolean }) => Promise<Found>;
  /** Fetches the whole list of an account and keeps it. */
  readonly fetch: (account: string, signal: AbortSignal) => Promise<Settled<readonly Friend[]>>;
}

export function makeFriendsBook(ports: FriendsPorts): FriendsBook {
  return {
    find: (account, friend, options) => find(ports, { account, friend, ...options }),
    fetch: (account, signal) => fetchFriends(ports, account, signal),
  };
}

interface Wanted {
  readonly account: string;
  readonly friend: string;
  readonly signal: AbortSignal;
  readonly anew?: boolean;
}

async function find(ports: FriendsPorts, wanted: Wanted): Promise<Found> {
  const { account, signal, anew = false } = wanted;
  const kept = anew ? undefined : await ports.store.friends(account);
  if (kept !== undefined && ports.now() - kept.fetchedAt < KEEP_MS) {
    const match = pick(kept.friends, wanted);
    if (match.kind === 'found') return match;
  }
  const fetched = await fetchFriends(ports, account, signal);
  if (fetched.kind === 'ok') return pick(fetched.value, wanted);
  // Only the list was asked for: whatever is unclear about it, no message was taken.
  return fetched.kind === 'unclear' ? { kind: 'retry', reason: fetched.reason } : fetched;
}

/** An id wins over a nickname. A friend who may not be written to is no match. */
function pick(friends: readonly Friend[], { account, friend }: Wanted): Found {
  const wanted = friend.trim().normalize('NFC');
  const byId = friends.filter(({ id }) => id === wanted);
  const matches =
    byId.length > 0 ? byId : friends.filter(({ nickname }) => nickname?.trim().normalize('NFC') === wanted);
  const [match, ...others] = matches;
  if (match === undefined)
    return failed(
      `${account} has no friend ${friend} whom this app may write to: both have to log in to the app and agree to friends and talk_message. See talkbell friends --account ${account}.`,
    );
  if (others.length > 0) {
    const ids = matches.map(({ id }) => id ?? 'one without an id').join(', ');
    return failed(`${matches.length} friends of ${account} are called ${friend}. Name one by id instead: ${ids}.`);
  }
  if (!match.allowed)
    return failed(`${friend} does not allow messages from this app. Only ${friend} can change that, in KakaoTalk.`);
  return { kind: 'found', friend: match };
}

function failed(reason: string): Found {
  return { kind: 'failed', reason };
}

async function fetchFriends(
  { kakao, keeper, store, now }: FriendsPorts,
  account: string,
  signal: AbortSignal,
): Promise<Settled<readonly Friend[]>> {
  const result = await withToken({ keeper, account, signal }, (token) => readAllPages(kakao, token, signal));
  if (result.kind === 'ok') await store.saveFriends(account, result.value, now());
  return result;
}

async function readAllPages(
  kakao: Pick<Kakao, 'friendsPage'>,
  token: string,
  signal: AbortSignal,
): Promise<Verdict<readonly Friend[]>> {
  const friends = new Map<string, Friend>();
  let query: FriendsQuery | undefined = { offset: 0, limit: MOST_FRIENDS_A_PAGE, order: 'asc' };
  for (let page = 0; page < MOST_PAGES && query !== undefined; page += 1) {
    const verdict: Awaited<ReturnType<Kakao['friendsPage']>> = await kakao.friendsPage(token, query, signal);
    if (verdict.kind !== 'ok') return verdict;
    for (const friend of verdict.value.friends) friends.set(friend.uuid, friend);
    query = verdict.value.next;
  }
  return { kind: 'ok', value: [...friends.values()] };
}
