// Checks every run at every step, and that the rows cover each due instant exactly once.
import type Database from 'better-sqlite3';
import type { Instant } from '../../src/core/job.ts';
import { type Fail, show } from './promises.ts';

interface RunRecord {
  readonly id: number;
  readonly job: string;
  readonly slot: string;
  readonly due: number;
  readonly last_due: number;
  readonly manual: number;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly looks: number;
  readonly fresh_until: number;
}

/** A run may be under way when its freshness ends. */
const GRACE_MS = 10 * 60_000;
const RUN = 'id, job, slot, due, last_due, manual, state, outcome, reason, looks, fresh_until';

export interface RunCheckParts {
  readonly db: Database.Database;
  /** The recipients of each job, in order of their names. */
  readonly reached: ReadonlyMap<string, readonly string[]>;
  readonly fail: Fail;
}

export function makeRunCheck({ db, reached, fail }: RunCheckParts) {
  const open = db.prepare(`select ${RUN} from runs where ended_at is null`);
  const fresh = db.prepare(`select ${RUN} from runs where id > ? and ended_at is not null order by id`);
  const one = db.prepare(`select ${RUN} from runs where id = ?`);
  const rowsIn = db.prepare(
    'select due, last_due from runs where manual = 0 and job = ? and slot = ? and last_due > ? and due <= ? order by due',
  );
  const said = db.prepare('select recipient, idx, part from messages where run = ? order by recipient, idx, part');
  const cursor = db.prepare('select cursor from slots where job = ? and slot = ?').pluck();
  const openRuns = new Map<number, RunRecord>();
  const counts: Record<string, number> = {};
  const instants = new Set<string>();
  const state = { last: 0 };

  /** Everybody has the same parts of the same messages, each once. */
  const checkSaid = ({ id, job }: RunRecord): void => {
    const rows = said.all(id) as { recipient: string; idx: number; part: number }[];
    const got = Map.groupBy(rows, ({ recipient }) => recipient);
    const names = [...got.keys()].join();
    const wanted = (reached.get(job) ?? []).join();
    if (names !== wanted) fail('everyone', `run ${id} of ${job} tells ${names}, not ${wanted}`);
    const messages = [...got.values()].map((list) => new Set(list.map(({ idx }) => idx)).size);
    const parts = new Set(rows.map(({ recipient, idx, part }) => `${recipient} ${idx} ${part}`));
    if (new Set(messages).size !== 1 || parts.size !== rows.length)
      fail('everyone', `run ${id} of ${job} does not tell everybody the same`);
  };
  const see = (row: RunRecord): void => {
    if (row.id > state.last && row.manual === 0) {
      const key = `${row.job}/${row.slot} ${row.due}`;
      if (instants.has(key)) fail('once', `${key} has two rows`);
      instants.add(key);
    }
    if (row.outcome === null) {
      openRuns.set(row.id, row);
      return;
    }
    openRuns.delete(row.id);
    counts[row.outcome] = (counts[row.outcome] ?? 0) + 1;
    if (row.outcome === 'told') checkSaid(row);
    if ((row.reason ?? '') === '') fail('once', `run ${row.id} ended as ${row.outcome} without a reason`);
  };
  return {
    observe: (): void => {
      const rows = [...(open.all() as RunRecord[]), ...(fresh.all(state.last) as RunRecord[])];
      const seen = new Set(rows.map(({ id }) => id));
      for (const { id } of [...openRuns.values()]) {
        if (seen.has(id)) continue;
        const row = one.get(id) as RunRecord | undefined;
        if (row === undefined) fail('once', `run ${id} has vanished`);
        else see(row);
      }
      for (const row of rows) see(row);
      state.last = rows.reduce((most, { id }) => Math.max(most, id), state.last);
    },
    atEnd: (now: Instant): void => {
      for (const { job, slot, due, state: is, fresh_until } of openRuns.values()) {
        if (now - fresh_until > GRACE_MS) fail('once', `${job}/${slot} due ${show(due)} is ${is} for ever`);
      }
    },
    counts: () => counts,
    cursorOf: (job: string, slot: string): Instant => Number(cursor.get(job, slot) ?? 0),
    cover: (
      job: string,
      slot: string,
      { expected, after, until }: { expected: readonly Instant[]; after: Instant; until: Instant },
    ): void => {
      const rows = rowsIn.all(job, slot, after, until) as { due: number; last_due: number }[];
      for (const at of expected) {
        const over = rows.filter((row) => row.due <= at && row.last_due >= at).length;
        if (over !== 1) fail('once', `${job}/${slot} due ${show(at)} is covered by ${over} rows`);
      }
      const known = new Set(expected);
      const stray = rows.find((row) => row.due > after && !known.has(row.due));
      if (stray !== undefined) fail('once', `${job}/${slot} has a row at ${show(stray.due)}, where it is not due`);
    },
  };
}
