// The promises of time, memory and delivery, on a whole talkbell with a clock moved by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobSource, type Stage, setStage } from './stage.ts';

const lunch = jobSource({ options: "freshFor: '90m'," });
const board = jobSource({ options: "schedule: '0 * * * *', watch: { key: ({ name }) => name, tell: isNew }," });

async function outcomes({ engine }: Stage, job = 'lunch'): Promise<readonly string[]> {
  const rows = await engine().store.runs({ job, limit: 100 });
  return rows.map(({ outcome, reason }) => `${outcome}: ${reason}`).toReversed();
}

test('a lunch that is due is told once, however often the bell rings', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥', '국']);
  await stage.at('2026-11-20 11:19');
  assert.deepEqual(stage.received(), []);
  await stage.at('2026-11-20 11:20');
  await stage.settle();
  await stage.at('2026-11-20 11:21');
  assert.deepEqual(stage.received(), ['밥, 국']);
  assert.deepEqual(await outcomes(stage), ['told: told 2 of 2 items']);
});

test('a job dropped in at 11:40 does not run its 11:20', async () => {
  await using stage = await setStage({ time: '2026-11-20 11:40' });
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  await stage.settle();
  assert.deepEqual(await outcomes(stage), []);
});

test('down from 11:00 to 11:40, the lunch of 11:20 is told at 11:40', async () => {
  await using stage = await setStage({ time: '2026-11-19 12:00' });
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.at('2026-11-20 11:00');
  await stage.restart();
  await stage.at('2026-11-20 11:40');
  assert.deepEqual(stage.received(), ['밥']);
});

test('down until 14:00, the lunch is recorded as missed and not told; three days of it are one row', async () => {
  await using stage = await setStage({ time: '2026-11-17 12:00' });
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.restart();
  await stage.at('2026-11-20 14:00');
  assert.deepEqual(stage.received(), []);
  const rows = await stage.engine().store.runs({ job: 'lunch', limit: 10 });
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.outcome, 'missed');
  assert.deepEqual(
    [rows[0]?.due, rows[0]?.lastDue].map((at) => new Date(at ?? 0).toISOString()),
    ['2026-11-18T02:20:00.000Z', '2026-11-20T02:20:00.000Z'],
  );
});

test('a clock that goes back tells nothing twice', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.at('2026-11-20 11:25');
  await stage.at('2026-11-20 11:15');
  await stage.at('2026-11-20 11:25');
  assert.deepEqual(stage.received(), ['밥']);
});

test('what is not posted yet is looked for again every ten minutes, and told when it is there', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show('not yet');
  await stage.at('2026-11-20 11:20');
  await stage.at('2026-11-20 11:29');
  stage.show(['밥']);
  await stage.at('2026-11-20 11:30');
  assert.deepEqual(stage.received(), ['밥']);
  assert.deepEqual(stage.ownerHeard, []);
});

test('the owner is told once that it was never posted, and once more when it works again; readers hear neither', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show('not yet');
  for (const time of ['11:20', '12:00', '12:49', '12:50']) await stage.at(`2026-11-20 ${time}`);
  await stage.at('2026-11-21 11:20');
  await stage.at('2026-11-21 12:50');
  assert.equal(stage.ownerHeard.length, 1);
  assert.match(stage.ownerHeard[0] ?? '', /lunch \(main\) was not posted in time: still yesterday/);
  stage.show(['밥']);
  await stage.at('2026-11-22 11:20');
  assert.match(stage.ownerHeard[1] ?? '', /lunch \(main\) works again/);
  assert.deepEqual(stage.received(), ['밥']);
});

test('a seldom job that fails is told at its first failed run, with what to do', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show('broken');
  for (const time of ['11:20', '12:00', '12:50']) await stage.at(`2026-11-20 ${time}`);
  assert.equal(stage.ownerHeard.length, 1);
  assert.match(
    stage.ownerHeard[0] ?? '',
    /failed once \(an error in the job file\)\. extract threw Error: the page has changed its shape.*talkbell why lunch/,
  );
});

test('an hourly job that fails is told after three runs, though each is overtaken by the next', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('board.ts', board);
  stage.show('broken');
  for (const hour of [12, 13, 14]) await stage.at(`2026-11-20 ${hour}:00`);
  assert.deepEqual(stage.ownerHeard, []);
  await stage.at('2026-11-20 15:00');
  assert.equal(stage.ownerHeard.length, 1);
  assert.match(stage.ownerHeard[0] ?? '', /failed 3 times in a row/);
  assert.deepEqual((await outcomes(stage, 'board')).filter((outcome) => outcome.startsWith('coalesced')).length, 3);
});

test('a watching job learns first, tells only what is new, and remembers over a restart', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('board.ts', board);
  stage.show(['글 1', '글 2']);
  await stage.at('2026-11-20 12:00');
  stage.show(['글 3', '글 1', '글 2']);
  await stage.restart();
  await stage.at('2026-11-20 13:00');
  await stage.at('2026-11-20 14:00');
  assert.deepEqual(stage.received(), ['글 3']);
});

test('a dead messenger does not stop the looking, and what is still fresh arrives when it is back', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'maintenance', times: 100 });
  await stage.at('2026-11-20 11:20');
  await stage.at('2026-11-20 11:40');
  assert.deepEqual(stage.received(), []);
  stage.sandbox.clearFaults();
  await stage.at('2026-11-20 12:10');
  assert.deepEqual(stage.received(), ['밥']);
});

test('what is no longer fresh is not told, and the owner hears of it', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'maintenance', times: 100 });
  for (const time of ['11:20', '12:00', '12:51']) await stage.at(`2026-11-20 ${time}`);
  stage.sandbox.clearFaults();
  await stage.at('2026-11-20 13:30');
  assert.deepEqual(stage.received(), []);
  assert.match(stage.ownerHeard.join('\n'), /A message of lunch to me was not delivered/);
});

test('news that could not be delivered is told again by the next look', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob(
    'board.ts',
    jobSource({ options: "schedule: '0 * * * *', freshFor: '30m', watch: { key: ({ name }) => name, tell: isNew }," }),
  );
  stage.show(['글 1']);
  await stage.at('2026-11-20 12:00');
  stage.show(['글 1', '글 2']);
  stage.sandbox.fault({ path: /memo/, kind: 'maintenance', times: 100 });
  await stage.at('2026-11-20 13:00');
  await stage.at('2026-11-20 13:31');
  stage.sandbox.clearFaults();
  await stage.at('2026-11-20 14:00');
  assert.deepEqual(stage.received(), ['글 2']);
});

test('nobody knows whether a message arrived: it is kept as unclear, not sent twice, and the owner is told', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'drop-after', times: 1 });
  await stage.at('2026-11-20 11:20');
  await stage.at('2026-11-20 11:50');
  assert.deepEqual(stage.received(), ['밥']);
  const [row] = await stage.engine().store.messages({ job: 'lunch', limit: 1 });
  assert.equal(row?.state, 'unclear');
  assert.match(stage.ownerHeard.join('\n'), /may or may not have arrived/);
});

test('a job that asks for it sends an unclear message once more', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', jobSource({ options: "ifUnclear: 'resend'," }));
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'drop-after', times: 1 });
  await stage.at('2026-11-20 11:20');
  assert.deepEqual(stage.received(), ['밥', '밥']);
});

test('a job to somebody who has not logged in yet waits, and runs from the login on', async () => {
  await using stage = await setStage();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.at('2026-11-20 11:20');
  assert.match((await outcomes(stage)).join(), /^skipped: nobody to tell: there is no recipient me yet/);
  await stage.logIn();
  await stage.at('2026-11-21 11:20');
  assert.deepEqual(stage.received(), ['밥']);
  assert.deepEqual(stage.ownerHeard, []);
});

test('paused jobs and holidays are recorded as skipped', async () => {
  await using stage = await setStage({ time: '2026-12-24 12:00' });
  await stage.logIn();
  await stage.writeJob('lunch.ts', jobSource({ options: "skip: 'holidays'," }));
  stage.show(['밥']);
  await stage.at('2026-12-25 11:20');
  await stage.engine().store.pause('lunch', stage.now());
  await stage.at('2026-12-26 11:20');
  assert.deepEqual(await outcomes(stage), ['skipped: holiday: 기독탄신일', 'skipped: paused']);
  assert.deepEqual(stage.received(), []);
});

test('a spent quota holds the whole account until seven in the morning, and the owner is told once', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', jobSource({ options: "freshFor: '1d'," }));
  await stage.writeJob('other.ts', jobSource({ options: "schedule: '30 11 * * *', freshFor: '1d'," }));
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'kakao-code', code: -532, times: 1 });
  await stage.at('2026-11-20 11:20');
  await stage.at('2026-11-20 11:30');
  await stage.at('2026-11-21 06:59');
  assert.deepEqual(stage.received(), []);
  await stage.at('2026-11-21 07:00');
  assert.deepEqual(stage.received(), ['밥', '밥']);
  assert.equal(stage.ownerHeard.filter((text) => /stopped/.test(text)).length, 1);
});

test('after a spent quota nothing more of that account is sent, not to its other recipients either', async () => {
  await using stage = await setStage();
  await stage.logIn();
  const also = { name: 'also', address: { channel: 'kakao-memo', account: 'me' } } as const;
  await stage.engine().store.saveRecipient(also, stage.now());
  await stage.writeJob('lunch.ts', lunch.replace("to: 'me'", "to: ['me', 'also']"));
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'kakao-code', code: -532, times: 1 });
  await stage.at('2026-11-20 11:20');
  assert.deepEqual(stage.received(), []);
});

test('a login that Kakao has ended is told with the way back, and its messages go out after the login', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  stage.sandbox.users.unlink(stage.sandbox.users.list()[0]?.name ?? '');
  await stage.at('2026-11-20 11:20');
  assert.deepEqual(stage.received(), []);
  assert.match(stage.ownerHeard.join('\n'), /account me needs a login: talkbell login --as me/);
  await stage.logIn();
  await stage.settle();
  assert.deepEqual(stage.received(), ['밥']);
});

test('a job added, changed and removed while the daemon runs is taken up without running anything by itself', async () => {
  await using stage = await setStage();
  await stage.logIn();
  stage.show(['밥']);
  await stage.writeJob('lunch.ts', lunch);
  await stage.writeJob('lunch.ts', lunch.replace("'20 11 * * *'", "'10 11 * * *'"));
  await stage.at('2026-11-20 11:15');
  assert.deepEqual(stage.received(), ['밥']);
  await stage.removeJob('lunch.ts');
  await stage.at('2026-11-21 11:30');
  assert.deepEqual(stage.received(), ['밥']);
});

test('a broken edit keeps the last good version running, and the owner hears where and what', async () => {
  await using stage = await setStage();
  await stage.logIn();
  stage.show(['밥']);
  await stage.writeJob('lunch.ts', lunch);
  await stage.writeJob('lunch.ts', 'export default {{');
  await stage.at('2026-11-20 11:20');
  assert.deepEqual(stage.received(), ['밥']);
  assert.match(
    stage.ownerHeard.join('\n'),
    /jobs\/lunch\.ts.*does not load: SyntaxError.*The last good version goes on/,
  );
});

test('messages to one recipient keep their order over jobs and parts', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', jobSource({ steps: "render: () => ['가'.repeat(300), '끝']," }));
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'maintenance', times: 1 });
  await stage.at('2026-11-20 11:20');
  await stage.at('2026-11-20 11:21');
  assert.deepEqual(
    stage.received().map((text) => text.length),
    [200, 100, 1],
  );
});

test('what is due at the moment of a start is not lost to the worker that is renewed then', async () => {
  await using stage = await setStage({ time: '2026-11-19 12:00' });
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.at('2026-11-20 11:00');
  await stage.restart();
  const refreshed = stage.engine().library.refresh();
  await stage.at('2026-11-20 11:40');
  await refreshed;
  await stage.settle();
  assert.deepEqual(stage.received(), ['밥']);
});

test('a call that is under way when talkbell stops ends by itself, and its message is settled', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  stage.sandbox.fault({ path: /memo/, kind: 'slow', delayMs: 600, times: 1 });
  const began = once(stage, '/memo');
  const told = stage.at('2026-11-20 11:20').catch(() => {});
  await began;
  await stage.restart();
  await told;
  const [row] = await stage.engine().store.messages({ job: 'lunch', limit: 1 });
  assert.equal(row?.state, 'sent');
  assert.deepEqual(stage.received(), ['밥']);
});

test('a look that is under way when talkbell stops is no failure: the next start looks again', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', jobSource({ steps: 'fetch: () => new Promise(() => {}),' }));
  // Its store is closed under it.
  const told = stage.at('2026-11-20 11:20').catch(() => {});
  await until(async () => (await stage.engine().store.runs({ limit: 1 })).length === 1);
  await stage.restart();
  await told;
  await stage.writeJob('lunch.ts', lunch);
  stage.show(['밥']);
  await stage.settle();
  assert.deepEqual(stage.received(), ['밥']);
  assert.deepEqual(await outcomes(stage), ['told: told 1 of 1 item']);
});

test('news of the night waits for the end of quiet hours, and does not hold up the breakfast', async () => {
  await using stage = await setStage({ env: { TALKBELL_QUIET: '22:00-09:00' } });
  await stage.logIn();
  await stage.writeJob('board.ts', board);
  await stage.writeJob('breakfast.ts', lunch.replace("'20 11 * * *'", "'30 7 * * *'"));
  stage.show(['글 1']);
  await stage.at('2026-11-20 22:00');
  stage.show(['글 1', '글 2']);
  await stage.at('2026-11-20 23:00');
  assert.deepEqual(stage.received(), []);
  await stage.engine().store.pause('board', stage.now());
  stage.show(['죽']);
  await stage.at('2026-11-21 07:30');
  assert.deepEqual(stage.received(), ['죽']);
  await stage.at('2026-11-21 09:00');
  assert.deepEqual(stage.received(), ['죽', '글 2']);
});

test('what came back as not told while a look was under way is told by the next one', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('board.ts', board);
  stage.show(['글 1']);
  await stage.at('2026-11-20 12:00');
  stage.show(['글 1', '글 2']);
  stage.sandbox.fault({ path: /memo/, kind: 'maintenance', times: 100 });
  await stage.at('2026-11-20 13:00');
  const { store } = stage.engine();
  const [row] = await store.messages({ state: 'pending', limit: 1 });
  const { claim, recall, endLook, settle, slots } = store;
  const [slot] = await slots();
  const due = Date.parse('2026-11-20T14:00:00+09:00');
  const run = await claim(
    { job: 'board', slot: 'main', closed: [], run: { due, freshUntil: due + 1 }, cursor: due },
    due,
  );
  assert.ok(row && slot && run);
  const { hash } = (await store.jobs()).find(({ id }) => id === 'board') ?? { hash: '' };
  const { known, untold } = await recall('board', hash);
  await settle([{ id: row.id, after: { state: 'failed', reason: 'refused' } }], due);
  const look = {
    kind: 'done',
    found: 2,
    told: 0,
    toldKeys: [],
    seen: known ?? [],
    learned: false,
    sayings: [],
    validators: [],
  } as const;
  await endLook({
    run: run.id,
    hash,
    look,
    after: { state: 'done', outcome: 'silent', reason: '' },
    messages: [],
    untold,
    now: due,
  });
  stage.sandbox.clearFaults();
  await stage.at('2026-11-20 15:00');
  assert.deepEqual(stage.received(), ['글 2']);
});

test('the worker is woken a little before a look is due, so that nobody waits for its start', async () => {
  await using stage = await setStage();
  await stage.logIn();
  await stage.writeJob('lunch.ts', jobSource({ options: "schedule: '2 20 11 * * *'," }));
  await stage.restart();
  await stage.at('2026-11-20 11:10');
  assert.equal(stage.engine().workers.pid(), undefined, 'ten minutes before there is none');
  await stage.at('2026-11-20 11:20');
  await until(async () => stage.engine().workers.pid() !== undefined);
  assert.deepEqual(await outcomes(stage), [], 'two seconds before, no look has begun');
});

test('a clock more than a day behind the newest time waits and says so once, until it is right or taken for right', async () => {
  await using stage = await setStage({ time: '2026-11-20 11:00' });
  const { isClockBehind } = await import('../src/main.ts');
  const said: string[] = [];
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: (_: object, text: string) => void said.push(text) };
  const health = { rangAt: 0, waits: false, notedAt: Number.NEGATIVE_INFINITY };
  const isBehind = (time: string) => {
    const now = Date.parse(`${time}:00+09:00`);
    return isClockBehind(stage.engine(), { log, now: () => now, health });
  };
  assert.equal(await isBehind('2026-11-20T11:00'), false);
  assert.equal(await isBehind('2026-11-19T12:00'), false);
  assert.equal(await isBehind('2026-11-19T10:59'), true);
  assert.equal(await isBehind('2026-11-19T10:59'), true);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /more than a day before the newest time.*talkbell resume --clock/);
  assert.equal(await isBehind('2026-11-20T10:00'), false);
  await stage.engine().store.resetClock(Date.parse('2026-11-19T10:00:00+09:00'));
  assert.equal(await isBehind('2026-11-19T10:01'), false);
});

test('a second talkbell on the same data folder does not start, and says who is there', async () => {
  await using stage = await setStage();
  const { claimData } = await import('../src/engine.ts');
  const never = new AbortController().signal;
  await assert.rejects(claimData(stage.config, never), /Another talkbell works on .*daemon, process \d+/);
});

/** Waits until the sandbox has been asked for a path. */
function once(stage: Stage, path: string): Promise<void> {
  return until(
    async () =>
      stage.sandbox.requests().some((request) => request.path.includes(path)) || stage.sandbox.received().length > 0,
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'it did not happen within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
