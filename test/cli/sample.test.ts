import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CliStage, MENU, menuJob, openCliStage } from './stage.ts';

let stage: CliStage;
let watching: string;

before(async () => {
  stage = await openCliStage();
  stage.pages.set(
    '/menu',
    MENU.replace('</ul>', '<li><b class="name">만두</b></li><li><b class="name">국수</b></li></ul>'),
  );
  watching = menuJob(
    `${stage.origin}/menu`,
    'watch: { key: (item) => item.dish, tell: (item) => item.before === undefined },',
  );
});

after(() => stage.close());

test('a dry run of a watching job that knows nothing shows what it found, and a sample of what it would say', async () => {
  stage.writeJob('board.ts', watching);
  const temporary = join(stage.folder, 'temporary');
  mkdirSync(temporary);
  const args = ['run', 'board', '--dry-run', '--slot', 'lunch', '--at', '2026-11-20 11:20'];
  const shown = await stage.start(args, { env: { TMPDIR: temporary } }).ended;
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /found 4, would tell 0/);
  assert.deepEqual(shown.out.match(/^ {2}found: .*$/gm), [
    '  found: {"dish":"김밥"}',
    '  found: {"dish":"라면"}',
    '  found: {"dish":"만두"}',
  ]);
  assert.match(shown.out, /A sample\. If these were new, it would say:\n\n {2}\| lunch 2026-11-20\n {2}\| - 김밥/);
  assert.ok(!readdirSync(temporary).some((name) => name.startsWith('talkbell-')), 'nothing is left behind');
});

test('so does one that has nothing new, also one that tells only changes', async () => {
  stage.writeJob('board.ts', watching.replace('=== undefined', '!== undefined && item.before.dish !== item.dish'));
  assert.equal((await stage.cli('run', 'board', '--learn')).code, 0);
  const { sample } = (await stage.json('run', 'board', '--dry-run')) as {
    sample: { items: object[]; texts: string[] };
  };
  assert.equal(sample.items.length, 3);
  assert.match(sample.texts[0] ?? '', /- 김밥\n- 라면\n- 만두$/);
});

test('a render that relies on what was before is told as such', async () => {
  stage.writeJob(
    'price.ts',
    watching.replace("'- ' + dish", "'- ' + dish + before.dish").replace('({ dish })', '({ dish, before })'),
  );
  const shown = await stage.cli('run', 'price', '--dry-run');
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /found: \{"dish":"김밥"\}/);
  assert.match(shown.out, /cannot be shown: render threw .*before|cannot be shown: render threw TypeError/);
  assert.match(shown.out, /A new item has no `before`/);
});

test('a job that tells something, or finds nothing, shows no sample', async () => {
  stage.writeJob('menu.ts', menuJob(`${stage.origin}/menu`));
  stage.writeJob('empty.ts', watching.replace("page.rows('ul', 'li', { dish: '.name' })", '[]'));
  for (const job of ['menu', 'empty'])
    assert.doesNotMatch((await stage.cli('run', job, '--dry-run')).out, /found:|sample/);
});
