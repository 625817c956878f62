// A checkout that was updated while its daemon of before still runs: commands must not change the store below it.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Database from 'better-sqlite3';
import { takeLock } from '../../src/io/lock.ts';
import { openSql } from '../../src/io/store-database.ts';
import { MIGRATIONS, migrate } from '../../src/io/store-schema.ts';
import { type CliStage, openCliStage } from './stage.ts';

let stage: CliStage;
before(async () => {
  stage = await openCliStage();
});
after(() => stage.close());

const versionOf = (file: string): unknown => {
  const db = new Database(file, { readonly: true });
  const version = db.pragma('user_version', { simple: true });
  db.close();
  return version;
};

test('a command waits for the restart of an older daemon, and changes the store once that is done', async () => {
  mkdirSync(stage.dataDir, { recursive: true });
  const file = join(stage.dataDir, 'talkbell.db');
  writeFileSync(join(stage.dataDir, 'key'), Buffer.alloc(32, 1).toString('base64'), { mode: 0o600 });
  const sql = await openSql(file, { keyring: [Buffer.alloc(32, 1)] });
  await migrate(sql, () => undefined, MIGRATIONS.slice(0, 1));
  sql.db.close();

  const lock = takeLock(stage.dataDir, 'daemon');
  assert.ok('release' in lock);
  const refused = await stage.cli('history');
  assert.equal(refused.code, 1);
  assert.match(refused.err, /is an older talkbell than this command.*Restart it first: npx pm2 reload talkbell/s);
  assert.equal(versionOf(file), 1);
  lock.release();

  const done = await stage.cli('history');
  assert.equal(done.code, 0, done.err);
  assert.equal(versionOf(file), MIGRATIONS.length);
  assert.ok(readdirSync(join(stage.dataDir, 'backups')).length > 0);
});
