// Pages made to harm: what a look at one costs is bounded in time and memory, ends in items or in a sentence, and what it
// takes from the page can be stored and sent. The worker that met it goes on, or a fresh one does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Decoded, decodeText } from '../../src/core/charset.ts';
import { FetchError } from '../../src/core/errors.ts';
import type { Look } from '../../src/core/job.ts';
import { makePage } from '../../src/core/page.ts';
import { listJobs } from '../../src/io/jobs-folder.ts';
import { openWorkers } from '../../src/io/workers.ts';
import { toKakao } from '../../src/kakao/split.ts';

const MILLION = 1_000_000;
const LONGEST_LOOK_MS = 20_000;

type Answerer = (response: ServerResponse, request: IncomingMessage) => void;

const html =
  (body: string | Uint8Array, headers: Record<string, string> = {}): Answerer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
  };
const packed = (encoding: string, body: Uint8Array): Answerer => html(body, { 'content-encoding': encoding });
const NESTED = '<b>'.repeat(MILLION);

/** By path: what is answered, and what a look comes to. */
const PAGES: Readonly<Record<string, readonly [Answerer, RegExp]>> = {
  'a million nested tags': [html(NESTED), /^done|more memory|within its limit/],
  'a million misnested tags': [html('<a><b></a>'.repeat(MILLION / 4)), /^done|more memory|within its limit/],
  'a million attributes': [
    html(`<p ${Array.from({ length: MILLION / 5 }, (_, at) => `a${at}`).join(' ')}>`),
    /^done|more memory|within its limit/,
  ],
  'a table without rows or end': [html('<table><td>'.repeat(100_000)), /^done|more memory|within its limit/],
  'nested tags in a gzip bomb': [packed('gzip', gzipSync('<i>'.repeat(30 * MILLION))), /larger than the 10 MB/],
  'a deflate bomb': [packed('deflate', deflateSync(Buffer.alloc(60 * MILLION))), /larger than the 10 MB/],
  'a brotli bomb': [
    packed('br', brotliCompressSync(Buffer.alloc(60 * MILLION), { params: { 1: 1 } })),
    /larger than the 10 MB/,
  ],
  '100 MB': [flood, /larger than the 10 MB/],
  'a body that drips': [drip, /not there whole within 1s/],
  'headers that drip': [dripHeaders, /not there whole within 1s|broke off|answer is not HTTP/],
  'a circle of redirects': [
    (response, { url }) => response.writeHead(302, { location: url }).end(),
    /redirects more than 5 times|not there whole/,
  ],
  'a redirect to a file': [
    (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    /redirects to a file: address/,
  ],
  'a length that is too long': [html('<p>half', { 'content-length': '500' }), /broke off|not there whole/],
  'NUL bytes': [html(Buffer.concat([Buffer.from('<p>a'), Buffer.alloc(MILLION), Buffer.from('b')])), /^done/],
  'a charset that is none': [html('<p>a', { 'content-type': `text/html; charset=${'x'.repeat(5000)}` }), /^done/],
  'bytes of no charset': [
    html(Buffer.from(Array.from({ length: MILLION }, (_, at) => (at * 7919) % 256))),
    /^done|no text|misses|no /,
  ],
  'half a character': [html(Buffer.from([0x3c, 0x70, 0x3e, 0xed, 0x95])), /^done/],
  'entities of nothing': [html(`<p>${'&#0;&#xD800;&#x110000;&'.repeat(50_000)}`), /^done/],
  nothing: [html(''), /^done/],
};

/** Answers as long as it is listened to; the connection is closed when the body is refused. */
function flood(response: ServerResponse): void {
  const block = Buffer.alloc(65_536, 'x');
  response.writeHead(200, { 'content-type': 'text/html' });
  const more = (): void => {
    while (!response.destroyed && response.write(block));
  };
  response.on('drain', more);
  more();
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' });
  const timer = setInterval(() => response.write('<'), 50);
  response.on('close', () => clearInterval(timer));
}

function dripHeaders(response: ServerResponse): void {
  const { socket } = response;
  socket?.write('HTTP/1.1 200 OK\r\n');
  const timer = setInterval(() => socket?.write('x-a: b\r\n'), 100);
  socket?.on('close', () => clearInterval(timer));
}

const names = Object.keys(PAGES);
/** One host a page: talkbell asks one host slowly. */
const servers = await Promise.all(
  names.map(async (name, at) => {
    const server = createServer((request, response) => PAGES[name]?.[0](response, request));
    await new Promise<void>((resolve) => server.listen(0, `127.0.0.${at + 2}`, resolve));
    return server;
  }),
);
const origins = servers.map((server, at) => `http://127.0.0.${at + 2}:${(server.address() as AddressInfo).port}/`);
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const JOB = `import { defineJob } from 'talkbell';
export default defineJob({ schedule: '* * * * *', to: 'me',
  fetch: (get, run) => get(${JSON.stringify(origins)}[run.slot], { timeout: '1s' }),
  extract: (page) => [{ text: page.maybe('p')?.text ?? 'none', all: page.$('*').length, whole: page.$.text().length }],
  render: ([item]) => item.text.slice(0, 300) + item.all + item.whole });`;

function endOf(look: Look): string {
  return look.kind === 'failed' ? look.failure.message : look.kind;
}

test('a look at any of these pages ends in time, in items or in a sentence, and the daemon goes on breathing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'talkbell-hostile-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'look.ts'), JOB);
  const workers = openWorkers({
    env: { PATH: process.env['PATH'] },
    timezone: 'Asia/Seoul',
    heapMb: 256,
    memoryMb: 512,
    importMs: 10_000,
    idleMs: 60_000,
    onOutput: () => {},
    onSecrets: () => {},
    onStart: () => {},
  });
  t.after(() => workers.close());
  const [source = assert.fail()] = await listJobs(dir);
  await workers.load([source]);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  for (const [at, name] of names.entries()) {
    const began = performance.now();
    const due = Date.UTC(2026, 10, 20, 2, 20);
    const run = { job: 'look', slot: String(at), due, at: due, timezone: 'Asia/Seoul', manual: false, look: 1 };
    const look = await workers.look({ source, run, timeLimitMs: 10_000, watches: false, validators: [] });
    const tookMs = performance.now() - began;
    assert.match(endOf(look), PAGES[name]?.[1] ?? /never/, name);
    assert.ok(tookMs < LONGEST_LOOK_MS, `${name} took ${tookMs} ms`);
    assert.ok(JSON.stringify(look).length < 10_000, `${name} is told at length`);
    if (look.kind === 'done') for (const saying of look.sayings) toKakao(saying);
  }
  delay.disable();
  assert.ok(delay.max / 1e6 < 1000, `the daemon held its breath for ${delay.max / 1e6} ms`);
});

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => new TextEncoder().encode(text)),
  fc
    .array(
      fc.constantFrom(
        '<p>',
        '</p>',
        '<table>',
        '<td>',
        '<li',
        '<!--',
        ']]>',
        '<![CDATA[',
        '&#',
        '\u0000',
        '\ud800',
        '<?xml?>',
        '{',
        '"',
        '<svg>',
        '<template>',
        '<base href="file:///">',
        '<meta charset=',
        'utf-7>',
        '가',
      ),
      { maxLength: 40 },
    )
    .map((pieces) => new TextEncoder().encode(pieces.join(''))),
);
const label = fc.oneof(
  fc.constantFrom('utf-8', 'utf-7', 'utf-16', 'euc-kr', 'johab', 'x-user-defined', '', '\u0000', '"'),
  fc.string({ unit: 'binary' }),
);

/** Johab and its like are refused by name. */
function decodeOrRefuse(body: Uint8Array, contentType: string): Decoded | undefined {
  try {
    return decodeText(body, { contentType });
  } catch (error) {
    assert.ok(error instanceof FetchError && /a charset talkbell cannot read/.test(error.message), String(error));
    return undefined;
  }
}

test('any bytes under any label are text or an error, and any page of them answers or says what is missing', async () => {
  await fc.assert(
    fc.asyncProperty(
      bytes,
      label,
      fc.constantFrom('text/html', 'text/xml', 'application/json', 'image/png', ''),
      async (body, charset, type) => {
        const began = performance.now();
        const contentType = `${type}; charset=${charset}`;
        const decoded = decodeOrRefuse(body, contentType);
        if (decoded === undefined) return;
        assert.ok(decoded.text.length <= 2 * body.length + 2);
        const page = await makePage({
          url: 'http://a.test/',
          status: 200,
          headers: { 'content-type': contentType },
          body,
          ...decoded,
        });
        for (const ask of [
          () => page.one('p').text,
          () => page.rows('table', 'td', { a: '@href' }),
          () => page.json(),
          () => page.table('table').rows,
          () => page.all('*').map(({ lines }) => lines),
        ]) {
          try {
            JSON.stringify(ask());
          } catch (error) {
            assert.ok(error instanceof Error && error.name === 'ExtractError', String(error));
            assert.ok(error.message.length > 20 && error.message.length < 2000);
          }
        }
        assert.ok(performance.now() - began < 1000);
      },
    ),
    { numRuns: 600 },
  );
});

test('half a surrogate from a page reaches Kakao as the sign of a broken letter', async () => {
  const body = new TextEncoder().encode(String.raw`{"dish":"국밥\ud83d","price":"\udc00"}`);
  const headers = { 'content-type': 'application/json' };
  const page = await makePage({ url: 'http://a.test/', status: 200, headers, body, ...decodeText(body) });
  const { dish, price } = page.json() as { dish: string; price: string };
  assert.deepEqual([dish, price], ['국밥\ud83d', '\udc00']);
  const [saying] = toKakao({ kind: 'text', text: `${dish} ${price}` });
  const sent = new URLSearchParams({ template_object: JSON.stringify(saying) }).toString();
  assert.doesNotMatch(sent, /%ED%A0|%ED%B0/, 'no surrogate is written as bytes');
});
