// Compares, day by day, what the store says with what others saw: the webhooks, the sandbox, and the instants that the
// schedules name by brute force. Reads the database as any command beside the daemon does.
import Database from 'better-sqlite3';
import type { Instant } from '../../src/core/job.ts';
import { plainText } from '../../src/kakao/plain.ts';
import type { Saying } from '../../src/kakao/template.ts';
import { instantsIn } from '../../test/simulation/instants.ts';
import { type SoakJob, ZONE } from './jobs.ts';

const TABLES = [
  'messages',
  'runs',
  'tellings',
  'memory',
  'ledger',
  'alerts',
  'alerts_told',
  'leases',
  'opened',
] as const;

export type Rows = Readonly<Record<(typeof TABLES)[number], number>>;

export interface Held {
  readonly rows: Rows;
  /** Bytes of what watching jobs remember: forgotten by other rules than history, so counted by itself. */
  readonly remembered: number;
}

export interface Witnesses {
  /** Keys of what the webhooks took since the last audit. */
  readonly hooks: readonly string[];
  /** What arrived in KakaoTalk since then, as `account: text`. */
  readonly memos: readonly string[];
}

export interface Audit {
  /** Takes in what has ended since the last time. Gives what the database now holds. */
  readonly read: (now: Instant, witnesses: Witnesses) => Held;
  /** What is wrong, in sentences, once nothing more is to come. */
  readonly finish: (now: Instant) => readonly string[];
  /** Runs and messages so far, by outcome, and at the end the due instants that were looked for. */
  readonly counts: () => { readonly runs: Counts; readonly messages: Counts; readonly instants: number };
}

type Counts = Readonly<Record<string, number>>;

export interface AuditSettings {
  readonly file: string;
  readonly jobs: readonly SoakJob[];
  readonly start: Instant;
  readonly keepDays: number;
}

interface State {
  readonly faults: string[];
  readonly runs: Map<string, number>;
  readonly messages: Map<string, number>;
  /** How many rows cover each instant of a slot. */
  readonly covered: Map<string, number>;
  until: Instant;
  instants: number;
}

export function makeAudit(settings: AuditSettings): Audit {
  const { file, start } = settings;
  const state: State = {
    faults: [],
    runs: new Map(),
    messages: new Map(),
    covered: new Map(),
    until: start,
    instants: 0,
  };
  return {
    read: (now, witnesses) =>
      inDatabase(file, (db) => {
        readRuns(db, state, { since: state.until, until: now });
        readMessages(db, state, { since: state.until, until: now, witnesses });
        state.until = now;
        return { rows: countRows(db), remembered: sizeOf(db, ['memory', 'memory_seen']) };
      }),
    finish: (now) =>
      inDatabase(file, (db) => {
        readRuns(db, state, undefined);
        checkInstants(state, settings, now);
        checkPruning(db, state, settings, now);
        for (const damage of db.pragma('integrity_check') as readonly { integrity_check: string }[])
          if (damage.integrity_check !== 'ok') state.faults.push(`the database is damaged: ${damage.integrity_check}`);
        return state.faults;
      }),
    counts: () => ({
      runs: Object.fromEntries(state.runs),
      messages: Object.fromEntries(state.messages),
      instants: state.instants,
    }),
  };
}

function inDatabase<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

interface Span {
  readonly since: Instant;
  readonly until: Instant;
}

interface RunRecord {
  readonly job: string;
  readonly slot: string;
  readonly due: number;
  readonly last_due: number;
  readonly outcome: string | null;
}

/** Without a span: runs that are still open. */
function readRuns(db: Database.Database, { runs, covered }: State, span: Span | undefined): void {
  const select = 'select job, slot, due, last_due, outcome from runs where manual = 0 and';
  const rows = (
    span === undefined
      ? db.prepare(`${select} ended_at is null`).all()
      : db.prepare(`${select} ended_at > ? and ended_at <= ?`).all(span.since, span.until)
  ) as readonly RunRecord[];
  for (const { job, slot, due, last_due, outcome } of rows) {
    add(runs, outcome ?? 'open');
    // No line of the soak is due more often than every tenth minute.
    for (let at = due; at <= last_due; at += 600_000) add(covered, `${job}/${slot} ${at}`);
  }
}

interface MessageRecord {
  readonly key: string;
  readonly state: string;
  readonly account: string | null;
  readonly saying: string;
}

function readMessages(
  db: Database.Database,
  { messages, faults }: State,
  { since, until, witnesses }: Span & { readonly witnesses: Witnesses },
): void {
  const rows = db
    .prepare('select key, state, account, saying from messages where settled_at > ? and settled_at <= ?')
    .all(since, until) as readonly MessageRecord[];
  for (const { state } of rows) add(messages, state);
  const sent = rows.filter(({ state }) => state === 'sent');
  const day = new Date(until).toISOString();
  const hooks = sent.filter(({ account }) => account === null).map(({ key }) => key);
  const memos = sent.flatMap(({ account, saying }) => (account === null ? [] : [`${account}: ${textOf(saying)}`]));
  for (const fault of differences(hooks, witnesses.hooks)) faults.push(`webhooks until ${day}: ${fault}`);
  for (const fault of differences(memos, witnesses.memos)) faults.push(`KakaoTalk until ${day}: ${fault}`);
}

function textOf(saying: string): string {
  return plainText(JSON.parse(saying) as Saying).text;
}

/** As two bags: each as often in the one as in the other. */
export function differences(told: readonly string[], arrived: readonly string[]): readonly string[] {
  const bag = new Map<string, number>();
  for (const one of told) add(bag, one);
  for (const one of arrived) add(bag, one, -1);
  return [...bag].flatMap(([one, count]) => {
    if (count === 0) return [];
    const name = JSON.stringify(one.slice(0, 80));
    return count > 0
      ? [`${name} is sent, says the store, and did not arrive`]
      : [`${name} arrived more often than it was sent`];
  });
}

function checkInstants(state: State, { jobs, start }: AuditSettings, now: Instant): void {
  for (const { id, slots } of jobs) {
    for (const [slot, cron] of Object.entries(slots)) {
      for (const at of instantsIn(cron, ZONE, { after: start, until: now })) {
        const count = state.covered.get(`${id}/${slot} ${at}`) ?? 0;
        state.instants += 1;
        if (count !== 1)
          state.faults.push(`${id}/${slot} due ${new Date(at).toISOString()} has ${count} outcomes, not one`);
      }
    }
  }
}

/** What pruning promises: nothing settled is kept longer, but for the last 20 runs of a slot. */
function checkPruning(db: Database.Database, { faults }: State, { keepDays }: AuditSettings, now: Instant): void {
  const before = now - keepDays * 86_400_000 - 3_600_000;
  const messages = db.prepare('select count(*) from messages where settled_at < ?').pluck().get(before);
  if (Number(messages) > 0) faults.push(`${messages} messages are kept for longer than ${keepDays} days`);
  const runs = db
    .prepare(
      `select count(*) from (select ended_at, row_number() over (partition by job, slot order by id desc) as nth from runs)
       where nth > 20 and ended_at < ?`,
    )
    .pluck()
    .get(before);
  if (Number(runs) > 0) faults.push(`${runs} runs are kept for longer than ${keepDays} days`);
}

function countRows(db: Database.Database): Rows {
  const count = (table: string): number => Number(db.prepare(`select count(*) from ${table}`).pluck().get());
  return Object.fromEntries(TABLES.map((table) => [table, count(table)])) as Rows;
}

function sizeOf(db: Database.Database, tables: readonly string[]): number {
  const marks = tables.map(() => '?').join();
  return Number(
    db
      .prepare(`select sum(pgsize) from dbstat where name in (${marks})`)
      .pluck()
      .get(...tables),
  );
}

function add(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
