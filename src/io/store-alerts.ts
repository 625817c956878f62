// Alerts to the owner, as episodes: open until what was wrong is right again, told at most once. What is said of an
// episode is one transaction with the note that it is said.
import { randomUUID } from 'node:crypto';
import type { Instant } from '../core/job.ts';
import type { Alert, AlertStore, NewMessage, Notice } from '../core/ports.ts';
import type { Sql } from './store-database.ts';
import { insertMessages } from './store-messages.ts';

interface AlertRecord {
  readonly key: string;
  readonly text: string;
  readonly since: number;
  readonly told_at: number | null;
}

export function makeAlertStore(sql: Sql): AlertStore {
  return {
    openAlert: (key, text, now, telling) => sql.step('open-alert', () => openEpisode(sql, { key, text, telling }, now)),

    closeAlert: (key, telling) =>
      sql.step('close-alert', () => {
        const ended = sql.get<AlertRecord>('delete from alerts where key = ? returning *', key);
        if (ended === undefined || ended.told_at === null) return undefined;
        if (telling !== undefined) say(sql, telling.messages, telling.now);
        return toAlert(ended);
      }),

    alerts: () =>
      sql.recall('alerts', ['alerts'], () =>
        sql.all<AlertRecord>('select * from alerts order by since, key').map(toAlert),
      ),

    alertsToldSince: (since) => sql.read(() => toldSince(sql, since)),

    markTold: (keys, now, messages = []) =>
      sql.step('mark-told', () => {
        const marked = markTold(sql, keys, now);
        if (marked > 0) say(sql, messages, now);
      }),
  };
}

/** Inside the transaction of what the owner is told of. False if the episode is open already. */
export function openEpisode(
  sql: Sql,
  { key, text, telling }: Omit<Notice, 'telling'> & { readonly telling: Notice['telling'] | undefined },
  now: Instant,
): boolean {
  const opened = sql.run('insert or ignore into alerts (key, text, since) values (?, ?, ?)', key, text, now);
  if (opened.changes === 0) return false;
  if (telling !== undefined && toldSince(sql, telling.since) < telling.most) {
    markTold(sql, [key], now);
    say(sql, telling.messages, now);
  }
  return true;
}

function toldSince(sql: Sql, since: Instant): number {
  return sql.get<{ count: number }>('select count(*) as count from alerts_told where at >= ?', since)?.count ?? 0;
}

/** Gives how many were open and not told before. */
function markTold(sql: Sql, keys: readonly string[], now: Instant): number {
  let marked = 0;
  for (const key of keys) {
    marked += sql.run('update alerts set told_at = ? where key = ? and told_at is null', now, key).changes;
    sql.run('insert into alerts_told (key, at) values (?, ?)', key, now);
  }
  return marked;
}

function say(sql: Sql, messages: readonly NewMessage[], now: Instant): void {
  insertMessages(sql, { run: undefined, job: undefined, about: 'owner', said: randomUUID() }, messages, now);
}

function toAlert({ key, text, since, told_at }: AlertRecord): Alert {
  return { key, text, since, toldAt: told_at ?? undefined };
}
