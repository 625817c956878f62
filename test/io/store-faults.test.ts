// Kills, locks, full and read-only disks.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { StoreError } from '../../src/core/errors.ts';
import { openStore } from '../../src/io/store.ts';
import { KEY, makeFolder, makeStore, message, START } from './store-setup.ts';

const STORE = JSON.stringify(join(import.meta.dirname, '../../src/io/store.ts'));
const now = () => START;

function kind(expected: StoreError['kind'], message = /./) {
  return (error: unknown) => error instanceof StoreError && error.kind === expected && message.test(error.message);
}

function runScript(t: TestContext, script: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** A small disk of its own, or undefined where this user may not mount one. */
function mountSmallDisk(t: TestContext, size: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0;
  t.after(() => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  if (!mounted) t.skip('this user may not mount a tmpfs');
  return mounted ? folder : undefined;
}

test('What was acknowledged before kill -9 is there afterwards, and the file is whole', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  for (const round of [1, 2, 3]) {
    const child = runScript(
      t,
      `import { openStore } from ${STORE};
       const store = await openStore({ file: ${JSON.stringify(file)}, key: Buffer.alloc(32, 7), now: () => ${START} });
       const message = ${JSON.stringify(message())};
       for (;;) console.log((await store.addMessages([message], 'round ${round}', ${START}))[0]);`,
    );
    const acknowledged: number[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      acknowledged.push(Number(line));
      if (acknowledged.length === 100 + round * 7) child.kill('SIGKILL');
    });
    await Promise.all([once(child, 'exit'), once(lines, 'close')]);

    const store = await openStore({ file, key: KEY, now });
    assert.deepEqual(await store.check(), []);
    const ids = new Set((await store.messages({ limit: 100_000 })).map(({ id }) => id));
    assert.deepEqual(
      acknowledged.filter((id) => !ids.has(id)),
      [],
    );
    assert.equal((await store.countMessages()).pending, ids.size);
    await store.close();
  }
});

test('A lock held by another process for seconds delays a write and not the event loop', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await makeStore(t, { file });
  const child = runScript(
    t,
    `import Database from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
     const db = new Database(${JSON.stringify(file)});
     db.exec('begin immediate'); console.log('locked');
     setTimeout(() => { db.exec('commit'); db.close(); }, 2000);`,
  );
  await once(child.stdout, 'data');

  const gaps: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    gaps.push(performance.now() - last);
    last = performance.now();
  }, 10);
  const began = performance.now();
  const writes = [1, 2, 3, 4].map((at) => store.touchClock(START + at));
  assert.deepEqual(await store.jobs(), [], 'reads go on meanwhile');
  await Promise.all(writes);
  clearInterval(timer);
  assert.ok(performance.now() - began > 1_000, 'the lock was held');
  assert.ok(gaps.length >= 5, `${gaps.length} ticks`);
  assert.ok(Math.max(...gaps) < 1_000, `a stall of ${Math.max(...gaps)} ms`);
});

test('A lock that does not end becomes an error that says so', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const store = await makeStore(t, { file, lockPatienceMs: 300 });
  const other = new Database(file);
  t.after(() => other.close());
  other.exec('begin immediate');
  await assert.rejects(store.tryWrite(), kind('locked', /locked by another process/));
  other.exec('rollback');
  await store.tryWrite();
});

test('A full disk takes no write, loses nothing, and works again when there is room', async (t) => {
  const folder = mountSmallDisk(t, '2m');
  if (folder === undefined) return;
  const file = join(folder, 'talkbell.db');
  const store = await makeStore(t, { file });
  const written: number[] = [];
  const big = message({ saying: { kind: 'text', text: 'x'.repeat(50_000) } });
  const fill = async () => {
    for (;;) written.push(...(await store.addMessages([big], 'x', START)));
  };
  await assert.rejects(fill(), kind('full', /Free some space/));
  await assert.rejects(store.tryWrite(), kind('full'));
  assert.equal((await store.messages({ limit: 1_000 })).length, written.length);
  await store.close();

  const reopened = await openStore({ file, key: KEY, now }).catch((error: unknown) => error);
  if (reopened instanceof Error) assert.ok(kind('full')(reopened), String(reopened));
  else await (reopened as typeof store).close();

  spawnSync('mount', ['-o', 'remount,size=8m', folder]);
  const again = await openStore({ file, key: KEY, now });
  t.after(() => again.close());
  await again.tryWrite();
  assert.deepEqual(await again.check(), []);
  assert.equal((await again.messages({ limit: 1_000 })).length, written.length);
});

test('A read-only disk is refused as what it is', async (t) => {
  const folder = mountSmallDisk(t, '4m');
  if (folder === undefined) return;
  const file = join(folder, 'talkbell.db');
  await (await openStore({ file, key: KEY, now })).close();
  spawnSync('mount', ['-o', 'remount,ro', folder]);
  await assert.rejects(openStore({ file, key: KEY, now }), kind('readonly', /read-only/));
});
