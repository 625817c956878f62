// What is due: every instant once, whatever the clock does, in a bounded number of steps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextAfter, previousAtOrBefore } from '../../src/core/calendar.ts';
import { type CronLine, readCronLine } from '../../src/core/cron-line.ts';
import { claimOf, type DueNow, findDue, lastLookAt, nextLook, type SlotTime, skipDue } from '../../src/core/due.ts';

const SEOUL = 'Asia/Seoul';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const at = (iso: string) => Date.parse(`${iso}+09:00`);

function slotOf(line: string, cursor: number, freshForMs = HOUR_MS): SlotTime {
  const cron = readCronLine(line);
  assert.ok(!('problems' in cron), line);
  return { cron, timezone: SEOUL, cursor, freshForMs };
}

function dueNow(slot: SlotTime, now: number): DueNow {
  const due = findDue(slot, now);
  assert.ok(due.kind === 'due');
  return due;
}

const LUNCH = '20 11 * * *';

test('nothing is due before the first instant after the cursor', () => {
  const slot = slotOf(LUNCH, at('2026-11-20T11:40'));
  assert.deepEqual(findDue(slot, at('2026-11-21T11:19:59')), { kind: 'nothing', nextAt: at('2026-11-21T11:20') });
});

test('an instant is run when it comes, and is not due again', () => {
  const slot = slotOf(LUNCH, at('2026-11-19T11:20'));
  const lunch = at('2026-11-20T11:20');
  const due = dueNow(slot, lunch);
  assert.deepEqual(due, {
    kind: 'due',
    closed: [],
    run: { due: lunch, freshUntil: lunch + HOUR_MS },
    cursor: lunch,
    nextAt: lunch + DAY_MS,
  });
  assert.equal(findDue({ ...slot, cursor: due.cursor }, lunch).kind, 'nothing');
});

test('down from 11:00 to 11:40: the 11:20 is run at 11:40, with the freshness it was due with', () => {
  const due = dueNow(slotOf(LUNCH, at('2026-11-19T11:20')), at('2026-11-20T11:40'));
  assert.deepEqual(due.run, { due: at('2026-11-20T11:20'), freshUntil: at('2026-11-20T12:20') });
  assert.deepEqual(due.closed, []);
});

test('down until 14:00: the 11:20 is recorded as missed, with a reason for people', () => {
  const due = dueNow(slotOf(LUNCH, at('2026-11-19T11:20')), at('2026-11-20T14:00'));
  const lunch = at('2026-11-20T11:20');
  assert.equal(due.run, undefined);
  assert.equal(due.cursor, lunch);
  assert.deepEqual(due.closed, [
    {
      first: lunch,
      last: lunch,
      outcome: 'missed',
      reason:
        'Due 2026-11-20 11:20, and fresh for 1h. talkbell was not running, or was busy or asleep, ' +
        'until 2026-11-20 14:00: 2h 40m late.',
    },
  ]);
});

test('a run is fresh up to the last millisecond, and not after it', () => {
  const slot = slotOf(LUNCH, at('2026-11-19T11:20'));
  assert.ok(dueNow(slot, at('2026-11-20T12:20')).run);
  assert.equal(dueNow(slot, at('2026-11-20T12:20') + 1).run, undefined);
});

test('several missed instants coalesce into the last while that is fresh', () => {
  const due = dueNow(slotOf('*/10 * * * *', at('2026-11-20T09:00')), at('2026-11-20T12:05'));
  assert.deepEqual(due.run?.due, at('2026-11-20T12:00'));
  assert.deepEqual(due.closed, [
    {
      first: at('2026-11-20T09:10'),
      last: at('2026-11-20T11:50'),
      outcome: 'coalesced',
      reason: 'Coalesced into the run due 2026-11-20 12:00.',
    },
  ]);
});

test('when not even the last instant is fresh, the whole stretch is missed', () => {
  const due = dueNow(slotOf('0 9-11 * * *', at('2026-11-18T23:00')), at('2026-11-20T13:00'));
  assert.equal(due.run, undefined);
  assert.equal(due.closed.length, 1);
  const [{ first, last, outcome, reason } = { first: 0, last: 0, outcome: '', reason: '' }] = due.closed;
  assert.deepEqual([first, last, outcome], [at('2026-11-19T09:00'), at('2026-11-20T11:00'), 'missed']);
  assert.match(reason, /^Due since 2026-11-19 09:00, the last time 2026-11-20 11:00, /);
});

test('a clock that goes back fires nothing twice, and the cursor stays', () => {
  const slot = slotOf('* * * * *', at('2026-11-20T12:00'));
  for (const now of ['2026-11-20T12:00', '2026-11-20T11:30', '2026-11-01T00:00', '2026-11-20T12:00:59']) {
    assert.deepEqual(findDue(slot, at(now)), { kind: 'nothing', nextAt: at('2026-11-20T12:01') });
  }
});

test('whatever the clock does, every instant falls into exactly one row', () => {
  const start = at('2026-11-20T00:00') / 1000;
  const steps = fc.array(fc.integer({ min: -7200, max: 20_000 }), { minLength: 1, maxLength: 30 });
  const lines = fc.constantFrom('*/7 * * * *', '20 11,17 * * *', '*/30 3 5 * * *', '0 * * * 1-5');
  fc.assert(
    fc.property(lines, steps, fc.constantFrom(0, MINUTE_MS, HOUR_MS), (line, seconds, freshForMs) => {
      const rows: { first: number; last: number }[] = [];
      let slot = slotOf(line, start * 1000, freshForMs);
      let now = start;
      for (const step of seconds) {
        now += step;
        const due = findDue(slot, now * 1000);
        if (due.kind === 'nothing') continue;
        rows.push(...due.closed, ...(due.run ? [{ first: due.run.due, last: due.run.due }] : []));
        slot = { ...slot, cursor: due.cursor };
      }
      assertCovered(slot.cron, { from: start * 1000, to: slot.cursor }, rows);
    }),
  );
});

/** The rows, in order, begin and end on due instants and leave none out between `from` and `to`. */
function assertCovered(
  cron: CronLine,
  { from, to }: { from: number; to: number },
  rows: readonly { first: number; last: number }[],
): void {
  const covered = rows.reduce((reached, { first, last }) => {
    assert.equal(first, nextAfter(cron, SEOUL, reached));
    assert.equal(last, previousAtOrBefore(cron, SEOUL, last));
    assert.ok(last >= first);
    return last;
  }, from);
  assert.equal(covered, to);
}

test('thirty days behind with a line due every second, one look back takes a few steps', () => {
  const slot = slotOf('* * * * * *', at('2026-11-20T12:00'));
  const reads = { count: 0 };
  const counted = new Proxy(slot.cron, {
    get: (line, name, receiver) => {
      reads.count += 1;
      return Reflect.get(line, name, receiver);
    },
  });
  const due = dueNow({ ...slot, cron: counted }, slot.cursor + 30 * DAY_MS);
  assert.equal(due.run?.due, slot.cursor + 30 * DAY_MS);
  assert.deepEqual(due.closed.length, 1);
  assert.ok(reads.count < 100, `${reads.count} reads of the line`);
});

test('a skipped run becomes a row with its reason, beside what was coalesced into it', () => {
  const due = dueNow(slotOf('*/10 * * * *', at('2026-11-20T09:00')), at('2026-11-20T12:05'));
  const skipped = skipDue(due, 'A holiday: 개교기념일.');
  assert.equal(skipped.run, undefined);
  assert.deepEqual(skipped.closed.at(-1), {
    first: at('2026-11-20T12:00'),
    last: at('2026-11-20T12:00'),
    outcome: 'skipped',
    reason: 'A holiday: 개교기념일.',
  });
  assert.equal(skipped.closed.length, 2);
  assert.deepEqual(skipDue(skipped, 'again'), skipped);
});

test('a claim carries what the store needs, and no run where there is none', () => {
  const due = dueNow(slotOf(LUNCH, at('2026-11-19T11:20')), at('2026-11-20T11:20'));
  const { closed, cursor, run } = due;
  assert.deepEqual(claimOf('cafeteria', 'lunch', due), { job: 'cafeteria', slot: 'lunch', closed, cursor, run });
  assert.ok(!('run' in claimOf('cafeteria', 'lunch', skipDue(due, 'paused'))));
});

test('the last look leaves time to deliver: half a minute, or a tenth of a short freshness', () => {
  const due = at('2026-11-20T11:20');
  assert.equal(lastLookAt({ due, freshUntil: due + HOUR_MS }), due + HOUR_MS - 30_000);
  assert.equal(lastLookAt({ due, freshUntil: due + 100_000 }), due + 90_000);
});

test('looks follow each other by the recheck time, then once at the end, then no more', () => {
  const due = at('2026-11-20T11:20');
  const run = { due, freshUntil: due + 25 * MINUTE_MS };
  const last = lastLookAt(run);
  assert.equal(nextLook(due, 10 * MINUTE_MS, run), due + 10 * MINUTE_MS);
  assert.equal(nextLook(due + 20 * MINUTE_MS, 10 * MINUTE_MS, run), last);
  assert.equal(nextLook(last - 1, 10 * MINUTE_MS, run), last);
  assert.equal(nextLook(last, 10 * MINUTE_MS, run), undefined);
  assert.equal(nextLook(last + 5000, 10 * MINUTE_MS, run), undefined);
});
