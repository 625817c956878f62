// The one list of channels: a new way of sending is a file beside this one and a line here.
import type { Channels } from '../core/address.ts';
import type { Channel, Clock } from '../core/ports.ts';
import type { Kakao } from '../kakao/client.ts';
import type { FriendsBook } from '../kakao/friends.ts';
import type { TokenKeeper } from '../kakao/tokens.ts';
import { makeKakaoFriendChannel } from './kakao-friend.ts';
import { makeKakaoMemoChannel } from './kakao-memo.ts';
import { makeWebhookChannel } from './webhook.ts';

export interface ChannelParts {
  readonly kakao: { readonly api: Kakao; readonly keeper: TokenKeeper; readonly friends: FriendsBook };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Clock;
  readonly console: Channel;
}

export function makeChannels({ kakao: { api, keeper, friends }, env, now, console }: ChannelParts): Channels {
  return {
    'kakao-memo': makeKakaoMemoChannel({ kakao: api, keeper, now }),
    'kakao-friend': makeKakaoFriendChannel({ kakao: api, keeper, friends, now }),
    webhook: makeWebhookChannel({ env, now }),
    console,
  };
}
