// One daemon on one data folder, whatever becomes of the one before.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { claimData } from '../../src/engine.ts';
import { type Holder, takeLock } from '../../src/io/lock.ts';
import { makeFolder } from './store-setup.ts';

const LOCK = join(import.meta.dirname, '../../src/io/lock.ts');

test('A lock has one holder, who is named, until it is released', (t) => {
  const folder = makeFolder(t);
  const first = takeLock(folder);
  assert.ok('release' in first);
  const second = takeLock(folder);
  assert.ok('heldBy' in second);
  assert.match(second.heldBy, new RegExp(`process ${process.pid} on`));
  first.release();
  first.release();
  const third = takeLock(folder);
  assert.ok('release' in third);
  third.release();
  assert.equal(statSync(join(folder, 'lock.db')).mode & 0o777, 0o600);
});

/** A process that holds the lock until it is killed. */
async function spawnHolder(t: TestContext, folder: string, holder: Holder): Promise<ChildProcess> {
  const script = `import { takeLock } from ${JSON.stringify(LOCK)};
    takeLock(${JSON.stringify(folder)}, ${JSON.stringify(holder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

/** What a daemon leaves that is killed, and a command that has the lock and has not written its note yet. */
async function holdBesideOldNote(t: TestContext, folder: string): Promise<{ readonly release: () => void }> {
  const child = await spawnHolder(t, folder, 'daemon');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.match(readFileSync(join(folder, 'lock.txt'), 'utf8'), /^daemon, process/);
  const db = new Database(join(folder, 'lock.db'), { timeout: 0 });
  t.after(() => db.close());
  db.exec('BEGIN EXCLUSIVE');
  return { release: () => db.exec('ROLLBACK') };
}

test('A note that a killed daemon left says nothing of who holds the lock now', async (t) => {
  const folder = makeFolder(t);
  const { release } = await holdBesideOldNote(t, folder);
  assert.deepEqual(takeLock(folder), { heldBy: 'another process', holder: undefined });
  const note = readFileSync(join(folder, 'lock.txt'), 'utf8');
  writeFileSync(join(folder, 'lock.txt'), note.replace(/process \d+/, `process ${process.pid}`));
  assert.deepEqual(
    takeLock(folder),
    { heldBy: 'another process', holder: undefined },
    'its pid is that of another now',
  );
  writeFileSync(join(folder, 'lock.txt'), 'daem');
  assert.deepEqual(takeLock(folder), { heldBy: 'another process', holder: undefined }, 'half a note');
  release();
});

test('A daemon that starts waits for a command that has not written its note over that of a killed daemon', async (t) => {
  const folder = makeFolder(t);
  const { release } = await holdBesideOldNote(t, folder);
  const claimed = claimData({ dataDir: folder, timezone: 'Asia/Seoul' }, AbortSignal.timeout(10_000));
  release();
  (await claimed)();
});

test('A note of another machine is believed once two glances agree', async (t) => {
  const folder = makeFolder(t);
  const { release } = await holdBesideOldNote(t, folder);
  const note = join(folder, 'lock.txt');
  writeFileSync(note, 'daemon, process 1 on elsewhere, started 2026-11-20T02:00:00.000Z\n77\n');
  assert.deepEqual(takeLock(folder), {
    heldBy: 'daemon, process 1 on elsewhere, started 2026-11-20T02:00:00.000Z',
    holder: 'daemon',
  });
  const config = { dataDir: folder, timezone: 'Asia/Seoul' };
  const claimed = claimData(config, AbortSignal.timeout(10_000));
  writeFileSync(note, 'command, process 1 on elsewhere, started 2026-11-20T02:00:00.000Z\n77\n');
  release();
  (await claimed)();
  const lock = takeLock(folder);
  assert.ok('release' in lock);
  writeFileSync(note, 'daemon, process 1 on elsewhere, started 2026-11-20T02:00:00.000Z\n77\n');
  await assert.rejects(
    claimData(config, AbortSignal.timeout(10_000)),
    /Another talkbell works on .* \(daemon, process 1 on elsewhere, started 2026-11-20 11:00\)/,
  );
  lock.release();
});

test('A killed process frees its lock at once', async (t) => {
  const folder = makeFolder(t);
  const child = await spawnHolder(t, folder, 'command');
  const refused = takeLock(folder);
  assert.ok('heldBy' in refused);
  assert.match(refused.heldBy, new RegExp(`process ${child.pid} on`));

  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = takeLock(folder);
  assert.ok('release' in lock);
  lock.release();
});
