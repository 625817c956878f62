// GET /v1/api/talk/friends: the friends who use the same app, page by page.
import { type Answer, type Asked, json, kapiError } from './answers.ts';
import { checkCaller, checkScope } from './kapi-auth.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

const PATH = '/v1/api/talk/friends';
const MOST = 100;
const USUAL = 10;

interface Paging {
  readonly offset: number;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly friendOrder: string;
}

export function answerFriendList(world: World, asked: Asked): Answer {
  const caller = checkCaller(world, asked);
  if (!world.app.messagePermission) throw kapiError(-5);
  checkScope(world, caller, { scope: 'friends', api: world.app.friendsApiType });

  const paging = readPaging(asked.query);
  const friends = sortFriends(friendsOf(world, caller.user), caller.user, paging);
  const { offset, limit } = paging;
  const pageAt = (at: number) => pageUrl(world.app.friendsPageOrigin, { ...paging, offset: at });
  return json(200, {
    elements: friends.slice(offset, offset + limit).map((friend) => describe(caller.user, friend)),
    total_count: friends.length,
    before_url: offset > 0 ? pageAt(Math.max(0, offset - limit)) : null,
    after_url: offset + limit < friends.length ? pageAt(offset + limit) : null,
    favorite_count: friends.filter((friend) => caller.user.favorites.has(friend.name)).length,
  });
}

/** Only who logged in to the app, agreed to `friends`, is not hidden, and is a member while the app lacks approval. */
function friendsOf({ app, users }: World, user: User): readonly User[] {
  return users
    .list()
    .filter((friend) => user.friends.has(friend.name) && friend.linkedAt !== undefined && !friend.hidden)
    .filter((friend) => friend.agreed.has('friends') && (app.approved || app.members.includes(friend.name)));
}

function sortFriends(friends: readonly User[], user: User, { order, friendOrder }: Paging): readonly User[] {
  const rank = (friend: User) => (friendOrder === 'favorite' && user.favorites.has(friend.name) ? 0 : 1);
  const sorted = friends.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'ko'));
  return order === 'desc' ? sorted.toReversed() : sorted;
}

function describe(user: User, friend: User) {
  return {
    id: friend.id,
    uuid: friend.uuid,
    favorite: user.favorites.has(friend.name),
    profile_nickname: friend.name,
    profile_thumbnail_image: '',
    allowed_msg: !friend.blocksMessages && friend.usesTalk,
  };
}

function readPaging(query: URLSearchParams): Paging {
  return {
    offset: readCount(query, 'offset', 0),
    limit: Math.min(MOST, Math.max(1, readCount(query, 'limit', USUAL))),
    order: query.get('order') === 'desc' ? 'desc' : 'asc',
    friendOrder: query.get('friend_order') ?? 'favorite',
  };
}

function readCount(query: URLSearchParams, name: string, usual: number): number {
  const given = query.get(name);
  if (given === null) return usual;
  if (!/^\d{1,9}$/.test(given)) throw kapiError(-2, { msg: `failed to parse parameter. name=${name}` });
  return Number(given);
}

function pageUrl(origin: string, { offset, limit, order, friendOrder }: Paging): string {
  const query = new URLSearchParams({ offset: `${offset}`, limit: `${limit}`, order, friend_order: friendOrder });
  return `${origin}${PATH}?${query}`;
}
