// Which cookies the next look goes on with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure, Look } from '../../src/core/job.ts';
import { cookiesAfter, sessionsIn } from '../../src/core/kept-cookies.ts';

const UNCHANGED: Look = { kind: 'unchanged' };
const failed = (failure: Partial<Failure>): Look => ({
  kind: 'failed',
  failure: { kind: 'code', message: 'no', ...failure },
});

test('a look hands on its cookies if they are others than before', () => {
  assert.equal(cookiesAfter(UNCHANGED, { keeps: true, before: undefined, now: '[1]' }), '[1]');
  assert.equal(cookiesAfter(UNCHANGED, { keeps: true, before: '[1]', now: '[1]' }), undefined);
  assert.equal(cookiesAfter(UNCHANGED, { keeps: true, before: undefined, now: '[]' }), undefined);
  assert.equal(cookiesAfter(UNCHANGED, { keeps: true, before: '[1]', now: undefined }), undefined);
});

test('a job that does not keep cookies has none, and forgets those it kept before', () => {
  assert.equal(cookiesAfter(UNCHANGED, { keeps: false, before: undefined, now: '[1]' }), undefined);
  assert.equal(cookiesAfter(UNCHANGED, { keeps: false, before: '[1]', now: '[2]' }), '[]');
});

test('a look that may have failed for its session forgets it', () => {
  const cookies = { keeps: true, before: '[1]', now: '[2]' };
  for (const failure of [
    { kind: 'fetch', step: 'fetch', status: 403 },
    { kind: 'extract', step: 'extract' },
    { kind: 'code', step: 'fetch' },
  ] as const) {
    assert.equal(cookiesAfter(failed(failure), cookies), '[]', JSON.stringify(failure));
  }
});

test('a look that failed for something else keeps it', () => {
  const cookies = { keeps: true, before: '[1]', now: '[2]' };
  for (const failure of [
    { kind: 'fetch', step: 'fetch' },
    { kind: 'fetch', step: 'fetch', status: 503 },
    { kind: 'fetch', step: 'fetch', status: 429 },
    { kind: 'message', step: 'render' },
    { kind: 'code', step: 'render' },
  ] as const) {
    assert.equal(cookiesAfter(failed(failure), cookies), '[2]', JSON.stringify(failure));
  }
});

test('of a jar the sessions are secrets, and settings are not', () => {
  const jar = JSON.stringify(
    ['ko-KR', 'Asia/Seoul', '20261120112000', 'A1"b2\\c3d4e5f6', 'eyJhbGciOiJIUzI1NiJ9.e30'].map((value) => ({
      key: 'k',
      value,
    })),
  );
  assert.deepEqual(sessionsIn(jar), ['A1"b2\\c3d4e5f6', 'eyJhbGciOiJIUzI1NiJ9.e30']);
  assert.deepEqual(sessionsIn(''), []);
});
