import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { MockAgent } from 'undici';
import { openKakao } from '../../src/kakao/client.ts';
import { judgeFriends, judgeMemo, KAPI_CODES, quote } from '../../src/kakao/errors.ts';
import { type Answer, openHttp, readJson } from '../../src/kakao/http.ts';
import { explainOauth, judgeOauth, OAUTH_CODES } from '../../src/kakao/oauth-errors.ts';
import { sendJson, startScript } from './stage.ts';

const FIXTURES = join(import.meta.dirname, '../../../shared/kakao/fixtures');
const shared = existsSync(FIXTURES) ? {} : { skip: '../shared is absent' };
const facts = { redirectUri: 'http://localhost:8917/oauth', hasSecret: false };

function answered(status: number, body: unknown): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answer', status, text, json: readJson(text), retryAfter: undefined };
}

function fixture(path: string): unknown {
  return readJson(readFileSync(join(FIXTURES, path), 'utf8'));
}

const ROWS: readonly [status: number, body: unknown, kind: string][] = [
  [200, { result_code: 0 }, 'sent'],
  [200, { result_code: 0, more: { nested: true } }, 'sent'],
  [401, { code: -401, msg: 'this access token is already expired' }, 'unauthorized'],
  [401, { msg: 'no authentication key!', code: -401 }, 'unauthorized'],
  [401, '', 'unauthorized'],
  [408, '', 'retry'],
  [429, '', 'retry'],
  [503, '<html>', 'retry'],
  [400, { code: -1, msg: 'internal' }, 'retry'],
  [400, { code: -7, msg: 'maintenance' }, 'retry'],
  [503, { code: -9798, msg: 'maintenance' }, 'retry'],
  [400, { code: -10, msg: 'API limit has been exceeded.' }, 'hold quota'],
  [400, { code: -532, msg: 'daily message limit per sender has been exceeded.' }, 'hold quota'],
  [400, { code: -533 }, 'hold quota'],
  [400, { code: -536 }, 'hold quota'],
  [401, { code: -401, msg: 'ip mismatched! callerIp=203.0.113.9. check out registered ips.' }, 'hold operator'],
  [401, { code: -401, msg: 'appKey(0123456789abcdef0123456789abcdef) is already deactivated' }, 'hold operator'],
  [401, { code: -401, msg: 'domain mismatched! caller=http://x' }, 'hold operator'],
  [403, { code: -3, msg: '[app] App disabled [talk_message] scopes' }, 'hold operator'],
  [403, { code: -5, msg: 'permission denied' }, 'hold operator'],
  [403, { code: -12 }, 'hold operator'],
  [400, { code: -2, msg: 'failed to parse parameter. name=template_object' }, 'failed'],
  [403, { code: -402, msg: 'insufficient scopes.' }, 'failed'],
  [401, { code: -406 }, 'failed'],
  [400, { code: -99999, msg: 'something new' }, 'failed'],
  [200, { result_code: -500 }, 'failed'],
  [200, { code: -2, msg: 'strange' }, 'failed'],
  [500, { code: -1 }, 'unclear'],
  [500, '', 'unclear'],
  [502, '<html>Bad Gateway</html>', 'unclear'],
  [504, '', 'unclear'],
  [400, { code: -603, msg: 'timeout' }, 'unclear'],
  [200, '<html>ok</html>', 'unclear'],
  [200, '', 'unclear'],
  [200, { result_code: '0' }, 'unclear'],
  [200, [], 'unclear'],
  [400, { code: 'minus two' }, 'unclear'],
  [400, '{"code":-9007199254740993}', 'unclear'],
  [400, '{"code":-1e999}', 'unclear'],
  [400, { code: -2.5 }, 'unclear'],
  [400, '{"__proto__":{"code":-2}}', 'unclear'],
  [400, { code: -2, msg: { text: 'no text' }, more: 1 }, 'failed'],
  [200, { result_code: 0.5 }, 'failed'],
  [200, '{"result_code":1e999}', 'unclear'],
  [302, '', 'unclear'],
  [404, '<html>', 'unclear'],
];

for (const [status, body, expected] of ROWS) {
  test(`HTTP ${status} with ${JSON.stringify(body)} means ${expected}`, () => {
    const outcome = judgeMemo(answered(status, body));
    assert.equal([outcome.kind, 'until' in outcome ? outcome.until : ''].join(' ').trim(), expected);
  });
}

test('each code of Kakao has a sentence that says what happened and what to do', () => {
  for (const [code, { means, act }] of Object.entries(KAPI_CODES)) {
    const outcome = judgeMemo(answered(400, { code: Number(code), msg: 'x' }));
    assert.ok(outcome.kind !== 'sent');
    assert.ok(outcome.reason.includes(code) && outcome.reason.includes(act), code);
    assert.match(means, /^\S.*[^.]$/);
  }
});

test('the codes of the reference are all known', () => {
  const codes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 101, 102, 103, 201, 301, 401, 402, 405, 406, 501, 502, 504];
  const more = [530, 531, 532, 533, 536, 602, 603, 606, 903, 911, 9798];
  for (const code of [...codes, ...more]) assert.ok(KAPI_CODES[`-${code}`], `-${code}`);
});

test('a key or a token in what Kakao says never reaches a reason', () => {
  const key = '0123456789abcdef0123456789abcdef';
  const outcome = judgeMemo(answered(401, { code: -401, msg: `appKey(${key}) is already deactivated` }));
  assert.ok(outcome.kind === 'hold' && !outcome.reason.includes(key));
  assert.equal(quote('not found for code=abc\n\tnext'), 'not found for code=… next');
});

test('each KOE code has a sentence, and the redirect URI is shown where it must match', () => {
  const codes = '001 002 003 004 005 006 008 009 010 101 201 202 205 237 303 310 319 320 322'.split(' ');
  for (const code of codes) {
    assert.ok(OAUTH_CODES[`KOE${code}`], code);
    assert.match(explainOauth(`KOE${code}`, facts), new RegExp(`\\(KOE${code}\\)`));
  }
  assert.match(explainOauth('KOE006', facts), /http:\/\/localhost:8917\/oauth/);
  assert.match(explainOauth('KOE303', facts), /http:\/\/localhost:8917\/oauth/);
  assert.match(explainOauth('KOE010', facts), /secret is missing: Kakao switches it on for new apps/);
  assert.match(explainOauth('KOE010', { ...facts, hasSecret: true }), /is not the app's client secret/);
  assert.doesNotMatch(explainOauth('KOE010', facts), /resume/, 'where no account is held there is nothing to resume');
});

test('answers of the login server are sorted by what they say about the tokens', () => {
  const rows: readonly [number, unknown, string, boolean][] = [
    [400, { error: 'invalid_grant', error_code: 'KOE322' }, 'dead', true],
    [401, { error: 'invalid_grant', error_code: 'KOE322' }, 'dead', true],
    [400, { error: 'invalid_grant', error_description: 'expired_or_invalid_refresh_token' }, 'dead', true],
    [400, { error: 'invalid_grant', error_code: 'KOE320', error_description: 'code=hush' }, 'code', true],
    [401, { error: 'invalid_client', error_code: 'KOE010' }, 'operator', true],
    [400, { error: 'invalid_client', error_code: 'KOE101' }, 'operator', true],
    [400, { error: 'misconfigured' }, 'operator', true],
    [429, { error: 'invalid_request', error_code: 'KOE237' }, 'rate', true],
    [400, { error: 'invalid_request', error_code: 'KOE237' }, 'rate', true],
    [429, '', 'rate', true],
    [503, '', 'later', true],
    [500, '', 'later', false],
    [502, '<html>', 'later', false],
    [200, '{}', 'later', false],
    [200, { access_token: 12 }, 'later', false],
    [404, '<html>', 'later', false],
    [400, { error: 'invalid_request', error_code: 'KOE999' }, 'later', true],
    [400, { error: 'invalid_grant', error_code: 322, error_description: null, more: {} }, 'dead', true],
    [400, { error: ['invalid_grant'], error_code: 'KOE322' }, 'dead', true],
    [400, { error: ['invalid_grant'] }, 'later', false],
    [400, [{ error: 'invalid_grant' }], 'later', false],
    [400, 'null', 'later', false],
  ];
  for (const [status, body, kind, unchanged] of rows) {
    const refusal = judgeOauth(answered(status, body), facts);
    assert.deepEqual([refusal.kind, refusal.unchanged], [kind, unchanged], `${status} ${JSON.stringify(body)}`);
    assert.ok(!refusal.reason.includes('hush'));
  }
});

test('friends: each receiver has its own outcome; one in neither list is unclear', () => {
  const body = {
    successful_receiver_uuids: ['a'],
    failure_info: [
      { code: -532, msg: 'limit', receiver_uuids: ['b'] },
      { code: -530, msg: 'blocked', receiver_uuids: ['c'] },
    ],
  };
  for (const said of [body, { ...body, failure_info: undefined, failure_infos: body.failure_info }]) {
    const verdict = judgeFriends(answered(200, said), ['a', 'b', 'c', 'd']);
    assert.ok(verdict.kind === 'ok');
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((uuid) => verdict.value.get(uuid)?.kind),
      ['sent', 'hold', 'failed', 'unclear'],
    );
  }
});

test('friends: a 200 that names nobody is unclear, a plain error counts for all', () => {
  assert.equal(judgeFriends(answered(200, {}), ['a']).kind, 'unclear');
  assert.equal(judgeFriends(answered(200, { successful_receiver_uuids: 'a' }), ['a']).kind, 'unclear');
  assert.equal(judgeFriends(answered(400, { code: -532, msg: 'x' }), ['a']).kind, 'hold');
  const none = judgeFriends(
    answered(200, { successful_receiver_uuids: null, failure_info: [{ code: -502, receiver_uuids: ['a'] }] }),
    ['a'],
  );
  assert.ok(none.kind === 'ok' && none.value.get('a')?.kind === 'failed');
});

test('friends: a list that is not as it should be counts as absent, and fields that nobody knows change nothing', () => {
  const failure = { code: -530, msg: 'blocked', receiver_uuids: ['b'] };
  const rows: readonly (readonly [unknown, string])[] = [
    [{ successful_receiver_uuids: ['a'], failure_info: [{ ...failure, more: 1 }], more: 1 }, 'sent failed'],
    [{ successful_receiver_uuids: ['a'], failure_info: null, failure_infos: [failure] }, 'sent failed'],
    [{ successful_receiver_uuids: ['a'], failure_info: 'none', failure_infos: [failure] }, 'sent failed'],
    [{ successful_receiver_uuids: ['a'], failure_info: [{ ...failure, msg: undefined }] }, 'sent failed'],
    [{ successful_receiver_uuids: ['a'], failure_info: [failure, { ...failure, code: '-530' }] }, 'sent unclear'],
    [{ successful_receiver_uuids: ['a'], failure_info: [{ ...failure, code: -2.5 }] }, 'sent unclear'],
    [{ successful_receiver_uuids: ['a'], failure_info: [{ ...failure, receiver_uuids: 'b' }] }, 'sent unclear'],
    [{ successful_receiver_uuids: ['a', 7], failure_info: [failure] }, 'unclear failed'],
    [{ failure_infos: [failure] }, 'unclear failed'],
    [[{ successful_receiver_uuids: ['a'] }], 'unclear'],
    [{ successful_receiver_uuids: null, failure_info: null }, 'unclear'],
  ];
  for (const [body, expected] of rows) {
    const verdict = judgeFriends(answered(200, body), ['a', 'b']);
    const kinds = verdict.kind === 'ok' ? [...verdict.value.values()].map(({ kind }) => kind) : [verdict.kind];
    assert.equal(kinds.join(' '), expected, JSON.stringify(body));
  }
});

test("Kakao's own fixtures are read right", shared, () => {
  assert.equal(judgeMemo(answered(200, fixture('talk/memo/result_code.json'))).kind, 'sent');
  assert.equal(judgeMemo(answered(401, fixture('errors/expired_token.json'))).kind, 'unauthorized');
  assert.equal(judgeMemo(answered(401, fixture('errors/token_does_not_exist.json'))).kind, 'unauthorized');
  assert.equal(judgeMemo(answered(403, fixture('errors/invalid_scope.json'))).kind, 'failed');
  assert.equal(judgeMemo(answered(400, fixture('errors/age_auth_needed.json'))).kind, 'failed');
  assert.equal(judgeOauth(answered(400, fixture('errors/misconfigured.json')), facts).kind, 'operator');
  const all = judgeFriends(answered(200, fixture('talk/message/success.json')), ['10050', '26229']);
  assert.ok(all.kind === 'ok' && [...all.value.values()].every(({ kind }) => kind === 'sent'));
  const some = judgeFriends(answered(200, fixture('talk/message/partial_success.json')), [
    'MQI7AjUFMR0sHCgfJhYuGDQHNAEyBzFy',
    'x',
  ]);
  assert.ok(some.kind === 'ok');
  assert.deepEqual(
    [...some.value.values()].map(({ kind }) => kind),
    ['sent', 'unclear'],
  );
});

const saying = { kind: 'custom', template_id: 1, template_args: {} } as const;

async function outcomeAt(
  apiUrl: string,
  options: { timeoutMs?: number; signal?: AbortSignal; mayStart?: () => boolean } = {},
) {
  const http = openHttp({ timeoutMs: options.timeoutMs ?? 2000, bodyLimitBytes: 1000 });
  const { timeoutMs: _, ...send } = options;
  const outcome = judgeMemo(await openKakao({ apiUrl, http }).memo('a-token', saying, send));
  await http.close();
  return outcome;
}

test('a refused connection and an unknown name have sent nothing', async () => {
  const script = await startScript(() => undefined);
  await script.close();
  const refused = await outcomeAt(script.url);
  assert.equal(refused.kind, 'retry');
  assert.ok('reason' in refused && /refused the connection \(ECONNREFUSED\); nothing was sent/.test(refused.reason));
  assert.equal((await outcomeAt('http://kakao.invalid')).kind, 'retry');
});

test('a fault of the network is told by its code, or as one without', async () => {
  const faults: readonly (readonly [Error, string])[] = [
    [Object.assign(new Error('x'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }), 'EAI_AGAIN'],
    [new DOMException('x', 'DataCloneError'), 'no error code'],
    [Object.assign(new Error('x'), { code: 7 }), 'no error code'],
    [new Error('x'), 'no error code'],
  ];
  for (const [fault, code] of faults) {
    const agent = new MockAgent();
    agent.disableNetConnect();
    agent.get('http://kapi.example').intercept({ path: '/x' }).replyWithError(fault);
    const answer = await openHttp({ dispatcher: agent }).ask({
      method: 'GET',
      base: 'http://kapi.example',
      path: '/x',
    });
    assert.ok(answer.kind === 'lost' && answer.reason.includes(`(${code})`), JSON.stringify(answer));
    await agent.close();
  }
});

test('a TLS handshake with something that speaks no TLS has sent nothing', async () => {
  const script = await startScript(() => undefined);
  assert.equal((await outcomeAt(script.url.replace('http:', 'https:'))).kind, 'retry');
  await script.close();
});

test('a connection that breaks after the request is unclear, also when the answer breaks off', async () => {
  const dropped = await startScript((response) => response.destroy());
  assert.equal((await outcomeAt(dropped.url)).kind, 'unclear');
  await dropped.close();
  const cut = await startScript((response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"result');
    setImmediate(() => response.destroy());
  });
  assert.equal((await outcomeAt(cut.url)).kind, 'unclear');
  await cut.close();
});

test('a time-out after the request is unclear; one that never connects has sent nothing', async () => {
  const silent = await startScript(() => undefined);
  assert.equal((await outcomeAt(silent.url, { timeoutMs: 100 })).kind, 'unclear');
  await silent.close();

  const never = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => never.listen(0, '127.0.0.1', resolve));
  const address = never.address();
  const port = typeof address === 'object' ? address?.port : 0;
  assert.equal((await outcomeAt(`https://127.0.0.1:${port}`, { timeoutMs: 100 })).kind, 'retry');
  await new Promise((resolve) => never.close(resolve));
});

test('a drip of bytes ends at the time-out, an endless body at the limit, and a redirect is not followed', async () => {
  const drip = await startScript((response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  });
  assert.equal((await outcomeAt(drip.url, { timeoutMs: 150 })).kind, 'unclear');
  await drip.close();
  const flood = await startScript((response) => response.end('x'.repeat(5000)));
  assert.equal((await outcomeAt(flood.url)).kind, 'unclear');
  await flood.close();
  const redirect = await startScript((response) => sendJson(response, 302, {}, { location: '/elsewhere' }));
  assert.equal((await outcomeAt(redirect.url)).kind, 'unclear');
  assert.equal(redirect.asked.length, 1);
  await redirect.close();
});

test('a message that is stale when its request would begin is not sent', async () => {
  const script = await startScript((response) => sendJson(response, 200, { result_code: 0 }));
  const outcome = await outcomeAt(script.url, { mayStart: () => false });
  assert.ok(outcome.kind === 'retry' && /no longer fresh/.test(outcome.reason));
  assert.equal(script.asked.length, 0);
  await script.close();
});

test('a stop before the request has sent nothing, one after it is unclear', async () => {
  const script = await startScript(() => stopping.abort());
  const stopping = new AbortController();
  assert.equal((await outcomeAt(script.url, { signal: AbortSignal.abort() })).kind, 'retry');
  assert.equal((await outcomeAt(script.url, { signal: stopping.signal })).kind, 'unclear');
  assert.equal(script.asked.length, 1);
  await script.close();
});
