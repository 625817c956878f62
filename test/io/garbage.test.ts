// When garbage is collected on purpose, and that a collection gives memory back.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { collectAtRest, heapBytes, openCollector } from '../../src/io/garbage.ts';

const REST_MS = 5000;

test('garbage is collected once things have rested, and not again before something more was done', (t) => {
  const { pass, heap, rest, collected } = openStage(t);
  heap.bytes = 50;
  rest.note();
  pass(4000);
  rest.note();
  pass(4999);
  assert.equal(collected(), 0);
  pass(1);
  assert.equal(collected(), 1);
  pass(60_000);
  assert.equal(collected(), 1);
  heap.bytes = 90;
  rest.note();
  pass(REST_MS);
  assert.equal(collected(), 2);
});

test('a heap that has hardly grown since the last collection is let be', (t) => {
  const { pass, heap, rest, collected } = openStage(t);
  heap.bytes = 50;
  rest.note();
  pass(REST_MS);
  heap.bytes = 39;
  rest.note();
  pass(REST_MS);
  assert.equal(collected(), 1);
  heap.bytes = 40;
  rest.note();
  pass(REST_MS);
  assert.equal(collected(), 2);
});

test('a collection gives back what nothing holds any more', () => {
  const collect = openCollector();
  collect();
  const before = heapBytes();
  const litter = fill();
  const full = heapBytes();
  assert.ok(full > before + 20_000_000, `${full} of ${before}`);
  litter.length = 0;
  collect();
  assert.ok(heapBytes() < before + 5_000_000, `${heapBytes()} of ${before}`);
  assert.equal(globalThis.gc, undefined);
});

/** A heap that holds 30 after each collection; what has grown by 10 is collected. */
function openStage(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const heap = { bytes: 0 };
  let count = 0;
  const collect = (): void => {
    count += 1;
    heap.bytes = 30;
  };
  const rest = collectAtRest({ restMs: REST_MS, grownBytes: 10, collect, heapBytes: () => heap.bytes });
  const pass = (ms: number): void => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  return { pass, heap, rest, collected: () => count };
}

function fill(): number[][] {
  return Array.from({ length: 300 }, () => Array.from({ length: 20_000 }, (_, at) => at + 0.5));
}
