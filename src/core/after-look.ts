// What becomes of a run after a look at its page. Pure: the daemon does what this says.
import { nextLook } from './due.ts';
import type { Instant, Look } from './job.ts';
import type { AfterLook, RunRow } from './ports.ts';

/** A run by hand looks once: the person who started it sees the answer and decides. */
export function decideAfterLook(
  run: RunRow,
  look: Look,
  { recheckMs, now }: { recheckMs: number; now: Instant },
): AfterLook {
  if (look.kind === 'done') return afterDone(look);
  if (look.kind === 'unchanged')
    return { state: 'done', outcome: 'silent', reason: 'no page has changed since the last look' };

  const failing = look.kind === 'failed';
  const reason = look.kind === 'notYet' ? `not posted yet: ${look.reason}` : look.failure.message;
  const nextLookAt = run.manual ? undefined : nextLook(now, recheckMs, run);
  if (nextLookAt !== undefined) return { state: 'waiting', nextLookAt, reason, failing };
  return { state: 'done', outcome: 'failed', reason };
}

function afterDone(look: Extract<Look, { kind: 'done' }>): AfterLook {
  if (look.learned)
    return { state: 'done', outcome: 'silent', reason: `first run: learned ${count(look.found)}, told none` };
  if (look.sayings.length > 0)
    return { state: 'done', outcome: 'told', reason: `told ${look.told} of ${count(look.found)}` };
  const reason = look.found === 0 ? 'found nothing' : `found ${count(look.found)}, none to tell`;
  return { state: 'done', outcome: 'silent', reason };
}

function count(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}
