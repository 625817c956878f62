// Two hundred stories of a week, each from a seed: the real engine, store and token code in a world where everything
// goes wrong that can. A promise that breaks names its seed and the shortest story.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { tellMany } from './simulation/many.ts';
import { PROMISES, type PromiseName } from './simulation/promises.ts';
import { shorten } from './simulation/shorten.ts';
import { explain } from './simulation/simulate.ts';
import { type Told, tellStory } from './simulation/story.ts';

const SEEDS = 200;
const DAYS = 7;
const YEAR_OF_JOBS = 30;

/**
 * Seeds that broke a promise once: an alert and the note that it is told cut apart, a login given up too early, news of
 * the day that came late and went out at night.
 */
const REGRESSIONS = [1, 2, 3, 11, 12, 31, 52, 110];

const stories: Promise<ReadonlyMap<number, Told>> = tellAll();

async function tellAll(): Promise<ReadonlyMap<number, Told>> {
  const all = new Map<number, Told>();
  const seeds = Array.from({ length: SEEDS }, (_, index) => ({ seed: index + 1, days: DAYS }));
  await tellMany(seeds, (told, { seed }) => all.set(seed, told) === all);
  return new Map([...all].sort(([one], [other]) => one - other));
}

for (const [name, promise] of Object.entries(PROMISES) as [PromiseName, string][]) {
  test(`${SEEDS} stories of a week: ${promise}`, async (t) => {
    const broken = [...(await stories)].filter(([, told]) => told.broken?.promise === name);
    await failWith(t, broken);
  });
}

async function failWith(t: TestContext, broken: readonly (readonly [seed: number, told: Told])[]): Promise<void> {
  const [first] = broken;
  if (first === undefined) return;
  const [seed, told] = first;
  t.diagnostic(explain(seed, DAYS, await shorten({ seed, days: DAYS }, told, 20_000)));
  assert.fail(`the seeds ${broken.map(([one]) => one).join(', ')} break it; the shortest story is in the diagnostics`);
}

test('stories that once broke a promise keep it', async () => {
  const all = await stories;
  for (const seed of REGRESSIONS) assert.equal(all.get(seed)?.broken?.message, undefined, `seed ${seed}`);
});

test('the stories are not empty: all outcomes and all ends of messages come about', async () => {
  const totals: Record<string, number> = {};
  for (const { counts } of (await stories).values()) {
    for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
  }
  const wanted = [
    'told',
    'silent',
    'skipped',
    'coalesced',
    'missed',
    'sent',
    'failed',
    'expired',
    'unclear',
    'taken',
    'friends',
    'holds',
  ];
  assert.deepEqual(
    wanted.filter((name) => (totals[name] ?? 0) < 20),
    [],
    JSON.stringify(totals),
  );
});

test('a seed tells the same story every time, step by step', async () => {
  for (const seed of [2, 3, 5]) {
    const first = (await stories).get(seed);
    const again = await tellStory({ seed, days: DAYS });
    assert.deepEqual([again.digest, again.steps], [first?.digest, first?.steps]);
  }
});

test('a quiet month with thirty jobs keeps every promise', async () => {
  const { broken } = await tellStory({ seed: 1, days: 28, quietJobs: YEAR_OF_JOBS });
  assert.equal(broken?.message, undefined);
});
