// Recipients by name, and the friends lists last fetched from Kakao.
import type { Address, Friend, PeopleStore } from '../core/ports.ts';
import type { Sql } from './store-database.ts';

export function makePeopleStore(sql: Sql): PeopleStore {
  return {
    recipients: () =>
      sql.read(() =>
        sql
          .all<{ name: string; address: string }>('select name, address from recipients order by name')
          .map(({ name, address }) => ({ name, address: JSON.parse(address) as Address })),
      ),

    saveRecipient: ({ name, address }, now) =>
      sql.write(() => {
        sql.run(
          'insert or replace into recipients (name, address, saved_at) values (?, ?, ?)',
          name,
          JSON.stringify(address),
          now,
        );
      }),

    removeRecipient: (name) => sql.write(() => sql.run('delete from recipients where name = ?', name).changes === 1),

    friends: (account) =>
      sql.read(() => {
        const row = sql.get<{ friends: string; fetched_at: number }>(
          'select * from friends where account = ?',
          account,
        );
        return row && { friends: readFriends(row.friends), fetchedAt: row.fetched_at };
      }),

    saveFriends: (account, friends, now) =>
      sql.write(() => {
        sql.run(
          'insert or replace into friends (account, friends, fetched_at) values (?, ?, ?)',
          account,
          JSON.stringify(friends),
          now,
        );
      }),
  };
}

function readFriends(text: string): readonly Friend[] {
  const stored = JSON.parse(text) as readonly (Partial<Friend> & Pick<Friend, 'uuid' | 'allowed'>)[];
  return stored.map(({ id, uuid, nickname, allowed }) => ({ id, uuid, nickname, allowed }));
}
