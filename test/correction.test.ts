// A menu that was changed after it was told: said once more, marked, and only once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobSource, type Stage, setStage } from './stage.ts';

const lunch = jobSource().replace("to: 'me',", "to: 'me', correct: true,");

async function outcomes(stage: Stage): Promise<readonly string[]> {
  return (await stage.engine().store.runs({ limit: 10 }))
    .toReversed()
    .map(({ outcome, reason, looks }) => `${outcome ?? 'open'} after ${looks}: ${reason ?? ''}`);
}

test('a menu that changes after it was told is corrected once, marked, and then let be', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥', '국']);
  await stage.at('2026-11-20 11:20');
  await stage.at('2026-11-20 11:30');
  assert.deepEqual(stage.received(), ['밥, 국']);
  stage.show(['밥', '찌개']);
  await stage.at('2026-11-20 11:40');
  assert.deepEqual(stage.received(), ['밥, 국', '[정정] 밥, 찌개']);
  stage.show(['죽']);
  for (const time of ['11:50', '12:00', '12:20']) await stage.at(`2026-11-20 ${time}`);
  assert.equal(stage.received().length, 2);
  assert.deepEqual(await outcomes(stage), ['told after 3: told 2 of 2 items, then corrected']);
  assert.deepEqual(stage.ownerHeard, []);
});

test('a page that breaks or empties after it was told corrects nothing and alerts nobody', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.at('2026-11-20 11:20');
  for (const [time, state] of [
    ['11:30', 'broken'],
    ['11:40', []],
    ['11:50', 'not yet'],
    ['12:19', 'broken'],
    ['12:20', 'broken'],
    ['12:21', 'broken'],
  ] as const) {
    stage.show(state);
    await stage.at(`2026-11-20 ${time}`);
  }
  assert.deepEqual(stage.received(), ['밥']);
  assert.deepEqual(stage.ownerHeard, []);
  assert.match((await outcomes(stage))[0] ?? '', /^told after \d: told 1 of 1 item$/);
});

test('a correction is found after a restart, and nothing is told twice for it', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.at('2026-11-20 11:20');
  await stage.restart();
  await stage.at('2026-11-20 11:30');
  stage.show(['국수']);
  await stage.restart();
  await stage.at('2026-11-20 11:40');
  await stage.restart();
  await stage.at('2026-11-20 11:50');
  assert.deepEqual(stage.received(), ['밥', '[정정] 국수']);
});

test('a run that was told is told, also when the next instant, a pause or the end of freshness ends its looking', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch.replace(/schedule: '[^']*'/, "schedule: '*/15 11 * * *'"));
  stage.show(['밥']);
  await stage.at('2026-11-20 11:15');
  await stage.at('2026-11-20 11:30');
  await stage.engine().store.pause('lunch', stage.now());
  await stage.at('2026-11-20 11:45');
  await stage.engine().store.pause('lunch', undefined);
  await stage.at('2026-11-21 11:00');
  await stage.at('2026-11-21 13:00');
  const ends = await outcomes(stage);
  assert.deepEqual(
    ends.filter((end) => end.startsWith('told')).map((end) => end.replace(/after \d+/, 'after n')),
    ['told after n: told 1 of 1 item', 'told after n: told 1 of 1 item', 'told after n: told 1 of 1 item'],
  );
  assert.equal(ends.filter((end) => end.startsWith('coalesced after') && !end.includes('after 0')).length, 0);
});
