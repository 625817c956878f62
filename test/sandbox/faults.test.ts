// Faults on demand, and the two witnesses: what was asked and what arrived.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askRefresh, logIn, openSandbox, sendMemo } from './visitor.ts';

const DAY_MS = 86_400_000;

test('an answer that is dropped after rotating leaves the old refresh token dead', async (t) => {
  const sandbox = await openSandbox(t);
  const { refresh_token: refresh } = await logIn(sandbox, '민지');
  sandbox.clock.advance(40 * DAY_MS);
  sandbox.fault({ path: /oauth\/token/, kind: 'drop-after' });

  await assert.rejects(askRefresh(sandbox, refresh));

  assert.equal((await askRefresh(sandbox, refresh)).status, 400);
  assert.deepEqual(
    sandbox
      .requests()
      .slice(-2)
      .map(({ status, fault }) => [status, fault]),
    [
      ['dropped', 'drop-after'],
      [400, undefined],
    ],
  );
});

test('a request dropped before it took effect changed nothing, one dropped after has arrived', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');

  sandbox.fault({ path: 'memo', kind: 'drop-before' });
  await assert.rejects(sendMemo(sandbox, token));
  assert.equal(sandbox.received().length, 0);
  sandbox.fault({ path: 'memo', kind: 'drop-after' });
  await assert.rejects(sendMemo(sandbox, token));
  assert.equal(sandbox.received().length, 1);
});

test('each kind of fault answers what it says, as often as it says, on the paths it says', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const answer = async () => {
    const response = await sendMemo(sandbox, token);
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  };

  sandbox.fault({ path: /friends/, kind: 'status', status: 500, times: Number.POSITIVE_INFINITY });
  sandbox.fault({ path: /memo/, kind: 'status', status: 503, headers: { 'retry-after': '7' }, times: 2, after: 1 });
  assert.deepEqual([(await answer()).status, (await answer()).status, (await answer()).status], [200, 503, 503]);

  sandbox.fault({ kind: 'html-502' });
  const page = await answer();
  assert.equal(page.status, 502);
  assert.match(page.type, /^text\/html/);
  sandbox.fault({ kind: 'maintenance' });
  assert.equal((await answer()).status, 503);

  const before = sandbox.received().length;
  sandbox.fault({ kind: 'empty-body' });
  assert.deepEqual([(await answer()).text, sandbox.received().length], ['', before + 1]);
  sandbox.fault({ kind: 'not-json' });
  assert.match((await answer()).text, /^<html>/);
  sandbox.fault({ kind: 'html-502', taken: true });
  await answer();
  assert.equal(sandbox.received().length, before + 3);

  sandbox.fault({ path: /memo/, kind: 'status', times: 9 });
  sandbox.clearFaults();
  assert.equal((await answer()).status, 200);
});

test('a slow answer is right but late, and closing the sandbox does not wait for it', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  sandbox.fault({ kind: 'slow', delayMs: 20 });
  const started = performance.now();
  assert.equal((await sendMemo(sandbox, token)).status, 200);
  assert.ok(performance.now() - started >= 19);

  sandbox.fault({ kind: 'slow', delayMs: 60_000 });
  const pending = sendMemo(sandbox, token).then(
    ({ status }) => status,
    () => 'closed',
  );
  while (sandbox.received().length < 2) await new Promise(setImmediate);
  await sandbox.close();
  assert.notEqual(await pending, 200);
});

test('every request is noted with its form and status, duplicates and refusals too', async (t) => {
  const sandbox = await openSandbox(t);
  await askRefresh(sandbox, 'same');
  await askRefresh(sandbox, 'same');

  const noted = sandbox
    .requests()
    .map(({ method, path, status, form }) => [method, path, status, form['refresh_token']]);
  assert.deepEqual(noted, [
    ['POST', '/kauth/oauth/token', 400, 'same'],
    ['POST', '/kauth/oauth/token', 400, 'same'],
  ]);
});
