// The parts of undici that are loaded by themselves are those its entry gives: an update that moves them shows here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as undici from 'undici';
import { loadUndici } from '../../src/io/http-undici.ts';

test('the parts of undici that are loaded by themselves are those of its entry', async () => {
  const parts = await loadUndici();
  assert.equal(parts.Agent, undici.Agent);
  assert.equal(parts.buildConnector, undici.buildConnector);
});
