// One daemon on one data folder, whatever becomes of the one before.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { takeLock } from '../../src/io/lock.ts';
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

test('A killed process frees its lock at once', async (t) => {
  const folder = makeFolder(t);
  const script = `import { takeLock } from ${JSON.stringify(LOCK)};
    takeLock(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const refused = takeLock(folder);
  assert.ok('heldBy' in refused);
  assert.match(refused.heldBy, new RegExp(`process ${child.pid} on`));

  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = takeLock(folder);
  assert.ok('release' in lock);
  lock.release();
});
