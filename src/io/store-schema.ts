// The tables, as forward-only migrations: `user_version` counts those done. A released migration is never changed;
// a change of the schema is a new one at the end.
import { dirname, join } from 'node:path';
import { StoreError } from '../core/errors.ts';
import { makeFolder } from './folder.ts';
import { sealStored } from './store-addresses.ts';
import { backupTo } from './store-backup.ts';
import { clearIfNoted, noteClearing } from './store-clearing.ts';
import { COOKIES } from './store-cookies.ts';
import type { Sql } from './store-database.ts';

const FIRST = `
create table notes (name text primary key, value any) strict, without rowid;
create table opened (id integer primary key autoincrement, pid integer not null, at integer not null) strict;

create table jobs (
  id text primary key,
  file text not null,
  hash text not null,
  description text,
  problems text not null default '[]',
  unset text not null default '[]',
  removed_at integer,
  paused_at integer,
  learned_at integer,
  validators text not null default '[]',
  validators_hash text,
  untold integer not null default 0
) strict;

create table slots (
  job text not null references jobs (id) on delete cascade,
  slot text not null,
  cron text not null,
  timezone text not null,
  cursor integer not null,
  failures integer not null default 0,
  primary key (job, slot)
) strict, without rowid;

create table runs (
  id integer primary key autoincrement,
  job text not null references jobs (id),
  slot text not null,
  due integer not null,
  last_due integer not null,
  fresh_until integer not null,
  manual integer not null default 0,
  state text not null check (state in ('looking', 'waiting', 'done')),
  next_look_at integer,
  outcome text,
  reason text,
  looks integer not null default 0,
  failing integer not null default 0,
  started_at integer,
  ended_at integer,
  found integer,
  told integer,
  check ((state = 'done') = (outcome is not null and ended_at is not null)),
  check (last_due >= due)
) strict;
create unique index runs_instant on runs (job, slot, due) where manual = 0;
create index runs_of_job on runs (job, id);
create index runs_of_slot on runs (job, slot, id);
create index runs_open on runs (next_look_at) where ended_at is null;
create index runs_ended on runs (ended_at) where ended_at is not null;

-- What a watching job saw last, by key.
create table memory (
  job text not null references jobs (id) on delete cascade,
  key text not null,
  item text not null,
  seen_at integer not null,
  primary key (job, key)
) strict, without rowid;
create index memory_seen on memory (job, seen_at);

-- Items told by a run whose messages are not settled yet, with what was known before: null when the item was new.
create table tellings (
  run integer not null references runs (id) on delete cascade,
  key text not null,
  job text not null,
  before_item text,
  primary key (run, key)
) strict, without rowid;
create index tellings_of_key on tellings (job, key, run);

create table messages (
  id integer primary key autoincrement,
  key text not null unique,
  run integer references runs (id),
  job text,
  about text,
  said text not null,
  recipient text not null,
  address text not null,
  account text,
  saying text not null,
  idx integer not null,
  part integer not null,
  parts integer not null,
  state text not null default 'pending'
    check (state in ('pending', 'sending', 'sent', 'failed', 'expired', 'unclear')),
  reason text,
  attempts integer not null default 0,
  resent integer not null default 0,
  if_unclear text not null,
  keys text not null,
  created_at integer not null,
  next_at integer not null,
  fresh_until integer not null,
  attempted_at integer,
  settled_at integer,
  check ((settled_at is null) = (state in ('pending', 'sending')))
) strict;
create unique index messages_once on messages (said, recipient, idx, part);
create index messages_of_run on messages (run, id) where run is not null;
create index messages_of_job on messages (job, id) where job is not null;
create index messages_in_state on messages (state, id);
create index messages_open on messages (recipient, id) where settled_at is null;
create index messages_next on messages (next_at) where state = 'pending';
create index messages_fresh on messages (fresh_until) where state = 'pending';
create index messages_of_account on messages (account) where state = 'pending';
create index messages_settled on messages (settled_at) where settled_at is not null;

-- Counting rows takes longer the more there are, so they are counted as they come and go.
create table message_counts (state text primary key, count integer not null) strict, without rowid;
insert into message_counts values ('pending', 0), ('sending', 0), ('sent', 0), ('failed', 0), ('expired', 0), ('unclear', 0);
create trigger messages_added after insert on messages begin
  update message_counts set count = count + 1 where state = new.state;
end;
create trigger messages_removed after delete on messages begin
  update message_counts set count = count - 1 where state = old.state;
end;
create trigger messages_moved after update of state on messages when old.state <> new.state begin
  update message_counts set count = count - 1 where state = old.state;
  update message_counts set count = count + 1 where state = new.state;
end;

-- Messages of Kakao by Korean day, sending account and recipient.
create table ledger (
  day text not null,
  account text not null,
  receiver text not null,
  count integer not null,
  primary key (day, account, receiver)
) strict, without rowid;

-- Sealed columns: access, refresh, raw_answer.
create table accounts (
  name text primary key,
  kakao_id text,
  state text not null check (state in ('ok', 'needs-login', 'held', 'verify')),
  reason text,
  held_until integer,
  scopes text not null,
  access blob not null,
  access_expires_at integer not null,
  refresh blob not null,
  refresh_expires_at integer not null,
  intent_at integer,
  intent_hash text,
  raw_answer blob,
  updated_at integer not null
) strict, without rowid;

create table leases (
  name text primary key,
  fence integer not null,
  until integer not null
) strict, without rowid;

create table alerts (key text primary key, text text not null, since integer not null, told_at integer) strict, without rowid;
create table alerts_told (id integer primary key, key text not null, at integer not null) strict;
create index alerts_told_at on alerts_told (at);

create table recipients (name text primary key, address text not null, saved_at integer not null) strict, without rowid;
create table friends (account text primary key, friends text not null, fetched_at integer not null) strict, without rowid;
`;

/** SQL, or what SQL alone cannot do. */
type Migration = string | ((sql: Sql) => void);

/** Until then webhooks stood in the clear. */
function sealWebhooks(sql: Sql): void {
  if (sealStored(sql) > 0) noteClearing(sql);
}

const WATCH_LATER = `
-- What a watching job has seen of an item and has not made its own: not settled, or gathered for a digest.
create table later (
  job text not null references jobs (id) on delete cascade,
  key text not null,
  state text not null,
  primary key (job, key)
) strict, without rowid;
-- What a digest told, so that items gone from the page by then are gathered again if nobody got it.
alter table tellings add column item text;
`;

const RUN_CAUSE = `
alter table runs add column cause text;
-- What a run has told, while it may still be corrected.
alter table runs add column sent text;
`;

export const MIGRATIONS: readonly Migration[] = [FIRST, sealWebhooks, WATCH_LATER, RUN_CAUSE, COOKIES];

/** Brings the file to the newest schema, each step in a transaction of its own with a backup before. */
export async function migrate(sql: Sql, log: (message: string) => void, migrations = MIGRATIONS): Promise<void> {
  const found = refuseNewer(sql, migrations.length);
  for (let version = found; version < migrations.length; version += 1) {
    if (found > 0) {
      // What is to be left nowhere is not to be left in the backup.
      await clearIfNoted(sql, log);
      log(`Backed up to ${await backupBefore(sql, version)} before the schema changes.`);
    }
    await sql.write(() => {
      // Another process may have done it since.
      if (schemaVersion(sql) !== version) return;
      const migration = migrations[version] ?? '';
      if (typeof migration === 'string') sql.db.exec(migration);
      else migration(sql);
      sql.db.pragma(`user_version = ${version + 1}`);
    });
  }
}

export function schemaVersion(sql: Pick<Sql, 'db'>): number {
  return Number(sql.db.pragma('user_version', { simple: true }));
}

/** Gives the version of the file's schema: 0 for a new file. */
function refuseNewer(sql: Pick<Sql, 'db' | 'file'>, known = MIGRATIONS.length): number {
  const version = schemaVersion(sql);
  if (version <= known) return version;
  throw new StoreError(
    `${sql.file} was written by a newer talkbell (schema ${version}, this one knows ${known}). ` +
      'Install the newer talkbell again, or restore an older backup: talkbell restore FILE',
    { kind: 'newer' },
  );
}

/** Refuses a newer file as well. */
export function refuseOlder(sql: Pick<Sql, 'db' | 'file'>, mayMigrate: () => boolean): void {
  const version = refuseNewer(sql);
  if (version === 0 || version === MIGRATIONS.length || mayMigrate()) return;
  throw new StoreError(
    `The daemon that runs on ${sql.file} is an older talkbell than this command, which would change what it stands on. ` +
      'Restart it first: npx pm2 reload talkbell',
    { kind: 'other' },
  );
}

async function backupBefore(sql: Sql, version: number): Promise<string> {
  const folder = join(dirname(sql.file), 'backups');
  makeFolder(folder);
  const file = join(folder, `before-schema-${version + 1}.db`);
  await backupTo(sql, file);
  return file;
}
