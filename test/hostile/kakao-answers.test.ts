// Whatever comes back from Kakao's address, or from somebody in its place: each answer has a meaning and a short sentence,
// within its time and its memory, and the next answer is understood.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openKakao } from '../../src/kakao/client.ts';
import { judgeFriends, judgeKapi, judgeMemo, quote } from '../../src/kakao/errors.ts';
import { type Answer, openHttp, readJson } from '../../src/kakao/http.ts';
import { readTokenAnswer } from '../../src/kakao/oauth.ts';
import { type Script, sendJson, startScript } from '../kakao/stage.ts';

const FACTS = { redirectUri: 'http://localhost:8917/oauth', hasSecret: true };
const SAYING = { kind: 'default', object: { object_type: 'text', text: '점심', link: {} } } as const;
const MB = 1024 * 1024;

const strange = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    '<html><h1>502 Bad Gateway</h1>',
    '{"code":-401',
    '[]',
    'null',
    '"text"',
    '\ufeff{"result_code":0}',
    '\u0000',
  ),
);
/** Answers as Kakao gives them, with fields of other types and fields that nobody knows. */
const misshapen = fc
  .record(
    {
      code: fc.oneof(fc.integer({ min: -10_000, max: 10 }), fc.anything()),
      msg: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
      result_code: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.anything()),
      successful_receiver_uuids: fc.oneof(fc.array(fc.constantFrom('a', 'b')), fc.anything()),
      failure_info: fc.oneof(
        fc.array(
          fc.record({ code: fc.integer(), msg: fc.string(), receiver_uuids: fc.array(fc.constantFrom('a', 'b')) }),
        ),
        fc.anything(),
      ),
      error: fc.oneof(fc.constantFrom('invalid_grant', 'invalid_client'), fc.anything()),
      error_code: fc.oneof(fc.constantFrom('KOE322', 'KOE010', 'KOE320', '__proto__', 'constructor'), fc.anything()),
      error_description: fc.anything(),
      access_token: fc.oneof(fc.string(), fc.anything()),
      expires_in: fc.oneof(fc.integer(), fc.anything()),
      refresh_token: fc.anything(),
      unknown_field: fc.anything(),
    },
    { requiredKeys: [] },
  )
  .map((body) => JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
const body = fc.oneof(strange, misshapen);
const status = fc.oneof(
  fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504),
  fc.integer({ min: 200, max: 999 }),
);

function answerOf(code: number, text: string): Answer {
  return { kind: 'answer', status: code, text, json: readJson(text), retryAfter: undefined };
}

function assertSentence(reason: string): void {
  assert.ok(reason.length > 10 && reason.length < 800, `${reason.length} characters`);
  assert.doesNotMatch(reason, /\p{Cc}/u);
}

function timed<T>(work: () => T, mostMs = 500): T {
  const began = performance.now();
  const result = work();
  const tookMs = performance.now() - began;
  assert.ok(tookMs < mostMs, `it took ${tookMs} ms`);
  return result;
}

test('any body under any status has a meaning and a short sentence, and only what Kakao calls success is success', () => {
  fc.assert(
    fc.property(status, body, (code, text) => {
      const answer = answerOf(code, text);
      const memo = timed(() => judgeMemo(answer));
      if (memo.kind === 'sent')
        assert.ok(code === 200 && (readJson(text) as { result_code: number }).result_code === 0);
      else assertSentence(memo.reason);
      const friends = timed(() => judgeFriends(answer, ['a', 'b']));
      if (friends.kind !== 'ok') assertSentence(friends.reason);
      else for (const outcome of friends.value.values()) if (outcome.kind !== 'sent') assertSentence(outcome.reason);
      const token = timed(() => readTokenAnswer(answer, { at: 0, facts: FACTS }));
      if (!('access' in token)) assertSentence(token.reason);
      else assert.ok(code === 200 && /^[\x21-\x7e]+$/.test(token.access) && token.accessExpiresAt > 0);
    }),
    { numRuns: 3000 },
  );
});

test('fields that nobody knows change nothing', () => {
  const known = [{ result_code: 0 }, { code: -401, msg: 'x' }, { code: -532 }, { result_code: -1 }, {}];
  fc.assert(
    fc.property(
      fc.constantFrom(...known),
      fc.dictionary(
        fc.string().map((name) => `x_${name}`),
        fc.jsonValue(),
      ),
      (one, extra) => {
        const bare = judgeMemo(answerOf(200, JSON.stringify(one)));
        assert.deepEqual(judgeMemo(answerOf(200, JSON.stringify({ ...extra, ...one }))), bare);
      },
    ),
    { numRuns: 300 },
  );
});

test('a megabyte of anything in what Kakao says is quoted in a moment', () => {
  for (const unit of ['a', ' ', 'code=', '.', '=', '1', 'a1', '\u0000', '가', '\ud800', 'code= ', '-/+'])
    for (const judge of [quote, (text: string) => judgeMemo(answerOf(400, JSON.stringify({ code: -2, msg: text })))])
      timed(() => judge(unit.repeat(MB / unit.length)));
});

test('JSON nested beyond all measure is no JSON, and does not end the process', () => {
  for (const text of ['['.repeat(500_000), '{"a":'.repeat(150_000), `${'['.repeat(400_000)}${']'.repeat(400_000)}`]) {
    const { kind } = timed(() => judgeKapi(answerOf(200, text), () => undefined), 3000);
    assert.equal(kind, 'unclear');
  }
});

type Answerer = (response: ServerResponse) => void;

async function serveScript(t: TestContext, answer: Answerer): Promise<Script> {
  const script = await startScript(answer);
  t.after(() => script.close());
  return script;
}

/** Writes for ever, and counts what the other side takes. */
function flood(taken: { bytes: number }, head: Record<string, string>): Answerer {
  const block = Buffer.alloc(65_536, 'x');
  return (response) => {
    response.writeHead(200, head);
    const more = (): void => {
      while (!response.destroyed && taken.bytes < 100 * MB) {
        taken.bytes += block.length;
        if (!response.write(block)) return;
      }
      response.end();
    };
    response.on('drain', more);
    more();
  };
}

test('bodies of 100 MB, of nothing, of HTML and of packed bytes are answered within time and memory, and the next call works', async (t) => {
  const taken = { bytes: 0 };
  const ways: readonly (readonly [string, Answerer, RegExp])[] = [
    ['100 MB', flood(taken, {}), /^unclear/],
    ['100 MB announced', flood(taken, { 'content-length': String(100 * MB) }), /^unclear/],
    ['nothing', (response) => response.writeHead(200).end(), /^unclear/],
    ['HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>점검 중'), /^unclear/],
    ['HTML that names a code', (response) => response.writeHead(404).end('{"code":-401}<html>'), /^unclear/],
    [
      'packed',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"result_code":0}')),
      /^unclear/,
    ],
    [
      'a bomb',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 * MB))),
      /^unclear/,
    ],
    [
      'half a body',
      (response) => response.writeHead(200, { 'content-length': '500' }).end('{"result_code":0}'),
      /^unclear/,
    ],
    ['204', (response) => response.writeHead(204).end(), /^unclear/],
    ['a redirect', (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(), /^unclear/],
    ['a wrong length of 401', (response) => sendJson(response, 401, '{"code":-401,"msg":5}'), /^unauthorized/],
    ['headers without end', (response) => response.writeHead(200, { 'x-long': 'x'.repeat(200_000) }).end(), /^unclear/],
    ['Retry-After that is none', (response) => sendJson(response, 429, '{}', { 'retry-after': '-1e999' }), /^retry/],
  ];
  const at = { way: 0 };
  const script = await serveScript(t, (response) => {
    const way = ways[at.way];
    if (way === undefined) sendJson(response, 200, { result_code: 0 });
    else way[1](response);
  });
  const kakao = openKakao({ apiUrl: script.url, http: openHttp({ timeoutMs: 5000 }) });
  const before = process.memoryUsage().rss;
  for (const [name, , expected] of ways) {
    const began = performance.now();
    const verdict = judgeMemo(await kakao.memo('token', SAYING));
    assert.match(verdict.kind, expected, name);
    assert.ok(verdict.kind !== 'sent');
    assertSentence(verdict.reason);
    assert.ok(performance.now() - began < 3000, name);
    at.way += 1;
  }
  assert.equal(judgeMemo(await kakao.memo('token', SAYING)).kind, 'sent');
  assert.ok(taken.bytes < 40 * MB, `${taken.bytes} bytes were taken`);
  assert.ok(process.memoryUsage().rss - before < 150 * MB);
});

test('a body that never ends is given up at the limit of time', async (t) => {
  const script = await serveScript(t, (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"result_code":');
    const drip = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drip));
  });
  const kakao = openKakao({ apiUrl: script.url, http: openHttp({ timeoutMs: 300 }) });
  const began = performance.now();
  assert.equal(judgeMemo(await kakao.memo('token', SAYING)).kind, 'unclear');
  assert.ok(performance.now() - began < 2000);
});
