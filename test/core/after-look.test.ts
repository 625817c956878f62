// What becomes of a run after a look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideAfterLook } from '../../src/core/after-look.ts';
import type { Look } from '../../src/core/job.ts';
import type { RunRow } from '../../src/core/ports.ts';

const MINUTE = 60_000;
const due = Date.UTC(2026, 10, 20, 2, 20);
const run: RunRow = {
  id: 1,
  job: 'lunch',
  slot: 'main',
  due,
  lastDue: due,
  freshUntil: due + 90 * MINUTE,
  manual: false,
  state: 'looking',
  nextLookAt: undefined,
  outcome: undefined,
  reason: undefined,
  looks: 1,
  failing: false,
  startedAt: due,
  endedAt: undefined,
  found: undefined,
  told: undefined,
};
const failed: Look = { kind: 'failed', failure: { kind: 'fetch', message: 'The page answered 503.' } };
const decide = (look: Look, now: number, of: Partial<RunRow> = {}) =>
  decideAfterLook({ ...run, ...of }, look, { recheckMs: 10 * MINUTE, now });

test('a look that fails is repeated every recheck while the run is fresh', () => {
  assert.deepEqual(decide(failed, due), {
    state: 'waiting',
    nextLookAt: due + 10 * MINUTE,
    reason: 'The page answered 503.',
    failing: true,
  });
});

test('what is not posted yet waits too, and is not failing', () => {
  const after = decide({ kind: 'notYet', reason: 'still yesterday' }, due);
  assert.deepEqual(after, {
    state: 'waiting',
    nextLookAt: due + 10 * MINUTE,
    reason: 'not posted yet: still yesterday',
    failing: false,
  });
});

test('the last look comes shortly before freshness ends, and only then has the run failed', () => {
  const late = decide(failed, due + 85 * MINUTE);
  assert.equal(late.state === 'waiting' && late.nextLookAt, due + 90 * MINUTE - 30_000);
  assert.deepEqual(decide(failed, due + 90 * MINUTE - 30_000), {
    state: 'done',
    outcome: 'failed',
    reason: 'The page answered 503.',
  });
});

test('a run by hand looks once', () => {
  assert.equal(decide(failed, due, { manual: true }).state, 'done');
});

test('silence says why: nothing found, nothing to tell, nothing changed, or a first run', () => {
  const done = { kind: 'done', found: 3, told: 0, toldKeys: [], learned: false, sayings: [], validators: [] } as const;
  const reasonOf = (look: Look) => decide(look, due).reason;
  assert.equal(reasonOf(done), 'found 3 items, none to tell');
  assert.equal(reasonOf({ ...done, found: 0 }), 'found nothing');
  assert.equal(reasonOf({ ...done, learned: true }), 'first run: learned 3 items, told none');
  assert.equal(reasonOf({ kind: 'unchanged' }), 'no page has changed since the last look');
});
