// SIGTERM in the middle of each step: the daemon ends with 0 in good time, no refresh is cut off, and what was under way
// has its end or is taken up by the next start.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MessageRow } from '../../src/core/ports.ts';
import { begin } from '../processes.ts';
import { type Scene, setScene } from '../torture/scene.ts';
import { until } from './until.ts';

const KILL_TIMEOUT_MS = 15_000;
const SLOW_MS = 1500;

const startDaemon = ({ house }: Scene) => begin(process.execPath, ['src/talkbell.js', 'start'], house);

const messagesOf = (scene: Scene): Promise<readonly MessageRow[]> =>
  scene.withStore((store) => store.messages({ limit: 1000 }));

interface Stopped {
  readonly scene: Scene;
  readonly path: string;
}

/** Stops the daemon while a request that the sandbox answers late is under way. */
async function stopDuring({ scene, path }: Stopped): Promise<void> {
  scene.sandbox.fault({ path, kind: 'slow', delayMs: SLOW_MS, times: 1 });
  await using daemon = startDaemon(scene);
  const isAsked = (): boolean => scene.sandbox.requests().some(({ fault }) => fault === 'slow');
  await until(`a call of ${path}`, isAsked);
  const begun = Date.now();
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.ended, 0, daemon.output());
  assert.ok(Date.now() - begun < KILL_TIMEOUT_MS);
  assert.doesNotMatch(daemon.output(), /"level":50/);
}

test('a stop while Kakao takes a message waits for its answer', async () => {
  await using scene = await setScene();
  await stopDuring({ scene, path: '/memo/' });
  const rows = (await messagesOf(scene)).filter(({ state }) => state === 'sending' || state === 'unclear');
  assert.deepEqual(rows, []);
});

test('a stop during the refresh of a token waits for it, and the new token is on disk', async () => {
  await using scene = await setScene();
  scene.expireAccess();
  await stopDuring({ scene, path: '/oauth/token' });
  const intents = await scene.withStore(async (store) =>
    Promise.all((await store.accounts()).map(async ({ name }) => (await store.tokens(name))?.intent)),
  );
  assert.deepEqual(intents, [undefined, undefined]);
  await using daemon = startDaemon(scene);
  const before = scene.sandbox.received().length;
  await until('a message', () => scene.sandbox.received().length > before);
  assert.doesNotMatch(daemon.output(), /needs a login/);
});

test('a stop during a look leaves the look to the next start, and counts it as no failure', async () => {
  await using scene = await setScene();
  const flag = join(scene.house.folder, 'looked');
  writeFileSync(
    join(scene.house.jobs, 'slow.ts'),
    `import { existsSync, writeFileSync } from 'node:fs';
import { defineJob } from 'talkbell';
const flag = ${JSON.stringify(flag)};
export default defineJob({
  schedule: '* * * * * *', to: 'hook',
  fetch: () => {
    if (existsSync(flag)) return 1;
    writeFileSync(flag, '');
    return new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  extract: () => [{ n: 1 }], render: () => 'slow',
});`,
  );
  const runs = () => scene.withStore((store) => store.runs({ job: 'slow', limit: 1000 }));
  {
    await using daemon = startDaemon(scene);
    await until('the look', () => existsSync(flag));
    const begun = Date.now();
    daemon.child.kill('SIGTERM');
    assert.equal(await daemon.ended, 0, daemon.output());
    assert.ok(Date.now() - begun < KILL_TIMEOUT_MS);
  }
  const left = (await runs()).filter(({ outcome }) => outcome === undefined);
  assert.equal(left.length, 1);
  await using daemon = startDaemon(scene);
  await daemon.says('talkbell runs');
  await until('the end of that run', async () =>
    (await runs()).some(({ id, state }) => id === left[0]?.id && state === 'done'),
  );
  const ended = (await runs()).find(({ id }) => id === left[0]?.id);
  assert.ok(ended?.outcome === 'told' || ended?.outcome === 'coalesced', `${ended?.outcome}: ${ended?.reason}`);
});
