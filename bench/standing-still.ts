// A process that does by itself what talkbell does apart, to see how long its event loop stands still; and one that holds
// the lock of a database.
import { fork } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [what = '', where = '', ms = '0'] = process.argv.slice(2);

const WORKS: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  scrape: async () => {
    const { load } = await import('cheerio');
    return async () => {
      const $ = load(await (await fetch(where)).text());
      $('tr').each((_, row) => void $(row).find('td').first().text());
    };
  },
  wait: async () => {
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(where);
    db.pragma('journal_mode = WAL');
    db.exec('create table if not exists t (n)');
    return async () => {
      const holder = fork(fileURLToPath(import.meta.url), ['hold', where, ms], { execArgv: [] });
      await new Promise((resolve) => holder.once('message', resolve));
      db.exec('insert into t values (1)');
    };
  },
  jump: async () => {
    const { schedule } = (await import(where)) as { schedule: (line: string, work: () => void) => unknown };
    schedule('* * * * * *', () => {});
    // The clock has jumped by now; its timer finds out by itself.
    return () => wait(3000);
  },
};

if (what === 'hold') {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(where);
  db.exec('begin immediate');
  process.send?.('held');
  await wait(Number(ms));
  db.exec('commit');
  process.disconnect?.();
} else {
  const work = await WORKS[what]?.();
  process.on('message', (message) => {
    if (message !== 'go') return;
    // A beat after the work, so that it is seen.
    void work?.().then(() => setTimeout(() => process.send?.('done'), 50));
  });
  process.send?.('ready');
}
