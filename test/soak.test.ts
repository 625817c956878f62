// A short soak: the real daemon in a process of its own, three days of its clock, and what it holds at the end of each.
// The month with 200 jobs is `npm run soak`.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { differences } from '../bench/soak/audit.ts';
import { runSoak } from '../bench/soak/soak.ts';
import { type DaySample, findCountGrowth, findSizeGrowth } from '../bench/soak/verdict.ts';

const MB = 2 ** 20;

test('days of work leave no handle, resource or listener behind, and what the store calls sent has arrived once', {
  timeout: 120_000,
}, async () => {
  const { samples, faults, counts } = await runSoak({ days: 3, jobs: 20, seed: 1, keepDays: 1, everyHours: 12 });

  assert.deepEqual(faults, []);
  assert.deepEqual(findCountGrowth(samples), []);
  assert.equal(samples.length, 3);
  // What the level is worth: much was done, much of it went wrong, and workers came and went.
  const { runs, messages, pages } = counts;
  assert.ok((runs['told'] ?? 0) > 60 && (runs['silent'] ?? 0) > 40 && (runs['failed'] ?? 0) > 0, JSON.stringify(runs));
  assert.ok((messages['sent'] ?? 0) > 60 && (messages['unclear'] ?? 0) > 0, JSON.stringify(messages));
  assert.ok(pages.unchanged > 20, JSON.stringify(pages));
  assert.ok(counts.memos > 20 && counts.refreshes > 3 && counts.rotations === 1);
  assert.ok((samples.at(-1)?.workers ?? 0) >= 4);
});

describe('the verdict', () => {
  const month = (grown: (day: number) => Partial<DaySample>): readonly DaySample[] =>
    Array.from({ length: 30 }, (_, index) => ({ ...LEVEL, day: index + 1, ...grown(index + 1) }));

  test('is silent about a month that is level, also when all of it grew at first', () => {
    const filling = month((day) => ({ heapUsed: Math.min(day, 5) * 5 * MB, database: Math.min(day, 20) * MB }));
    assert.deepEqual([...findCountGrowth(filling), ...findSizeGrowth(filling)], []);
  });

  test('names what grew a little every day', () => {
    const leaking = month((day) => ({
      heapUsed: (20 + day) * MB,
      database: (20 + day) * MB,
      handles: { socket: 5 + Math.floor(day / 10) },
      listeners: { exit: day },
    }));
    assert.deepEqual(
      [...findCountGrowth(leaking), ...findSizeGrowth(leaking)].map((sentence) => sentence.split(':')[0]),
      [
        'handles (socket) grew',
        'listeners (exit) grew',
        'heap grew',
        'history grew within the last third of the days, from 41943040 to 51380224.',
      ],
    );
  });

  test('takes a warning of Node and a log that is not cut back for what they are', () => {
    const warned = month(() => ({ warnings: ['MaxListenersExceededWarning: Possible leak'], log: 20 * MB }));
    assert.deepEqual(
      [...findCountGrowth(warned), ...findSizeGrowth(warned)],
      [
        'Node warned: MaxListenersExceededWarning: Possible leak',
        'The write-ahead log grew to 20 MB; it is to be cut back to 8.',
      ],
    );
  });

  test('counts what is lost and what comes twice', () => {
    assert.deepEqual(differences(['a', 'b', 'b'], ['b', 'a', 'b']), []);
    assert.deepEqual(differences(['a', 'b'], ['b', 'b']), [
      '"a" is sent, says the store, and did not arrive',
      '"b" arrived more often than it was sent',
    ]);
  });
});

const LEVEL: DaySample = {
  day: 0,
  heapUsed: 20 * MB,
  rss: 150 * MB,
  handles: { socket: 5 },
  resources: { Timeout: 2 },
  listeners: { exit: 1 },
  warnings: [],
  workers: 1,
  database: 20 * MB,
  log: 4 * MB,
  remembered: MB,
  rows: {
    messages: 100,
    runs: 100,
    tellings: 0,
    memory: 100,
    ledger: 10,
    alerts: 0,
    alerts_told: 0,
    leases: 1,
    opened: 1,
  },
};
