// A page that broke, as its owner meets it: history and `why` name what happened, and the page is there to be replayed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CliStage, MENU, menuJob, openCliStage } from './stage.ts';

let stage: CliStage;
let kept: string;

before(async () => {
  stage = await openCliStage();
  kept = join(stage.dataDir, 'pages', 'menu');
  stage.writeJob('menu.ts', menuJob(`${stage.origin}/menu`));
  await stage.cli('recipients', 'add', 'screen', '--console');
});

after(() => stage.close());

async function runOn(page: string | undefined): Promise<string> {
  if (page === undefined) stage.pages.delete('/menu');
  else stage.pages.set('/menu', page);
  await stage.cli('run', 'menu', '--slot', 'lunch');
  return (await stage.cli('why', 'menu', '--limit', '1')).out;
}

test('what happened to the page is told in a word, with the page itself where there is one', async () => {
  assert.match(await runOn(undefined), /because {4}refused: .* answered 404/);
  const reshaped = await runOn('<!doctype html><title>식단</title><table class="week"><tr><td>김밥</table>');
  assert.match(reshaped, /because {4}changed shape: .*no element matches `ul`/);
  assert.match(reshaped, new RegExp(`its page {3}${kept}\n`));
  const login = await runOn('<title>로그인</title><form><input type="password"></form>');
  assert.match(login, /because {4}not the page: .* is a log-in page, .*the title '로그인'\. .*no element matches/);
  const history = await stage.cli('history', 'menu');
  assert.match(history.out, /refused: /);
  assert.match(history.out, /changed shape: /);
  const [newest] = (await stage.json('why', 'menu')) as { cause: string; pages: string }[];
  assert.deepEqual([newest?.cause, newest?.pages], ['wrong-page', kept]);
});

test('the page of the last failed look is kept for its owner alone, and can be replayed until the job reads it', async () => {
  await runOn('<!doctype html><title>식단</title><ol><li><b class="name">비빔밥</b></ol>');
  assert.deepEqual(readdirSync(kept).toSorted(), ['1.html', 'pages.json']);
  for (const file of readdirSync(kept)) assert.equal(statSync(join(kept, file)).mode & 0o77, 0);
  assert.match(readFileSync(join(kept, '1.html'), 'utf8'), /비빔밥/);

  stage.pages.set('/menu', MENU);
  const still = await stage.cli('run', 'menu', '--slot', 'lunch', '--dry-run', '--page', kept);
  assert.equal(still.code, 1);
  assert.match(still.out, /changed shape: .*no element matches `ul`/);
  stage.writeJob('menu.ts', menuJob(`${stage.origin}/menu`).replaceAll("'ul'", "'ol'"));
  const mended = await stage.cli('run', 'menu', '--slot', 'lunch', '--dry-run', '--page', kept);
  assert.equal(mended.code, 0, mended.out + mended.err);
  assert.match(mended.out, /- 비빔밥/);
});

test('what a server says with its refusal is kept too, and a robot check is told from a plain refusal', async () => {
  const answers = new Map([
    ['/plain', '<title>403 Forbidden</title><h1>Forbidden</h1>'],
    ['/check', '<title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/x.js"></script>'],
  ]);
  const wall = createServer((request, response) => {
    response.writeHead(403, { 'content-type': 'text/html' }).end(answers.get(request.url ?? ''));
  });
  await new Promise<void>((resolve) => wall.listen(0, '127.0.0.1', resolve));
  const { port } = wall.address() as AddressInfo;
  const whyOf = async (path: string): Promise<string> => {
    stage.writeJob('wall.ts', menuJob(`http://127.0.0.1:${port}${path}`));
    await stage.cli('run', 'wall', '--slot', 'lunch');
    return (await stage.cli('why', 'wall', '--limit', '1')).out;
  };
  assert.match(await whyOf('/plain'), /because {4}refused: .* answered 403/);
  assert.match(readFileSync(join(stage.dataDir, 'pages', 'wall', '1.html'), 'utf8'), /403 Forbidden/);
  assert.match(await whyOf('/check'), /because {4}not the page: .* is a question whether one is a robot.*answered 403/);
  wall.close();
  wall.closeAllConnections();
});

test('a folder without kept pages is refused in a sentence', async () => {
  const empty = await stage.cli('run', 'menu', '--dry-run', '--page', stage.folder);
  assert.equal(empty.code, 1);
  assert.match(empty.out + empty.err, /holds no kept pages/);
  writeFileSync(join(kept, 'pages.json'), '{"pages": [{"file": "../key"}]}');
  const outside = await stage.cli('run', 'menu', '--dry-run', '--page', kept);
  assert.match(outside.out + outside.err, /holds no kept pages/);
});
