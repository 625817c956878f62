// Sealed secrets open with their key, for what they are about, and not otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '../../src/core/errors.ts';
import { seal, unseal } from '../../src/io/seal.ts';

const KEY = Buffer.alloc(32, 1);

function kind(expected: StoreError['kind'], message: RegExp) {
  return (error: unknown) => error instanceof StoreError && error.kind === expected && message.test(error.message);
}

test('What is sealed opens again and is never the same twice', () => {
  const one = seal(KEY, '비밀 token', 'account me, access');
  assert.equal(unseal(KEY, one, 'account me, access'), '비밀 token');
  assert.notDeepEqual(seal(KEY, '비밀 token', 'account me, access'), one);
  assert.equal(one.includes('token'), false);
});

test('Another key is named as what it is, with what to do', () => {
  const sealed = seal(KEY, 'token', 'account me, access');
  assert.throws(
    () => unseal(Buffer.alloc(32, 2), sealed, 'account me, access'),
    kind('key', /TALKBELL_KEY.*data\/key/),
  );
});

test('A value moved to another account or column does not open', () => {
  const sealed = seal(KEY, 'token', 'account me, access');
  assert.throws(
    () => unseal(KEY, sealed, 'account you, access'),
    kind('damaged', /account you, access does not open|for account you/),
  );
});

test('A changed byte anywhere does not open', () => {
  const sealed = seal(KEY, 'token', 'x');
  for (const at of sealed.keys()) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => unseal(KEY, changed, 'x'), StoreError, `byte ${at}`);
  }
  assert.throws(() => unseal(KEY, sealed.subarray(0, 20), 'x'), StoreError);
});
