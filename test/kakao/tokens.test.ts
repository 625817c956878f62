import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { StoreError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/ports.ts';
import { hashOf } from '../../src/kakao/refresh.ts';
import { withToken } from '../../src/kakao/with-token.ts';
import { DAY, HOUR, never, openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  const end = await stage.login('민지');
  assert.equal(end.kind, 'ok');
  stage.sandbox.reset();
});

afterEach(() => stage.close());

test('a login whose access tokens Kakao refused for a while comes back by itself', async () => {
  const reason = 'Kakao did not accept the access token (-401). Log in again: talkbell login --as me';
  await stage.keeper.needsLogin('me', reason);
  assert.deepEqual(await stage.keeper.maintain(stage.clock.at), []);
  assert.equal(stage.refreshes(), 0);
  stage.sandbox.fault({ path: '/oauth/token', kind: 'status', status: 503, times: 1 });
  stage.clock.at += HOUR;
  await stage.keeper.maintain(stage.clock.at);
  stage.clock.at += HOUR;
  await stage.keeper.maintain(stage.clock.at);
  assert.equal((await accountOf()).state, 'needs-login', 'the second try comes two hours after the first');
  stage.clock.at += HOUR;
  await stage.keeper.maintain(stage.clock.at);
  assert.equal((await accountOf()).state, 'ok');
});

test('a login that a person must mend is not tried again', async () => {
  for (const reason of [
    'The person has not agreed to talk_message (-402).',
    'Kakao no longer takes the refresh token of me (KOE322).',
  ]) {
    await stage.keeper.needsLogin('me', reason);
    stage.clock.at += 30 * HOUR;
    await stage.keeper.maintain(stage.clock.at);
    assert.equal((await accountOf()).state, 'needs-login');
  }
  assert.equal(stage.refreshes(), 0);
});

async function tokensOf(name = 'me') {
  const held = await stage.store.tokens(name);
  assert.ok(held);
  return held;
}

async function accountOf(name = 'me') {
  const row = (await stage.store.accounts()).find((account) => account.name === name);
  assert.ok(row);
  return row;
}

async function outcomeOf(result: Promise<object>) {
  const access = await result;
  assert.ok('outcome' in access, JSON.stringify(Object.keys(access)));
  return access.outcome as { kind: string; reason: string; retryAfterMs?: number; until?: string };
}

/** The store with one method that fails: a full disk, or a crash at that point. */
function failing(method: keyof Store, times = 1): Store {
  let left = times;
  const broken = async () => {
    throw new StoreError('The disk is full.', { kind: 'full' });
  };
  return new Proxy(stage.store, {
    get: (target, name, self) => {
      if (name !== method || left <= 0) return Reflect.get(target, name, self);
      left -= 1;
      return broken;
    },
  });
}

test('an access token that is good for more than two minutes is given without asking Kakao', async () => {
  const { tokens } = await tokensOf();
  assert.deepEqual(await stage.keeper.access('me', never), { token: tokens.access });
  assert.equal(stage.refreshes(), 0);
});

test('an access token that ends within two minutes is refreshed; a missing refresh token keeps the old one and its end', async () => {
  const before = (await tokensOf()).tokens;
  stage.clock.at = before.accessExpiresAt - 60_000;
  const access = await stage.keeper.access('me', never);
  const { tokens, intent } = await tokensOf();
  assert.deepEqual(access, { token: tokens.access });
  assert.notEqual(tokens.access, before.access);
  assert.equal(tokens.refresh, before.refresh);
  assert.equal(tokens.refreshExpiresAt, before.refreshExpiresAt);
  assert.equal(intent, undefined);
});

test('in its last month the refresh token is replaced, on disk, by the new one', async () => {
  const before = (await tokensOf()).tokens;
  stage.clock.at += 35 * DAY;
  await stage.keeper.access('me', never);
  const { tokens } = await tokensOf();
  assert.notEqual(tokens.refresh, before.refresh);
  assert.equal(tokens.refreshExpiresAt, stage.clock.at + 5_184_000_000);
});

test('many askers at once cause one refresh', async () => {
  stage.clock.at += 7 * HOUR;
  const all = await Promise.all(Array.from({ length: 20 }, () => stage.keeper.access('me', never)));
  assert.equal(new Set(all.map((access) => JSON.stringify(access))).size, 1);
  assert.equal(stage.refreshes(), 1);
});

test('four keepers over one store file refresh once, and no login is lost', async () => {
  const keepers = await Promise.all(Array.from({ length: 4 }, async () => stage.makeKeeper(await stage.secondStore())));
  stage.clock.at += 35 * DAY;
  const all = await Promise.all(keepers.map((keeper) => keeper.access('me', never)));
  assert.ok(all.every((access) => 'token' in access));
  assert.equal(new Set(all.map((access) => JSON.stringify(access))).size, 1);
  assert.equal(stage.refreshes(), 1);
});

test('an answer lost after Kakao rotated leaves the intent; the old token is tried once and the diagnosis is made', async () => {
  stage.sandbox.fault({ path: '/oauth/token', kind: 'drop-after' });
  stage.clock.at += 35 * DAY;
  const lost = await outcomeOf(stage.keeper.access('me', never));
  assert.equal(lost.kind, 'retry');
  assert.ok((await tokensOf()).intent);
  assert.equal((await accountOf()).state, 'ok');

  stage.clock.at += 60_000;
  const dead = await outcomeOf(stage.keeper.access('me', never));
  assert.equal(dead.kind, 'login');
  assert.match(dead.reason, /probably rotated the token and its answer was lost/);
  const row = await accountOf();
  assert.equal(row.state, 'needs-login');
  assert.match(row.reason ?? '', /probably rotated/);
  const asked = stage.refreshes();
  await stage.keeper.access('me', never);
  assert.equal(stage.refreshes(), asked, 'a dead login is not asked for again');
});

test('an answer lost when Kakao had not rotated is mended by the old token', async () => {
  stage.sandbox.fault({ path: '/oauth/token', kind: 'drop-after' });
  stage.clock.at += 7 * HOUR;
  assert.equal((await outcomeOf(stage.keeper.access('me', never))).kind, 'retry');
  stage.clock.at += 60_000;
  assert.ok('token' in (await stage.keeper.access('me', never)));
  assert.equal((await tokensOf()).intent, undefined);
});

test('500, 502, 503, a page instead of JSON and no answer are never a dead login', async () => {
  const kinds = [
    { kind: 'status', status: 500 },
    { kind: 'html-502' },
    { kind: 'status', status: 503 },
    { kind: 'not-json', taken: false },
    { kind: 'empty-body', taken: false },
    { kind: 'drop-before' },
  ] as const;
  stage.clock.at += 7 * HOUR;
  for (const fault of kinds) {
    stage.sandbox.fault({ path: '/oauth/token', ...fault });
    const outcome = await outcomeOf(stage.keeper.access('me', never));
    assert.equal(outcome.kind, 'retry', fault.kind);
    assert.equal((await accountOf()).state, 'ok', fault.kind);
    stage.clock.at += 11 * 60_000;
  }
  assert.ok('token' in (await stage.keeper.access('me', never)));
});

test('after a failed refresh Kakao is left alone for a while', async () => {
  stage.clock.at += 7 * HOUR;
  stage.sandbox.fault({ path: '/oauth/token', kind: 'html-502', times: Infinity });
  for (let tries = 0; tries < 5; tries += 1) await stage.keeper.access('me', never);
  assert.equal(stage.refreshes(), 1);
});

test('too many tokens (KOE237) wait for ten minutes', async () => {
  stage.sandbox.app.quotas = { ...stage.sandbox.app.quotas, accessTokens: 0 };
  stage.clock.at += 7 * HOUR;
  const outcome = await outcomeOf(stage.keeper.access('me', never));
  assert.equal(outcome.kind, 'retry');
  assert.equal(outcome.retryAfterMs, 600_000);
  stage.clock.at += 9 * 60_000;
  await stage.keeper.access('me', never);
  assert.equal(stage.refreshes(), 1);
});

test('a wrong client secret (KOE010) and an unknown key (KOE101) hold the account for its operator', async () => {
  stage.clock.at += 7 * HOUR;
  stage.sandbox.app.clientSecret = 'another';
  const outcome = await outcomeOf(stage.keeper.access('me', never));
  assert.equal(outcome.kind, 'hold');
  assert.equal(outcome.until, 'operator');
  assert.match(outcome.reason, /KAKAO_CLIENT_SECRET.* \(KOE010\) Then: talkbell resume --account me$/);
  const { state, reason } = await accountOf();
  assert.deepEqual([state, reason], ['held', outcome.reason]);
  assert.equal((await tokensOf()).intent, undefined);

  await stage.store.markAccount('me', { state: 'ok', reason: '' }, stage.clock.at);
  stage.sandbox.app.restApiKey = 'another';
  const unknown = await outcomeOf(stage.makeKeeper().access('me', never));
  assert.equal(unknown.until, 'operator');
  assert.match(unknown.reason, /KAKAO_REST_API_KEY.*KOE101/);
});

test('with a dead refresh token the access token serves until it ends', async () => {
  const { tokens } = await tokensOf();
  await stage.store.markAccount('me', { state: 'needs-login', reason: 'KOE322' }, stage.clock.at);
  assert.deepEqual(await stage.keeper.access('me', never), { token: tokens.access });
  stage.clock.at = tokens.accessExpiresAt;
  assert.equal((await outcomeOf(stage.keeper.access('me', never))).kind, 'login');
  assert.equal(stage.refreshes(), 0);
});

test('a disk that would not take the answer stops the refresh before it begins', async () => {
  const keeper = stage.makeKeeper(failing('tryWrite'));
  stage.clock.at += 35 * DAY;
  const outcome = await outcomeOf(keeper.access('me', never));
  assert.equal(outcome.kind, 'retry');
  assert.match(outcome.reason, /disk is full/);
  assert.equal(stage.refreshes(), 0);
});

test('a crash before the intent is on disk has asked Kakao nothing', async () => {
  const keeper = stage.makeKeeper(failing('beginRefresh'));
  stage.clock.at += 35 * DAY;
  assert.equal((await outcomeOf(keeper.access('me', never))).kind, 'retry');
  assert.equal(stage.refreshes(), 0);
});

test('a crash between the raw answer and the commit is recovered at the next start', async () => {
  const keeper = stage.makeKeeper(failing('commitRefresh'));
  stage.clock.at += 35 * DAY;
  assert.equal((await outcomeOf(keeper.access('me', never))).kind, 'retry');
  const begunAt = stage.clock.at;
  const before = (await tokensOf()).tokens;

  stage.clock.at += HOUR;
  assert.deepEqual(await stage.keeper.recover(), ['me']);
  const { tokens, intent } = await tokensOf();
  assert.notEqual(tokens.refresh, before.refresh);
  assert.equal(tokens.accessExpiresAt, begunAt + 21_599_000, 'the life counts from the refresh, not from the recovery');
  assert.equal(intent, undefined);
  assert.equal(stage.refreshes(), 1);
});

test('an answer the disk did not take is kept in memory until it does', async () => {
  const keeper = stage.makeKeeper(failing('saveRawAnswer'));
  stage.clock.at += 35 * DAY;
  assert.equal((await outcomeOf(keeper.access('me', never))).kind, 'retry');
  await keeper.idle();
  assert.ok('token' in (await keeper.access('me', never)));
  assert.equal(stage.refreshes(), 1);
});

test('a refresh in doubt is tried at the first care after a start, at any hour', async () => {
  const { tokens } = await tokensOf();
  await stage.store.beginRefresh('me', { at: stage.clock.at, tokenHash: await hashOf(tokens.refresh) });
  stage.clock.at += 14 * HOUR;
  assert.deepEqual(await stage.keeper.recover(), []);
  assert.deepEqual(await stage.keeper.refreshDue(stage.clock.at), ['me']);
  assert.deepEqual(await stage.keeper.maintain(stage.clock.at), []);
  assert.equal((await tokensOf()).intent, undefined);
  assert.deepEqual(await stage.keeper.refreshDue(stage.clock.at), []);
});

test('a raw answer of another refresh token is not taken up', async () => {
  await stage.store.beginRefresh('me', { at: stage.clock.at, tokenHash: await hashOf('another') });
  await stage.store.saveRawAnswer('me', JSON.stringify({ access_token: 'old', expires_in: 21599 }));
  assert.deepEqual(await stage.keeper.recover(), []);
  assert.notEqual((await tokensOf()).tokens.access, 'old');
});

test('a restored account is verified by a refresh before its first use', async () => {
  await stage.store.markAccount('me', { state: 'verify', reason: 'restored' }, stage.clock.at);
  assert.ok('token' in (await stage.keeper.access('me', never)));
  assert.equal(stage.refreshes(), 1);
  assert.equal((await accountOf()).state, 'ok');
});

test('a restored account whose token Kakao has replaced since is diagnosed so', async () => {
  const { tokens } = await tokensOf();
  stage.clock.at += 35 * DAY;
  await stage.keeper.access('me', never);
  await stage.store.commitRefresh('me', tokens, stage.clock.at);
  await stage.store.markAccount('me', { state: 'verify', reason: 'restored' }, stage.clock.at);
  const outcome = await outcomeOf(stage.makeKeeper().access('me', never));
  assert.equal(outcome.kind, 'login');
  assert.match(outcome.reason, /restored backup/);
});

test('a login is renewed in the daytime of its last month, once a day, and outlives half a year of silence', async () => {
  let renewals = 0;
  for (let hour = 0; hour < 24 * 180; hour += 1) {
    stage.clock.at += HOUR;
    const due = await stage.keeper.refreshDue(stage.clock.at);
    if (due.length === 0) continue;
    const seoul = new Date(stage.clock.at + 9 * HOUR).getUTCHours();
    assert.ok(seoul >= 9 && seoul < 18, `refreshed at ${seoul}`);
    assert.deepEqual(await stage.keeper.maintain(stage.clock.at), []);
    renewals += 1;
  }
  assert.ok(renewals >= 5 && renewals <= 7, String(renewals));
  assert.ok('token' in (await stage.keeper.access('me', never)));
});

test('a login that is not renewed is warned of at 14, 7, 3 and 1 days, each under a key of its own', async () => {
  stage.sandbox.fault({ path: '/oauth/token', kind: 'html-502', times: Infinity });
  const { tokens } = await tokensOf();
  const keys = new Set<string>();
  for (; stage.clock.at < tokens.refreshExpiresAt; stage.clock.at += 6 * HOUR) {
    for (const { key, text } of await stage.keeper.maintain(stage.clock.at)) {
      keys.add(key);
      assert.match(text, /talkbell login --as me/);
    }
  }
  assert.deepEqual([...keys], ['login-ends:me:14', 'login-ends:me:7', 'login-ends:me:3', 'login-ends:me:1']);
});

test('after a 401 there is one refresh; a second 401 marks the account for a login', async () => {
  const unauthorized = { kind: 'unauthorized', reason: 'Refused. talkbell login --as NAME.' } as const;
  const used: string[] = [];
  const end = await withToken({ keeper: stage.keeper, account: 'me', signal: never }, async (token) => {
    used.push(token);
    return unauthorized;
  });
  assert.deepEqual(end, { kind: 'login', reason: 'Refused. talkbell login --as me.' });
  assert.equal(new Set(used).size, 2);
  assert.equal(stage.refreshes(), 1);
  assert.equal((await accountOf()).state, 'needs-login');
});

test('a token refused right after a refresh for its age is refreshed once more; only then is a login needed', async () => {
  stage.clock.at += 6 * HOUR;
  const first = await stage.keeper.access('me', never);
  assert.ok('token' in first);
  const second = await stage.keeper.afterUnauthorized('me', first.token, never);
  assert.ok('token' in second);
  assert.equal((await accountOf()).state, 'ok');
  assert.equal((await outcomeOf(stage.keeper.afterUnauthorized('me', second.token, never))).kind, 'login');
});

test('after the clock was set back, a token that Kakao refuses is refreshed, not given up', async () => {
  stage.clock.at += 3 * DAY;
  const { tokens } = await tokensOf();
  const first = await stage.keeper.afterUnauthorized('me', tokens.access, never);
  assert.ok('token' in first);
  stage.clock.at -= 3 * DAY;
  assert.ok('token' in (await stage.keeper.afterUnauthorized('me', first.token, never)));
  assert.equal((await accountOf()).state, 'ok');
});

test('after the clock was set back, a refresh that had failed is not put off for days', async () => {
  stage.clock.at += 7 * HOUR;
  stage.sandbox.fault({ path: '/oauth/token', kind: 'status', status: 503, times: 1 });
  assert.equal((await outcomeOf(stage.keeper.access('me', never))).kind, 'retry');
  stage.clock.at -= 3 * DAY;
  const { tokens } = await tokensOf();
  assert.ok('token' in (await stage.keeper.afterUnauthorized('me', tokens.access, never)));
});

test('a token refused by one and replaced by another is not refreshed again', async () => {
  const { tokens } = await tokensOf();
  const first = await stage.keeper.afterUnauthorized('me', tokens.access, never);
  const second = await stage.keeper.afterUnauthorized('me', tokens.access, never);
  assert.deepEqual(first, second);
  assert.equal(stage.refreshes(), 1);
});

test('an unknown account needs a login', async () => {
  const outcome = await outcomeOf(stage.keeper.access('nobody', never));
  assert.equal(outcome.kind, 'login');
  assert.match(outcome.reason, /talkbell login --as nobody/);
});

test('a shutdown waits for a refresh, which no signal breaks off', async () => {
  stage.sandbox.fault({ path: '/oauth/token', kind: 'slow', delayMs: 100 });
  stage.clock.at += 35 * DAY;
  const before = (await tokensOf()).tokens;
  const stopping = new AbortController();
  const asked = stage.keeper.access('me', stopping.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stopping.abort();
  const { kind } = await outcomeOf(asked);
  assert.equal(kind, 'retry');
  await stage.keeper.idle();
  assert.notEqual((await tokensOf()).tokens.refresh, before.refresh);
});

test('no token ever stands in a reason', async () => {
  const { tokens } = await tokensOf();
  stage.sandbox.fault({ path: '/oauth/token', kind: 'drop-after' });
  stage.clock.at += 35 * DAY;
  const lost = await outcomeOf(stage.keeper.access('me', never));
  stage.clock.at += HOUR;
  const dead = await outcomeOf(stage.keeper.access('me', never));
  for (const secret of [tokens.access, tokens.refresh, stage.sandbox.clientSecret]) {
    assert.ok(!lost.reason.includes(secret) && !dead.reason.includes(secret));
  }
});
