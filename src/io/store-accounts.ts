// Kakao logins. Tokens and raw answers are sealed, each bound to its account and column, before they reach the disk.
import type { Instant } from '../core/job.ts';
import type { AccountRow, AccountState, AccountStore, Clock, Tokens } from '../core/ports.ts';
import { type Keyring, seal, unsealWithAny } from './seal.ts';
import { readNames } from './store-columns.ts';
import type { Sql } from './store-database.ts';

export type SealedColumn = 'access' | 'refresh' | 'raw_answer';

interface AccountRecord {
  readonly name: string;
  readonly kakao_id: string | null;
  readonly state: AccountState;
  readonly reason: string | null;
  readonly held_until: number | null;
  readonly scopes: string;
  readonly access: Buffer;
  readonly access_expires_at: number;
  readonly refresh: Buffer;
  readonly refresh_expires_at: number;
  readonly intent_at: number | null;
  readonly intent_hash: string | null;
  readonly raw_answer: Buffer | null;
  readonly updated_at: number;
}

export function makeAccountStore(sql: Sql, { keyring, now }: { keyring: Keyring; now: Clock }): AccountStore {
  return {
    ...makeLogins(sql, keyring),
    ...makeRefreshes(sql, keyring),

    accounts: async () => {
      const rows = await sql.recall('accounts', ['accounts'], () =>
        sql.all<AccountRecord>('select * from accounts order by name'),
      );
      return rows.map((row) => toAccountRow(row, now()));
    },

    markAccount: (name, { state, reason, heldUntil }, at) =>
      sql.step('mark-account', () => {
        sql.run(
          'update accounts set state = ?, reason = ?, held_until = ?, updated_at = ? where name = ?',
          state,
          state === 'ok' ? null : reason,
          heldUntil ?? null,
          at,
          name,
        );
        if (state === 'ok') makeMessagesDue(sql, name, at);
      }),
  };
}

/** Its pending messages wait for nothing any more. */
function makeMessagesDue(sql: Sql, name: string, now: Instant): void {
  sql.run(`update messages set next_at = min(next_at, @now) where account = @name and state = 'pending'`, {
    name,
    now,
  });
}

function makeLogins(sql: Sql, keyring: Keyring): Pick<AccountStore, 'saveLogin' | 'removeAccount' | 'tokens'> {
  const [key] = keyring;
  return {
    saveLogin: ({ name, kakaoId, scopes, tokens }, at) =>
      sql.write(() => {
        sql.run(
          'delete from friends where account in (select name from accounts where name = ? and kakao_id <> ?)',
          name,
          kakaoId,
        );
        sql.run(
          `insert into accounts (name, kakao_id, state, scopes, access, access_expires_at, refresh, refresh_expires_at, updated_at)
           values (@name, @kakaoId, 'ok', @scopes, @access, @accessExpiresAt, @refresh, @refreshExpiresAt, @at)
           on conflict (name) do update set kakao_id = @kakaoId, state = 'ok', reason = null, held_until = null,
             scopes = @scopes, access = @access, access_expires_at = @accessExpiresAt, refresh = @refresh,
             refresh_expires_at = @refreshExpiresAt, intent_at = null, intent_hash = null, raw_answer = null, updated_at = @at`,
          { name, kakaoId, scopes: JSON.stringify(scopes), ...sealTokens(key, name, tokens), at },
        );
        sql.run(
          'insert or ignore into recipients (name, address, saved_at) values (?, ?, ?)',
          name,
          JSON.stringify({ channel: 'kakao-memo', account: name }),
          at,
        );
        makeMessagesDue(sql, name, at);
      }),

    removeAccount: (name) =>
      sql.write(() => {
        sql.run('delete from friends where account = ?', name);
        return sql.run('delete from accounts where name = ?', name).changes === 1;
      }),

    tokens: (name) =>
      sql.read(() => {
        const row = readAccount(sql, name);
        return row && { tokens: unsealTokens(keyring, row), intent: intentOf(row) };
      }),
  };
}

function makeRefreshes(
  sql: Sql,
  keyring: Keyring,
): Pick<AccountStore, 'beginRefresh' | 'saveRawAnswer' | 'rawAnswer' | 'commitRefresh' | 'abandonRefresh'> {
  const [key] = keyring;
  return {
    beginRefresh: (name, { at, tokenHash }) =>
      sql.step('begin-refresh', () => {
        sql.run('update accounts set intent_at = ?, intent_hash = ? where name = ?', at, tokenHash, name);
      }),

    saveRawAnswer: (name, raw) =>
      sql.step('save-raw-answer', () => {
        sql.run('update accounts set raw_answer = ? where name = ?', seal(key, raw, about(name, 'raw_answer')), name);
      }),

    rawAnswer: (name) =>
      sql.read(() => {
        const sealed = readAccount(sql, name)?.raw_answer ?? undefined;
        return sealed && unsealWithAny(keyring, sealed, about(name, 'raw_answer'));
      }),

    commitRefresh: (name, tokens, at) =>
      sql.step('commit-refresh', () => {
        const wasOut = sql.get(`select 1 from accounts where name = ? and state in ('verify', 'needs-login')`, name);
        sql.run(
          `update accounts set access = @access, access_expires_at = @accessExpiresAt, refresh = @refresh,
             refresh_expires_at = @refreshExpiresAt, intent_at = null, intent_hash = null, raw_answer = null,
             reason = iif(state in ('verify', 'needs-login'), null, reason),
             held_until = iif(state in ('verify', 'needs-login'), null, held_until),
             state = iif(state in ('verify', 'needs-login'), 'ok', state), updated_at = @at
           where name = @name`,
          { name, ...sealTokens(key, name, tokens), at },
        );
        if (wasOut !== undefined) makeMessagesDue(sql, name, at);
      }),

    abandonRefresh: (name) =>
      sql.step('abandon-refresh', () => {
        sql.run('update accounts set intent_at = null, intent_hash = null, raw_answer = null where name = ?', name);
      }),
  };
}

function readAccount(sql: Sql, name: string): AccountRecord | undefined {
  return sql.get<AccountRecord>('select * from accounts where name = ?', name);
}

/** What a sealed value is bound to. */
export function about(name: string, column: SealedColumn): string {
  return `account ${name}, ${column}`;
}

function sealTokens(key: Buffer, name: string, tokens: Tokens) {
  return {
    access: seal(key, tokens.access, about(name, 'access')),
    accessExpiresAt: tokens.accessExpiresAt,
    refresh: seal(key, tokens.refresh, about(name, 'refresh')),
    refreshExpiresAt: tokens.refreshExpiresAt,
  };
}

function unsealTokens(keyring: Keyring, row: AccountRecord): Tokens {
  return {
    access: unsealWithAny(keyring, row.access, about(row.name, 'access')),
    accessExpiresAt: row.access_expires_at,
    refresh: unsealWithAny(keyring, row.refresh, about(row.name, 'refresh')),
    refreshExpiresAt: row.refresh_expires_at,
  };
}

function intentOf({ intent_at, intent_hash }: AccountRecord) {
  return intent_at === null || intent_hash === null ? undefined : { at: intent_at, tokenHash: intent_hash };
}

/** A hold that has ended by itself is none. */
function toAccountRow(row: AccountRecord, now: number): AccountRow {
  const ended = row.state === 'held' && row.held_until !== null && row.held_until <= now;
  return {
    name: row.name,
    kakaoId: row.kakao_id ?? undefined,
    state: ended ? 'ok' : row.state,
    reason: ended ? undefined : (row.reason ?? undefined),
    heldUntil: ended ? undefined : (row.held_until ?? undefined),
    scopes: readNames(row.scopes) ?? [],
    accessExpiresAt: row.access_expires_at,
    refreshExpiresAt: row.refresh_expires_at,
    updatedAt: row.updated_at,
  };
}
