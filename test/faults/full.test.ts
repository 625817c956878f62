// A disk that fills up under the running daemon, and is emptied again.
import assert from 'node:assert/strict';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { begin } from '../processes.ts';
import { setScene } from '../torture/scene.ts';
import { mountDisk } from './disk.ts';
import { until } from './until.ts';

/** Takes all the space there is. */
function fill(file: string): void {
  for (const bytes of [1 << 20, 1 << 16, 1 << 12]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(bytes));
    } catch (error) {
      assert.match(String(error), /ENOSPC/);
    }
  }
}

test('a disk that is full is told in the log, loses nothing that was committed, and the daemon goes on by itself when there is room', async (t: TestContext) => {
  using disk = mountDisk('16m');
  if (disk === undefined) return t.skip('this user may not mount a tmpfs');
  await using scene = await setScene({ TALKBELL_DATA: disk.folder });
  await using daemon = begin(process.execPath, ['src/talkbell.js', 'start'], {
    env: { ...scene.house.env, TALKBELL_DATA: disk.folder },
  });
  await until('a message', () => scene.sandbox.received().length > 0);
  const known = (await scene.withStore((store) => store.messages({ limit: 1000 }))).map(({ id }) => id);
  const ballast = join(disk.folder, 'ballast');
  fill(ballast);
  await daemon.says(/is full, so nothing can be saved/);
  rmSync(ballast);
  const before = scene.sandbox.received().length;
  await until('a message after there is room again', () => scene.sandbox.received().length > before);
  assert.equal(daemon.child.exitCode, null);
  const kept = new Set((await scene.withStore((store) => store.messages({ limit: 10_000 }))).map(({ id }) => id));
  assert.deepEqual(
    known.filter((id) => !kept.has(id)),
    [],
  );
  assert.deepEqual(await scene.withStore((store) => store.check()), []);
});
