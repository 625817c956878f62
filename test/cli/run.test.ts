import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CliStage, MENU, menuJob, openCliStage } from './stage.ts';

let stage: CliStage;

before(async () => {
  stage = await openCliStage();
  stage.pages.set('/menu', MENU);
  stage.writeJob('menu.ts', menuJob(`${stage.origin}/menu`));
  stage.writeJob(
    'board.ts',
    menuJob(`${stage.origin}/board`, `watch: { key: (item) => item.dish, tell: (item) => item.before === undefined },`)
      .replace('lunch: ', 'main: ')
      .replace(/ dinner: [^}]*}/, ' }'),
  );
});

after(() => stage.close());

test('a dry run shows what would be told, makes no store, and needs no recipient', async () => {
  const shown = await stage.cli('run', 'menu', '--dry-run', '--slot', 'lunch', '--at', '2026-11-20 11:20');
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /^menu \(lunch\), due 2026-11-20 11:20: told/);
  assert.match(shown.out, /\| lunch 2026-11-20\n {2}\| - 김밥\n {2}\| - 라면/);
  assert.match(shown.out, /screen \(log in first\)/);
  assert.match(shown.out, /Nothing was saved or sent\./);
  assert.equal(existsSync(join(stage.dataDir, 'talkbell.db')), false);
  assert.equal(existsSync(join(stage.dataDir, 'key')), false);
});

test('a dry run reads a saved page in the place of the real one, and gives one JSON document', async () => {
  const page = join(stage.folder, 'saved.html');
  writeFileSync(page, '<!doctype html><ul><li><b class="name">만두</b></li></ul>');
  const shown = (await stage.json(
    'run',
    'jobs/menu.ts',
    '--dry-run',
    '--page',
    page,
    '--at',
    '2026-11-20T08:00:00Z',
  )) as Record<string, unknown>;
  assert.equal(shown['slot'], 'dinner', 'the slot nearest to 17:00 in Seoul');
  assert.equal(shown['due'], '2026-11-20T08:00:00.000Z');
  assert.deepEqual(shown['texts'], ['dinner 2026-11-20\n- 만두']);
  assert.deepEqual(shown['missing'], ['screen']);
});

test('a dry run of a page that fails says why and ends with 1', async () => {
  const shown = await stage.cli('run', 'board', '--dry-run');
  assert.equal(shown.code, 1);
  assert.match(shown.out, /404/);
});

test('a job or a slot that does not exist, nobody to tell, and wrong options are told in a sentence', async () => {
  const [job, slot, nobody, at, number] = await Promise.all([
    stage.cli('run', 'menuu', '--dry-run'),
    stage.cli('run', 'menu', '--dry-run', '--slot', 'supper'),
    stage.cli('run', 'menu'),
    stage.cli('run', 'menu', '--at', '2026-11-20 11:20'),
    stage.cli('history', '--limit', 'many'),
  ]);
  assert.equal(job.code, 1);
  assert.match(job.err, /There is no job menuu\. Did you mean menu\?/);
  assert.match(slot.err, /The job menu has no slot supper\. It has lunch, dinner\./);
  assert.equal(nobody.code, 1);
  assert.match(nobody.err, /There is nobody to tell: menu names screen/);
  assert.equal(at.code, 2);
  assert.match(at.err, /--at and --page need --dry-run/);
  assert.equal(number.code, 2);
  assert.match(number.err, /whole number/);
});

test('without a daemon, run looks, tells, remembers and gives the data folder back', async () => {
  assert.equal((await stage.cli('recipients', 'add', 'screen', '--console')).code, 0);
  const ran = await stage.cli('run', 'menu', '--slot', 'lunch');
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /To screen from menu:\nlunch /);
  assert.match(ran.out, /found 2, told 2/);
  assert.match(ran.out, /screen: sent /);
  assert.equal(ran.out.match(/김밥/g)?.length, 1, 'what the screen has shown is not shown again');
  assert.equal(existsSync(join(stage.dataDir, 'lock.txt')), false);

  const [why, history, outbox] = await Promise.all([
    stage.cli('why', 'menu'),
    stage.json('history', 'menu'),
    stage.json('outbox'),
  ]);
  assert.match(why.out, /by hand {2}lunch {2}told/);
  assert.match(why.out, /delivered {2}screen: sent/);
  assert.deepEqual(
    (history as { outcome: string; manual: boolean }[]).map(({ outcome, manual }) => [outcome, manual]),
    [['told', true]],
  );
  assert.deepEqual(
    (outbox as { state: string; recipient: string }[]).map(({ state, recipient }) => [state, recipient]),
    [['sent', 'screen']],
  );
});

test('a run prints nothing but its JSON document on standard output, and a failed one ends with 1', async () => {
  const ran = await stage.cli('run', 'menu', '--json');
  const { run, messages } = JSON.parse(ran.out) as { run: { outcome: string }; messages: { state: string }[] };
  assert.deepEqual([ran.code, run.outcome, messages[0]?.state], [0, 'told', 'sent']);
  const failed = await stage.cli('run', 'board');
  assert.equal(failed.code, 1);
  assert.match(failed.out, /board \(main\).*: failed/);
});

test('--learn takes what a watching job finds as known, and tells none of it', async () => {
  stage.pages.set('/board', MENU);
  const learned = await stage.cli('run', 'board', '--learn');
  assert.equal(learned.code, 0, learned.err);
  assert.match(learned.out, /learned 2 items, told none/);
  stage.pages.set('/board', MENU.replace('</ul>', '<li><b class="name">떡볶이</b></li></ul>'));
  const next = (await stage.json('run', 'board', '--dry-run')) as { found: number; told: number; texts: string[] };
  assert.deepEqual([next.found, next.told], [3, 1]);
  assert.match(next.texts[0] ?? '', /^main [\d-]+\n- 떡볶이$/);
  assert.match((await stage.cli('run', 'menu', '--learn')).err, /does not watch/);
});

test('jobs shows lines in words, the next three instants, pauses, problems and what is not set up', async () => {
  stage.writeJob(
    'broken.ts',
    `import { defineJob } from 'talkbell';\nexport default defineJob({ schedule: '61 * * * *' });\n`,
  );
  stage.writeJob('unset.ts', `import { setting } from 'talkbell';\nsetting('MISSING_URL');\n`);
  assert.match((await stage.cli('pause', 'menu')).out, /menu is paused/);
  const [text, data] = await Promise.all([stage.cli('jobs'), stage.json('jobs')]);
  assert.match(text.out, /menu {2}jobs\/menu\.ts {2}tells screen {2}PAUSED since/);
  assert.match(text.out, /lunch {3}20 11 \* \* \* {2}At 11:20 {2}/);
  assert.match(text.out, /broken {2}jobs\/broken\.ts {2}BROKEN\n {2}.*61/);
  assert.match(text.out, /not set up: set MISSING_URL in \.env/);
  const menu = (data as { id: string; slots: { next: string[] }[] }[]).find(({ id }) => id === 'menu');
  assert.equal(menu?.slots[0]?.next.length, 3);
  assert.match(menu?.slots[0]?.next[0] ?? '', /T02:20:00\.000Z$/);
  assert.match((await stage.cli('resume', 'menu')).out, /menu goes on/);
  assert.equal((await stage.cli('resume')).code, 2);
  assert.deepEqual(readdirSync(join(stage.folder, 'jobs')).length, 4);
});
