// The schedule as the store keeps it: lines, cursors, broken edits, files that go and come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../src/core/ports.ts';
import { claimRun, HOUR, jobFile, lookOnce, makeStore, START } from './store-setup.ts';

async function cursors(store: Store): Promise<Record<string, number>> {
  return Object.fromEntries((await store.slots()).map(({ job, slot, cursor }) => [`${job}/${slot}`, cursor]));
}

test('A new line counts from the moment it was first seen, and an unchanged one keeps its cursor', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe', { lunch: '20 11 * * *' })], START);
  await store.syncJobs([jobFile('cafe', { lunch: '20 11 * * *', dinner: '0 17 * * *' })], START + HOUR);
  assert.deepEqual(await cursors(store), { 'cafe/dinner': START + HOUR, 'cafe/lunch': START });
});

test('A changed line or time zone is a new line', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe'), jobFile('shop')], START);
  const shop = jobFile('shop');
  assert.equal(shop.kind, 'job');
  const moved = { ...shop, description: { ...shop.description, timezone: 'Europe/Berlin' } };
  await store.syncJobs([jobFile('cafe', { main: '30 12 * * *' }), moved], START + HOUR);
  assert.deepEqual(await cursors(store), { 'cafe/main': START + HOUR, 'shop/main': START + HOUR });
  assert.equal((await store.slots()).find((slot) => slot.job === 'cafe')?.cron, '30 12 * * *');
});

test('A line that is taken out leaves the schedule', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe', { lunch: '20 11 * * *', dinner: '0 17 * * *' })], START);
  await store.syncJobs([jobFile('cafe', { dinner: '0 17 * * *' })], START);
  assert.deepEqual(await cursors(store), { 'cafe/dinner': START });
});

test('A broken edit shows its problems and stays on the last good lines', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  await store.syncJobs([{ kind: 'broken', file: 'cafe.ts', hash: 'x', problems: ['No schedule.'] }], START + HOUR);
  const [job] = await store.jobs();
  assert.deepEqual(job?.problems, ['No schedule.']);
  assert.equal(job?.hash, 'x');
  assert.equal(job?.description?.id, 'cafe');
  assert.deepEqual(await cursors(store), { 'cafe/main': START });

  await store.syncJobs([jobFile('cafe')], START + 2 * HOUR);
  assert.deepEqual((await store.jobs())[0]?.problems, []);
  assert.deepEqual(await cursors(store), { 'cafe/main': START });
});

test('A broken file that never loaded is listed without lines, and is forgotten when it is gone', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs(
    [jobFile('cafe', {}, 'other.ts'), { kind: 'broken', file: 'cafe.ts', hash: 'x', problems: ['?'] }],
    START,
  );
  const jobs = await store.jobs();
  assert.deepEqual(
    jobs.map((job) => [job.id, job.file, job.description === undefined]),
    [
      ['cafe', 'other.ts', false],
      ['cafe.ts', 'cafe.ts', true],
    ],
  );
  await store.syncJobs([jobFile('cafe', {}, 'other.ts')], START);
  assert.equal((await store.jobs()).length, 1);
});

test('A job without its settings is listed and not due, and counts from when they are set', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  await store.syncJobs([{ kind: 'unset', file: 'cafe.ts', hash: 'x', settings: ['SCHOOL'] }], START + HOUR);
  assert.deepEqual((await store.jobs())[0]?.unset, ['SCHOOL']);
  assert.deepEqual(await store.slots(), []);
  await store.syncJobs([jobFile('cafe')], START + 2 * HOUR);
  assert.deepEqual(await cursors(store), { 'cafe/main': START + 2 * HOUR });
});

test('A file that is removed leaves the schedule, and comes back with its memory but not with the time between', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  await lookOnce(store, START + 1, { items: { a: { price: 1 } } });
  await store.syncJobs([], START + HOUR);
  assert.deepEqual(await store.jobs(), []);
  assert.deepEqual(await store.slots(), []);

  await store.syncJobs([jobFile('cafe')], START + 3 * HOUR);
  assert.deepEqual(await cursors(store), { 'cafe/main': START + 3 * HOUR });
  assert.deepEqual((await store.recall('cafe', 'h')).known, [['a', { price: 1 }]]);
  assert.equal((await store.runs({ job: 'cafe', limit: 5 })).length, 1);
});

test('A renamed file with the same id keeps everything', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  await claimRun(store, START + 1);
  await store.syncJobs([jobFile('cafe', undefined, 'canteen.ts')], START + HOUR);
  assert.deepEqual(await cursors(store), { 'cafe/main': START + 1 });
  assert.equal((await store.jobs())[0]?.file, 'canteen.ts');
});

test('Of two files with the same id the first is taken', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe', undefined, 'a.ts'), jobFile('cafe', undefined, 'b.ts')], START);
  assert.deepEqual(
    (await store.jobs()).map((job) => job.file),
    ['a.ts'],
  );
});

test('A job is paused and resumed, and an unknown one is not', async (t) => {
  const store = await makeStore(t);
  await store.syncJobs([jobFile('cafe')], START);
  assert.equal(await store.pause('cafe', START), true);
  assert.equal((await store.jobs())[0]?.pausedAt, START);
  assert.equal(await store.pause('cafe', undefined), true);
  assert.equal((await store.jobs())[0]?.pausedAt, undefined);
  assert.equal(await store.pause('none', START), false);
});
