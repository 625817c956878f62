// What a watching job speaks of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Item } from '../../src/core/job.ts';
import { changed, isNew, type Selection, select } from '../../src/core/watch.ts';
import { fell } from '../../src/core/watch-number.ts';

interface Post {
  readonly id: string;
  readonly title: string;
}

const watch = { key: ({ id }: Post) => id, tell: isNew };
const post = (id: string, title = `post ${id}`): Post => ({ id, title });
const known = (...posts: readonly Post[]) => ({ known: new Map(posts.map((one) => [one.id, { ...one }])) });

test('a job that does not watch tells every item and remembers none', () => {
  const selection = select([post('1'), post('1')], undefined, { known: undefined });
  assert.deepEqual(selection.told, [post('1'), post('1')]);
  assert.equal(selection.seen, undefined);
});

test('the first run of a watching job learns every item and tells none', () => {
  const selection = select([post('1'), post('2')], watch, { known: undefined });
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

const digesting = { ...watch, tell: (item: object) => isNew(item) || changed(item), digest: 'evening' };
const memoryOf = ({ seen, later }: Selection<Post>, slot: string, before: ReadonlyMap<string, object> = new Map()) => ({
  known: new Map<string, Item>([...before, ...(seen ?? [])].map(([key, item]) => [key, { ...item }])),
  later: new Map(later),
  slot,
});

test('a run of another slot gathers, and says how many; what is known stays as it was at the last digest', () => {
  const selection = select([post('1', 'new'), post('2')], digesting, { ...known(post('1', 'old')), slot: 'hourly' });
  assert.deepEqual([selection.told, selection.toldKeys], [[], []]);
  assert.deepEqual(selection.digest, { slot: 'evening', gathered: 2 });
  assert.deepEqual([...(selection.seen ?? [])], [['1', post('1', 'old')]]);
  assert.deepEqual(selection.later, [
    ['1', { gathered: post('1', 'new') }],
    ['2', { gathered: post('2') }],
  ]);
});

test('the digest tells an item that changed twice once, with its first before, and none that changed back', () => {
  const start = known(post('1', 'a'), post('2', 'a'));
  const noon = select([post('1', 'b'), post('2', 'b')], digesting, { ...start, slot: 'hourly' });
  const evening = select([post('1', 'c'), post('2', 'a')], digesting, memoryOf(noon, 'evening'));
  assert.deepEqual(evening.told, [{ ...post('1', 'c'), before: post('1', 'a') }]);
  assert.deepEqual([evening.later, evening.digest], [[], { slot: 'evening', gathered: 0 }]);
  const next = select([post('1', 'c'), post('2', 'a')], digesting, memoryOf(evening, 'evening'));
  assert.deepEqual(next.told, []);
});

test('the digest tells an item that is gone by then as it was seen last, and knows it from then on', () => {
  const noon = select([post('1'), post('2')], digesting, { ...known(post('1')), slot: 'hourly' });
  const later = select([post('1')], digesting, memoryOf(noon, 'hourly'));
  assert.deepEqual(later.digest, { slot: 'evening', gathered: 1 });
  const evening = select([post('1')], digesting, memoryOf(later, 'evening', known(post('1')).known));
  assert.deepEqual(evening.told, [post('2')]);
  assert.deepEqual([...(evening.seen?.keys() ?? [])], ['1', '2']);
});

test('an item that reads as it did waits for no digest, and neither does one that is gone with nothing to say of it', () => {
  const newOnly = { ...digesting, tell: isNew };
  const noon = select([post('1', 'a'), post('2', 'b')], newOnly, {
    ...known(post('1', 'a'), post('2', 'a')),
    slot: 'hourly',
  });
  assert.deepEqual(noon.later, [['2', { gathered: post('2', 'b') }]]);
  const later = select(
    [post('1', 'a')],
    newOnly,
    memoryOf(noon, 'hourly', known(post('1', 'a'), post('2', 'a')).known),
  );
  assert.deepEqual(later.later, []);
});

test('what was gathered is told by the next run when the job no longer has a digest', () => {
  const noon = select([post('1'), post('2')], digesting, { ...known(post('1')), slot: 'hourly' });
  assert.deepEqual(select([post('1')], watch, memoryOf(noon, 'hourly')).told, [post('2')]);
});

test('posts gathered over a day are no flood, though the page shows none of the known ones any more', () => {
  const page = (from: number) => Array.from({ length: 20 }, (_, index) => post(String(from + index)));
  const first = select(page(8), digesting, { ...known(...page(0)), slot: 'hourly' });
  const second = select(page(16), digesting, memoryOf(first, 'evening', known(...page(0)).known));
  assert.equal(second.told.length, 16);
});

test('more than 5,000 items are not gathered, and the error says what to do', () => {
  const page = Array.from({ length: 5000 }, (_, index) => post(String(index)));
  const noon = select(page, digesting, { ...known(), slot: 'hourly' });
  const more = [...page.slice(1), post('one more')];
  assert.throws(
    () => select(more, digesting, memoryOf(noon, 'hourly')),
    /5001 items .* would wait for evening; the most is 5000 .*--slot evening/,
  );
  assert.equal(select(more, digesting, memoryOf(noon, 'evening')).told.length, 5001);
});

test('items of more than 4 MB are refused, in bytes and not in letters', () => {
  const large = Array.from({ length: 20 }, (_, index) => post(String(index), '가'.repeat(80_000)));
  assert.throws(() => select(large, watch, { known: undefined }), /hold 4\.6 MB.*at most 4\.0 MB/);
  assert.equal(select(large.slice(3), watch, { known: undefined }).learned, true);
});

interface Product {
  readonly id: string;
  readonly price: string | number;
  readonly name?: string;
  readonly stock?: string;
}

test('after an edit of the file, a field that is new, gone or of another kind is learned, and a change beside it is told', () => {
  const before: readonly Product[] = [
    { id: '1', price: '12,300원', name: '녹차' },
    { id: '2', price: '9,000원', name: '홍차' },
    { id: '3', price: '5,000원', name: '보리차' },
  ];
  const memory = { known: new Map(before.map((item) => [item.id, { ...item, place: 'A' }])), isEdited: true };
  const now: readonly (Product & { readonly place: string })[] = [
    { id: '1', price: 12_300, stock: '있음', place: 'A' },
    { id: '2', price: 9000, place: 'B' },
    { id: '4', price: 100, place: 'A' },
  ];
  const products = { key: ({ id }: Product) => id, tell: changed };
  const selection = select(now, products, memory);
  assert.deepEqual(selection.told, [{ ...now[1], before: { id: '2', price: 9000, place: 'A' } }]);
  assert.equal(select(now, products, { ...memory, isEdited: false }).told.length, 2, 'only an edit is learned');
});

test('after an edit of the file, what was gathered is compared with the fields as they are now', () => {
  const memory = {
    known: new Map([['1', { ...post('1', 'a') }]]),
    later: new Map([['1', { gathered: { id: '1', title: 'b' } }]]),
    isEdited: true,
    slot: 'evening',
  };
  const now = { ...post('1', 'b'), writer: '김' };
  assert.deepEqual(select([now], { ...digesting, tell: changed }, memory).told, [
    { ...now, before: { ...post('1', 'a'), writer: '김' } },
  ]);
  assert.equal(select([now], { ...digesting, settled: 2 }, memory).unsettled, 0, 'nothing has to settle anew');
});

test('a new item or a price that fell: the functions for tell are plain functions, and go together as such', () => {
  const cheaper = fell('price', { by: '5%' });
  const products = { key: ({ id }: Product) => id, tell: (item: Product) => isNew(item) || cheaper(item) };
  const before: readonly Product[] = [
    { id: '1', price: '10,000원' },
    { id: '2', price: '10,000원' },
  ];
  const memory = { known: new Map(before.map((item) => [item.id, { ...item }])) };
  const now: readonly Product[] = [
    { id: '1', price: '9,500원' },
    { id: '2', price: '9,600원' },
    { id: '3', price: '1,000원' },
  ];
  assert.deepEqual(select(now, products, memory).toldKeys, ['1', '3']);
});
