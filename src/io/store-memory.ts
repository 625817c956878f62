// What watching jobs remember: each item as last seen, by key. What an unsettled message tells is kept with what was
// known before, so that items which reach nobody count as not told and the next look tells them again.
import type { Instant, Item, Look } from '../core/job.ts';
import type { NewMessage, Recall } from '../core/ports.ts';
import { readItem, readNames, readValidators } from './store-columns.ts';
import type { Sql } from './store-database.ts';
import { forget } from './store-forget.ts';
import { dropLater, gatherAgain, recallLater, replaceLater } from './store-later.ts';

/** That an item still is as it was is noted once a day, not at every look: most looks then write nothing of it. */
const NOTED_WITHIN_MS = 86_400_000;

type DoneLook = Extract<Look, { kind: 'done' }>;

export function recall(sql: Sql, job: string, hash: string): Recall {
  const row = sql.get<{
    learned_at: number | null;
    validators: string;
    validators_hash: string | null;
    untold: number;
  }>('select learned_at, validators, validators_hash, untold from jobs where id = ?', job);
  const known = () =>
    sql
      .all<{ key: string; item: string }>('select key, item from memory where job = ? order by key', job)
      .flatMap(({ key, item }) => toKnown(key, readItem(item)));
  const later = recallLater(sql, job);
  const isCurrent = row?.validators_hash === hash && later.length === 0;
  return {
    known: row === undefined || row.learned_at === null ? undefined : known(),
    later,
    isEdited: typeof row?.validators_hash === 'string' && row.validators_hash !== hash,
    validators: isCurrent ? (readValidators(row.validators) ?? []) : [],
    untold: row?.untold ?? 0,
  };
}

/** Whether an item stands there as it is, noted within the day. One question for all of a look: most have not changed. */
function readNoted(sql: Sql, job: string, now: Instant): (key: string, item: string) => boolean {
  const rows = sql.all<{ key: string; item: string; seen_at: Instant }>(
    'select key, item, seen_at from memory where job = ?',
    job,
  );
  const noted = new Map(
    rows
      .filter(({ seen_at }) => seen_at >= now - NOTED_WITHIN_MS && seen_at <= now)
      .map(({ key, item }) => [key, item]),
  );
  return (key, item) => noted.get(key) === item;
}

/** Takes in a look that came to its end. */
export function remember(
  sql: Sql,
  {
    run,
    job,
    hash,
    look,
    messages,
    now,
    untold,
  }: {
    run: number;
    job: string;
    hash: string;
    look: DoneLook;
    untold: number | undefined;
    messages: readonly NewMessage[];
    now: Instant;
  },
): void {
  // Items came back as not told while this look was under way: it compared with what is no longer so.
  const isOutdated = untold !== undefined && untold !== countUntold(sql, job);
  sql.run(
    `update jobs set validators = @validators, validators_hash = @hash
     where id = @job and (validators <> @validators or validators_hash is not @hash)`,
    { job, hash, validators: JSON.stringify(isOutdated ? [] : look.validators) },
  );
  if (look.seen === undefined) return;

  sql.run('update jobs set learned_at = ? where id = ? and learned_at is null', now, job);
  const told = new Set(look.toldKeys);
  noteTellings(sql, { run, job, look, said: messages.flatMap(({ keys }) => keys).filter((key) => told.has(key)) });
  const isNoted = readNoted(sql, job, now);
  for (const [key, item] of look.seen) {
    if (isOutdated && !told.has(key)) continue;
    const text = JSON.stringify(item);
    if (isNoted(key, text)) continue;
    sql.run(
      `insert into memory (job, key, item, seen_at) values (@job, @key, @item, @now)
       on conflict (job, key) do update set item = @item, seen_at = @now`,
      { job, key, item: text, now },
    );
  }
  if (isOutdated) dropLater(sql, job, look.toldKeys);
  else replaceLater(sql, job, look.later ?? []);
  forget(sql, { job, seen: look.seen, now });
}

function noteTellings(
  sql: Sql,
  { run, job, look, said }: { run: number; job: string; look: DoneLook; said: readonly string[] },
): void {
  const seen = new Map(look.seen);
  for (const key of new Set(said)) {
    const item = look.digest === undefined ? null : JSON.stringify(seen.get(key) ?? null);
    sql.run(
      `insert or replace into tellings (run, key, job, before_item, item)
       values (@run, @key, @job, (select item from memory where job = @job and key = @key), @item)`,
      { run, key, job, item },
    );
  }
}

function countUntold(sql: Sql, job: string): number {
  return sql.get<{ untold: number }>('select untold from jobs where id = ?', job)?.untold ?? 0;
}

/** An item that is damaged counts as not known: it is told again rather than never. */
function toKnown(key: string, item: Item | undefined): readonly (readonly [string, Item])[] {
  return item === undefined ? [] : [[key, item]];
}

/** Settles the items that a run told: reached somebody, perhaps reached somebody, or reached nobody. */
export function settleTellings(sql: Sql, run: number, now: Instant): void {
  const tellings = sql.all<Telling>('select run, key, job, before_item, item from tellings where run = ?', run);
  if (tellings.length === 0) return;
  const states = statesByKey(sql, run);
  for (const telling of tellings) {
    const fate = fateOf(states.get(telling.key) ?? []);
    if (fate === 'open') continue;
    if (fate === 'untold') untell(sql, telling, now);
    sql.run('delete from tellings where run = ? and key = ?', run, telling.key);
  }
}

interface Telling {
  readonly run: number;
  readonly key: string;
  readonly job: string;
  readonly before_item: string | null;
  /** What a digest told. */
  readonly item: string | null;
}

function statesByKey(sql: Sql, run: number): ReadonlyMap<string, readonly string[]> {
  const rows = sql.all<{ state: string; keys: string }>('select state, keys from messages where run = ?', run);
  const pairs = rows.flatMap(({ state, keys }) => (readNames(keys) ?? []).map((key) => ({ key, state })));
  const groups = Map.groupBy(pairs, (pair) => pair.key);
  return new Map([...groups].map(([key, group]) => [key, group.map((pair) => pair.state)]));
}

function fateOf(states: readonly string[]): 'told' | 'untold' | 'open' {
  if (states.includes('sent') || states.includes('unclear')) return 'told';
  return states.includes('pending') || states.includes('sending') ? 'open' : 'untold';
}

/** Back to what was known before; a later run that told the item meanwhile takes that over as its own before. */
function untell(sql: Sql, { run, key, job, before_item, item }: Telling, now: Instant): void {
  const later = sql.get<{ run: number }>(
    'select run from tellings where job = ? and key = ? and run > ? order by run limit 1',
    job,
    key,
    run,
  );
  if (later !== undefined) {
    sql.run('update tellings set before_item = ? where run = ? and key = ?', before_item, later.run, key);
    return;
  }
  if (before_item === null) sql.run('delete from memory where job = ? and key = ?', job, key);
  else sql.run('update memory set item = ?, seen_at = ? where job = ? and key = ?', before_item, now, job, key);
  if (item !== null) gatherAgain(sql, { job, key, item });
  // A page that has not changed since has to be looked at all the same.
  sql.run(`update jobs set validators = '[]', validators_hash = null, untold = untold + 1 where id = ?`, job);
}
