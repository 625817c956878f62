// What the scheduler decides about jobs that are due together, overlap, wait, or are started by hand, with a look that
// the test ends when it likes, and a real store.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { MessageError, Stopped } from '../../src/core/errors.ts';
import type { Instant, JobDescription, Look } from '../../src/core/job.ts';
import { makeOwner } from '../../src/core/owner.ts';
import type { Channel, Store } from '../../src/core/ports.ts';
import { parseQuietHours } from '../../src/core/quiet.ts';
import { makeScheduler, type Scheduler, type SchedulerPorts } from '../../src/core/scheduler.ts';
import type { LookTask } from '../../src/core/worker-protocol.ts';
import { dateTimeIn } from '../../src/core/zone.ts';
import { done, HOUR, jobFile, makeStore, START, seen } from '../io/store-setup.ts';

const MINUTE = 60_000;
/** 12:00 in Korea: START is 11:00. */
const NOON = START + HOUR;

interface Open {
  readonly task: LookTask;
  readonly end: (look: Look) => void;
}

interface Scene {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly clock: { now: Instant };
  /** Looks that are under way, in the order they began. */
  readonly looks: Open[];
  readonly addJob: (id: string, slots: Record<string, string>, more?: Partial<JobDescription>) => Promise<void>;
  readonly at: (now: Instant) => Promise<Instant | undefined>;
  /** Ends the first look that is under way, and waits until its run has gone on. */
  readonly end: (look: Look) => Promise<void>;
  readonly outcomes: (job?: string) => Promise<readonly string[]>;
  readonly heard: () => Promise<readonly string[]>;
  readonly logged: string[];
  readonly changes: () => number;
}

const strict: Channel = {
  prepare: (saying) => {
    if (saying.kind === 'text' && saying.text.length > 10)
      throw new MessageError(['text has more than 10 characters.']);
    return [saying];
  },
  batch: 1,
  deliver: async () => [],
};
const easy: Channel = { ...strict, prepare: (saying) => [saying] };

async function setScene(t: TestContext, more: Partial<SchedulerPorts> = {}): Promise<Scene> {
  const store = await makeStore(t);
  await store.saveRecipient({ name: 'me', address: { channel: 'webhook', url: 'https://me.example.com/' } }, START);
  await store.saveRecipient({ name: 'owner', address: { channel: 'console' } }, START);
  const clock = { now: START };
  const count = { changes: 0 };
  const looks: Open[] = [];
  const logged: string[] = [];
  const write = (facts: object, message: string): void =>
    void logged.push(`${message} ${'err' in facts ? facts.err : ''}`.trim());
  const log = { debug: write, info: () => {}, warn: () => {}, error: write };
  const channels = { 'kakao-memo': easy, 'kakao-friend': easy, webhook: strict, console: easy };
  const now = (): Instant => clock.now;
  const owner = makeOwner({ store, channels, owner: ['owner'], now, log, onMessage: () => {} });
  const scheduler = makeScheduler({
    store,
    look: (task) => new Promise((end) => looks.push({ task, end })),
    sourceOf: ({ file, hash }) => ({ file, hash, path: `/jobs/${file}` }),
    holidayOn: async () => undefined,
    channels,
    owner,
    now,
    log,
    quiet: undefined,
    patiently: (work) => work(),
    breathe: async () => {},
    onChange: () => {
      count.changes += 1;
    },
    ...more,
  });
  const files = new Map<string, ReturnType<typeof jobFile>>();
  return {
    store,
    scheduler,
    clock,
    looks,
    logged,
    changes: () => count.changes,
    addJob: async (id, slots, description = {}) => {
      const file = jobFile(id, slots);
      assert.ok(file.kind === 'job');
      files.set(id, { ...file, description: { ...file.description, watches: false, ...description } });
      await store.syncJobs([...files.values()], clock.now);
    },
    at: async (instant) => {
      clock.now = instant;
      const next = await scheduler.ring();
      await underWay(store, looks);
      return next;
    },
    end: async (look) => {
      const before = count.changes;
      looks.shift()?.end(look);
      while (count.changes === before) await setImmediate();
    },
    outcomes: async (job) =>
      (await store.runs({ ...(job === undefined ? {} : { job }), limit: 100 }))
        .toReversed()
        .map(({ slot, due, outcome, reason }) => `${slot} ${time(due)} ${outcome ?? 'open'}: ${reason ?? ''}`),
    heard: async () =>
      (await store.messages({ limit: 100 }))
        .filter(({ recipient }) => recipient === 'owner')
        .toReversed()
        .map(({ saying }) => (saying.kind === 'text' ? saying.text : '')),
  };
}

/** A run that was begun reaches its look a few turns later. */
async function underWay(store: Store, looks: readonly Open[]): Promise<void> {
  const open = async (): Promise<number> =>
    (await store.runs({ limit: 100 })).filter(({ state }) => state === 'looking').length;
  const wanted = await open();
  while (looks.length < wanted) await setImmediate();
}

/** A ring that is to begin no look. */
async function ringAt({ clock, scheduler }: Scene, now: Instant): Promise<void> {
  clock.now = now;
  await scheduler.ring();
  await scheduler.idle();
}

const time = (instant: Instant): string => dateTimeIn('Asia/Seoul', instant).slice(11);
const tells = (text: string): Look => done({ sayings: [{ kind: 'text', text }] });
const failed: Look = { kind: 'failed', failure: { kind: 'extract', step: 'extract', message: 'no .menu.' } };

test('a ring says when the next one is due, and holds nothing else up', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('lunch', { main: '0 12 * * *' });
  await scene.addJob('board', { main: '30 * * * *' });
  assert.equal(await scene.at(START), START + 30 * MINUTE);
  assert.equal(await scene.at(START + 30 * MINUTE), NOON, 'a look is under way');
  assert.equal(scene.looks.length, 1);
});

test('two slots of one job that are due together run one after the other; other jobs run beside them', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('menu', { one: '0 12 * * *', two: '0 12 * * *' });
  await scene.addJob('board', { main: '0 12 * * *' });
  await scene.at(NOON);
  assert.deepEqual(
    scene.looks.map(({ task }) => `${task.run.job} ${task.run.slot}`),
    ['board main', 'menu one'],
  );
  await scene.end(tells('board'));
  await scene.end(tells('one'));
  await scene.at(NOON + MINUTE);
  assert.equal(scene.looks[0]?.task.run.slot, 'two');
  assert.equal(scene.looks[0]?.task.run.due, NOON);
  await scene.end(tells('two'));
  assert.deepEqual(await scene.outcomes('menu'), [
    'one 12:00 told: told 1 of 1 item',
    'two 12:00 told: told 1 of 1 item',
  ]);
});

test('instants that go stale while a run of the same job is under way are skipped for the overlap', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('menu', { slow: '0 12 * * *', quick: '*/10 12 * * *' }, { freshForMs: 5 * MINUTE });
  await scene.at(NOON);
  assert.deepEqual(
    scene.looks.map(({ task }) => task.run.slot),
    ['quick'],
  );
  scene.clock.now = NOON + 29 * MINUTE;
  await scene.end(tells('quick'));
  await scene.at(NOON + 29 * MINUTE);
  const quick = (await scene.outcomes('menu')).filter((outcome) => outcome.startsWith('quick'));
  assert.deepEqual(quick, [
    'quick 12:00 told: told 1 of 1 item',
    'quick 12:10 skipped: overlap: an earlier run of the same job was still under way',
  ]);
  const rows = await scene.store.runs({ job: 'menu', limit: 10 });
  assert.equal(
    rows.find(({ outcome, slot }) => slot === 'quick' && outcome === 'skipped')?.lastDue,
    NOON + 20 * MINUTE,
  );
});

test('a look that failed is repeated while fresh; the next instant of the slot takes over, and the owner hears after three', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('board', { main: '0 * * * *' }, { freshForMs: 3 * HOUR });
  for (const hour of [0, 1, 2, 3]) {
    assert.equal(await scene.at(NOON + hour * HOUR), NOON + (hour + 1) * HOUR);
    await scene.end(failed);
    assert.deepEqual((await scene.heard()).length, hour < 3 ? 0 : 1);
  }
  assert.match(
    (await scene.heard())[0] ?? '',
    /^⚠ board \(main\) failed 3 times in a row \(changed shape\)\. .*no \.menu\..* See talkbell why board\.$/,
  );
  assert.deepEqual(
    (await scene.outcomes()).map((outcome) => outcome.replace(/: .*$/, '')),
    ['main 12:00 coalesced', 'main 13:00 coalesced', 'main 14:00 coalesced', 'main 15:00 open'],
  );
  assert.equal(await scene.at(NOON + 3 * HOUR + MINUTE), NOON + 3 * HOUR + 10 * MINUTE);
  await scene.at(NOON + 3 * HOUR + 10 * MINUTE);
  assert.equal(scene.looks[0]?.task.run.look, 2);
  await scene.end(tells('again'));
  assert.match((await scene.heard())[1] ?? '', /^✓ board \(main\) works again\.$/);
});

test('what a channel cannot carry makes the look a failed one, and nothing of it is saved', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('lunch', { main: '0 12 * * *' }, { watches: true });
  await scene.at(NOON);
  await scene.end(done({ seen: seen({ a: { n: 1 } }), sayings: [{ kind: 'text', text: '0123456789A' }] }));
  const [row] = await scene.store.runs({ job: 'lunch', limit: 1 });
  assert.deepEqual([row?.state, row?.failing], ['waiting', true]);
  assert.match(row?.reason ?? '', /text has more than 10 characters/);
  assert.equal((await scene.store.recall('lunch', 'x')).known, undefined);
  assert.deepEqual(await scene.store.messages({ job: 'lunch', limit: 10 }), []);
});

test('a recipient who is missing beside one who is there costs only his own message, and is told once', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('lunch', { main: '0 * * * *' }, { to: ['me', 'mum'] });
  for (const hour of [0, 1]) {
    await scene.at(NOON + hour * HOUR);
    await scene.end(tells('밥'));
  }
  const sent = await scene.store.messages({ job: 'lunch', limit: 10 });
  assert.deepEqual(
    sent.map(({ recipient }) => recipient),
    ['me', 'me'],
  );
  const heard = await scene.heard();
  assert.equal(heard.length, 1);
  assert.match(heard[0] ?? '', /lunch names the recipient mum, who does not exist.*talkbell recipients add mum/);
});

test('quiet hours hold the messages of a watching job, of no other, and not of a run by hand', async (t) => {
  const quiet = parseQuietHours('11:30-13:00', 'Asia/Seoul');
  const scene = await setScene(t, { quiet });
  await scene.addJob('lunch', { main: '0 12 * * *' });
  await scene.addJob('watching', { main: '0 12 * * *' }, { watches: true });
  await scene.at(NOON);
  while (scene.looks.length > 0) await scene.end(tells('밥'));
  await scene.store.addManualRun({ job: 'watching', slot: 'main', freshUntil: NOON + 3 * HOUR }, NOON);
  await scene.at(NOON);
  while (scene.looks.length > 0) await scene.end(tells('밥'));
  const sent = (await scene.store.messages({ limit: 10 })).toReversed();
  assert.deepEqual(sent.map(({ job, nextAt }) => `${job} ${time(nextAt)}`).toSorted(), [
    'lunch 12:00',
    'watching 12:00',
    'watching 13:00',
  ]);
});

test('a run by hand that fails has a person before it, and alerts nobody', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('lunch', { main: '0 3 * * *' });
  await scene.store.addManualRun({ job: 'lunch', slot: 'main', freshUntil: NOON }, START);
  await scene.at(START);
  assert.equal(scene.looks[0]?.task.run.manual, true);
  scene.clock.now = NOON;
  await scene.end(failed);
  assert.deepEqual(await scene.heard(), []);
});

test('a look that ends in an error of our own is a failed look with a reason, and the next instant is run all the same', async (t) => {
  const asked: Instant[] = [];
  const look = (task: LookTask): Promise<Look> => {
    asked.push(task.run.due);
    return Promise.reject(new Error('the worker is gone'));
  };
  const scene = await setScene(t, { look });
  await scene.addJob('lunch', { main: '0 * * * *' });
  for (const due of [NOON, NOON + HOUR]) {
    scene.clock.now = due;
    await scene.scheduler.ring();
    await scene.scheduler.idle();
  }
  assert.deepEqual(asked, [NOON, NOON + HOUR]);
  const runs = await scene.store.runs({ job: 'lunch', limit: 10 });
  assert.deepEqual(
    runs.map(({ state, reason }) => [state, /the worker is gone/.test(reason ?? '')]),
    [
      ['waiting', true],
      ['done', true],
    ],
  );
  assert.equal(scene.changes(), 2);
});

test('a look broken off by a stop is no failed one: the run is left for the next start', async (t) => {
  const scene = await setScene(t, { look: () => Promise.reject(new Stopped()) });
  await scene.addJob('lunch', { main: '0 12 * * *' });
  scene.clock.now = NOON;
  await scene.scheduler.ring();
  await scene.scheduler.idle();
  const [run] = await scene.store.runs({ job: 'lunch', limit: 1 });
  assert.equal(run?.state, 'looking');
});

test('a job whose holidays cannot be read costs no other job its run, and is told once', async (t) => {
  const scene = await setScene(t, { holidayOn: () => Promise.reject(new Error('no list')) });
  await scene.addJob('holiday', { main: '0 12 * * *' }, { skipHolidays: true });
  await scene.addJob('lunch', { main: '0 12 * * *' });
  await scene.at(NOON);
  assert.deepEqual(
    scene.looks.map(({ task }) => task.run.job),
    ['lunch'],
  );
  assert.equal((await scene.store.alerts()).filter(({ key }) => key === 'start:holiday').length, 1);
});

test('a run that waits is not looked at once it is no longer fresh: it ends with the reason of its last look', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('lunch', { main: '0 12 * * *' });
  await scene.at(NOON);
  await scene.end({ kind: 'notYet', reason: 'still yesterday' });
  await ringAt(scene, NOON + 5 * HOUR);
  assert.equal(scene.looks.length, 0);
  assert.match(
    (await scene.outcomes()).join(),
    /main 12:00 failed: no longer fresh; at the last look: not posted yet: still yesterday/,
  );
});

test('a pause ends a run that waits for its next look', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('lunch', { main: '0 12 * * *' });
  await scene.at(NOON);
  await scene.end({ kind: 'notYet', reason: 'still yesterday' });
  await scene.store.pause('lunch', NOON);
  await ringAt(scene, NOON + HOUR / 6);
  assert.equal(scene.looks.length, 0);
  assert.deepEqual(await scene.outcomes(), ['main 12:00 skipped: paused']);
});

test('what was found with nobody left to hear it does not count as told', async (t) => {
  const scene = await setScene(t);
  await scene.addJob('board', { main: '0 12 * * *' }, { watches: true });
  await scene.at(NOON);
  await scene.store.removeRecipient('me');
  await scene.end(done({ sayings: [{ kind: 'text', text: '글' }], seen: [['글', { name: '글' }]], toldKeys: ['글'] }));
  assert.match((await scene.outcomes()).join(), /skipped: nobody to tell/);
  assert.equal((await scene.store.recall('board', 'x')).known, undefined);
});

test('what a run found is handed to the store by way of patience, so that a full disk does not lose it', async (t) => {
  const state = { tries: 0 };
  const patiently: SchedulerPorts['patiently'] = (work) => {
    state.tries += 1;
    return work();
  };
  const scene = await setScene(t, { patiently });
  await scene.addJob('lunch', { main: '0 12 * * *' });
  await scene.at(NOON);
  await scene.end(tells('밥'));
  assert.equal(state.tries, 3);
  assert.deepEqual(await scene.outcomes(), ['main 12:00 told: told 1 of 1 item']);
});
