import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CliStage, MENU, menuJob, openCliStage } from './stage.ts';

interface Finding {
  readonly level: string;
  readonly about: string;
  readonly text: string;
}

let stage: CliStage;

before(async () => {
  stage = await openCliStage();
  stage.pages.set('/menu', MENU);
  stage.writeJob(
    'menu.ts',
    menuJob(`${stage.origin}/menu`).replace("to: 'screen'", "to: 'me'").replace('20 11 * * *', '20 11 1 * 1'),
  );
});

after(() => stage.close());

async function check(
  env: Record<string, string> = {},
): Promise<{ code: number | null; findings: readonly Finding[]; text: string }> {
  const { code, out, err } = await stage.start(['check', '--json'], { env }).ended;
  const findings = JSON.parse(out) as Finding[];
  return {
    code,
    findings,
    text: findings.map(({ level, about, text }) => `${level} ${about}: ${text}`).join('\n') + err,
  };
}

test('check works before anything is set up, says what to do, and makes neither key nor database', async () => {
  const dataDir = join(stage.folder, 'fresh');
  const { code, text } = await check({ TALKBELL_DATA: dataDir, KAKAO_REST_API_KEY: '' });
  assert.equal(code, 0, text);
  assert.match(text, /^ok Node: Node \d+/);
  assert.match(text, /warn key: There is no key yet/);
  assert.match(text, /warn Kakao app: KAKAO_REST_API_KEY is not set/);
  assert.match(text, /ok clock: agrees with Kakao's/);
  assert.match(text, /warn daemon: No daemon is running|warn data folder: .* does not exist yet/);
  assert.deepEqual([existsSync(join(dataDir, 'key')), existsSync(join(dataDir, 'talkbell.db'))], [false, false]);
});

test('check looks at logins, recipients, the owner, the cron lines and the keys of the app', async () => {
  assert.equal((await stage.login('민지')).code, 0);
  const { code, text } = await check({ KAKAO_CLIENT_SECRET: 'another0secret0000' });
  assert.equal(code, 1, text);
  assert.match(text, /ok login me: 59 days left/);
  assert.match(text, /ok recipients: me/);
  assert.match(text, /warn owner: The owner is told through Kakao alone/);
  assert.match(text, /warn jobs\/menu\.ts: The line lunch .* both must hold/);
  assert.match(text, /note links: .*웹 도메인/);
  assert.match(text, /FAIL Kakao app: .*KOE010/);
  assert.doesNotMatch(text, /another0secret0000/);
});

test('check sees jobs that do not load and logins that have died', async () => {
  stage.writeJob('broken.ts', 'export default 1;\n');
  stage.sandbox.users.unlink('민지');
  stage.sandbox.users.expire('민지', 'both');
  assert.equal((await stage.cli('send', 'me', 'hello')).code, 0, 'it waits for a login');
  const { code, text } = await check();
  assert.equal(code, 1);
  assert.match(text, /FAIL jobs\/broken\.ts: .*exports no job/);
  assert.equal(text.match(/^FAIL login me: .*$/m)?.[0].match(/talkbell login/g)?.length, 1, text);
  assert.doesNotMatch(text, /UTC|\dT\d\d:\d\d:/);
  assert.match(text, /warn alert: Since \d{4}-\d\d-\d\d \d\d:\d\d/);
});

test('check sees a clock that is wrong, and a Kakao that is not reached', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [late, away] = await Promise.all([
    check({ KAKAO_AUTH_URL: `http://127.0.0.1:${port}` }),
    check({ KAKAO_AUTH_URL: 'http://127.0.0.1:9', KAKAO_API_URL: 'http://127.0.0.1:9' }),
  ]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.match(
    late.text,
    /FAIL clock: This machine's clock is 5\dm.* ahead of Kakao's|FAIL clock: This machine's clock is 1h.* ahead of Kakao's/,
  );
  assert.equal(away.code, 1);
  assert.match(away.text, /FAIL Kakao: http:\/\/127\.0\.0\.1:9 is not reached/);
});

test('check goes on after a broken key, a broken database, open modes and wrong settings', async () => {
  const dataDir = join(stage.folder, 'broken');
  mkdirSync(dataDir);
  chmodSync(dataDir, 0o755);
  writeFileSync(join(dataDir, 'talkbell.db'), 'this is not a database, however long it is made to be');
  const [key, database, settings] = await Promise.all([
    check({ TALKBELL_KEY: 'short' }),
    check({ TALKBELL_DATA: dataDir, TALKBELL_KEY: 'ab'.repeat(32) }),
    check({ TALKBELL_TIMEZONE: 'Mars/Olympus' }),
  ]);
  assert.match(key.text, /FAIL key: TALKBELL_KEY is not a key.*openssl rand/);
  assert.match(key.text, /ok Kakao app/, 'the rest is looked at all the same');
  assert.match(database.text, /FAIL database: .*damaged/);
  assert.match(database.text, /warn data folder: Others on this machine can open .*chmod go-rwx/);
  assert.match(settings.text, /FAIL settings: TALKBELL_TIMEZONE is not a time zone/);
  assert.deepEqual([key.code, database.code, settings.code], [1, 1, 1]);
});

test('check tells which page robots.txt disallows for talkbell', async () => {
  stage.writeJob('private.ts', menuJob(`${stage.origin}/private/menu`));
  stage.pages.set('/robots.txt', 'User-agent: *\nDisallow: /private\n');
  const { findings } = await check();
  const { host } = new URL(stage.origin);
  const told = findings.filter(({ text }) => text.includes('robots.txt'));
  assert.deepEqual(told, [
    { level: 'warn', about: 'jobs/private.ts', text: `robots.txt of ${host} disallows /private/menu for talkbell.` },
  ]);
});
