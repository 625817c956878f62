// What a run says of itself in words: its cause once, whoever says it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonOf } from '../../src/cli/run-view.ts';

test('why a run came to nothing is told with its cause, and the cause only once', () => {
  const waits = { cause: 'stale', reason: 'still the old page: it shows 11.19' } as const;
  assert.equal(reasonOf(waits), 'still the old page: it shows 11.19');
  assert.equal(reasonOf({ cause: 'closed', reason: 'closed: 방학' }), 'closed: 방학');
  const missing = { cause: 'stale', reason: 'the table has no column "2026-11-23".' } as const;
  assert.equal(reasonOf(missing), 'still the old page: the table has no column "2026-11-23".');
  assert.equal(reasonOf({ cause: 'changed-shape', reason: 'no .menu' }), 'changed shape: no .menu');
  assert.equal(reasonOf({ cause: undefined, reason: 'told 3 of 3' }), 'told 3 of 3');
});
