import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { finishLogin } from '../../src/kakao/login.ts';
import { codeChallengeOf } from '../../src/kakao/oauth.ts';
import { agree, openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});

afterEach(() => stage.close());

const finish = (code: string, more: object = {}) => {
  const { oauth, kakao, store, clock } = stage;
  return finishLogin({ oauth, kakao, store, now: () => clock.at }, { code, name: 'me', ...more });
};

async function refusalOf(end: ReturnType<typeof finish>) {
  const refused = await end;
  assert.ok(refused.kind === 'refused', JSON.stringify(refused));
  assert.deepEqual(await stage.store.accounts(), []);
  return refused;
}

test('a login is saved with its id, its consents and its tokens', async () => {
  const end = await stage.login('민지');
  assert.ok(end.kind === 'ok');
  assert.ok(end.scopes.includes('talk_message') && end.scopes.includes('friends'));
  assert.deepEqual(end.notes, []);
  const [row] = await stage.store.accounts();
  assert.equal(row?.kakaoId, end.kakaoId);
  assert.equal(row?.refreshExpiresAt, stage.clock.at + 5_183_999_000);
});

test('a code that is used twice is refused with what to do, and never shown', async () => {
  const code = await agree(stage.oauth, '민지');
  await finish(code);
  await stage.store.removeAccount('me');
  const { reason } = await refusalOf(finish(code));
  assert.match(reason, /used before.*KOE320/);
  assert.ok(!reason.includes(code));
});

test('a person who did not agree to messages is asked again for that', async () => {
  const { reason, askAgainFor } = await refusalOf(finish(await agree(stage.oauth, '민지', '&sandbox_scopes=friends')));
  assert.match(reason, /did not agree to talk_message/);
  assert.deepEqual(askAgainFor, ['talk_message']);
});

test('a consent item that the app has switched off is for the operator', async () => {
  const code = await agree(stage.oauth, '민지');
  const { app } = stage.sandbox;
  app.consentItems = app.consentItems.map((item) => ({ ...item, using: item.id !== 'talk_message' }));
  const { reason, askAgainFor } = await refusalOf(finish(code));
  assert.match(reason, /동의항목\] talk_message/);
  assert.equal(askAgainFor, undefined);
});

test('without consent to friends the login is good, with a note', async () => {
  const end = await stage.login('민지', 'me', '&sandbox_scopes=talk_message');
  assert.ok(end.kind === 'ok');
  assert.match(end.notes.join(), /did not agree to friends/);
});

test('a wrong client secret and a server that is down are told apart', async () => {
  const code = await agree(stage.oauth, '민지');
  stage.sandbox.fault({ path: '/oauth/token', kind: 'html-502' });
  assert.match((await refusalOf(finish(code))).reason, /HTTP 502/);
  stage.sandbox.app.clientSecret = 'another';
  assert.match((await refusalOf(finish(code))).reason, /KAKAO_CLIENT_SECRET.*KOE010/);
});

test("another person's login does not take the place of one, unless it is told to", async () => {
  assert.equal((await stage.login('민지')).kind, 'ok');
  const end = await stage.login('준호');
  assert.ok(end.kind === 'refused' && /belongs to another Kakao user/.test(end.reason));
  assert.equal((await finish(await agree(stage.oauth, '준호'), { replace: true })).kind, 'ok');
  assert.equal((await stage.login('준호')).kind, 'ok');
});

test('a PKCE verifier goes with its challenge', async () => {
  const codeChallenge = await codeChallengeOf('a-verifier-of-at-least-forty-three-characters-0');
  const url = stage.oauth.authorizeUrl({ scope: ['talk_message'], state: 's', codeChallenge });
  const code = async () => {
    const answer = await fetch(`${url}&sandbox_user=${encodeURIComponent('민지')}`, { redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  };
  await refusalOf(finish(await code()));
  const codeVerifier = 'a-verifier-of-at-least-forty-three-characters-0';
  assert.equal((await finish(await code(), { codeVerifier })).kind, 'ok');
});

test('where Kakao tells nothing of consents, the login is saved: the first message will tell', async () => {
  const { kakao, store, clock, sandbox } = stage;
  const oauth: typeof stage.oauth = {
    ...stage.oauth,
    exchangeCode: async (...asked) => {
      const answer = await stage.oauth.exchangeCode(...asked);
      assert.ok(answer.kind === 'answer' && answer.text !== undefined);
      const { scope: _, ...bare } = JSON.parse(answer.text) as Record<string, unknown>;
      return { ...answer, json: bare, text: JSON.stringify(bare) };
    },
  };
  sandbox.fault({ path: '/v2/user/scopes', kind: 'html-502', times: 10 });
  const code = await agree(stage.oauth, '민지');
  const end = await finishLogin({ oauth, kakao, store, now: () => clock.at }, { code, name: 'me' });
  assert.equal(end.kind, 'ok', JSON.stringify(end));
});
