// The webhook channel against real sockets: what it sends, and what it makes of every answer and failure.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Agent, buildConnector } from 'undici';
import { makeWebhookChannel, type WebhookParts } from '../../src/channels/webhook.ts';
import { type WebhookAddress, webhookProblems } from '../../src/channels/webhook-address.ts';
import { MessageError } from '../../src/core/errors.ts';
import type { Outcome, Outgoing } from '../../src/core/ports.ts';
import type { Saying } from '../../src/kakao/template.ts';

const NOW = Date.UTC(2026, 10, 20, 2, 20, 0);
const FEED: Saying = {
  kind: 'default',
  object: {
    object_type: 'feed',
    content: { title: '점심 "특"', description: '밥\n국', link: { web_url: 'https://example.kr/1' } },
  },
};

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function listen(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that keeps what it was sent and answers as told. */
async function serve(t: TestContext, answer: RequestListener = (_, response) => response.end('ok')) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  t.after(() => server.closeAllConnections());
  return { url: await listen(t, server), seen };
}

function rowTo(address: Partial<WebhookAddress>, saying: Saying = FEED): Outgoing {
  return {
    id: 7,
    key: 'key-7',
    job: 'cafeteria',
    recipient: 'slack',
    address: { channel: 'webhook', url: 'http://127.0.0.1:1/', ...address },
    saying,
    part: 1,
    parts: 1,
    attempts: 1,
    freshUntil: NOW + 1000,
  };
}

async function send(row: Outgoing, parts: Partial<WebhookParts> = {}, signal?: AbortSignal): Promise<Outcome> {
  const channel = makeWebhookChannel({ env: {}, now: () => NOW, timeoutMs: 5000, ...parts });
  const [outcome] = await channel.deliver([row], signal ?? new AbortController().signal);
  assert.ok(outcome !== undefined);
  return outcome;
}

test('without a body of its own a webhook gets our JSON and an Idempotency-Key', async (t) => {
  const { url, seen } = await serve(t);
  assert.deepEqual(await send(rowTo({ url: `${url}/hook?a=1` })), { kind: 'sent' });
  const [{ method, url: path, headers, body } = {} as Seen] = seen;
  assert.equal(method, 'POST');
  assert.equal(path, '/hook?a=1');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['idempotency-key'], 'key-7');
  assert.deepEqual(JSON.parse(body), {
    id: 'key-7',
    job: 'cafeteria',
    recipient: 'slack',
    title: '점심 "특"',
    text: '점심 "특"\n밥\n국',
    link: 'https://example.kr/1',
    part: 1,
    parts: 1,
  });
});

test('two attempts at one message send the same body and key', async (t) => {
  const { url, seen } = await serve(t);
  const row = { ...rowTo({ url }), freshUntil: NOW + 60_000 };
  await send(row);
  await send({ ...row, attempts: 2 }, { now: () => NOW + 5000 });
  assert.equal(seen[0]?.body, seen[1]?.body);
  assert.equal(seen[0]?.headers['idempotency-key'], seen[1]?.headers['idempotency-key']);
});

test('a message that goes stale while the connection is made is not sent', async (t) => {
  const { url, seen } = await serve(t);
  const row = { ...rowTo({ url }), freshUntil: NOW };
  const outcome = await send(row, { now: () => NOW + 1 });
  assert.equal(outcome.kind, 'retry');
  assert.deepEqual(seen, []);
});

const PRESETS: Readonly<
  Record<string, { address: Partial<WebhookAddress>; body: string; headers: Record<string, string> }>
> = {
  Slack: {
    address: { body: '{"text":"{{text}}"}' },
    body: '{"text":"점심 \\"특\\"\\n밥\\n국"}',
    headers: { 'content-type': 'application/json' },
  },
  Discord: {
    address: { body: '{"content":"{{text}}\\n{{link}}"}' },
    body: '{"content":"점심 \\"특\\"\\n밥\\n국\\nhttps://example.kr/1"}',
    headers: { 'content-type': 'application/json' },
  },
  ntfy: {
    address: {
      method: 'PUT',
      body: '{{text}}',
      headers: { Title: '{{title}}', Click: '{{link}}', Authorization: 'Bearer env:NTFY_TOKEN' },
    },
    body: '점심 "특"\n밥\n국',
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      title: `=?UTF-8?B?${Buffer.from('점심 "특"').toString('base64')}?=`,
      click: 'https://example.kr/1',
      authorization: 'Bearer tk_abcdef123',
    },
  },
  'a messenger that takes a form': {
    address: {
      body: 'chat=42&text={{text}}',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    },
    body: `chat=42&text=${encodeURIComponent('점심 "특"\n밥\n국')}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
};

for (const [name, { address, body, headers }] of Object.entries(PRESETS)) {
  test(`the body and headers for ${name} are filled in`, async (t) => {
    const { url, seen } = await serve(t);
    assert.deepEqual(await send(rowTo({ url, ...address }), { env: { NTFY_TOKEN: 'tk_abcdef123' } }), { kind: 'sent' });
    assert.equal(seen[0]?.body, body);
    assert.equal(seen[0]?.method, address.method ?? 'POST');
    for (const [header, value] of Object.entries(headers)) assert.equal(seen[0]?.headers[header], value);
  });
}

test('what a page says cannot break out of its place in JSON or in a header', async (t) => {
  const { url, seen } = await serve(t);
  const text = '"},{"x":"\\ {{job}} \u2028\ud83d\r\nX-Evil: 1';
  await send(rowTo({ url, body: '{"text":"{{text}}"}', headers: { 'X-Text': '{{text}}' } }, { kind: 'text', text }));
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { text });
  assert.equal(seen[0]?.headers['x-evil'], undefined);
});

test('a long heading becomes encoded words of at most 75 characters that read as the heading', async (t) => {
  const { url, seen } = await serve(t);
  const text = '오늘의 메뉴 🍚 '.repeat(12).trim();
  await send(rowTo({ url, headers: { Title: '{{text}}' } }, { kind: 'text', text }));
  const words = String(seen[0]?.headers['title']).split(' ');
  assert.ok(words.length > 1 && words.every((word) => word.length <= 75));
  const read = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString());
  assert.equal(read.join(''), text);
});

test('a header whose setting is missing fails with the line to add, and nothing is sent', async (t) => {
  const { url, seen } = await serve(t);
  const row = rowTo({ url, headers: { Authorization: 'env:NTFY_TOKEN' } });
  for (const env of [{}, { NTFY_TOKEN: '' }]) {
    assert.deepEqual(await send(row, { env }), {
      kind: 'failed',
      reason:
        'The webhook of slack cannot be called. The header Authorization is read from NTFY_TOKEN, which is missing. Add the line NTFY_TOKEN=... to .env.',
    });
  }
  assert.equal((await send(row, { env: { NTFY_TOKEN: 'a\nb' } })).kind, 'failed');
  assert.equal(seen.length, 0);
});

const STATUSES: readonly (readonly [number, Record<string, string>, Partial<Outcome>])[] = [
  [200, {}, { kind: 'sent' }],
  [204, {}, { kind: 'sent' }],
  [302, { location: 'https://elsewhere.kr' }, { kind: 'failed', code: '302' }],
  [400, {}, { kind: 'failed', code: '400' }],
  [401, {}, { kind: 'failed', code: '401' }],
  [404, {}, { kind: 'failed', code: '404' }],
  [408, {}, { kind: 'retry' }],
  [429, { 'retry-after': '7' }, { kind: 'retry', retryAfterMs: 7000 }],
  [503, { 'retry-after': 'Fri, 20 Nov 2026 02:21:00 GMT' }, { kind: 'retry', retryAfterMs: 60_000 }],
  [503, { 'retry-after': 'soon' }, { kind: 'retry' }],
  [500, {}, { kind: 'unclear' }],
  [502, {}, { kind: 'unclear' }],
  [504, {}, { kind: 'unclear' }],
];

for (const [status, headers, expected] of STATUSES) {
  test(`${status} with ${JSON.stringify(headers)} is ${JSON.stringify(expected)}`, async (t) => {
    const { url } = await serve(t, (_, response) => response.writeHead(status, headers).end());
    const { reason: _, ...outcome } = { reason: '', ...(await send(rowTo({ url }))) };
    assert.deepEqual(outcome, expected);
  });
}

test('a refusal tells the status and the first 200 characters of the answer, and no secret', async (t) => {
  const { url } = await serve(t, (request, response) => {
    response.writeHead(403).end(`no ${request.headers.authorization} at ${request.url}\n${'x'.repeat(300)}`);
  });
  const row = rowTo({ url: `${url}/services/T0/s3cr3t`, headers: { Authorization: 'env:HOOK_TOKEN' } });
  const outcome = await send(row, { env: { HOOK_TOKEN: 'tk_abcdef123' } });
  assert.ok(outcome.kind === 'failed');
  assert.match(outcome.reason, /^127\.0\.0\.1:\d+ answered 403: no \[secret\] at \[secret\] x+\.\.\.$/);
  assert.ok(outcome.reason.length < 260);
});

test('a secret that stands in a header itself comes back in no reason either, with its scheme or without', async (t) => {
  const { url } = await serve(t, (request, response) => {
    const { authorization, 'x-key': key, priority } = request.headers;
    response.writeHead(403).end(`no ${authorization}, ${authorization?.split(' ')[1]}, ${key}, ${priority}`);
  });
  const headers = { Authorization: 'Bearer tk_abcdef123', 'X-Key': 'tk_ghijkl456', Priority: '{{job}}' };
  const outcome = await send(rowTo({ url, headers }));
  assert.ok(outcome.kind === 'failed');
  assert.match(outcome.reason, /answered 403: no \[secret\], \[secret\], \[secret\], cafeteria$/);
});

test('an answer without an end is cut at 64 KB, and its status counts', async (t) => {
  const { url } = await serve(t, (_, response) => {
    response.writeHead(404);
    const pour = (): void => {
      while (response.write('x'.repeat(16_384)));
      response.once('drain', pour);
    };
    pour();
  });
  assert.equal((await send(rowTo({ url }))).kind, 'failed');
});

test('an answer whose body never ends or breaks off counts by its status', async (t) => {
  const hanging = await serve(t, (_, response) => response.writeHead(200).write('a'));
  assert.deepEqual(await send(rowTo({ url: hanging.url }), { timeoutMs: 100 }), { kind: 'sent' });
  const broken = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('a');
    setImmediate(() => response.destroy());
  });
  assert.deepEqual(await send(rowTo({ url: broken.url })), { kind: 'sent' });
});

test('a refused connection and an unknown name sent nothing, and are tried again', async (t) => {
  const server = createTcpServer();
  const url = await listen(t, server);
  server.close();
  await once(server, 'close');
  const refused = await send(rowTo({ url: `${url}/secret-path` }));
  assert.ok(refused.kind === 'retry');
  assert.match(refused.reason, /^Nothing was sent to 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  assert.ok(!refused.reason.includes('secret-path'));
  assert.equal((await send(rowTo({ url: 'http://no-such-host.invalid/' }))).kind, 'retry');
});

test('a failed TLS handshake sent nothing', async (t) => {
  const { url, seen } = await serve(t);
  assert.equal((await send(rowTo({ url: url.replace('http:', 'https:') }))).kind, 'retry');
  assert.equal(seen.length, 0);
});

test('a handshake that never ends sent nothing', async (t) => {
  const server = createTcpServer((socket) => t.after(() => socket.destroy()));
  const url = await listen(t, server);
  assert.equal((await send(rowTo({ url: url.replace('http:', 'https:') }), { timeoutMs: 100 })).kind, 'retry');
});

test('no answer in time after the request went out is unclear', async (t) => {
  const { url, seen } = await serve(t, () => {});
  const outcome = await send(rowTo({ url }), { timeoutMs: 200 });
  assert.ok(outcome.kind === 'unclear');
  assert.match(outcome.reason, /may have taken the message: it took longer than the call may\.$/);
  assert.equal(seen.length, 1);
});

test('a connection reset after the request went out is unclear', async (t) => {
  const { url } = await serve(t, (request) => request.socket.resetAndDestroy());
  assert.equal((await send(rowTo({ url }))).kind, 'unclear');
});

test('stopping before the request is sent sends nothing, stopping after it is unclear', async (t) => {
  const stop = new AbortController();
  const { url, seen } = await serve(t, () => stop.abort());
  assert.equal((await send(rowTo({ url }), {}, AbortSignal.abort())).kind, 'retry');
  assert.equal(seen.length, 0);
  assert.equal((await send(rowTo({ url }), {}, stop.signal)).kind, 'unclear');
});

test('a connection that comes about only after the time-out takes nothing', async (t) => {
  const { url, seen } = await serve(t);
  const connect = buildConnector({});
  const gate = Promise.withResolvers<void>();
  const connected = Promise.withResolvers<void>();
  const dispatcher = new Agent({
    connect: (options, callback) => {
      gate.promise.then(() => {
        connect(options, (...result) => {
          callback(...result);
          connected.resolve();
        });
      });
    },
  });
  assert.equal((await send(rowTo({ url }), { timeoutMs: 50, dispatcher })).kind, 'retry');
  gate.resolve();
  await connected.promise;
  await dispatcher.close();
  assert.equal(seen.length, 0);
});

test('rows are answered for in order', async (t) => {
  const { url } = await serve(t, (request, response) => response.writeHead(request.url === '/bad' ? 400 : 200).end());
  const channel = makeWebhookChannel({ env: {}, now: () => NOW });
  const rows = ['/a', '/bad', '/b'].map((path) => rowTo({ url: `${url}${path}` }));
  const outcomes = await channel.deliver(rows, new AbortController().signal);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['sent', 'failed', 'sent'],
  );
});

test('a saying of any length stays whole and needs no link, and a blank one is refused', () => {
  const { prepare, batch } = makeWebhookChannel({ env: {}, now: () => NOW });
  const saying: Saying = { kind: 'text', text: '가'.repeat(5000) };
  assert.deepEqual(prepare(saying), [saying]);
  assert.equal(batch, 1);
  assert.throws(() => prepare({ kind: 'text', text: '\n' }), MessageError);
});

const WRONG: readonly (readonly [Partial<WebhookAddress>, RegExp])[] = [
  [{ url: 'example.kr/hook' }, /^The URL must be a whole http or https address\.$/],
  [{ url: 'ftp://example.kr/' }, /^The URL must be/],
  [{ url: 'https://u:p@example.kr/' }, /^The URL holds a user or password\./],
  [{ headers: { 'bad name': 'x' } }, /^The header name "bad name" is not one HTTP knows\.$/],
  [{ headers: { 'Idempotency-Key': 'x' } }, /^The header Idempotency-Key cannot be set/],
  [{ headers: { A: 'x\r\nB: y' } }, /^The header A has more than one line\.$/],
  [{ headers: { A: 'env:KAKAO_CLIENT_SECRET' } }, /^The header A would send KAKAO_CLIENT_SECRET/],
  [{ headers: { A: 'Bearer env:TALKBELL_KEY' } }, /^The header A would send TALKBELL_KEY/],
  [{ headers: { A: 'env:TALKBELL_OLD_KEY' } }, /^The header A would send TALKBELL_OLD_KEY/],
  [
    { headers: { A: '{{token}}' } },
    /^The header A names \{\{token\}\}, which means nothing\. Known are \{\{text\}\}, /,
  ],
  [{ body: '{"text":"{{words}}"}' }, /^The body names \{\{words\}\}, which means nothing\./],
  [{ body: '{"text":{{text}}}' }, /^The body is not JSON once its values are filled in\./],
  [{ body: 'text', headers: { 'content-type': 'application/json' } }, /^The body is not JSON/],
];

for (const [address, problem] of WRONG) {
  test(`a webhook with ${JSON.stringify(address)} is refused before anything is sent`, async () => {
    const row = rowTo(address);
    assert.ok('url' in row.address);
    const problems = webhookProblems(row.address);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', problem);
    assert.deepEqual(await send(row), {
      kind: 'failed',
      reason: `The webhook of slack cannot be called. ${problems[0]}`,
    });
  });
}
