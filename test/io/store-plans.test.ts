// How SQLite goes about the statements of the store: none of those that run every few seconds, or at a command's word, walks
// through a table that grows with the years.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Store } from '../../src/core/ports.ts';
import { composeStore } from '../../src/io/store.ts';
import { openSql, type Sql } from '../../src/io/store-database.ts';
import { migrate } from '../../src/io/store-schema.ts';
import { done, HOUR, jobFile, KEY, makeFolder, message, START, TOLD } from './store-setup.ts';

/** Tables with a row for each run, message or item there ever was. */
/** Of what is still open alone, which is little: an index of it may be read from end to end. */
const OF_OPEN = ['runs_open'];
const GROWING = ['runs', 'messages', 'tellings', 'memory', 'ledger', 'later'];

interface Watched {
  readonly sql: Sql;
  readonly store: Store;
  /** Run once in the life of a database. */
  readonly byMigration: readonly string[];
}

async function openWatched(t: TestContext): Promise<Watched> {
  const sql = await openSql(join(makeFolder(t), 'talkbell.db'), { keyring: [KEY] });
  await migrate(sql, () => undefined);
  const byMigration = sql.statements();
  const store = composeStore(sql, { now: () => START, closed: () => undefined });
  t.after(() => store.close());
  return { sql, store, byMigration };
}

/** Everything the daemon and its commands do with runs and messages, once. */
async function useAll({ store }: Watched): Promise<void> {
  await store.syncJobs([jobFile('cafe')], START);
  await store.jobs();
  await store.slots();
  const due = START + HOUR;
  const run = await store.claim(
    { job: 'cafe', slot: 'main', closed: [], run: { due, freshUntil: due + HOUR }, cursor: due },
    due,
  );
  assert.ok(run);
  await store.waiting();
  await store.recall('cafe', 'h');
  await store.endLook({
    run: run.id,
    hash: 'h',
    look: done({ seen: [['a', { n: 1 }]], toldKeys: ['a'], learned: false }),
    after: TOLD,
    messages: [message({ keys: ['a'], nextAt: due, freshUntil: due + HOUR })],
    now: due,
  });
  const [row] = await store.dueMessages(due, 100);
  assert.ok(row);
  await store.nextMessageAt(due);
  await store.sentOn('2026-11-20', 'me', 'me');
  await store.beginAttempt([row.id], due);
  await store.settle([{ id: row.id, after: { state: 'failed', reason: 'refused' } }], due);
  await store.expire(due + 2 * HOUR);
  await store.addMessages([message({ freshUntil: START })], 'test', START);
  await store.expire(due);
  await store.countMessages();
  await store.run(run.id);
  await store.runs({ limit: 20 });
  await store.runs({ job: 'cafe', limit: 20, before: 1000 });
  await store.messages({ limit: 20 });
  await store.messages({ run: run.id, limit: 20 });
  await store.messages({ job: 'cafe', limit: 20 });
  await store.messages({ state: 'failed', limit: 20 });
  await store.messages({ job: 'cafe', state: 'failed', limit: 20 });
  await store.recoverRuns(due);
  await store.recoverMessages(due);
  await store.addManualRun({ job: 'cafe', slot: 'main', freshUntil: due + HOUR }, due);
  await store.prune(due + 100 * 24 * HOUR);
}

/** The steps of a plan that read a growing table from end to end, in whatever order. */
function scansOf(sql: Sql, statement: string): readonly string[] {
  const unbound = statement.replaceAll(/@\w+|\?/g, 'null');
  const steps = sql.db.prepare(`explain query plan ${unbound}`).all() as readonly { readonly detail: string }[];
  const names = aliasesIn(statement);
  return steps
    .map(({ detail }) => detail)
    .filter((detail) => {
      const [, name = '', index = ''] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(detail) ?? [];
      return GROWING.includes(names.get(name) ?? name) && !OF_OPEN.includes(index);
    });
}

/** `runs r` reads runs by the name of r. */
function aliasesIn(statement: string): ReadonlyMap<string, string> {
  const found = statement.matchAll(new RegExp(`\\b(${GROWING.join('|')}) ([a-z])\\b`, 'g'));
  return new Map([...found].map(([, table = '', alias = '']) => [alias, table]));
}

test('no statement of the store scans a table that grows with the years', async (t) => {
  const watched = await openWatched(t);
  await useAll(watched);
  const statements = watched.sql.statements().filter((text) => !watched.byMigration.includes(text));
  assert.ok(statements.length > 40, `only ${statements.length} statements were seen`);
  const scans = statements.flatMap((text) => scansOf(watched.sql, text).map((step) => ({ step, text })));
  assert.deepEqual(scans, []);
});

test('a scan would be found, also under another name', async (t) => {
  const { sql } = await openWatched(t);
  assert.equal(scansOf(sql, `select * from messages where reason = ?`).length, 1);
  assert.equal(scansOf(sql, `select r.id from runs r where r.reason = @reason`).length, 1);
  assert.equal(scansOf(sql, `select * from messages where id = ?`).length, 0);
});
