// A message to Kakao friends: one call carries one saying to at most five of them, and each has an outcome of its own.
import type { Channel, Clock, Friend, Outcome, Outgoing } from '../core/ports.ts';
import { type Kakao, MOST_RECEIVERS } from '../kakao/client.ts';
import { judgeFriends } from '../kakao/errors.ts';
import type { FriendsBook } from '../kakao/friends.ts';
import type { Answer } from '../kakao/http.ts';
import { toKakao } from '../kakao/split.ts';
import type { TokenKeeper } from '../kakao/tokens.ts';
import { withToken } from '../kakao/with-token.ts';
import { withRetryAfter } from './kakao-memo.ts';

const NOT_A_FRIEND = '-502';

export interface KakaoFriendPorts {
  readonly kakao: Pick<Kakao, 'friendsMessage'>;
  readonly keeper: TokenKeeper;
  readonly friends: FriendsBook;
  readonly now: Clock;
}

export function makeKakaoFriendChannel(ports: KakaoFriendPorts): Channel {
  return {
    prepare: toKakao,
    batch: MOST_RECEIVERS,
    deliver: async (rows, signal) => {
      const outcomes = new Map<number, Outcome>();
      for (const same of Map.groupBy(rows, (row) => JSON.stringify([accountOf(row), row.saying])).values()) {
        for (const [id, outcome] of await deliverSame(ports, same, signal)) outcomes.set(id, outcome);
      }
      return rows.map(({ id }) => outcomes.get(id) ?? { kind: 'unclear', reason: 'This message got no outcome.' });
    },
  };
}

interface Receiver {
  readonly row: Outgoing;
  readonly friend: Friend;
}

type Outcomes = readonly (readonly [id: number, outcome: Outcome])[];

/** Rows of one account that say the same. */
async function deliverSame(ports: KakaoFriendPorts, rows: readonly Outgoing[], signal: AbortSignal): Promise<Outcomes> {
  const { receivers, outcomes } = await resolveFriends(ports, rows, signal);
  const uuids = [...new Set(receivers.map(({ friend }) => friend.uuid))];
  const calls = Array.from({ length: Math.ceil(uuids.length / MOST_RECEIVERS) }, (_, index) =>
    uuids.slice(index * MOST_RECEIVERS, (index + 1) * MOST_RECEIVERS),
  );
  const sent: Outcomes[] = [];
  for (const call of calls) {
    const reached = receivers.filter(({ friend }) => call.includes(friend.uuid));
    sent.push(await send(ports, reached, signal));
  }
  return [...outcomes, ...sent.flat()];
}

async function resolveFriends(
  { friends }: KakaoFriendPorts,
  rows: readonly Outgoing[],
  signal: AbortSignal,
): Promise<{ receivers: readonly Receiver[]; outcomes: Outcomes }> {
  const receivers: Receiver[] = [];
  const outcomes: [number, Outcome][] = [];
  let trouble: Outcome | undefined;
  for (const row of rows) {
    const found = trouble ?? (await friends.find(accountOf(row), friendOf(row), { signal }));
    if (found.kind === 'found') receivers.push({ row, friend: found.friend });
    else outcomes.push([row.id, found]);
    // A list that cannot be had now is not asked for again for each row.
    if (found.kind !== 'found' && found.kind !== 'failed') trouble = found;
  }
  return { receivers, outcomes };
}

async function send(
  { kakao, keeper, friends, now }: KakaoFriendPorts,
  receivers: readonly Receiver[],
  signal: AbortSignal,
): Promise<Outcomes> {
  const first = receivers[0]?.row;
  if (first === undefined) return [];
  const uuids = [...new Set(receivers.map(({ friend }) => friend.uuid))];
  const mayStart = () => receivers.every(({ row }) => now() <= row.freshUntil);

  let answer: Answer | undefined;
  const settled = await withToken({ keeper, account: accountOf(first), signal }, async (token) => {
    answer = await kakao.friendsMessage(token, { uuids, saying: first.saying }, { signal, mayStart });
    return judgeFriends(answer, uuids);
  });
  const outcomes: [number, Outcome][] = [];
  for (const { row, friend } of receivers) {
    const outcome = settled.kind === 'ok' ? outcomeFor(friend, settled.value) : withRetryAfter(settled, answer, now());
    outcomes.push([row.id, await withNewUuid(friends, { row, friend }, { outcome, signal })]);
  }
  return outcomes;
}

function outcomeFor({ uuid }: Friend, outcomes: ReadonlyMap<string, Outcome>): Outcome {
  return outcomes.get(uuid) ?? { kind: 'unclear', reason: 'Kakao said nothing about this receiver.' };
}

/** "Not a friend" may only mean that the kept uuid has changed: then the message is tried again with the new one. */
async function withNewUuid(
  friends: FriendsBook,
  { row, friend }: Receiver,
  { outcome, signal }: { outcome: Outcome; signal: AbortSignal },
): Promise<Outcome> {
  if (outcome.kind !== 'failed' || outcome.code !== NOT_A_FRIEND) return outcome;
  const found = await friends.find(accountOf(row), friendOf(row), { signal, anew: true });
  if (found.kind !== 'found' || found.friend.uuid === friend.uuid) return outcome;
  return {
    kind: 'retry',
    reason: `The address of ${friendOf(row)} had changed; it was fetched anew.`,
    retryAfterMs: 0,
  };
}

function accountOf({ address }: Outgoing): string {
  if (address.channel !== 'kakao-friend') throw new TypeError(`A friend cannot be reached at ${address.channel}.`);
  return address.account;
}

function friendOf({ address }: Outgoing): string {
  if (address.channel !== 'kakao-friend') throw new TypeError(`A friend cannot be reached at ${address.channel}.`);
  return address.friend;
}
