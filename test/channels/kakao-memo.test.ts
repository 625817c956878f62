import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { makeKakaoMemoChannel } from '../../src/channels/kakao-memo.ts';
import type { Channel, Outgoing } from '../../src/core/ports.ts';
import { HOUR, makeRow, never, openStage, type Stage } from '../kakao/stage.ts';

let stage: Stage;
let channel: Channel;

beforeEach(async () => {
  stage = await openStage();
  assert.equal((await stage.login('민지')).kind, 'ok');
  stage.sandbox.reset();
  channel = makeKakaoMemoChannel({ kakao: stage.kakao, keeper: stage.keeper, now: () => stage.clock.at });
});

afterEach(() => stage.close());

function memo(changes: Partial<Outgoing> = {}): Outgoing {
  return makeRow({ address: { channel: 'kakao-memo', account: 'me' }, freshUntil: stage.clock.at + HOUR, ...changes });
}

async function deliver(row = memo(), signal: AbortSignal = never) {
  const [outcome, ...others] = await channel.deliver([row], signal);
  assert.equal(others.length, 0);
  assert.ok(outcome);
  return outcome;
}

const sends = () => stage.sandbox.requests().filter(({ path }) => path.includes('/talk/memo')).length;

test('a memo arrives in the own chat of the account', async () => {
  assert.deepEqual(await deliver(), { kind: 'sent' });
  const [received, ...others] = stage.sandbox.received();
  assert.equal(others.length, 0);
  assert.equal(received?.receiver, '민지');
  assert.equal(received?.text, '점심');
});

test('a long text is prepared into parts that are sent one by one', async () => {
  const parts = channel.prepare({
    kind: 'text',
    text: '가나다라마바사 '.repeat(60),
    link: { web_url: 'https://example.com' },
  });
  assert.ok(parts.length > 1);
  const outcomes = await channel.deliver(
    parts.map((saying) => memo({ saying })),
    never,
  );
  assert.ok(outcomes.length === parts.length && outcomes.every(({ kind }) => kind === 'sent'));
  assert.equal(stage.sandbox.received().length, parts.length);
});

test('a token that Kakao no longer takes is refreshed once and the memo sent with the new one', async () => {
  stage.sandbox.users.expire('민지', 'access');
  assert.deepEqual(await deliver(), { kind: 'sent' });
  assert.equal(sends(), 2);
  assert.equal(stage.refreshes(), 1);
});

test('a second 401 needs a login, which the account shows', async () => {
  stage.sandbox.fault({ path: '/talk/memo', kind: 'kakao-code', code: -401, times: 2 });
  const outcome = await deliver();
  assert.equal(outcome.kind, 'login');
  assert.equal(sends(), 2);
  const [row] = await stage.store.accounts();
  assert.equal(row?.state, 'needs-login');
});

test('what came back decides: try again, hold, fail, or unclear', async () => {
  const rows = [
    [{ kind: 'drop-before' }, 'unclear'],
    [{ kind: 'drop-after' }, 'unclear'],
    [{ kind: 'html-502' }, 'unclear'],
    [{ kind: 'not-json' }, 'unclear'],
    [{ kind: 'maintenance' }, 'retry'],
    [{ kind: 'kakao-code', code: -532 }, 'hold'],
    [{ kind: 'kakao-code', code: -603 }, 'unclear'],
    [{ kind: 'kakao-code', code: -2 }, 'failed'],
  ] as const;
  for (const [fault, expected] of rows) {
    stage.sandbox.fault({ path: '/talk/memo', ...fault });
    assert.equal((await deliver()).kind, expected, JSON.stringify(fault));
  }
  assert.equal(sends(), rows.length, 'no fault is tried again inside the channel');
});

test('a Retry-After of Kakao is handed on', async () => {
  stage.sandbox.fault({ path: '/talk/memo', kind: 'status', status: 503, headers: { 'retry-after': '120' } });
  const outcome = await deliver();
  assert.ok(outcome.kind === 'retry');
  assert.equal(outcome.retryAfterMs, 120_000);
});

test('a message that is stale by the time its token is refreshed is not sent', async () => {
  const row = memo({ freshUntil: stage.clock.at + 7 * HOUR });
  stage.clock.at += 7 * HOUR;
  const keeper = {
    ...stage.keeper,
    access: async (account: string, signal: AbortSignal) => {
      const access = await stage.keeper.access(account, signal);
      stage.clock.at += 1;
      return access;
    },
  };
  channel = makeKakaoMemoChannel({ kakao: stage.kakao, keeper, now: () => stage.clock.at });
  const outcome = await deliver(row);
  assert.ok(outcome.kind === 'retry' && /no longer fresh/.test(outcome.reason));
  assert.equal(stage.refreshes(), 1);
  assert.equal(sends(), 0);
});

test('a message that is fresh to the very instant is sent', async () => {
  assert.equal((await deliver(memo({ freshUntil: stage.clock.at }))).kind, 'sent');
});

test('without a login the message waits for one', async () => {
  const outcome = await deliver(memo({ address: { channel: 'kakao-memo', account: 'nobody' } }));
  assert.equal(outcome.kind, 'login');
});

test('no consent fails with the command that mends it, under the name of the account', async () => {
  stage.sandbox.users.setConsent('민지', ['profile_nickname']);
  const outcome = await deliver();
  assert.ok(outcome.kind === 'failed' && /talkbell login --as me/.test(outcome.reason), JSON.stringify(outcome));
});

test('a stop before the call has sent nothing', async () => {
  assert.equal((await deliver(memo(), AbortSignal.abort())).kind, 'retry');
  assert.equal(sends(), 0);
});
