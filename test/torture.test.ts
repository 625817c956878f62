// kill -9, for real: the daemon as a process of its own is killed at named points and at random instants, and then what
// arrived is held against what should have. `npm run torture` does the same hundreds of times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageRow, RunRow } from '../src/core/ports.ts';
import { type Evidence, findFaults, LATE } from './torture/checker.ts';
import { describeKill, startTorture } from './torture/harness.ts';
import { planKills } from './torture/plan.ts';
import { ALL_POINTS } from './torture/points.ts';

const KILLS = 20;
/** The same plan each time, so that a failure can be looked into; `npm run torture` takes any. */
const SEED = 7;

test('after twenty kills every instant has one outcome and every message one end, as those who received them witness', async (t) => {
  t.diagnostic(`node test/torture/run.ts --kills ${KILLS} --seed ${SEED}`);
  await using torture = await startTorture();
  const plan = planKills({ kills: KILLS, seed: SEED });
  const died: boolean[] = [];
  for (const kill of plan) died.push(await torture.kill(kill));
  const { faults, counts } = await torture.judge();
  assert.deepEqual(faults, [], plan.map(describeKill).join('; '));
  assert.ok(counts.sent > KILLS, `${counts.sent} messages were sent`);
  assert.ok(died.filter(Boolean).length > KILLS / 2, 'most kills came where they were meant to');
  const reached = torture.reached();
  assert.deepEqual(
    ALL_POINTS.filter((name) => !reached.has(name)),
    [],
    'points that are never reached',
  );
});

const DUE = Date.parse('2026-11-20T02:20:00Z');

const RUN: RunRow = {
  id: 1,
  job: 'ping',
  slot: 'main',
  due: DUE,
  lastDue: DUE,
  freshUntil: DUE + 1000,
  manual: false,
  state: 'done',
  nextLookAt: undefined,
  outcome: 'told',
  reason: 'told',
  looks: 1,
  failing: false,
  startedAt: DUE,
  endedAt: DUE,
  found: 1,
  told: 1,
};

const ROW: MessageRow = {
  id: 1,
  key: 'one',
  run: 1,
  job: 'ping',
  recipient: 'hook',
  address: { channel: 'webhook', url: 'http://127.0.0.1/' },
  saying: { kind: 'text', text: 'ping' },
  part: 1,
  parts: 1,
  attempts: 1,
  freshUntil: DUE + 1000,
  state: 'sent',
  reason: undefined,
  createdAt: DUE,
  nextAt: DUE,
  attemptedAt: DUE,
  settledAt: DUE,
  ifUnclear: 'leave',
  resent: false,
};

const NEWS: MessageRow = {
  ...ROW,
  id: 2,
  key: 'two',
  run: undefined,
  job: 'news',
  recipient: 'news',
  saying: { kind: 'text', text: '#31 #32' },
};
const UNCLEAR = { state: 'unclear', reason: 'talkbell ended' } as const;

const HEALTH: Evidence = {
  runs: [RUN],
  messages: [ROW, NEWS],
  slots: [{ job: 'ping', slot: 'main', cron: '* * * * * *', timezone: 'Asia/Seoul', cursor: DUE, failures: 0 }],
  accounts: [],
  arrivals: new Map([
    ['hook', [{ is: 'one', at: DUE }]],
    ['news', [{ is: 'two', at: DUE }]],
  ]),
  periods: { ping: 1 },
};

const twice = new Map([...HEALTH.arrivals, ['hook', [ROW, ROW].map(({ key }) => ({ is: key, at: DUE }))]]);

const BROKEN: Readonly<Record<string, readonly [Partial<Evidence>, RegExp]>> = {
  'an instant without an outcome': [
    { slots: HEALTH.slots.map((slot) => ({ ...slot, cursor: DUE + 1000 })) },
    /0 outcomes/,
  ],
  'an instant with two': [{ runs: [RUN, { ...RUN, id: 2, outcome: 'skipped' }] }, /2 outcomes/],
  'a run that does not end': [{ runs: [{ ...RUN, state: 'looking', outcome: undefined }] }, /is looking/],
  'a run that told nobody': [
    { messages: [NEWS], arrivals: new Map([['news', [{ is: 'two', at: DUE }]]]) },
    /not one whole/,
  ],
  'a message that was never received': [
    { arrivals: new Map([['news', [{ is: 'two', at: DUE }]]]) },
    /received 0 times/,
  ],
  'a message received twice': [{ arrivals: twice }, /received 2 times/],
  'one sent again unasked': [{ messages: [{ ...ROW, resent: true }, NEWS] }, /unasked/],
  'one that waits for ever': [{ messages: [{ ...ROW, state: 'pending' }, NEWS] }, /did not come to its end/],
  'one that has no row': [{ messages: [NEWS], runs: [] }, /no row/],
  'an unclear one that nobody was told of': [{ messages: [{ ...ROW, ...UNCLEAR }, NEWS] }, /never told/],
  'one that was late and did not expire': [
    { messages: [ROW, NEWS, { ...ROW, id: 3, key: 'three', about: LATE }] },
    /was late/,
  ],
  'news told twice': [{ messages: [ROW, { ...NEWS, saying: { kind: 'text', text: '#31 #31' } }] }, /told 2 times/],
  'news left out': [{ messages: [ROW, { ...NEWS, saying: { kind: 'text', text: '#31 #33' } }] }, /#32 is told 0 times/],
};

test('the checker finds nothing wrong with what is right', () => {
  assert.deepEqual(findFaults(HEALTH), []);
});

for (const [what, [change, words]] of Object.entries(BROKEN)) {
  test(`the checker finds ${what}`, () => {
    assert.match(findFaults({ ...HEALTH, ...change }).join('; '), words);
  });
}

test('the checker finds a message that overtook another', () => {
  const later = { ...ROW, id: 3, key: 'three', run: undefined, job: undefined };
  const arrivals = new Map([...HEALTH.arrivals, ['hook', ['three', 'one'].map((is) => ({ is, at: DUE }))]]);
  assert.match(findFaults({ ...HEALTH, messages: [ROW, NEWS, later], arrivals }).join('; '), /after a later one/);
});
