// A database that can be written no more while the daemon runs: protected for a while, or on a disk that the kernel has
// given up. SQLite's index is mapped memory, so on such a disk the kernel may end the daemon (SIGBUS); pm2 starts it again.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { begin, type Running } from '../processes.ts';
import { type Scene, setScene } from '../torture/scene.ts';
import { mountBlockDisk } from './disk.ts';
import { until } from './until.ts';

const NO_DISK = 'this user may not mount an ext4 image on a loop device, or the kernel has no trigger_fs_error';
/** Not the index beside them, which is mapped memory: whoever writes to that is ended by the kernel. */
const WRITTEN = ['talkbell.db', 'talkbell.db-wal'];
const CANNOT =
  /"message":"\S+talkbell\.db cannot be written \(SQLITE_IOERR_WRITE: [^"]*on a disk that is not read-only\./;

function startOn(scene: Scene, folder: string): Running {
  return begin(process.execPath, ['src/talkbell.js', 'start'], { env: { ...scene.house.env, TALKBELL_DATA: folder } });
}

async function anotherMessage(scene: Scene): Promise<void> {
  const before = scene.sandbox.received().length;
  await until('another message', () => scene.sandbox.received().length > before);
}

const messageIds = (scene: Scene): Promise<readonly number[]> =>
  scene.withStore(async (store) => (await store.messages({ limit: 10_000 })).map(({ id }) => id));

async function assertWhole(scene: Scene, known: readonly number[]): Promise<void> {
  const kept = new Set(await messageIds(scene));
  assert.ok(known.length > 0);
  assert.deepEqual(
    known.filter((id) => !kept.has(id)),
    [],
  );
  assert.deepEqual(await scene.withStore((store) => store.check()), []);
}

test('a database that becomes read-only is told in the log, loses nothing that was committed, and the daemon goes on by itself when it can be written again', async (t: TestContext) => {
  using disk = mountBlockDisk('48M');
  if (disk === undefined) return t.skip(NO_DISK);
  await using scene = await setScene({ TALKBELL_DATA: disk.folder });
  await using daemon = startOn(scene, disk.folder);
  await anotherMessage(scene);
  const known = await messageIds(scene);
  disk.protect(true, WRITTEN);
  await daemon.says(CANNOT);
  disk.protect(false, WRITTEN);
  await anotherMessage(scene);
  assert.equal(daemon.child.exitCode, null);
  await assertWhole(scene, known);
});

test('on a disk that the kernel gives up the daemon says so or is ended, no other starts, and once it is mended all that was committed is there', async (t: TestContext) => {
  using disk = mountBlockDisk('48M');
  if (disk === undefined) return t.skip(NO_DISK);
  await using scene = await setScene({ TALKBELL_DATA: disk.folder });
  const daemon = startOn(scene, disk.folder);
  await anotherMessage(scene);
  const known = await messageIds(scene);
  disk.fail();
  const isTold = await daemon.says(CANNOT).then(
    () => true,
    () => false,
  );
  if (isTold) daemon.child.kill('SIGTERM');
  const end = await daemon.ended;
  assert.ok(isTold || end === 'SIGBUS', `${end}: ${daemon.output()}`);
  const tried = startOn(scene, disk.folder);
  assert.equal(await tried.ended, 1);
  assert.match(tried.output(), /cannot be written .*on a disk that is not read-only/);
  disk.mend();
  await using next = startOn(scene, disk.folder);
  await anotherMessage(scene);
  await assertWhole(scene, known);
  assert.equal(next.child.exitCode, null);
});
