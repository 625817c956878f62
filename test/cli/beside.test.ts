import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CliStage, MENU, menuJob, openCliStage, type Running } from './stage.ts';

let stage: CliStage;
let daemon: Running;

before(async () => {
  stage = await openCliStage();
  stage.pages.set('/menu', MENU);
  stage.writeJob('menu.ts', menuJob(`${stage.origin}/menu`));
  assert.equal((await stage.cli('recipients', 'add', 'screen', '--console')).code, 0);
  daemon = stage.start(['start']);
  await daemon.says('talkbell runs');
});

after(() => stage.close());

test('beside a daemon, run and send are done by the daemon and their outcome is told', async () => {
  const [ran, sent] = await Promise.all([
    stage.cli('run', 'menu', '--slot', 'dinner'),
    stage.cli('send', 'screen', 'from beside'),
  ]);
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /menu \(dinner\).*: told/);
  assert.match(ran.out, /screen: sent/);
  assert.doesNotMatch(ran.out, /To screen/);
  assert.match(daemon.out(), /To screen from menu/);
  assert.equal(sent.code, 0, sent.err);
  assert.match(daemon.out(), /from beside/);
});

test('beside a daemon, pausing and looking work, a restore is refused, and check says who runs', async () => {
  const [paused, dry, restored, checked] = await Promise.all([
    stage.cli('pause', 'menu'),
    stage.cli('run', 'menu', '--dry-run'),
    stage.cli('restore', join(stage.folder, 'any.db')),
    stage.cli('check'),
  ]);
  assert.equal(paused.code, 0, paused.err);
  assert.equal(dry.code, 0, dry.err);
  assert.equal(restored.code, 1);
  assert.match(
    restored.err,
    /talkbell works on .*process \d+.*started \d{4}-\d\d-\d\d \d\d:\d\d.*Stop it, then restore/,
  );
  assert.doesNotMatch(restored.err + checked.out, /\dT\d\d:\d\d:/);
  assert.match(checked.out, /ok {4}daemon {2,}daemon, process \d+/);
});

test('the daemon ends in order when it is asked to', async () => {
  daemon.child.kill('SIGTERM');
  const { code, out } = await daemon.ended;
  assert.equal(code, 0);
  assert.match(out, /talkbell has stopped/);
});
