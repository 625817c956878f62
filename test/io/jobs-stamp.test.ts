import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stampFolder } from '../../src/io/jobs-stamp.ts';

/** Long after anything here was written. */
const later = (): number => Date.now() + 60_000;

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-stamp-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'jobs'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('a folder that nobody touches keeps its stamp', (t) => {
  const folder = folderWith(t, { 'jobs/lunch.ts': '1', 'jobs/_helper.ts': '2' });
  assert.ok(stampFolder(join(folder, 'jobs'), later()));
  assert.equal(stampFolder(join(folder, 'jobs'), later()), stampFolder(join(folder, 'jobs'), later()));
});

test('a file that is added, rewritten to the same size, removed or renamed changes the stamp', async (t) => {
  const folder = folderWith(t, { 'jobs/lunch.ts': '1' });
  const jobs = join(folder, 'jobs');
  const stamps = [stampFolder(jobs, later())];
  const changes = [
    () => writeFileSync(join(jobs, 'dinner.ts'), '1'),
    () => writeFileSync(join(jobs, 'lunch.ts'), '2'),
    () => rmSync(join(jobs, 'dinner.ts')),
  ];
  for (const change of changes) {
    // The disk's clock ticks every few milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 20));
    change();
    stamps.push(stampFolder(jobs, later()));
  }
  assert.equal(new Set(stamps).size, changes.length + 1);
});

test('a change of the file that a link leads to changes the stamp', async (t) => {
  const folder = folderWith(t, { 'lunch.ts': '1' });
  symlinkSync(join(folder, 'lunch.ts'), join(folder, 'jobs', 'lunch.ts'));
  const before = stampFolder(join(folder, 'jobs'), later());
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(join(folder, 'lunch.ts'), '2');
  assert.ok(before);
  assert.notEqual(stampFolder(join(folder, 'jobs'), later()), before);
});

test('what was touched within the last second, a folder that is gone and a broken link have no stamp', (t) => {
  const folder = folderWith(t, { 'jobs/lunch.ts': '1' });
  assert.equal(stampFolder(join(folder, 'jobs'), Date.now()), undefined);
  assert.equal(stampFolder(join(folder, 'none'), later()), undefined);
  symlinkSync(join(folder, 'none'), join(folder, 'jobs', 'broken.ts'));
  assert.equal(stampFolder(join(folder, 'jobs'), later()), undefined);
});
