// The quiet hours at the door: what was written by day and comes late, or is tried again at night, waits for the morning,
// with a real store and a channel that notes what it is given.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeDeliverer } from '../../src/core/deliverer.ts';
import type { Instant } from '../../src/core/job.ts';
import { makeOwner } from '../../src/core/owner.ts';
import type { Channel, Outcome, Store } from '../../src/core/ports.ts';
import { parseQuietHours } from '../../src/core/quiet.ts';
import { DAY, HOUR, jobFile, lookOnce, makeStore, message, START } from '../io/store-setup.ts';

/** 23:00 in Korea: START is 11:00. */
const NIGHT = START + 12 * HOUR;
const MORNING = START + 20 * HOUR;
const SCREEN = { channel: 'console' } as const;

interface Scene {
  readonly store: Store;
  /** Rings at an instant, and gives what went out. */
  readonly ring: (now: Instant) => Promise<readonly string[]>;
  /** What comes of the next calls; sent when there is none left. */
  readonly outcomes: Outcome[];
}

async function setScene(t: TestContext): Promise<Scene> {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe', { main: '0 11 * * *' })], START - 1);
  const clock = { now: START };
  const outcomes: Outcome[] = [];
  const gone: string[] = [];
  const channel: Channel = {
    prepare: (saying) => [saying],
    batch: 1,
    deliver: async (rows) =>
      rows.map(({ saying }) => {
        gone.push(saying.kind === 'text' ? saying.text : '');
        return outcomes.shift() ?? { kind: 'sent' };
      }),
  };
  const channels = { 'kakao-memo': channel, 'kakao-friend': channel, webhook: channel, console: channel };
  const now = (): Instant => clock.now;
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const signal = new AbortController().signal;
  const deliverer = makeDeliverer({
    store,
    channels,
    owner: makeOwner({ store, channels, owner: [], now, log, onMessage: () => {} }),
    budget: { perSender: 100, perReceiver: 20 },
    quiet: parseQuietHours('22:00-07:00', 'Asia/Seoul'),
    timezone: 'Asia/Seoul',
    pause: async () => {},
    now,
    random: () => 0.5,
    log,
    signal,
    callSignal: signal,
    patiently: (work) => work(),
    onChange: () => {},
  });
  const ring = async (at: Instant): Promise<readonly string[]> => {
    clock.now = at;
    gone.length = 0;
    await deliverer.ring();
    await deliverer.idle();
    return [...gone];
  };
  return { store, ring, outcomes };
}

const news = (freshUntil: Instant) =>
  message({ address: SCREEN, saying: { kind: 'text', text: 'news' }, freshUntil, keys: ['a'] });

/** The second look of a watching job, which has something to say. */
async function tellNews(store: Store, freshUntil = START + 3 * DAY): Promise<void> {
  await lookOnce(store, START, { items: {} });
  await lookOnce(store, START + 1, { items: { a: { n: 1 } }, toldKeys: ['a'], messages: [news(freshUntil)] });
}

test('a message of a watching job that comes late waits for the morning', async (t) => {
  const { store, ring } = await setScene(t);
  await tellNews(store);
  assert.deepEqual(await ring(NIGHT), []);
  const [row] = await store.messages({ limit: 1 });
  assert.deepEqual([row?.state, row?.attempts, row?.nextAt], ['pending', 0, MORNING]);
  assert.equal(await store.nextMessageAt(NIGHT), MORNING);
  assert.deepEqual(await ring(MORNING), ['news']);
});

test('one that failed by day is not tried again at night', async (t) => {
  const { store, ring, outcomes } = await setScene(t);
  await tellNews(store);
  outcomes.push({ kind: 'retry', reason: 'refused' });
  assert.deepEqual(await ring(NIGHT - 2 * HOUR), ['news']);
  assert.deepEqual(await ring(NIGHT), []);
  assert.deepEqual(await ring(MORNING), ['news']);
});

test('one that is no longer fresh in the morning expires, and never goes out', async (t) => {
  const { store, ring } = await setScene(t);
  await tellNews(store, NIGHT + HOUR);
  assert.deepEqual(await ring(NIGHT), []);
  assert.deepEqual(await ring(MORNING), []);
  const rows = await store.messages({ limit: 10 });
  assert.deepEqual(
    rows.filter(({ job }) => job === 'cafe').map(({ state }) => state),
    ['expired'],
  );
});

test('what nobody watches for, and what is sent by hand, goes out at night', async (t) => {
  const { store, ring } = await setScene(t);
  const run = await store.addManualRun({ job: 'cafe', slot: 'main', freshUntil: NIGHT + HOUR }, START);
  await store.beginLook(run.id, START);
  const look = { kind: 'done', found: 1, told: 1, toldKeys: [], learned: false, sayings: [], validators: [] } as const;
  const after = { state: 'done', outcome: 'told', reason: 'told 1 item' } as const;
  await store.endLook({ run: run.id, hash: 'h', look, after, messages: [news(NIGHT + HOUR)], now: START });
  await store.addMessages([message({ recipient: 'you', address: SCREEN, freshUntil: NIGHT + HOUR })], 'send', START);
  assert.deepEqual((await ring(NIGHT)).toSorted(), ['news', '오늘의 점심']);
});
