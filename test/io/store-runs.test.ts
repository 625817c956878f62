// Due instants and what becomes of them: each at most one run, each covered once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, Store } from '../../src/core/ports.ts';
import { claimRun, DAY, done, HOUR, jobFile, makeStore, START, TOLD } from './store-setup.ts';

const MISSED = { outcome: 'missed', reason: 'talkbell was not running' } as const;
const PAUSED = { outcome: 'skipped', reason: 'paused' } as const;

function claim(change: Partial<Claim>): Claim {
  return { job: 'cafe', slot: 'main', closed: [], cursor: START, ...change };
}

async function cafe(t: Parameters<typeof makeStore>[0]): Promise<Store> {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  return store;
}

async function stretches(store: Store) {
  const runs = await store.runs({ job: 'cafe', limit: 100 });
  return runs.map((run) => [run.due - START, run.lastDue - START, run.outcome]).reverse();
}

test('A claim closes the instants before, begins the run and moves the cursor', async (t) => {
  const store = await cafe(t);
  const closed = [{ first: START + 1, last: START + 3, ...MISSED }];
  const run = await store.claim(
    claim({ closed, run: { due: START + 4, freshUntil: START + 9 }, cursor: START + 4 }),
    START + 5,
  );
  assert.equal(run?.state, 'looking');
  assert.equal(run?.looks, 1);
  assert.equal(run?.startedAt, START + 5);
  assert.deepEqual(await stretches(store), [
    [1, 3, 'missed'],
    [4, 4, undefined],
  ]);
  assert.equal((await store.slots())[0]?.cursor, START + 4);
});

test('An instant that has a row is not run again, alone or in a stretch', async (t) => {
  const store = await cafe(t);
  await claimRun(store, START + 10);
  await store.claim(claim({ closed: [{ first: START + 20, last: START + 40, ...MISSED }] }), START + 50);
  for (const due of [10, 20, 30, 40]) {
    const again = claim({ run: { due: START + due, freshUntil: START + DAY } });
    assert.equal(await store.claim(again, START + 60), undefined, `${due}`);
  }
  assert.equal((await store.runs({ limit: 9 })).length, 2);
});

test('An instant up to the cursor is not run, and the cursor never goes back', async (t) => {
  const store = await cafe(t);
  assert.equal(
    await store.claim(claim({ run: { due: START, freshUntil: START + 9 }, cursor: START - 5 }), START),
    undefined,
  );
  assert.equal((await store.slots())[0]?.cursor, START);
});

test('A line that is not in the schedule any more is not run', async (t) => {
  const store = await cafe(t);
  const gone = claim({ slot: 'gone', run: { due: START + 1, freshUntil: START + 9 } });
  assert.equal(await store.claim(gone, START + 1), undefined);
});

test('Stretches of the same end that follow one another stay one row', async (t) => {
  const store = await cafe(t);
  for (const at of [1, 2, 3]) {
    await store.claim(
      claim({ closed: [{ first: START + at, last: START + at, ...PAUSED }], cursor: START + at }),
      START + at,
    );
  }
  await store.claim(
    claim({ closed: [{ first: START + 4, last: START + 4, ...MISSED }], cursor: START + 4 }),
    START + 4,
  );
  await store.claim(
    claim({ closed: [{ first: START + 5, last: START + 5, ...PAUSED }], cursor: START + 5 }),
    START + 5,
  );
  assert.deepEqual(await stretches(store), [
    [1, 3, 'skipped'],
    [4, 4, 'missed'],
    [5, 5, 'skipped'],
  ]);
});

test('A run that looked is never stretched', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  const after = { state: 'done', ...PAUSED } as const;
  await store.endLook({ run: id, hash: 'h', look: { kind: 'unchanged' }, after, messages: [], now: START + 1 });
  await store.claim(
    claim({ closed: [{ first: START + 2, last: START + 2, ...PAUSED }], cursor: START + 2 }),
    START + 2,
  );
  assert.deepEqual(await stretches(store), [
    [1, 1, 'skipped'],
    [2, 2, 'skipped'],
  ]);
});

test('A stretch over rows that exist fills only what they leave', async (t) => {
  const store = await cafe(t);
  await claimRun(store, START + 10);
  await claimRun(store, START + 20);
  await store.claim(claim({ closed: [{ first: START + 5, last: START + 30, ...MISSED }] }), START + 40);
  assert.deepEqual(
    (await stretches(store)).sort((a, b) => Number(a[0]) - Number(b[0])),
    [
      [5, 9, 'missed'],
      [10, 10, undefined],
      [11, 19, 'missed'],
      [20, 20, undefined],
      [21, 30, 'missed'],
    ],
  );
});

test('The next instant of a slot overtakes its waiting run, which counts as failed if it was failing', async (t) => {
  const store = await cafe(t);
  const run = await claimRun(store, START + 1);
  const waiting = { state: 'waiting', nextLookAt: START + 9, reason: 'no answer', failing: true } as const;
  const failure = { kind: 'fetch', message: 'no answer' } as const;
  await store.endLook({
    run: run.id,
    hash: 'h',
    look: { kind: 'failed', failure },
    after: waiting,
    messages: [],
    now: START + 2,
  });
  assert.equal((await store.waiting())[0]?.nextLookAt, START + 9);

  await claimRun(store, START + HOUR);
  const overtaken = await store.run(run.id);
  assert.equal(overtaken?.outcome, 'coalesced');
  assert.match(overtaken?.reason ?? '', /no answer/);
  assert.equal((await store.slots())[0]?.failures, 1);
  assert.equal(await store.beginLook(run.id, START + HOUR), false);
});

test('A run that waits for what is not posted yet is overtaken without counting as failed', async (t) => {
  const store = await cafe(t);
  const run = await claimRun(store, START + 1);
  const waiting = { state: 'waiting', nextLookAt: START + 9, reason: 'not posted', failing: false } as const;
  await store.endLook({
    run: run.id,
    hash: 'h',
    look: { kind: 'notYet', reason: 'not posted' },
    after: waiting,
    messages: [],
    now: START + 2,
  });
  await claimRun(store, START + HOUR);
  assert.equal((await store.slots())[0]?.failures, 0);
});

test('A waiting run looks again, one look more', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  const waiting = { state: 'waiting', nextLookAt: START + 9, reason: 'not posted', failing: false } as const;
  await store.endLook({
    run: id,
    hash: 'h',
    look: { kind: 'notYet', reason: 'not posted' },
    after: waiting,
    messages: [],
    now: START + 2,
  });
  assert.equal(await store.beginLook(id, START + 9), true);
  assert.equal(await store.beginLook(id, START + 9), false);
  const run = await store.run(id);
  assert.deepEqual([run?.state, run?.looks, run?.startedAt], ['looking', 2, START + 1]);
});

test('A look is saved once', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  const end = { run: id, hash: 'h', look: done(), after: TOLD, messages: [], now: START + 2 };
  await store.endLook(end);
  await assert.rejects(store.endLook(end), /not being looked at/);
});

test('A run by hand stands beside the schedule', async (t) => {
  const store = await cafe(t);
  const first = await store.addManualRun({ job: 'cafe', slot: 'main', freshUntil: START + HOUR }, START + 5);
  const second = await store.addManualRun({ job: 'cafe', slot: 'main', freshUntil: START + HOUR }, START + 5);
  assert.deepEqual([first.manual, first.state, second.nextLookAt], [true, 'waiting', START + 5]);
  await claimRun(store, START + 5);
  assert.deepEqual(
    (await store.waiting()).map(({ id }) => id),
    [first.id, second.id],
  );
  await assert.rejects(
    store.addManualRun({ job: 'cafe', slot: 'dinner', freshUntil: START }, START),
    /no line named dinner/,
  );
});

test('Runs of a job that is absent wait for its return, and end when they are no longer fresh', async (t) => {
  const store = await cafe(t);
  const run = await store.addManualRun({ job: 'cafe', slot: 'main', freshUntil: START + HOUR }, START);
  await store.syncJobs([], START + 1);
  assert.deepEqual(await store.waiting(), []);
  await store.syncJobs([jobFile('cafe')], START + 2);
  assert.equal((await store.waiting()).length, 1);
  await store.syncJobs([], START + 3);
  await store.prune(START + 2 * HOUR);
  assert.equal((await store.run(run.id))?.outcome, 'skipped');
});

test('Runs that were looking when talkbell ended look again', async (t) => {
  const store = await cafe(t);
  const { id } = await claimRun(store, START + 1);
  assert.equal(await store.recoverRuns(START + 7), 1);
  assert.equal(await store.recoverRuns(START + 8), 0);
  const run = await store.run(id);
  assert.deepEqual([run?.state, run?.nextLookAt], ['waiting', START + 7]);
});

test('Runs are listed from the newest, page by page', async (t) => {
  const store = await cafe(t);
  await store.syncJobs([jobFile('cafe'), jobFile('shop')], START);
  for (const at of [1, 2, 3]) await claimRun(store, START + at);
  await claimRun(store, START + 4, { job: 'shop' });
  const page = await store.runs({ job: 'cafe', limit: 2 });
  assert.deepEqual(
    page.map((run) => run.due - START),
    [3, 2],
  );
  const next = await store.runs({ job: 'cafe', limit: 2, before: page[1]?.id ?? 0 });
  assert.deepEqual(
    next.map((run) => run.due - START),
    [1],
  );
  assert.equal((await store.runs({ limit: 9 })).length, 4);
});
