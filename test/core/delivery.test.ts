// The table of delivery, outcome by outcome, and the Korean days it counts by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Attempted, DELIVERY_TABLE, decide, kstDay, overBudget, quotaEndsAt } from '../../src/core/delivery.ts';
import type { Outcome } from '../../src/core/ports.ts';

const NOW = Date.UTC(2026, 10, 20, 2, 20, 0);
const MINUTE_MS = 60_000;
const ROW: Attempted = { attempts: 1, freshUntil: NOW + 90 * MINUTE_MS, resent: false };
const settle = (outcome: Outcome, row: Partial<Attempted> = {}) =>
  decide({ outcome, row: { ...ROW, ...row }, now: NOW, random: () => 0, timezone: 'America/New_York' });

test('a message that was taken is sent', () => {
  assert.deepEqual(settle({ kind: 'sent' }), { state: 'sent' });
});

test('a message that was not taken waits longer after every attempt', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempts) => {
    const after = settle({ kind: 'retry', reason: 'refused' }, { attempts });
    return after.state === 'pending' ? after.nextAt - NOW : after.state;
  });
  assert.deepEqual(waits, [500, 2_500, 7_500, 30_000, 75_000, 150_000, 150_000]);
});

test('Retry-After wins over our own wait, but never means at once', () => {
  const reason = 'busy';
  assert.deepEqual(settle({ kind: 'retry', reason, retryAfterMs: 45_000 }, { attempts: 6 }), {
    state: 'pending',
    nextAt: NOW + 45_000,
    reason,
  });
  assert.deepEqual(settle({ kind: 'retry', reason, retryAfterMs: 0 }), {
    state: 'pending',
    nextAt: NOW + 1000,
    reason,
  });
});

test('a retry that lies beyond freshness expires the message, and the reason tells both times', () => {
  assert.deepEqual(settle({ kind: 'retry', reason: 'busy.', retryAfterMs: 91 * MINUTE_MS }), {
    state: 'expired',
    reason: 'busy. It is fresh until 2026-11-19 22:50 and could be tried again at 2026-11-19 22:51 only.',
  });
});

test('the times of a spent quota are those of Kakao, whatever clock the user has', () => {
  assert.deepEqual(settle({ kind: 'hold', until: 'quota', reason: 'The quota is spent.' }), {
    state: 'expired',
    reason:
      'The quota is spent. It is fresh until 2026-11-20 12:50 KST and could be tried again at 2026-11-21 07:00 KST only.',
  });
});

test('a retry at the very end of freshness is still made', () => {
  assert.equal(settle({ kind: 'retry', reason: 'busy', retryAfterMs: 90 * MINUTE_MS }).state, 'pending');
});

test('a refused message fails with its code told once', () => {
  assert.deepEqual(settle({ kind: 'failed', reason: 'bad', code: '-2' }), { state: 'failed', reason: 'bad (code -2)' });
  assert.deepEqual(settle({ kind: 'failed', reason: 'bad -2', code: '-2' }), { state: 'failed', reason: 'bad -2' });
});

test('an unclear message is left unless the job says resend', () => {
  const outcome: Outcome = { kind: 'unclear', reason: 'reset' };
  assert.deepEqual(settle(outcome), { state: 'unclear', reason: 'reset' });
  assert.deepEqual(settle(outcome, { ifUnclear: 'leave' }), { state: 'unclear', reason: 'reset' });
  assert.deepEqual(settle(outcome, { ifUnclear: 'resend' }), {
    state: 'pending',
    nextAt: NOW,
    reason: 'reset',
    resent: true,
  });
});

test('an unclear message is resent once only, and never when it is stale', () => {
  const outcome: Outcome = { kind: 'unclear', reason: 'reset' };
  assert.equal(settle(outcome, { ifUnclear: 'resend', resent: true }).state, 'unclear');
  assert.equal(settle(outcome, { ifUnclear: 'resend', freshUntil: NOW - 1 }).state, 'unclear');
});

test('the mark of a resend outlives a later retry', () => {
  const after = settle({ kind: 'retry', reason: 'busy' }, { resent: true });
  assert.ok(after.state === 'pending' && after.resent === true);
});

test('a spent quota holds a message till 07:00 KST of the next day, or expires it', () => {
  const outcome: Outcome = { kind: 'hold', until: 'quota', reason: 'quota', code: '-532' };
  const morning = Date.parse('2026-11-21T07:00:00+09:00');
  assert.deepEqual(settle(outcome, { freshUntil: morning }), {
    state: 'pending',
    nextAt: morning,
    reason: 'quota (code -532)',
  });
  assert.equal(settle(outcome, { freshUntil: morning - 1 }).state, 'expired');
});

test('a message whose account needs a person waits in steps to the very end of its freshness', () => {
  for (const outcome of [
    { kind: 'login', reason: 'log in' },
    { kind: 'hold', until: 'operator', reason: 'log in' },
  ] as const) {
    assert.deepEqual(settle(outcome), { state: 'pending', nextAt: NOW + 10 * MINUTE_MS, reason: 'log in' });
    const end = NOW + MINUTE_MS;
    assert.deepEqual(settle(outcome, { freshUntil: end }), { state: 'pending', nextAt: end, reason: 'log in' });
    assert.equal(settle(outcome, { freshUntil: NOW }).state, 'expired');
  }
});

test('the table says something of every outcome', () => {
  assert.deepEqual(Object.keys(DELIVERY_TABLE), ['sent', 'retry', 'failed', 'unclear', 'hold', 'login']);
  for (const { means, happens } of Object.values(DELIVERY_TABLE)) assert.ok(means.length > 0 && happens.length > 0);
});

test('a Korean day begins at 15:00 UTC of the day before', () => {
  assert.equal(kstDay(Date.parse('2026-11-20T14:59:59.999Z')), '2026-11-20');
  assert.equal(kstDay(Date.parse('2026-11-20T15:00:00Z')), '2026-11-21');
  assert.equal(kstDay(Date.parse('2026-12-31T15:00:00Z')), '2027-01-01');
});

test('a quota ends at 07:00 KST of the Korean day after the one it was spent on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (now) => {
      const end = quotaEndsAt(now);
      assert.equal(new Date(end).toISOString().slice(11), '22:00:00.000Z');
      assert.equal(Date.parse(kstDay(end)) - Date.parse(kstDay(now)), 86_400_000);
    }),
  );
});

test('the budget is spent when its last message has gone out', () => {
  const budget = { perSender: 100, perReceiver: 20 };
  assert.equal(overBudget({ sender: 99, receiver: 19 }, budget), undefined);
  assert.equal(overBudget({ sender: 99, receiver: 20 }, budget), 'receiver');
  assert.equal(overBudget({ sender: 100, receiver: 0 }, budget), 'sender');
});
