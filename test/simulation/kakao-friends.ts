// The friends of the modelled Kakao: their list, and messages to five of them at most, of whom each has an end of its own.
import type { KakaoUser, Said, Sending } from './kakao-model.ts';

const MOST_RECEIVERS = 5;
/** Kakao's limit from one person to another, a day. */
const MOST_A_DAY = 20;

/** A friend of the first account, who is a recipient of the same name. */
export interface KakaoFriend {
  readonly name: string;
  readonly id: number;
  uuid: string;
  blocks: boolean;
  readonly memos: Map<string, number>;
}

export function listOf(friends: readonly KakaoFriend[]): object {
  const elements = friends.map(({ id, uuid, name }) => ({ id, uuid, profile_nickname: name, allowed_msg: true }));
  return { elements, total_count: friends.length, after_url: null };
}

/** Each receiver has an end of its own: some are reached by a call that others are not. */
export function sendToFriends(
  { friends, events, day }: Sending,
  sender: KakaoUser,
  { form, text }: { form: Readonly<Record<string, string>>; text: string },
): Said {
  const uuids = JSON.parse(form['receiver_uuids'] ?? '[]') as readonly string[];
  if (uuids.length > MOST_RECEIVERS || new Set(uuids).size < uuids.length)
    events.onLimit(`a message of ${sender.name} to ${uuids.join(', ')}`);
  const reached: string[] = [];
  const failures: object[] = [];
  for (const uuid of uuids) {
    const friend = friends.find((candidate) => candidate.uuid === uuid);
    const sent = friend?.memos.get(day) ?? 0;
    if (sent >= MOST_A_DAY) events.onLimit(`message ${sent + 1} of ${sender.name} to ${friend?.name} on ${day}`);
    if (friend === undefined || friend.blocks) {
      const code = friend === undefined ? -502 : -530;
      failures.push({ code, msg: 'simulated', receiver_uuids: [uuid] });
      continue;
    }
    friend.memos.set(day, sent + 1);
    events.onTaken(sender.name, text, friend.name);
    reached.push(uuid);
  }
  const failed = failures.length === 0 ? {} : { failure_info: failures };
  return { status: 200, body: { successful_receiver_uuids: reached, ...failed } };
}
