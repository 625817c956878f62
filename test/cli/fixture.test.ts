// `talkbell fixture`: the pages of a job as they are now, in a folder that a dry run and a test read again.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CliStage, MENU, menuJob, openCliStage } from './stage.ts';

let stage: CliStage;
const fixtures = (...names: readonly string[]): string => join(stage.folder, 'jobs', 'fixtures', ...names);

before(async () => {
  stage = await openCliStage();
  stage.pages.set('/menu', MENU);
  stage.writeJob('lunch.ts', menuJob(`${stage.origin}/menu`));
});

after(() => stage.close());

test('the page of a job is saved beside it, with what the job takes from it, and replayed without the network', async () => {
  const saved = await stage.cli('fixture', 'lunch', '--slot', 'dinner');
  assert.equal(saved.code, 0, saved.err);
  assert.match(saved.out, /Saved the page of lunch in [\s\S]*200 {2}\d+ bytes {2}http[\s\S]*finds 2 items on it now/);
  assert.equal(readFileSync(fixtures('lunch', '1.html'), 'utf8'), MENU);
  assert.ok(!existsSync(stage.dataDir) || !readdirSync(stage.dataDir).includes('talkbell.db'), 'nothing is stored');
  stage.pages.set('/menu', 'gone');
  const replayed = await stage.cli('run', 'lunch', '--dry-run', '--page', fixtures('lunch'));
  assert.match(replayed.out, /- 김밥\n.*- 라면/);
  assert.match((await stage.cli('jobs')).out, /^lunch /m, 'a folder of fixtures is no job');
  stage.pages.set('/menu', MENU);
});

test('what was saved before, and what is something else, is not replaced by the way', async () => {
  const before = readFileSync(fixtures('lunch', 'pages.json'), 'utf8');
  const refused = await stage.cli('fixture', 'lunch');
  assert.equal(refused.code, 1);
  assert.match(refused.err, /is there already\. Add --force/);
  assert.equal(readFileSync(fixtures('lunch', 'pages.json'), 'utf8'), before);
  assert.equal((await stage.cli('fixture', 'lunch', '--force')).code, 0);
  const own = join(stage.folder, 'own');
  mkdirSync(own);
  writeFileSync(join(own, 'thesis'), 'years of work');
  assert.match(
    (await stage.cli('fixture', 'lunch', '--to', own, '--force')).err,
    /holds something else than saved pages/,
  );
  assert.equal(readFileSync(join(own, 'thesis'), 'utf8'), 'years of work');
});

test('a single page may go into a file, several may not', async () => {
  const file = join(stage.folder, 'menu.html');
  assert.equal((await stage.cli('fixture', 'lunch', '--to', file)).code, 0);
  assert.equal(readFileSync(file, 'utf8'), MENU);
  const get = `(get) => get('${stage.origin}/menu')`;
  const two = menuJob(`${stage.origin}/menu`).replace(
    get,
    `async (get) => { await (${get})(get); return (${get})(get); }`,
  );
  stage.writeJob('twice.ts', two);
  const { err } = await stage.cli('fixture', 'twice', '--to', join(stage.folder, 'twice.html'));
  assert.match(err, /gets 2 pages.*Name a folder/);
  const found = (await stage.json('fixture', 'twice')) as { pages: unknown[]; found: number };
  assert.deepEqual([found.pages.length, found.found], [2, 2]);
});

test('a page that the job can no longer read is saved all the same, and the failure told', async () => {
  stage.writeJob('broken.ts', menuJob(`${stage.origin}/menu`).replace("'.name'", "'.dish'"));
  const { code, out } = await stage.cli('fixture', 'broken');
  assert.equal(code, 1);
  assert.match(out, /The job fails on it: .*\.dish/);
  assert.ok(existsSync(fixtures('broken', '1.html')));
});

test('without a page, a job of that name or a time, a sentence says so and nothing is saved', async () => {
  stage.writeJob('gone.ts', menuJob(`${stage.origin}/none`));
  const ended = await Promise.all([
    stage.cli('fixture', 'supper'),
    stage.cli('fixture', 'lunch', '--at', 'soon', '--to', join(stage.folder, 'soon')),
    stage.cli('fixture', 'lunch', '--slot', 'brunch', '--to', join(stage.folder, 'brunch')),
  ]);
  assert.deepEqual(
    ended.map(({ code }) => code),
    [1, 1, 1],
  );
  assert.match(ended.map(({ err }) => err).join(''), /no job supper[\s\S]*--at 'soon' is no time[\s\S]*no slot brunch/);
  assert.ok(!existsSync(join(stage.folder, 'soon')) && !existsSync(join(stage.folder, 'brunch')));
});

test('a secret that the page repeats is masked in what is saved', async () => {
  const env = { ...stage.env, SITE_PASSWORD: 'geheimes-passwort' };
  stage.pages.set('/echo', `${MENU}<input value="geheimes-passwort">`);
  const job = menuJob(`${stage.origin}/echo`).replace('{ defineJob }', '{ defineJob, secret }');
  stage.writeJob('echo.ts', job.replace('export default', "secret('SITE_PASSWORD');\nexport default"));
  const { code, err } = await stage.start(['fixture', 'echo'], { env }).ended;
  assert.equal(code, 0, err);
  const saved = readFileSync(fixtures('echo', '1.html'), 'utf8');
  assert.match(saved, /김밥/);
  assert.doesNotMatch(saved, /geheimes/);
});
