// Who may read a large page, and who waits: 64 bytes of heap for each of a page, and a 32nd of that for small ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openPageRoom } from '../../src/io/page-room.ts';

/** For 3200 bytes of pages: up to 100 are small. */
const HEAP_BYTES = 64 * 3200;

function openStage() {
  const told: string[] = [];
  const room = openPageRoom({ heapBytes: HEAP_BYTES, sweep: () => told.push('swept') });
  return {
    told,
    enter: (name: string) => {
      const place = room.enter({ onWait: () => told.push(`${name} waits`), onGo: () => told.push(`${name} goes`) });
      return {
        ...place,
        take: (bytes: number) => void place.take(bytes).then(() => told.push(`${name} has ${bytes}`)),
      };
    },
    /** What was told since this was asked last. */
    since: async () => {
      await setImmediate();
      return told.splice(0);
    },
  };
}

test('one page alone may be read, whatever its size, and the next ones in the order they came', async () => {
  const { enter, since } = openStage();
  const [a, b, c] = [enter('a'), enter('b'), enter('c')];
  a.take(9000);
  b.take(9000);
  c.take(200);
  assert.deepEqual(await since(), ['b waits', 'c waits', 'a has 9000']);
  a.leave();
  assert.deepEqual(await since(), ['swept', 'b goes', 'b has 9000']);
  b.leave();
  assert.deepEqual(await since(), ['swept', 'c goes', 'c has 200']);
  c.leave();
  assert.deepEqual(await since(), []);
});

test('pages that fit together are read together', async () => {
  const { enter, since } = openStage();
  enter('a').take(1600);
  enter('b').take(1600);
  enter('c').take(101);
  assert.deepEqual(await since(), ['c waits', 'a has 1600', 'b has 1600']);
});

test('small pages never wait, until a look has many of them', async () => {
  const { enter, since } = openStage();
  enter('a').take(9000);
  const b = enter('b');
  b.take(60);
  b.take(40);
  b.take(1);
  assert.deepEqual(await since(), ['b waits', 'a has 9000', 'b has 60', 'b has 40']);
});

test('looks with several large pages never wait for each other: the first goes on, then the next', async () => {
  const { enter, since } = openStage();
  const [a, b, c] = [enter('a'), enter('b'), enter('c')];
  a.take(1600);
  b.take(1600);
  await since();
  c.take(3000);
  b.take(1600);
  b.take(50);
  a.take(1600);
  assert.deepEqual(await since(), ['c waits', 'b waits', 'b has 50', 'a has 1600']);
  a.leave();
  assert.deepEqual(await since(), ['swept', 'b goes', 'b has 1600']);
  b.leave();
  assert.deepEqual(await since(), ['swept', 'c goes', 'c has 3000']);
});

test('what a look waits for when it ends is waited for no more, and what it asks for later never comes', async () => {
  const { enter, since } = openStage();
  const [a, b, c] = [enter('a'), enter('b'), enter('c')];
  a.take(9000);
  b.take(9000);
  c.take(9000);
  b.leave();
  b.take(10);
  await since();
  a.leave();
  assert.deepEqual(await since(), ['swept', 'c goes', 'c has 9000']);
});

test('it is crowded while eight rooms full wait, but not for the look that all wait for', async () => {
  const { enter, since } = openStage();
  const [a, b, c] = [enter('a'), enter('b'), enter('c')];
  a.take(3200);
  b.take(8 * 3200);
  assert.equal(c.isCrowded(), false);
  enter('d').take(200);
  assert.deepEqual([a.isCrowded(), c.isCrowded()], [false, true]);
  await since();
  void c.uncrowded().then(() => c.take(10));
  assert.deepEqual(await since(), ['c waits']);
  a.leave();
  assert.deepEqual(await since(), ['swept', 'b goes', 'c goes', `b has ${8 * 3200}`, 'c has 10']);
});
