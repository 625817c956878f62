// The one timer of the daemon, with both clocks and the timer moved by hand.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Doorbell, type DoorbellPorts, startDoorbell } from '../../src/io/doorbell.ts';

interface Scene {
  readonly bell: Doorbell;
  /** Seconds of the steady clock at which a ring began. */
  readonly rings: number[];
  readonly steps: number[];
  readonly errors: unknown[];
  readonly stop: () => void;
  /** Lets both clocks go on by so many seconds. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly setWall: (bySeconds: number) => void;
}

type Given = Partial<Pick<DoorbellPorts, 'hasNews' | 'ring'>> & {
  nextAt?: () => number | undefined;
  /** Milliseconds that each ring takes. */
  tookMs?: number;
};

/** A bell at second 0. `nextAt` is what a ring gives, in seconds of the wall clock. */
async function setScene(t: TestContext, { nextAt, ring, hasNews, tookMs = 0 }: Given = {}): Promise<Scene> {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { wall: 0, steady: 0 };
  const controller = new AbortController();
  t.after(() => controller.abort());
  const [rings, steps, errors]: [number[], number[], unknown[]] = [[], [], []];
  const bell = startDoorbell({
    ring: async () => {
      rings.push(clock.steady / 1000);
      clock.steady += tookMs;
      clock.wall += tookMs;
      if (ring !== undefined) return ring();
      const at = nextAt?.();
      return at === undefined ? undefined : at * 1000;
    },
    hasNews: hasNews ?? (async () => false),
    now: () => clock.wall,
    monotonic: () => clock.steady,
    wait,
    onStep: (stepMs) => steps.push(stepMs),
    onError: (error) => errors.push(error),
    signal: controller.signal,
  });
  await setImmediate();
  const pass = async (seconds: number): Promise<void> => {
    for (let passed = 0; passed < seconds * 1000; passed += 250) {
      clock.wall += 250;
      clock.steady += 250;
      t.mock.timers.tick(250);
      await setImmediate();
    }
  };
  const setWall = (bySeconds: number): void => {
    clock.wall += bySeconds * 1000;
  };
  return { bell, rings, steps, errors, stop: () => controller.abort(), pass, setWall };
}

test('it rings at once, and then at the next due instant, to the moment', async (t) => {
  const due = [3, 4.5, 7];
  const scene = await setScene(t, { nextAt: () => due.shift() });
  await scene.pass(8);
  assert.deepEqual(scene.rings, [0, 3, 4.5, 7]);
});

test('with nothing due it rings every 15 seconds all the same', async (t) => {
  const scene = await setScene(t);
  await scene.pass(46);
  assert.deepEqual(scene.rings, [0, 15, 30, 45]);
});

test('an instant far away does not make it sleep longer', async (t) => {
  const scene = await setScene(t, { nextAt: () => 1e6 });
  await scene.pass(31);
  assert.deepEqual(scene.rings, [0, 15, 30]);
});

test('what is due and must wait for something else does not make it ring without end', async (t) => {
  const scene = await setScene(t, { nextAt: () => 0 });
  await scene.pass(31);
  assert.deepEqual(scene.rings, [0, 15, 30]);
});

test('a wall clock set forward past the due instant is noticed within 5 seconds, and told', async (t) => {
  const scene = await setScene(t, { nextAt: () => 3600 });
  await scene.pass(1);
  scene.setWall(7200);
  await scene.pass(4.5);
  assert.deepEqual(scene.rings, [0, 5]);
  assert.deepEqual(scene.steps, [7_200_000]);
  await scene.pass(4);
  assert.equal(scene.steps.length, 1);
});

test('a wall clock set back is noticed too', async (t) => {
  const scene = await setScene(t);
  await scene.pass(1);
  scene.setWall(-3600);
  await scene.pass(4.5);
  assert.deepEqual(scene.rings, [0, 5]);
  assert.deepEqual(scene.steps, [-3_600_000]);
});

test('what another process wrote is noticed within 5 seconds', async (t) => {
  const news = { is: false };
  const scene = await setScene(t, { hasNews: async () => news.is });
  await scene.pass(6);
  news.is = true;
  await scene.pass(4);
  assert.deepEqual(scene.rings, [0, 10]);
});

test('there are never two rings at once; kicks during one make one more', async (t) => {
  const ends: (() => void)[] = [];
  const open = { count: 0, most: 0 };
  const ring = async (): Promise<undefined> => {
    open.count += 1;
    open.most = Math.max(open.most, open.count);
    await new Promise<void>((resolve) => ends.push(resolve));
    open.count -= 1;
  };
  const scene = await setScene(t, { ring });
  for (let kicks = 0; kicks < 5; kicks += 1) scene.bell.kick();
  await scene.pass(40);
  assert.equal(scene.rings.length, 1);
  ends.shift()?.();
  await setImmediate();
  await scene.pass(0.25);
  assert.equal(scene.rings.length, 2);
  ends.shift()?.();
  await scene.bell.idle();
  assert.deepEqual([scene.rings.length, open.most], [2, 1]);
});

test('a kick rings at once', async (t) => {
  const scene = await setScene(t);
  await scene.pass(2);
  scene.bell.kick();
  await scene.bell.idle();
  assert.deepEqual(scene.rings, [0, 2]);
});

test('a ring or a look at the store that throws is told, and the bell goes on', async (t) => {
  const failing = { is: true };
  const fail = (what: string) => async (): Promise<never> => Promise.reject(new Error(what));
  const scene = await setScene(t, {
    ring: async () => (failing.is ? fail('ring')() : undefined),
    hasNews: async () => (failing.is ? fail('news')() : false),
  });
  assert.deepEqual(scene.errors.map(String), ['Error: ring']);
  await scene.pass(5);
  assert.deepEqual(scene.errors.map(String), ['Error: ring', 'Error: news', 'Error: ring']);
  failing.is = false;
  await scene.pass(15);
  assert.deepEqual(scene.rings, [0, 5, 20]);
  assert.equal(scene.errors.length, 3);
});

test('after the stop there is no ring, though it is kicked, due, or was ringing', async (t) => {
  const due = [2];
  const scene = await setScene(t, { nextAt: () => due.shift() });
  scene.bell.kick();
  scene.stop();
  await scene.bell.idle();
  scene.bell.kick();
  await scene.pass(60);
  assert.deepEqual(scene.rings, [0, 0]);
});

test('a stop while it looks at the store is a stop', async (t) => {
  const looked = Promise.withResolvers<boolean>();
  const scene = await setScene(t, { hasNews: () => looked.promise });
  await scene.pass(5);
  scene.stop();
  looked.resolve(true);
  await scene.pass(60);
  assert.deepEqual(scene.rings, [0]);
});

test('after a ring that took its time the bell rests twice as long, and rings once for all that came meanwhile', async (t) => {
  const scene = await setScene(t, { tookMs: 20 });
  for (let kicks = 0; kicks < 3; kicks += 1) {
    scene.bell.kick();
    await setImmediate();
  }
  assert.deepEqual(scene.rings, [0]);
  await scene.pass(0.25);
  assert.deepEqual(scene.rings, [0, 0.27]);
});

test('a rest after a ring does not hold up a stop', async (t) => {
  const scene = await setScene(t, { tookMs: 20 });
  scene.bell.kick();
  scene.stop();
  await scene.bell.idle();
  assert.deepEqual(scene.rings, [0]);
});

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
