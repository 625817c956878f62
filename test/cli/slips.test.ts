// Slips of the hand: names that nobody has, settings that nobody reads, files that are none.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Database from 'better-sqlite3';
import { withoutResume } from '../../src/cli/waits.ts';
import { type CliStage, type Ended, MENU, menuJob, openCliStage } from './stage.ts';

let stage: CliStage;

before(async () => {
  stage = await openCliStage();
  stage.pages.set('/menu', MENU);
  stage.writeJob('menu.ts', menuJob(`${stage.origin}/menu`).replace("'screen'", "['screem', 'mum']"));
  for (const name of ['screen', 'me']) assert.equal((await stage.cli('recipients', 'add', name, '--console')).code, 0);
});

after(() => stage.close());

function checkWith(env: Record<string, string>): Promise<Ended> {
  return stage.start(['check'], { env }).ended;
}

test('a recipient that nobody is gets the name that was meant, and a command that works as it stands', async () => {
  const [jobs, checked, ran, dry] = await Promise.all([
    stage.cli('jobs'),
    stage.cli('check'),
    stage.cli('run', 'menu'),
    stage.cli('run', 'menu', '--dry-run'),
  ]);
  const meant = /there is no recipient screem; did you mean screen\? Otherwise: talkbell login --as screem/;
  assert.match(jobs.out, meant);
  assert.match(jobs.out, /mum \(log in first\)/);
  assert.match(checked.out, meant);
  assert.match(
    checked.out,
    /It tells mum: log in first: talkbell login --as mum, or another way: talkbell recipients add mum --webhook URL/,
  );
  assert.match(ran.err, /there is no such recipient\. Did you mean screen\?/);
  assert.match(dry.out, meant);
});

test('an owner that does not exist is told with the name that was meant', async () => {
  const { out } = await checkWith({ TALKBELL_OWNER: 'me,screne1' });
  assert.match(
    out,
    /warn +owner +TALKBELL_OWNER names screne1, and there is no such recipient\. Did you mean screen\?/,
  );
  assert.doesNotMatch((await checkWith({ TALKBELL_OWNER: 'me' })).out, /TALKBELL_OWNER names/);
});

test('settings that nobody reads and lines that are none are told with file, line and the name that was meant', async () => {
  const file = join(stage.folder, 'slips.env');
  const lines = [
    '# a comment',
    'TALKBELL_ONWER=me',
    'KAKAO_CLIENT_SECERT="s3cret0value"',
    'NEIS_KEY=of a job',
    'TALKBELL_TIMEZONE Asia/Seoul',
    "LONG='first",
    "second, which is no setting'",
    'export TALKBELL_LOG_LEVEL=info',
    'p4ssword alone',
  ];
  writeFileSync(file, lines.join('\n'), { mode: 0o600 });
  const { out } = await checkWith({ TALKBELL_ENV_FILE: file, TALKBEL_JOBS: 'x' });
  const warnings = out.match(/^warn +settings .*$/gm) ?? [];
  assert.deepEqual(
    warnings.map((line) => line.replace(/^warn +settings +/, '').replaceAll(file, 'FILE')),
    [
      'FILE, line 2: talkbell knows no setting TALKBELL_ONWER. Did you mean TALKBELL_OWNER?',
      'FILE, line 3: talkbell knows no setting KAKAO_CLIENT_SECERT. Did you mean KAKAO_CLIENT_SECRET?',
      'FILE, line 5 is no NAME=value, so it is not read. Did you mean TALKBELL_TIMEZONE=...?',
      'FILE, line 9 is no NAME=value, so it is not read. Write it as NAME=value, or begin it with #.',
      'The environment: talkbell knows no setting TALKBEL_JOBS. Did you mean TALKBELL_JOBS?',
    ],
  );
  assert.doesNotMatch(out, /s3cret0value|p4ssword/);
});

test('a group is told once that it cannot hold itself', async () => {
  const { code, err } = await stage.cli('recipients', 'add', 'everyone', '--group', 'me,everyone');
  assert.equal(code, 1);
  assert.equal(err, 'The group everyone cannot hold itself: leave everyone out of --group.\n');
});

test('a remedy is said once, and none where there is nothing to resume', async () => {
  const { out } = await checkWith({ KAKAO_CLIENT_SECRET: 'another0secret0000' });
  assert.match(out, /FAIL +Kakao app +KAKAO_CLIENT_SECRET is not the app's client secret.*KOE010/);
  assert.doesNotMatch(out, /resume --account/);
  assert.equal(
    withoutResume('Mend it there. Then talkbell resume --account NAME. (KOE010)'),
    'Mend it there. (KOE010)',
  );
  assert.equal(withoutResume('Switch it on; then talkbell resume --account NAME.'), 'Switch it on.');
  assert.equal(withoutResume('Nothing of the kind.'), 'Nothing of the kind.');
});

test('a login with a wrong client secret names the setting, and no account to resume', async () => {
  const waiting = stage.start(['login'], { env: { KAKAO_CLIENT_SECRET: 'another0secret0000' } });
  const [address = ''] = /http\S+authorize\S+/.exec(await waiting.says('Waiting for the browser')) ?? [];
  await fetch(`${address}&sandbox_user=${encodeURIComponent('민지')}`);
  const { code, err } = await waiting.ended;
  assert.equal(code, 1);
  assert.match(err, /KAKAO_CLIENT_SECRET is not the app's client secret/);
  assert.doesNotMatch(err, /resume/);
});

test('a backup goes where its folder is, and replaces a file only by force', async () => {
  const file = join(stage.folder, 'kept.db');
  const nowhere = await stage.cli('backup', '/nonexistent/b.db');
  assert.equal(nowhere.code, 1);
  assert.equal(nowhere.err, 'The folder /nonexistent does not exist. Make it, or name another file.\n');
  assert.match((await stage.cli('backup', stage.folder)).err, /is a folder/);
  writeFileSync(file, 'precious');
  const refused = await stage.cli('backup', file);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /kept\.db is there already\. .*talkbell backup \S+kept\.db --force/);
  assert.equal(readFileSync(file, 'utf8'), 'precious');
  assert.equal((await stage.cli('backup', file, '--force')).code, 0);
  assert.match(readFileSync(file, 'latin1'), /^SQLite format 3/);
});

test('what is no backup of talkbell is refused as that, and nothing is replaced', async () => {
  const text = join(stage.folder, 'notes.txt');
  const foreign = join(stage.folder, 'foreign.db');
  writeFileSync(text, 'these are notes, and however long they are made, they are no database');
  const db = new Database(foreign);
  db.exec('create table notes (text)');
  db.pragma('user_version = 1');
  db.close();
  for (const file of [text, foreign, stage.folder]) {
    const { code, err } = await stage.cli('restore', file);
    assert.equal(code, 1);
    assert.equal(err, `${file} is no backup of talkbell. Name one, such as a file of data/backups.\n`);
  }
  assert.ok(existsSync(join(stage.dataDir, 'talkbell.db')));
  assert.match((await stage.cli('recipients')).out, /screen/);
});
