// The end of a look: what was seen, what must be said and how the run goes on are one transaction.
import type { Notice, RunRow, RunStore } from '../core/ports.ts';
import { openEpisode } from './store-alerts.ts';
import { recallCookies, saveCookies } from './store-cookies.ts';
import type { Sql } from './store-database.ts';
import { recall, remember } from './store-memory.ts';
import { insertMessages } from './store-messages.ts';
import { readRun } from './store-runs.ts';

type End = Parameters<RunStore['endLook']>[0];

export function makeLookStore(sql: Sql): Pick<RunStore, 'recall' | 'endLook'> {
  return {
    recall: (job, hash) => sql.read(() => ({ ...recall(sql, job, hash), cookies: recallCookies(sql, job) })),
    endLook: (end) => sql.step('end-look', () => endLook(sql, end)),
  };
}

function endLook(sql: Sql, end: End): { readonly opened: readonly Notice[] } {
  const run = readRun(sql, end.run);
  if (run?.state !== 'looking') {
    throw new Error(
      `Run ${end.run} is not being looked at (${run?.state ?? 'it does not exist'}): its look is not saved.`,
    );
  }
  saveRun(sql, end);
  insertMessages(
    sql,
    { run: run.id, job: run.job, about: undefined, said: `run ${run.id}${run.sent === undefined ? '' : ' corrected'}` },
    end.messages,
    end.now,
  );
  if (end.look.kind === 'done') {
    const { hash, look, messages, now, untold } = end;
    remember(sql, { run: run.id, job: run.job, hash, look, messages, now, untold });
  }
  saveCookies(sql, { job: run.job, cookies: end.look.cookies, now: end.now });
  const failures = countFailures(sql, run, end);
  const notice = end.notice?.(failures);
  return { opened: notice !== undefined && openEpisode(sql, notice, end.now) ? [notice] : [] };
}

function saveRun(sql: Sql, { run, look, after, now }: End): void {
  const done = after.state === 'done';
  sql.run(
    `update runs set state = @state, next_look_at = @nextLookAt, outcome = @outcome, reason = @reason, cause = @cause, sent = @sent,
       failing = @failing,
       ended_at = @endedAt, found = coalesce(@found, found), told = coalesce(@told, told) where id = @run`,
    {
      run,
      state: after.state,
      nextLookAt: done ? null : after.nextLookAt,
      outcome: done ? after.outcome : null,
      reason: after.reason,
      cause: after.cause ?? null,
      sent: done ? null : (after.sent ?? null),
      failing: (done ? after.outcome === 'failed' : after.failing) ? 1 : 0,
      endedAt: done ? now : null,
      found: look.kind === 'done' ? look.found : null,
      told: look.kind === 'done' ? look.told : null,
    },
  );
}

/** A run by hand that fails says nothing of the schedule; one that works shows that the job does. */
function countFailures(sql: Sql, run: RunRow, { after }: End): number {
  const { job, slot } = run;
  const outcome = after.state === 'done' ? after.outcome : after.sent === undefined ? undefined : 'told';
  if (outcome === 'told' || outcome === 'silent') {
    sql.run('update slots set failures = 0 where job = ? and slot = ? and failures > 0', job, slot);
  }
  if (outcome === 'failed' && !run.manual) {
    sql.run('update slots set failures = failures + 1 where job = ? and slot = ?', job, slot);
  }
  return (
    sql.get<{ failures: number }>('select failures from slots where job = ? and slot = ?', job, slot)?.failures ?? 0
  );
}
