// Folders are made for one user, and where none can be made that is said at once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../src/io/folder.ts';

test('a folder and those above it are made for this user alone, and one that is there is left', () => {
  const base = mkdtempSync(join(tmpdir(), 'talkbell-folder-'));
  const folder = join(base, 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  assert.equal(statSync(join(base, 'a')).mode & 0o777, 0o700);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  rmSync(base, { recursive: true });
});

test('a folder that cannot be made is an error at once: below /proc, below a file', () => {
  const base = mkdtempSync(join(tmpdir(), 'talkbell-folder-'));
  writeFileSync(join(base, 'file'), '');
  assert.throws(() => makeFolder('/proc/talkbell/x'), /The folder \/proc\/talkbell\/x cannot be made/);
  assert.throws(() => makeFolder(join(base, 'file', 'x')), /cannot be made \(ENOTDIR\)/);
  rmSync(base, { recursive: true });
});
