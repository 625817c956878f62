// The people of the sandbox: who they are, whose friends they are, what they agreed to.

export interface User {
  readonly id: number;
  readonly name: string;
  /** For messages only; it may change, `id` does not. */
  uuid: string;
  /** Linked to the app: has logged in, and not unlinked since. */
  linkedAt: number | undefined;
  agreed: ReadonlySet<string>;
  friends: ReadonlySet<string>;
  favorites: ReadonlySet<string>;
  /** Does not take messages (-530, allowed_msg false). */
  blocksMessages: boolean;
  /** Hidden by friends or hidden itself: not in any friends list. */
  hidden: boolean;
  /** Uses KakaoTalk at all (-501). */
  usesTalk: boolean;
}

export interface UserSettings {
  readonly friends?: readonly string[];
  readonly favorites?: readonly string[];
  readonly blocksMessages?: boolean;
  readonly hidden?: boolean;
  readonly usesTalk?: boolean;
}

export interface Users {
  readonly list: () => readonly User[];
  readonly find: (name: string) => User | undefined;
  readonly byId: (id: number) => User | undefined;
  readonly byUuid: (uuid: string) => User | undefined;
  /** A new user, or the one of that name. Friendship holds both ways. */
  readonly add: (name: string, settings?: UserSettings) => User;
  readonly change: (name: string, settings: UserSettings) => User;
  /** Kakao may give a user another uuid at any time. */
  readonly changeUuid: (name: string) => User;
}

const FIRST_ID = 3_900_000_001;

export function makeUsers(newSecret: () => string): Users {
  const all: User[] = [];
  const find = (name: string) => all.find((user) => user.name === name);

  const change = (name: string, settings: UserSettings): User => {
    const user = find(name);
    if (user === undefined) throw new Error(`The sandbox has no user "${name}". Add it first.`);
    befriend(user, settings.friends ?? [...user.friends]);
    user.favorites = new Set(settings.favorites ?? user.favorites);
    user.blocksMessages = settings.blocksMessages ?? user.blocksMessages;
    user.hidden = settings.hidden ?? user.hidden;
    user.usesTalk = settings.usesTalk ?? user.usesTalk;
    return user;
  };

  const befriend = (user: User, names: readonly string[]) => {
    user.friends = new Set(names);
    for (const other of all) {
      if (other === user) continue;
      const rest = [...other.friends].filter((name) => name !== user.name);
      other.friends = new Set(names.includes(other.name) ? [...rest, user.name] : rest);
    }
  };

  return {
    list: () => all,
    find,
    byId: (id) => all.find((user) => user.id === id),
    byUuid: (uuid) => all.find((user) => user.uuid === uuid),
    add: (name, settings = {}) => {
      if (find(name) === undefined) all.push(makeUser(name, FIRST_ID + all.length, newSecret()));
      return change(name, settings);
    },
    change,
    changeUuid: (name) => {
      const user = change(name, {});
      user.uuid = newSecret();
      return user;
    },
  };
}

function makeUser(name: string, id: number, uuid: string): User {
  return {
    id,
    name,
    uuid,
    linkedAt: undefined,
    agreed: new Set(),
    friends: new Set(),
    favorites: new Set(),
    blocksMessages: false,
    hidden: false,
    usesTalk: true,
  };
}
