// What becomes of a run after a look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideAfterLook } from '../../src/core/after-look.ts';
import { causeOf } from '../../src/core/cause.ts';
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
    cause: 'unreachable',
  });
});

test('what is not posted yet waits too, and is not failing', () => {
  const after = decide({ kind: 'notYet', reason: 'still yesterday' }, due);
  assert.deepEqual(after, {
    state: 'waiting',
    nextLookAt: due + 10 * MINUTE,
    reason: 'not posted yet: still yesterday',
    failing: false,
    cause: 'not-posted',
  });
});

test('the last look comes shortly before freshness ends, and only then has the run failed', () => {
  const late = decide(failed, due + 85 * MINUTE);
  assert.equal(late.state === 'waiting' && late.nextLookAt, due + 90 * MINUTE - 30_000);
  assert.deepEqual(decide(failed, due + 90 * MINUTE - 30_000), {
    state: 'done',
    outcome: 'failed',
    reason: 'The page answered 503.',
    cause: 'unreachable',
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

test('a page that still shows the old day is told from one that is not posted, and a closed day is silent with its reason', () => {
  const stale = decide({ kind: 'notYet', reason: 'it shows 11.19', stale: true }, due);
  assert.deepEqual([stale.reason, stale.cause], ['still the old page: it shows 11.19', 'stale']);
  assert.deepEqual(decide({ kind: 'closed', reason: 'a holiday of the school' }, due), {
    state: 'done',
    outcome: 'silent',
    reason: 'closed: a holiday of the school',
    cause: 'closed',
  });
});

test('what a look came to has one word for each way a page breaks', () => {
  const causes = ([{}, { status: 503 }, { status: 403 }, { cause: 'wrong-page' }] as const).map((more) =>
    causeOf({ kind: 'failed', failure: { kind: 'fetch', message: '', ...more } }),
  );
  assert.deepEqual(causes, ['unreachable', 'unreachable', 'refused', 'wrong-page']);
  const kinds = (['extract', 'message', 'code', 'timeout', 'memory', 'crash'] as const).map((kind) =>
    causeOf({ kind: 'failed', failure: { kind, message: '' } }),
  );
  assert.deepEqual(kinds, ['changed-shape', 'bad-message', 'job-error', 'too-slow', 'too-big', 'crash']);
});

const told = (items?: string): Look => ({
  kind: 'done',
  found: 1,
  told: 1,
  toldKeys: [],
  learned: false,
  sayings: [{ kind: 'text', text: 'rice' }],
  validators: [],
  ...(items === undefined ? {} : { items }),
});

test('a run that may be corrected looks on while fresh, whatever its looks come to, and ends as told', () => {
  const waits = { state: 'waiting', reason: 'told 1 of 1 item', failing: false, sent: '[1]' } as const;
  assert.deepEqual(decide(told('[1]'), due), { ...waits, nextLookAt: due + 10 * MINUTE });
  const sent = { sent: '[1]', reason: 'told 1 of 1 item', looks: 2 };
  for (const look of [failed, { kind: 'unchanged' } as const, { kind: 'notYet', reason: 'gone' } as const]) {
    assert.deepEqual(decide(look, due + 10 * MINUTE, sent), { ...waits, nextLookAt: due + 20 * MINUTE });
    assert.deepEqual(decide(look, due + 90 * MINUTE, sent), {
      state: 'done',
      outcome: 'told',
      reason: 'told 1 of 1 item',
    });
  }
});

test('a run is corrected once', () => {
  const sent = { sent: '[1]', reason: 'told 1 of 1 item', looks: 2 };
  assert.deepEqual(decide(told('[2]'), due + 10 * MINUTE, sent), {
    state: 'done',
    outcome: 'told',
    reason: 'told 1 of 1 item, then corrected',
  });
});

test('a run by hand is not looked after', () => {
  const after = decide(told('[1]'), due, { manual: true });
  assert.equal(after.state, 'done');
});
