// What tests and people do to the users of the sandbox, by name.
import { unlink } from './user-api.ts';
import type { User, UserSettings } from './users.ts';
import type { World } from './world.ts';

/** A user as plain data. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
  readonly linked: boolean;
  readonly agreed: readonly string[];
  readonly friends: readonly string[];
  readonly favorites: readonly string[];
  readonly blocksMessages: boolean;
  readonly hidden: boolean;
  readonly usesTalk: boolean;
}

export interface People {
  readonly list: () => readonly Person[];
  /** A new user, or the one of that name with these settings. Friendship holds both ways. */
  readonly add: (name: string, settings?: UserSettings) => Person;
  /** What the user agrees to from now on; links the user to the app. A token gains nothing by it, but may lose. */
  readonly setConsent: (name: string, scopes: readonly string[]) => void;
  /** As if the user had cut the link to the app in KakaoTalk: consents gone, every token dead. */
  readonly unlink: (name: string) => void;
  /** Every token dead, consents kept. */
  readonly revoke: (name: string) => void;
  /** Lets tokens reach the end of their life now. */
  readonly expire: (name: string, what: 'access' | 'refresh' | 'both') => void;
  readonly changeUuid: (name: string) => Person;
}

const FIRST_PEOPLE = ['민지', '준호', '서연', '도윤'];

export function makePeople(world: World): People {
  const { users, tokens, clock } = world;
  const get = (name: string) => users.change(name, {});

  for (const name of FIRST_PEOPLE) users.add(name, { friends: users.list().map((user) => user.name) });

  return {
    list: () => users.list().map(describeUser),
    add: (name, settings = {}) => describeUser(users.add(name, settings)),
    setConsent: (name, scopes) => {
      const user = get(name);
      user.agreed = new Set(scopes);
      user.linkedAt ??= clock.now();
    },
    unlink: (name) => unlink(world, get(name)),
    revoke: (name) => tokens.endAll(get(name).id),
    expire: (name, what) => tokens.expire(get(name).id, what),
    changeUuid: (name) => describeUser(users.changeUuid(name)),
  };
}

export function describeUser(user: User): Person {
  const { id, name, uuid, linkedAt, agreed, friends, favorites, blocksMessages, hidden, usesTalk } = user;
  return {
    id,
    name,
    uuid,
    linked: linkedAt !== undefined,
    agreed: [...agreed],
    friends: [...friends],
    favorites: [...favorites],
    blocksMessages,
    hidden,
    usesTalk,
  };
}
