// The jobs folder while the daemon runs: files that come, change, break, heal and go.
import assert from 'node:assert/strict';
import fs, { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JobFile, Look } from '../../src/core/job.ts';
import type { Owner } from '../../src/core/owner.ts';
import { makeOwner } from '../../src/core/owner.ts';
import type { Channel, Store } from '../../src/core/ports.ts';
import type { JobSource } from '../../src/core/worker-protocol.ts';
import { type Library, type LibraryParts, openLibrary } from '../../src/io/library.ts';
import { openWorkers, type Workers } from '../../src/io/workers.ts';
import { HOUR, jobFile, makeFolder, makeStore, START } from './store-setup.ts';

const channel: Channel = { prepare: (saying) => [saying], batch: 1, deliver: async () => [] };
const channels = { 'kakao-memo': channel, 'kakao-friend': channel, webhook: channel, console: channel };

interface Scene {
  readonly dir: string;
  readonly kept: string;
  readonly store: Store;
  readonly library: Library;
  /** A library as the next start makes it. */
  readonly open: () => Library;
  /** How often files were loaded, each time by name. */
  readonly loads: string[];
  readonly clock: { now: number };
  readonly write: (file: string, text: string) => Promise<boolean>;
  readonly remove: (file: string) => Promise<boolean>;
  /** What the owner was told. */
  readonly heard: () => Promise<readonly string[]>;
  readonly errors: unknown[];
}

async function setScene(t: TestContext, workers: LibraryParts['workers'] = fakeWorkers): Promise<Scene> {
  const folder = makeFolder(t);
  const [dir, dataDir] = [join(folder, 'jobs'), join(folder, 'data')];
  mkdirSync(dir);
  const store = await makeStore(t);
  await store.saveRecipient({ name: 'owner', address: { channel: 'console' } }, START);
  const clock = { now: START };
  const [loads, errors]: [string[], unknown[]] = [[], []];
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (facts: object) => void errors.push(facts) };
  const now = (): number => clock.now;
  const owner: Owner = makeOwner({ store, channels, owner: ['owner'], now, log, onMessage: () => {} });
  const counted = {
    ...workers,
    load: (sources: readonly JobSource[]) => {
      loads.push(sources.map(({ file }) => file).join(' '));
      return workers.load(sources);
    },
  };
  const open = (): Library =>
    openLibrary({ config: { dataDir, jobsDir: dir }, store, workers: counted, owner, now, log });
  const library = open();
  const heard = async (): Promise<readonly string[]> =>
    (await store.messages({ limit: 100 }))
      .toSorted((one, other) => one.id - other.id)
      .map(({ saying }) => (saying.kind === 'text' ? saying.text : ''));
  return {
    dir,
    kept: join(dataDir, 'jobs'),
    store,
    library,
    open,
    loads,
    clock,
    heard,
    errors,
    write: (file, text) => {
      writeFileSync(join(dir, file), text);
      return library.refresh();
    },
    remove: (file) => {
      rmSync(join(dir, file));
      return library.refresh();
    },
  };
}

/** Takes a file for what its text says: `broken`, `unset`, or the cron line of a job, perhaps with an id before it. */
const fakeWorkers: LibraryParts['workers'] = {
  load: async (sources) => sources.map(loadFake),
  expect: () => {},
};

function loadFake({ file, path, hash }: JobSource): JobFile {
  const text = readFileSync(path, 'utf8');
  if (text === 'broken') return { kind: 'broken', file, hash, problems: [`jobs/${file} does not load.`] };
  if (text === 'unset') return { kind: 'unset', file, hash, settings: ['URL'] };
  const [, id = file.replace(/\..*$/, ''), cron = ''] = /^(?:id (\S+) )?(.*)$/.exec(text) ?? [];
  return { ...jobFile(id, { main: cron }, file), hash };
}

const lunch = '20 11 * * *';

async function lines({ store }: Scene): Promise<readonly string[]> {
  return (await store.slots()).map(({ job, cron }) => `${job} ${cron}`);
}

test('files that are added, changed and removed are taken up; a folder that is as it was is not loaded again', async (t) => {
  const scene = await setScene(t);
  await scene.library.begin();
  assert.deepEqual([scene.loads, await lines(scene)], [[], []]);
  assert.equal(await scene.write('lunch.ts', lunch), true);
  assert.equal(await scene.write('board.ts', '0 * * * *'), true);
  assert.deepEqual(await lines(scene), ['board 0 * * * *', 'lunch 20 11 * * *']);
  assert.equal(await scene.library.refresh(), false);
  scene.clock.now += HOUR;
  assert.equal(await scene.write('lunch.ts', '30 11 * * *'), true);
  assert.deepEqual(await lines(scene), ['board 0 * * * *', 'lunch 30 11 * * *']);
  assert.equal((await scene.store.slots()).find(({ job }) => job === 'lunch')?.cursor, START + HOUR);
  assert.equal(await scene.remove('board.ts'), true);
  assert.deepEqual(await lines(scene), ['lunch 30 11 * * *']);
  assert.deepEqual(scene.loads, ['lunch.ts', 'board.ts lunch.ts', 'board.ts lunch.ts', 'lunch.ts']);
  assert.deepEqual(await scene.heard(), []);
});

test('a start that knows every file as it is schedules at once and loads no worker', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', lunch);
  await scene.write('board.ts', '0 * * * *');
  scene.loads.length = 0;
  const next = scene.open();
  await next.begin();
  assert.deepEqual(scene.loads, []);
  assert.deepEqual(await lines(scene), ['board 0 * * * *', 'lunch 20 11 * * *']);
  const [job] = (await scene.store.jobs()).filter(({ id }) => id === 'lunch');
  assert.ok(job);
  assert.equal(next.sourceOf(job).path, join(scene.dir, 'lunch.ts'));
  await next.refresh();
  assert.deepEqual(scene.loads, ['board.ts lunch.ts'], 'it is verified after');
});

test('a start with a file that changed, broke or lacked its settings loads them all', async (t) => {
  for (const [before, now] of [
    [lunch, '30 11 * * *'],
    ['broken', 'broken'],
    ['unset', 'unset'],
  ] as const) {
    const scene = await setScene(t);
    await scene.write('lunch.ts', before);
    scene.loads.length = 0;
    writeFileSync(join(scene.dir, 'lunch.ts'), now);
    await scene.open().begin();
    assert.deepEqual(scene.loads, ['lunch.ts'], now);
  }
});

test('a file that went away while talkbell was down leaves the schedule at the start', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', lunch);
  await scene.write('board.ts', '0 * * * *');
  rmSync(join(scene.dir, 'board.ts'));
  await scene.open().begin();
  assert.deepEqual(await lines(scene), ['lunch 20 11 * * *']);
  assert.deepEqual(readdirSync(scene.kept), ['lunch.ts']);
});

test('of two files with one id the later by name does not load, and the owner hears which two', async (t) => {
  const scene = await setScene(t);
  await scene.write('b.ts', `id menu ${lunch}`);
  await scene.write('c.ts', 'id menu 30 11 * * *');
  assert.deepEqual(await lines(scene), ['menu 20 11 * * *']);
  assert.deepEqual(await scene.heard(), [
    '⚠ jobs/c.ts: the id "menu" is that of jobs/b.ts already. Give one of them another id. It does not run.',
  ]);
  await scene.write('c.ts', 'id other 30 11 * * *');
  assert.deepEqual(await lines(scene), ['menu 20 11 * * *', 'other 30 11 * * *']);
  assert.equal((await scene.heard()).at(-1), '✓ jobs/c.ts loads again.');
});

test('a broken edit keeps the last good version, and is told once, and once more when it is mended', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', lunch);
  await scene.write('lunch.ts', 'broken');
  await scene.write('_helper.ts', 'changes every hash');
  await scene.open().begin();
  assert.deepEqual(await lines(scene), ['lunch 20 11 * * *']);
  assert.equal(readFileSync(join(scene.kept, 'lunch.ts'), 'utf8'), lunch);
  assert.deepEqual(await scene.heard(), ['⚠ jobs/lunch.ts does not load. The last good version goes on.']);
  await scene.write('lunch.ts', '30 11 * * *');
  assert.equal((await scene.heard()).at(-1), '✓ jobs/lunch.ts loads again.');
  assert.equal(readFileSync(join(scene.kept, 'lunch.ts'), 'utf8'), '30 11 * * *');
});

test('a file that never loaded does not run, and is forgotten when it is removed, its alert too', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', 'broken');
  assert.deepEqual(await scene.heard(), ['⚠ jobs/lunch.ts does not load. It does not run.']);
  await scene.remove('lunch.ts');
  assert.deepEqual(await scene.store.alerts(), []);
  assert.equal((await scene.heard()).at(-1), '✓ jobs/lunch.ts is no longer there.');
});

test('what was wrong with a job is over when the job is gone', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', lunch);
  await scene.write('board.ts', lunch);
  for (const job of ['lunch', 'board']) {
    await scene.store.openAlert(`job:${job}/main`, 'It failed.', START);
    await scene.store.markTold([`job:${job}/main`], START);
  }
  await scene.remove('lunch.ts');
  assert.deepEqual(
    (await scene.store.alerts()).map(({ key }) => key),
    ['job:board/main'],
  );
  assert.deepEqual(await scene.heard(), ['✓ lunch/main is no longer due.']);
});

test('a job without its settings is neither told nor due', async (t) => {
  const scene = await setScene(t);
  await scene.write('meal.ts', 'unset');
  assert.deepEqual([await lines(scene), await scene.heard(), await scene.store.alerts()], [[], [], []]);
  assert.deepEqual((await scene.store.jobs())[0]?.unset, ['URL']);
  await scene.write('meal.ts', lunch);
  assert.deepEqual([await lines(scene), await scene.heard()], [['meal 20 11 * * *'], []]);
});

test('the copy of a removed job does not come back for another file of its name', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', lunch);
  await scene.remove('lunch.ts');
  assert.deepEqual(readdirSync(scene.kept), []);
  await scene.write('lunch.ts', 'broken');
  assert.deepEqual(await lines(scene), []);
  assert.deepEqual(await scene.heard(), ['⚠ jobs/lunch.ts does not load. It does not run.']);
  scene.clock.now += HOUR;
  await scene.write('lunch.ts', lunch);
  assert.deepEqual(await lines(scene), ['lunch 20 11 * * *']);
  assert.equal((await scene.store.slots())[0]?.cursor, START + HOUR);
  assert.deepEqual(
    (await scene.store.jobs()).map(({ id }) => id),
    ['lunch'],
  );
});

test('a file that is saved again while it loads is not taken for the version that loaded', async (t) => {
  const scene = await setScene(t, {
    ...fakeWorkers,
    load: async (sources) => {
      const files = sources.map(loadFake);
      writeFileSync(sources[0]?.path ?? '', 'broken');
      return files;
    },
  });
  await scene.write('lunch.ts', lunch);
  assert.deepEqual(readdirSync(scene.kept), []);
});

test('a copy is kept from others, whatever the file allows', async (t) => {
  const scene = await setScene(t);
  writeFileSync(join(scene.dir, 'lunch.ts'), lunch, { mode: 0o444 });
  await scene.library.refresh();
  assert.equal(statSync(join(scene.kept, 'lunch.ts')).mode & 0o777, 0o600);
});

test('a folder that could not be taken up is taken up the next time, though it has not changed', async (t) => {
  const state = { fails: true };
  const scene = await setScene(t, {
    ...fakeWorkers,
    load: async (sources) => {
      if (state.fails) throw new Error('no worker could be started');
      return fakeWorkers.load(sources);
    },
  });
  await assert.rejects(scene.write('lunch.ts', lunch), /no worker/);
  state.fails = false;
  assert.equal(await scene.library.refresh(), true);
  assert.deepEqual(await lines(scene), ['lunch 20 11 * * *']);
});

test('while it is followed, a file saved by writing beside it and renaming is taken up', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', lunch);
  const controller = new AbortController();
  t.after(() => controller.abort());
  const changes = { count: 0, next: Promise.withResolvers<void>() };
  scene.library.follow(() => {
    changes.count += 1;
    changes.next.resolve();
  }, controller.signal);
  writeFileSync(join(scene.dir, '.lunch.ts.swp'), 'half');
  writeFileSync(join(scene.dir, '.lunch.ts.new'), '30 11 * * *');
  renameSync(join(scene.dir, '.lunch.ts.new'), join(scene.dir, 'lunch.ts'));
  await changes.next.promise;
  assert.deepEqual(await lines(scene), ['lunch 30 11 * * *']);

  changes.next = Promise.withResolvers<void>();
  renameSync(join(scene.dir, 'lunch.ts'), join(scene.dir, 'lunch.ts~'));
  writeFileSync(join(scene.dir, 'lunch.ts'), '40 11 * * *');
  await changes.next.promise;
  assert.deepEqual(await lines(scene), ['lunch 40 11 * * *']);
  assert.deepEqual([changes.count, scene.errors], [2, []]);
  assert.equal(scene.loads.length, 3);
});

test('a folder that tells no changes is read every 30 seconds', async (t) => {
  const scene = await setScene(t);
  await scene.write('lunch.ts', lunch);
  t.mock.method(fs, 'watch', () => {
    throw new Error('ENOSPC: System limit for number of file watchers reached');
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  t.mock.timers.enable({ apis: ['setInterval'] });
  const controller = new AbortController();
  t.after(() => controller.abort());
  const changed = Promise.withResolvers<void>();
  scene.library.follow(changed.resolve, controller.signal);
  writeFileSync(join(scene.dir, 'lunch.ts'), '30 11 * * *');
  t.mock.timers.tick(30_000);
  await changed.promise;
  assert.deepEqual(await lines(scene), ['lunch 30 11 * * *']);
});

/** With real workers: what runs, not only what is listed. */
async function textOf({ store, library }: Scene, workers: Workers): Promise<string> {
  const [job] = await store.jobs();
  assert.ok(job);
  const run = { job: job.id, slot: 'main', due: START, at: START, timezone: 'Asia/Seoul', manual: false, look: 1 };
  const task = { source: library.sourceOf(job), run, timeLimitMs: 20_000, watches: false, validators: [] };
  const look: Look = await workers.look(task);
  const saying = look.kind === 'done' ? look.sayings[0] : undefined;
  return saying?.kind === 'text' ? saying.text : JSON.stringify(look);
}

test('a broken edit runs on as the last good version in a real worker, also after a restart, until it is mended', async (t) => {
  const workers = openWorkers({
    env: { PATH: process.env['PATH'] },
    timezone: 'Asia/Seoul',
    heapMb: 96,
    memoryMb: 400,
    importMs: 5000,
    idleMs: 60_000,
    onOutput: () => {},
    onSecrets: () => {},
    onStart: () => {},
  });
  t.after(() => workers.close());
  const jobOf = (text: string): string => `import { defineJob } from 'talkbell';
    export default defineJob({ schedule: '20 11 * * *', to: 'me', fetch: () => 1, extract: () => [{ n: 1 }], render: () => '${text}' });`;
  const scene = await setScene(t, workers);
  await scene.write('lunch.ts', jobOf('밥'));
  assert.equal(await textOf(scene, workers), '밥');
  await scene.write('lunch.ts', 'export default {{');
  assert.equal(await textOf(scene, workers), '밥');
  const restarted = { ...scene, library: scene.open() };
  await restarted.library.begin();
  assert.equal(await textOf(restarted, workers), '밥');
  await scene.write('lunch.ts', jobOf('국'));
  assert.equal(await textOf(scene, workers), '국');
});
