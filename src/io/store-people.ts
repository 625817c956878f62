// Recipients by name, and the friends lists last fetched from Kakao.
import type { Address, Friend, PeopleStore, Recipient } from '../core/ports.ts';
import { openAddress, writeAddress } from './store-addresses.ts';
import { readFriends } from './store-columns.ts';
import type { Sql } from './store-database.ts';

export function makePeopleStore(sql: Sql): PeopleStore {
  return {
    recipients: () =>
      sql.recall('recipients', ['recipients'], () =>
        sql
          .all<{ name: string; address: string }>('select name, address from recipients order by name')
          .flatMap(({ name, address }) => toRecipient(name, openAddress(sql, name, address))),
      ),

    saveRecipient: ({ name, address }, now) =>
      sql.write(() => {
        sql.run(
          'insert or replace into recipients (name, address, saved_at) values (?, ?, ?)',
          name,
          writeAddress(sql, name, address),
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
        const friends = row && toFriends(row.friends);
        return friends && { friends, fetchedAt: row.fetched_at };
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

/** A damaged address is as good as none: jobs that name it say that it is missing. */
function toRecipient(name: string, address: Address | undefined): readonly Recipient[] {
  return address === undefined ? [] : [{ name, address }];
}

/** A damaged list is fetched again. */
function toFriends(text: string): readonly Friend[] | undefined {
  return readFriends(text)?.map(({ id, uuid, nickname, allowed }) => ({ id, uuid, nickname, allowed }));
}
