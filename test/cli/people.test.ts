import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CliStage, openCliStage } from './stage.ts';

let stage: CliStage;

before(async () => {
  stage = await openCliStage();
});

after(() => stage.close());

test('login prints the address and a QR code, takes what the browser brings, and says the next step', async () => {
  const ended = await stage.login('민지', '--friends');
  assert.equal(ended.code, 0, ended.err);
  assert.match(ended.out, /█/);
  assert.match(ended.out, /me is logged in \(Kakao \d+\)\.\nTry it: talkbell send me hello/);
  const accounts = (await stage.json('accounts')) as {
    name: string;
    state: string;
    daysLeft: number;
    scopes: string[];
  }[];
  assert.deepEqual(
    accounts.map(({ name, state, daysLeft }) => [name, state, daysLeft]),
    [['me', 'ok', 59]],
  );
  assert.ok(accounts[0]?.scopes.includes('talk_message'));
});

test('login --paste reads the address a person pastes', async () => {
  const pasting = stage.start(['login', '--as', 'mum', '--paste'], {
    input: 'https://localhost/oauth?error=access_denied\n',
  });
  const ended = await pasting.ended;
  assert.equal(ended.code, 1);
  assert.match(ended.out, /authorize\?\S+prompt=select_account/);
  assert.match(ended.err, /did not agree/);
});

test('without a REST API key login says where to get one', async () => {
  const ended = await stage.start(['login'], { env: { KAKAO_REST_API_KEY: '' } }).ended;
  assert.equal(ended.code, 1);
  assert.match(ended.err, /KAKAO_REST_API_KEY is not set.*developers\.kakao\.com/);
});

test('send delivers at once without a daemon, from an argument or from standard input, and no token is shown', async () => {
  const sent = await stage.cli('send', 'me', '안녕');
  assert.equal(sent.code, 0, sent.err);
  assert.match(sent.out, /\| 안녕\n {2}me: sent /);
  const piped = await stage.start(['send', 'me', '-', '--json'], { input: 'from a pipe\n' }).ended;
  const rows = JSON.parse(piped.out) as { state: string; text: string }[];
  assert.deepEqual(
    rows.map(({ state, text }) => [state, text]),
    [['sent', 'from a pipe']],
  );
  assert.equal(stage.sandbox.received().length, 2);
  assert.equal((await stage.cli('send', 'me', ' ')).code, 1);
});

test('a message that is refused ends with 1, and can be written once more', async () => {
  stage.sandbox.users.add('민지', { usesTalk: false });
  const refused = await stage.cli('send', 'me', 'hello');
  stage.sandbox.users.add('민지', { usesTalk: true });
  assert.equal(refused.code, 1);
  assert.match(refused.out, /me: failed: /);
  const [row] = (await stage.json('outbox', '--state', 'failed')) as { id: number }[];
  assert.match((await stage.cli('outbox', 'retry', String(row?.id))).out, /Written once more as message \d+/);
  assert.equal((await stage.cli('outbox', 'drop', String((row?.id ?? 0) + 1))).code, 0);
  assert.equal((await stage.cli('outbox', 'drop', '99')).code, 1);
  assert.equal((await stage.cli('outbox', '--state', 'lost')).code, 2);
});

test('recipients are checked before they are kept, and their secrets are not shown', async () => {
  const body = join(stage.folder, 'body.json');
  writeFileSync(body, '{"content":"{{text}}"}');
  const [added, literal, group, url, header, account, two] = await Promise.all([
    stage.cli(
      'recipients',
      'add',
      'phone',
      '--webhook',
      'https://ntfy.example.com/topic-s3cret',
      '--header',
      'Authorization: Bearer env:NTFY',
      '--body',
      `@${body}`,
    ),
    stage.cli(
      'recipients',
      'add',
      'hook',
      '--webhook',
      'https://example.com/hook',
      '--header',
      'X-Api-Key: 0123456789abcdef',
    ),
    stage.cli('recipients', 'add', 'all', '--group', 'me,nobody'),
    stage.cli('recipients', 'add', 'bad', '--webhook', 'ftp://example.com'),
    stage.cli('recipients', 'add', 'bad', '--webhook', 'https://example.com', '--header', 'no header'),
    stage.cli('recipients', 'add', 'bad', '--kakao', 'mee'),
    stage.cli('recipients', 'add', 'bad', '--kakao', 'me', '--console'),
  ]);
  assert.equal(added.code, 0, added.err);
  assert.match(added.err, /NTFY has no value yet/);
  assert.equal(literal.code, 0);
  assert.match(literal.err, /X-Api-Key looks like a secret/);
  assert.deepEqual([group.code, url.code, header.code, account.code, two.code], [1, 2, 2, 1, 2]);
  assert.match(group.err, /There is no recipient nobody/);
  assert.match(url.err, /http or https/);
  assert.match(account.err, /There is no account mee\. Did you mean me\?/);

  assert.equal((await stage.cli('recipients', 'add', 'all', '--group', 'me,phone')).code, 0);
  const shown = await stage.cli('recipients', '--json');
  assert.doesNotMatch(shown.out + added.out, /s3cret|0123456789abcdef/);
  const names = (JSON.parse(shown.out) as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(names, ['all', 'hook', 'me', 'phone']);
  assert.match((await stage.cli('recipients', 'remove', 'hook')).out, /hook is removed/);
});

test('friends lists whom the app may write to, and a friend gets a message', async () => {
  assert.equal((await stage.login('준호', '--as', 'junho', '--friends')).code, 0);
  const friends = (await stage.json('friends', '--account', 'me')) as {
    id: string;
    nickname: string;
    allowed: boolean;
  }[];
  const friend = friends.find(({ nickname }) => nickname === '준호');
  assert.equal(friend?.allowed, true);
  assert.equal((await stage.cli('recipients', 'add', 'friend', '--friend', friend?.id ?? '', '--by', 'me')).code, 0);
  const sent = await stage.cli('send', 'friend', '밥 먹자');
  assert.equal(sent.code, 0, sent.out + sent.err);
});

test('an account is forgotten, with its consent at Kakao if that is wished', async () => {
  const removed = (await stage.json('accounts', 'remove', 'junho', '--unlink')) as { unlinked: boolean };
  assert.equal(removed.unlinked, true);
  assert.equal(stage.sandbox.users.list().find(({ name }) => name === '준호')?.linked, false);
  assert.match((await stage.cli('accounts', 'remove', 'junho')).err, /There is no account junho/);
  assert.match((await stage.cli('recipients')).out, /junho {2,}kakao-memo {2,}KakaoTalk of junho {2,}log in first/);
});

test('a backup is put back in the place of the store', async () => {
  const file = join(stage.folder, 'kept.db');
  assert.equal((await stage.cli('backup', file)).code, 0);
  assert.equal((await stage.cli('recipients', 'add', 'later', '--console')).code, 0);
  const restored = (await stage.json('restore', file)) as { kept: string };
  assert.match(restored.kept, /before-restore/);
  const names = ((await stage.json('recipients')) as { name: string }[]).map(({ name }) => name);
  assert.ok(names.includes('me') && !names.includes('later'));
  const absent = await stage.cli('restore', join(stage.folder, 'absent.db'));
  assert.equal(absent.code, 1);
  assert.match(absent.err, /There is no backup/);
});

test('two commands at once without a daemon both deliver', async () => {
  const before = stage.sandbox.received().length;
  const [one, other] = await Promise.all([stage.cli('send', 'me', 'one'), stage.cli('send', 'me', 'other')]);
  assert.deepEqual([one.code, other.code], [0, 0], one.err + other.err);
  assert.match(one.out + other.out, /me: sent[\s\S]*me: sent/);
  assert.equal(stage.sandbox.received().length, before + 2);
});
