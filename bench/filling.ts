// A database with as much history as years would leave, written by SQL in one go.
import Database from 'better-sqlite3';
import { openStore } from '../src/io/store.ts';

export const KEY = Buffer.alloc(32, 7);
const JOBS = 10;
const DAY_MS = 86_400_000;
/** The oldest row is this old; the others follow a second apart, or closer where there are too many for that. */
const SPAN_MS = 80 * DAY_MS;

/** Runs that told, each with one message; one message of a hundred failed. */
export async function fillStore(file: string, { rows, now }: { rows: number; now: number }): Promise<void> {
  const store = await openStore({ file, key: KEY, now: () => now });
  await store.close();
  const db = new Database(file);
  try {
    db.pragma('synchronous = OFF');
    const stepMs = Math.min(1000, Math.floor(SPAN_MS / rows));
    db.transaction(() => {
      db.prepare(`with recursive n(i) as (select 0 union all select i + 1 from n where i < ${JOBS - 1})
        insert into jobs (id, file, hash) select 'job-' || i, 'job-' || i || '.ts', 'hash' from n`).run();
      db.prepare(`with recursive n(i) as (select 0 union all select i + 1 from n where i < ${JOBS - 1})
        insert into slots (job, slot, cron, timezone, cursor)
        select 'job-' || i, 'main', '0 12 * * *', 'Asia/Seoul', ${now} from n`).run();
      db.prepare(`with recursive n(i) as (select 1 union all select i + 1 from n where i < @rows),
          t(i, at) as (select i, @now - ${SPAN_MS} + i * @stepMs from n)
        insert into runs (id, job, slot, due, last_due, fresh_until, state, outcome, reason, looks, started_at, ended_at, found, told)
        select i, 'job-' || (i % ${JOBS}), 'main', at, at, at + 3600000, 'done', 'told', 'told 3 items', 1, at, at + 400, 3, 3
        from t`).run({ rows, now, stepMs });
      db.prepare(`insert into messages (id, key, run, job, said, recipient, address, account, saying, idx, part, parts, state, reason,
          attempts, if_unclear, keys, created_at, next_at, fresh_until, attempted_at, settled_at)
        select id, 'key-' || id, id, job, 'said-' || id, 'me', '{"channel":"kakao-memo","account":"me"}', 'me',
          '{"kind":"text","text":"오늘의 점심: 쇠고기국밥, 명란계란말이, 잡곡밥, 배추김치"}', 0, 1, 1,
          iif(id % 100 = 0, 'failed', 'sent'), iif(id % 100 = 0, 'refused', null), 1, 'leave', '[]',
          ended_at, ended_at, fresh_until, ended_at, ended_at + 60 from runs`).run();
    })();
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}
