// Alerts to the owner, as episodes: open until what was wrong is right again, told at most once.
import type { Alert, AlertStore } from '../core/ports.ts';
import type { Sql } from './store-database.ts';

interface AlertRecord {
  readonly key: string;
  readonly text: string;
  readonly since: number;
  readonly told_at: number | null;
}

export function makeAlertStore(sql: Sql): AlertStore {
  return {
    openAlert: (key, text, now) =>
      sql.write(
        () => sql.run('insert or ignore into alerts (key, text, since) values (?, ?, ?)', key, text, now).changes === 1,
      ),

    closeAlert: (key) =>
      sql.write(() => {
        const ended = sql.get<AlertRecord>('delete from alerts where key = ? returning *', key);
        return ended === undefined || ended.told_at === null ? undefined : toAlert(ended);
      }),

    alerts: () => sql.read(() => sql.all<AlertRecord>('select * from alerts order by since, key').map(toAlert)),

    alertsToldSince: (since) =>
      sql.read(
        () => sql.get<{ count: number }>('select count(*) as count from alerts_told where at >= ?', since)?.count ?? 0,
      ),

    markTold: (keys, now) =>
      sql.write(() => {
        for (const key of keys) {
          sql.run('update alerts set told_at = coalesce(told_at, ?) where key = ?', now, key);
          sql.run('insert into alerts_told (key, at) values (?, ?)', key, now);
        }
      }),
  };
}

function toAlert({ key, text, since, told_at }: AlertRecord): Alert {
  return { key, text, since, toldAt: told_at ?? undefined };
}
