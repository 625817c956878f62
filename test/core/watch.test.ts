// What a watching job speaks of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, isNew, select } from '../../src/core/watch.ts';

interface Post {
  readonly id: string;
  readonly title: string;
}

const watch = { key: ({ id }: Post) => id, tell: isNew };
const post = (id: string, title = `post ${id}`): Post => ({ id, title });
const known = (...posts: readonly Post[]) => new Map(posts.map((one) => [one.id, { ...one }]));

test('a job that does not watch tells every item and remembers none', () => {
  const selection = select([post('1'), post('1')], undefined, undefined);
  assert.deepEqual(selection.told, [post('1'), post('1')]);
  assert.equal(selection.seen, undefined);
});

test('the first run of a watching job learns every item and tells none', () => {
  const selection = select([post('1'), post('2')], watch, undefined);
  assert.deepEqual(selection.told, []);
  assert.equal(selection.learned, true);
  assert.deepEqual([...(selection.seen?.keys() ?? [])], ['1', '2']);
});

test('isNew speaks of an item once, in the order of the page', () => {
  const selection = select([post('3'), post('1'), post('2')], watch, known(post('1')));
  assert.deepEqual(selection.toldKeys, ['3', '2']);
  assert.equal(selection.learned, false);
});

test('an item that stands twice on a page is told once', () => {
  assert.deepEqual(select([post('1', 'pinned'), post('1')], watch, known()).told, [post('1', 'pinned')]);
});

test('changed speaks of an item that reads differently, with what it was before', () => {
  const watchChanges = { key: watch.key, tell: changed };
  const selection = select([post('1', 'new title'), post('2')], watchChanges, known(post('1', 'old title'), post('2')));
  assert.deepEqual(selection.told, [{ id: '1', title: 'new title', before: { id: '1', title: 'old title' } }]);
});

test('changed says nothing of an item it never saw, and compares deep values', () => {
  assert.equal(changed({ id: '1' }), false);
  assert.equal(changed({ tags: ['a', { b: 1 }], before: { tags: ['a', { b: 1 }] } }), false);
  assert.equal(changed({ tags: ['a', { b: 1 }], before: { tags: ['a', { b: 2 }] } }), true);
  assert.equal(changed({ tags: [], before: { tags: {} } }), true);
});

test('a number is a key like its text', () => {
  const numbered = { key: ({ id }: Post) => Number(id), tell: isNew };
  assert.deepEqual(select([post('1'), post('2')], numbered, known(post('1'))).toldKeys, ['2']);
});

test('a key that is empty or no text is refused, naming the item', () => {
  const broken = { key: ({ id }: Post) => (id === '2' ? '' : id), tell: isNew };
  assert.throws(() => select([post('1'), post('2')], broken, known()), /item 2.*not empty/);
});

test('more than half of a long known list new at once is refused as changed keys, and --learn is offered', () => {
  const before = known(...Array.from({ length: 20 }, (_, index) => post(String(index))));
  const renamed = Array.from({ length: 20 }, (_, index) => post(`new-${index}`));
  assert.throws(() => select(renamed, watch, before), /20 of 20 items are new at once.*--learn/);
});

test('many new posts on a short list are told: a small board may be busy', () => {
  const fresh = Array.from({ length: 10 }, (_, index) => post(`new-${index}`));
  assert.equal(select(fresh, watch, known(post('1'))).told.length, 10);
});
