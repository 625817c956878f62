// An item's state counts only when so many looks in a row have found it: against a model, look by look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Item, Later } from '../../src/core/job.ts';
import { changed, isNew, type Selection, select } from '../../src/core/watch.ts';

interface Product {
  readonly id: string;
  readonly price: number;
}

type Shown = Readonly<Record<string, number>>;

const watch = (settled: number, digest?: string) => ({
  key: ({ id }: Product) => id,
  tell: (item: object) => isNew(item) || changed(item),
  settled,
  ...(digest === undefined ? {} : { digest }),
});

/** Looks at one page after another as the daemon does, the first of which is learned. Gives what each look came to. */
function lookAtAll(
  pages: readonly Shown[],
  settledAt: (look: number) => number,
  digestAt: (look: number) => { digest?: string; slot: string } = () => ({ slot: 'main' }),
): readonly Selection<Product>[] {
  const known = new Map<string, Item>();
  let later: ReadonlyMap<string, Later> = new Map();
  return pages.map((page, look) => {
    const items = Object.entries(page).map(([id, price]) => ({ id, price }));
    const { digest, slot } = digestAt(look);
    const memory = { known: look === 0 ? undefined : new Map(known), later, slot };
    const selection = select(items, watch(settledAt(look), digest), memory);
    for (const [key, item] of selection.seen ?? []) known.set(key, { ...item });
    later = new Map(JSON.parse(JSON.stringify(selection.later)) as typeof selection.later);
    return selection;
  });
}

const told = (selection: Selection<Product>): readonly string[] =>
  selection.told.map(({ id, price, before }) => `${id} ${before?.price ?? 'new'}>${price}`);

const prices = (...list: readonly (number | undefined)[]): readonly Shown[] =>
  list.map((price): Shown => (price === undefined ? {} : { tea: price }));

function toldOf(pages: readonly Shown[], settled = 2): readonly string[] {
  return lookAtAll(pages, () => settled).map((selection) => told(selection).join());
}

test('a price of one look is a glitch; one of two looks is told, with the last settled price before it', () => {
  assert.deepEqual(toldOf(prices(100, 0, 100, 100)), ['', '', '', '']);
  assert.deepEqual(toldOf(prices(100, 0, 90, 90, 90)), ['', '', '', 'tea 100>90', '']);
});

test('a price that goes to and fro at every look never settles and is never told', () => {
  const looks = lookAtAll(prices(100, 90, 100, 90, 100, 80), () => 2);
  assert.deepEqual(looks.flatMap(told), []);
  assert.equal(looks.at(-1)?.unsettled, 1);
  assert.equal(looks.at(-2)?.unsettled, 0);
});

test('a new item is told when it has settled; one that a look misses begins again', () => {
  assert.deepEqual(toldOf([{}, { tea: 1 }, { tea: 1 }]), ['', '', 'tea new>1']);
  assert.deepEqual(toldOf([{}, { tea: 1 }, {}, { tea: 1 }, { tea: 1 }]), ['', '', '', '', 'tea new>1']);
});

test('a settled item that half a page misses is not new when it returns', () => {
  assert.deepEqual(toldOf(prices(100, undefined, undefined, 100, 100)), ['', '', '', '', '']);
});

test('a job that no longer waits for items to settle tells what it sees', () => {
  const looks = lookAtAll(prices(100, 90, 90), (look) => (look < 2 ? 3 : 1));
  assert.deepEqual(looks.map(told), [[], [], ['tea 100>90']]);
});

test('a digest tells of settled states only', () => {
  const digestAt = (look: number) => ({ digest: 'evening', slot: look % 4 === 0 ? 'evening' : 'hourly' });
  const looks = lookAtAll(prices(100, 0, 90, 90, 80, 80, 80, 70, 70), () => 2, digestAt);
  assert.deepEqual(
    looks.map((look) => told(look).join()),
    ['', '', '', '', 'tea 100>90', '', '', '', 'tea 90>70'],
  );
  assert.deepEqual(
    looks.map(({ digest }) => digest?.gathered ?? 0),
    [0, 0, 0, 1, 0, 1, 1, 1, 0],
  );
});

const page = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 3 }), { noNullPrototype: true });
const pages = fc.array(page, { minLength: 1, maxLength: 30 });

/** The states of one item that were seen so many times in a row, each once, after the one learned. */
function settledStates(shown: readonly (number | undefined)[], settled: number): readonly string[] {
  const expected: string[] = [];
  let counted = shown[0];
  let row = 0;
  shown.slice(1).forEach((price, index) => {
    row = price !== undefined && price === shown[index] && index > 0 ? row + 1 : 1;
    if (price === undefined || price === counted || row < settled) return;
    expected.push(`${index + 1}: ${counted ?? 'new'}>${price}`);
    counted = price;
  });
  return expected;
}

test('whatever the pages show, each settled change is told once, at the look that settles it, and nothing else is', () => {
  fc.assert(
    fc.property(pages, fc.integer({ min: 1, max: 4 }), (shown, settled) => {
      const looks = lookAtAll(shown, () => settled);
      for (const id of ['a', 'b', 'c']) {
        const heard = looks.flatMap((selection, look) =>
          told(selection).flatMap((line) => (line.startsWith(id) ? [`${look}: ${line.slice(2)}`] : [])),
        );
        assert.deepEqual(
          heard,
          settledStates(
            shown.map((one) => one[id]),
            settled,
          ),
          id,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('whatever the pages show, each digest tells the difference to the last one, and no item twice', () => {
  fc.assert(
    fc.property(pages, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 6 }), (shown, settled, every) => {
      const isDigest = (look: number): boolean => look % every === every - 1;
      const digestAt = (look: number) => ({ digest: 'evening', slot: isDigest(look) ? 'evening' : 'hourly' });
      const plain = lookAtAll(shown, () => settled);
      const digests = lookAtAll(shown, () => settled, digestAt);
      const first: Record<string, number> = { ...shown[0] };
      const last: Record<string, number> = { ...shown[0] };
      digests.forEach((selection, look) => {
        for (const { id, price } of plain[look]?.told ?? []) last[id] = price;
        const expected = isDigest(look) ? Object.keys(last).filter((id) => last[id] !== first[id]) : [];
        assert.deepEqual(
          told(selection).toSorted(),
          expected.map((id) => `${id} ${first[id] ?? 'new'}>${last[id]}`).toSorted(),
        );
        if (isDigest(look)) Object.assign(first, last);
      });
    }),
    { numRuns: 500 },
  );
});
