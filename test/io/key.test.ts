// The key: read from the environment or its file, made once, never replaced.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '../../src/core/errors.ts';
import { loadKey } from '../../src/io/key.ts';
import { makeFolder } from './store-setup.ts';

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));

test('A key of 32 bytes is read in base64 and in hex', (t) => {
  const dataDir = makeFolder(t);
  for (const value of [
    BYTES.toString('base64'),
    BYTES.toString('hex'),
    ` ${BYTES.toString('base64')}\n`,
    BYTES.toString('base64url'),
  ]) {
    assert.deepEqual(loadKey({ value, dataDir, create: false }), BYTES, value);
  }
  assert.deepEqual(readdirSync(dataDir), []);
});

test('Anything else is refused with the command that makes one', (t) => {
  const dataDir = makeFolder(t);
  for (const value of ['secret', BYTES.subarray(1).toString('base64'), `${BYTES.toString('hex')}00`, '!'.repeat(44)]) {
    const refused = (error: unknown) =>
      error instanceof ConfigError && /openssl rand -base64 32/.test(error.message) && !error.message.includes(value);
    assert.throws(() => loadKey({ value, dataDir, create: true }), refused, value);
  }
  assert.deepEqual(readdirSync(dataDir), []);
});

test('The first start makes a key that only its user can read, and later starts find it', (t) => {
  const dataDir = join(makeFolder(t), 'data');
  const key = loadKey({ value: undefined, dataDir, create: true });
  assert.equal(key.length, 32);
  assert.equal(statSync(join(dataDir, 'key')).mode & 0o777, 0o600);
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(dataDir), ['key']);
  assert.deepEqual(loadKey({ value: '', dataDir, create: false }), key);
});

test('A key that is absent is not made unasked, and a broken file is not replaced', (t) => {
  const dataDir = makeFolder(t);
  assert.throws(() => loadKey({ value: undefined, dataDir, create: false }), ConfigError);
  assert.equal(existsSync(join(dataDir, 'key')), false);
  writeFileSync(join(dataDir, 'key'), 'half a k');
  assert.throws(() => loadKey({ value: undefined, dataDir, create: true }), /is not a key/);
});
