// What becomes of a run after a look at its page. Pure: the daemon does what this says.
import { causeOf } from './cause.ts';
import { nextLook } from './due.ts';
import type { Instant, Look } from './job.ts';
import type { AfterLook, RunRow } from './ports.ts';

/** A run by hand looks once: the person who started it sees the answer and decides. */
export function decideAfterLook(
  run: RunRow,
  look: Look,
  { recheckMs, now }: { recheckMs: number; now: Instant },
): AfterLook {
  if (run.sent !== undefined) return afterCorrection(run, look, { recheckMs, now });
  if (look.kind === 'done') {
    const done = afterDone(look);
    if (look.items === undefined || done.outcome !== 'told' || run.manual) return done;
    return lookOn({ ...run, sent: look.items, reason: done.reason }, { recheckMs, now });
  }
  if (look.kind === 'unchanged')
    return { state: 'done', outcome: 'silent', reason: 'no page has changed since the last look' };

  if (look.kind === 'closed')
    return { state: 'done', outcome: 'silent', reason: `closed: ${look.reason}`, cause: 'closed' };

  const failing = look.kind === 'failed';
  const cause = causeOf(look);
  const reason =
    look.kind === 'notYet'
      ? `${look.stale === true ? 'still the old page' : 'not posted yet'}: ${look.reason}`
      : look.failure.message;
  const nextLookAt = run.manual ? undefined : nextLook(now, recheckMs, run);
  if (nextLookAt !== undefined) return { state: 'waiting', nextLookAt, reason, failing, cause };
  return { state: 'done', outcome: 'failed', reason, cause };
}

/** One correction at most; whatever else the look came to, what was told stands. */
function afterCorrection(run: RunRow, look: Look, pace: { recheckMs: number; now: Instant }): AfterLook {
  if (look.kind !== 'done' || look.sayings.length === 0) return lookOn(run, pace);
  return { state: 'done', outcome: 'told', reason: `${run.reason}, then corrected` };
}

function lookOn(run: RunRow, { recheckMs, now }: { recheckMs: number; now: Instant }): AfterLook {
  const { sent = '', reason = '' } = run;
  const nextLookAt = nextLook(now, recheckMs, run);
  if (nextLookAt === undefined) return { state: 'done', outcome: 'told', reason };
  return { state: 'waiting', nextLookAt, reason, failing: false, sent };
}

function afterDone(look: Extract<Look, { kind: 'done' }>): Extract<AfterLook, { state: 'done' }> {
  if (look.learned)
    return { state: 'done', outcome: 'silent', reason: `first run: learned ${count(look.found)}, told none` };
  if (look.sayings.length > 0)
    return { state: 'done', outcome: 'told', reason: `told ${look.told} of ${count(look.found)}` };
  const reasons = [look.found === 0 ? 'found nothing' : `found ${count(look.found)}`, ...reasonsOf(look)];
  return { state: 'done', outcome: 'silent', reason: reasons.join(', ') };
}

function reasonsOf({ found, digest, unsettled }: Extract<Look, { kind: 'done' }>): readonly string[] {
  const gathered =
    digest === undefined || digest.gathered === 0 ? [] : [`gathered ${digest.gathered} for ${digest.slot}`];
  const waiting = unsettled === undefined ? [] : [`${unsettled} not settled yet`];
  const reasons = [...gathered, ...waiting];
  return found === 0 || reasons.length > 0 ? reasons : ['none to tell'];
}

function count(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}
