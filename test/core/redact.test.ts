// Secrets in every shape a log line may have: each is planted, and nothing of it may come out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { makeScrubber } from '../../src/core/redact.ts';

const CANARY = 'cAn4ry-Zq81+/vK0w==';
const BASIC = Buffer.from(`id:${CANARY}`).toString('base64');
const blank = makeScrubber();
const known = makeScrubber();
known.add(CANARY);

function circular(): object {
  const value: Record<string, unknown> = { password: CANARY };
  value['self'] = value;
  return value;
}

function failure(): Error {
  const cause = Object.assign(new Error(`POST https://h.kr/?KEY=${encodeURIComponent(CANARY)}`), {
    headers: { Authorization: `Bearer ${CANARY}` },
  });
  return Object.assign(new Error('refused', { cause }), { options: { clientSecret: CANARY } });
}

/** Shapes whose secret is found by name alone. */
const NAMED: Readonly<Record<string, unknown>> = {
  'a field at the top': { access_token: CANARY },
  'a field six levels down': { a: { b: { c: { d: { e: { refresh_token: CANARY } } } } } },
  'another letter case': { AUTHORIZATION: `Bearer ${CANARY}`, Cookie: `sid=${CANARY}` },
  camelCase: { refreshToken: CANARY, clientSecret: CANARY, apiKey: CANARY },
  'a header name with dashes': { headers: { 'x-api-key': CANARY, 'set-cookie': [`sid=${CANARY}`] } },
  'an array of objects': [{ ok: 1 }, { password: CANARY }],
  'a secret that is an object': { tokens: { access: CANARY, refresh: CANARY } },
  'an authorisation code': { code: CANARY },
  'a key that looks like one of an API': { key: 'f00dcafe12345678f00dcafe12345678'.concat(CANARY) },
  'raw headers in a flat array': { rawHeaders: ['accept', '*/*', 'Authorization', `KakaoAK ${CANARY}`] },
  'raw headers as bytes': { rawHeaders: [Buffer.from('cookie'), Buffer.from(CANARY)] },
  'pairs of name and value': [
    ['content-type', 'text/html'],
    ['cookie', CANARY],
  ],
  'name and value as fields': { headers: [{ name: 'Authorization', value: CANARY }] },
  'a Map': { headers: new Map([['x-api-key', CANARY]]) },
  Headers: { headers: new Headers({ authorization: `Basic ${BASIC}` }) },
  'an error with a cause': { err: failure() },
  'an AggregateError': { err: new AggregateError([failure(), failure()], `token=${CANARY}`) },
  'a URL': { url: new URL(`https://user:${encodeURIComponent(CANARY)}@h.kr/path?serviceKey=${CANARY}`) },
  'a URL as text': `GET https://h.kr/hub?KEY=${CANARY}&Type=json`,
  'a URL inside a URL': `https://h.kr/?to=${encodeURIComponent(`https://i.kr/?a=1&code=${CANARY}&b=2`)}`,
  'a URL with a password': `https://u:${encodeURIComponent(CANARY)}@h.kr/`,
  'search parameters': new URLSearchParams({ grant_type: 'refresh_token', refresh_token: CANARY }),
  'a form body': `grant_type=authorization_code&client_secret=${CANARY}&code=${CANARY}`,
  'a JSON body': JSON.stringify({ token_type: 'bearer', access_token: CANARY }),
  'a JSON body with a number': '{"password":84712093841}',
  'a JSON body inside JSON': JSON.stringify({ body: JSON.stringify({ id: 1, access_token: CANARY }) }),
  'a JSON body that was cut off': `{"id":1,"refresh_token":"${CANARY.slice(0, 12)}`,
  'an inspected object': inspect({ a: { client_secret: CANARY } }),
  'a header line': `HTTP/1.1 200 OK\r\nSet-Cookie: sid=${CANARY}; Path=/\r\nX-Api-Key: ${CANARY}\r\n`,
  'a bearer in a sentence': `The call with Bearer ${CANARY} was refused.`,
  'a basic credential in a sentence': `sent Basic ${BASIC} twice`,
  'an object with toJSON': { when: { toJSON: () => ({ secret: CANARY }) } },
  'a circle': circular(),
  'an own field of a class': new (class Login {
    accessToken = CANARY;
  })(),
};

/** Shapes whose secret is found only because it is registered. */
const REGISTERED: Readonly<Record<string, unknown>> = {
  'in a sentence': `tried ${CANARY} in vain`,
  'under a harmless name': { note: CANARY },
  'as a name': { [CANARY]: 1 },
  'percent-encoded': `at /path/${encodeURIComponent(CANARY)}/x`,
  'percent-encoded in lower case': encodeURIComponent(CANARY)
    .toLowerCase()
    .replace('can4ry-zq81', 'cAn4ry-Zq81')
    .replace('vk0w', 'vK0w'),
  'in base64 at any alignment': ['', 'a', 'ab', 'abc'].map((before) =>
    Buffer.from(`${before}${CANARY}`).toString('base64'),
  ),
  'in base64url': Buffer.from(CANARY).toString('base64url'),
  'in a Set': new Set([CANARY]),
  'in a stack': Object.assign(new Error('x'), { stack: `Error: x\n at ${CANARY} (file.ts:1:1)` }),
};

/** Enough of the secret to be worth stealing, in the shapes it may come out in. */
const LEAKS = [CANARY, CANARY.slice(0, 12), encodeURIComponent(CANARY), BASIC, '84712093841', 'f00dcafe'];

function assertScrubbed(out: unknown): void {
  const text = JSON.stringify(out);
  for (const leak of LEAKS) assert.ok(!text.includes(leak), `${leak} came out: ${text}`);
  assert.ok(text.includes('[secret]'), `nothing was replaced: ${text}`);
}

for (const [shape, value] of Object.entries(NAMED)) {
  test(`a secret does not come out by its name: ${shape}`, () => {
    assertScrubbed(blank.scrubValue(value));
  });
}

for (const [shape, value] of Object.entries({ ...REGISTERED, ...NAMED })) {
  test(`a registered secret does not come out: ${shape}`, () => {
    const out = JSON.stringify(known.scrubValue(value));
    for (const leak of [CANARY, 'Zq81', Buffer.from(CANARY).toString('base64').slice(4, 20)]) {
      assert.ok(!out.includes(leak), `${leak} came out: ${out}`);
    }
  });
}

test('what is no secret stays as it is', () => {
  const plain = {
    level: 30,
    msg: 'Told 3 items of cafeteria/lunch at https://h.kr/menu?date=2026-11-20.',
    key: 'job:cafeteria/lunch',
    id: '6f1c1d2e-0000-4000-8000-123456789abc',
    code: -401,
    codes: ['ECONNREFUSED', 'KOE322'],
    err: { code: 'UND_ERR_SOCKET', message: 'other side closed' },
    settings: ['NEIS_API_KEY', 'NAVER_CLIENT_SECRET'],
    token: null,
    hasToken: true,
    password: '',
    token_type: 'bearer',
    text: '- 김치찌개: 5,000원\n- 된장찌개: 4,500원',
    missing: 'Add the line NEIS_API_KEY=... to .env or set it in the environment.',
    header: 'Bearer error=invalid_token',
    board: 'https://h.kr/board.php?code=notice&key=title&no=123&bbs_code=B0012',
  };
  assert.deepEqual(blank.scrubValue(plain), plain);
});

test('a line of JSON stays a line of JSON, and scrubbing it again changes nothing', () => {
  for (const value of Object.values({ ...NAMED, ...REGISTERED })) {
    const line = JSON.stringify({ level: 30, value: inspect(value), msg: 'x' });
    const once = known.scrub(line);
    JSON.parse(once);
    assert.equal(known.scrub(once), once);
  }
});

test('the value that is scrubbed is left as it is', () => {
  const value = { headers: { authorization: CANARY }, list: [{ token: CANARY }] };
  const before = structuredClone(value);
  known.scrubValue(value);
  assert.deepEqual(value, before);
});

test('getters, proxies and toJSON that throw do not stop a log line', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const traps = {
    getter: Object.defineProperty({ a: 1 }, 'b', { enumerable: true, get: boom }),
    proxy: new Proxy({}, { ownKeys: boom, getPrototypeOf: boom, get: boom }),
    toJSON: { toJSON: boom },
    date: new Date(Number.NaN),
  };
  assert.deepEqual(blank.scrubValue(traps), {
    getter: { a: 1, b: '[unreadable]' },
    proxy: '[unreadable]',
    toJSON: '[unreadable]',
    date: null,
  });
});

test('circles and great depths end', () => {
  const deep: Record<string, unknown> = {};
  let at = deep;
  for (let level = 0; level < 10_000; level += 1) {
    const next: Record<string, unknown> = {};
    at['next'] = next;
    at = next;
  }
  assert.match(JSON.stringify(blank.scrubValue(deep)), /"\[too deep\]"/);
  assert.deepEqual(blank.scrubValue(circular()), { password: '[secret]', self: '[circular]' });
});

test('the same object twice is no circle', () => {
  const one = { a: 1 };
  assert.deepEqual(blank.scrubValue([one, one]), [{ a: 1 }, { a: 1 }]);
});

test('an error becomes plain data with its type, message, stack and cause', () => {
  const error = Object.assign(new TypeError('bad', { cause: new Error('below') }), { code: 'ECONNRESET' });
  const out = blank.scrubValue(error) as Record<string, Record<string, unknown>>;
  assert.equal(out['type'], 'TypeError');
  assert.equal(out['message'], 'bad');
  assert.equal(out['code'], 'ECONNRESET');
  assert.equal(out['cause']?.['message'], 'below');
  assert.match(String(out['stack']), /TypeError: bad/);
});

test('a value too short to be a secret is not registered', () => {
  const scrubber = makeScrubber();
  scrubber.add('12345');
  scrubber.add('');
  assert.equal(scrubber.scrub('12345 people'), '12345 people');
});

test('of two secrets, one within the other, neither leaves a rest', () => {
  const scrubber = makeScrubber();
  scrubber.add('abcdef');
  scrubber.add('abcdefghij');
  assert.equal(scrubber.scrub('x abcdefghij y'), 'x [secret] y');
});

test('no registered secret comes out of any text or JSON around it', () => {
  const secret = fc.string({ minLength: 6, maxLength: 40, unit: 'binary' }).filter((text) => text.trim().length >= 6);
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const scrubber = makeScrubber();
      scrubber.add(value);
      fc.pre(!'[secret]'.includes(value));
      assert.ok(!scrubber.scrub(`${before} ${value} ${after}`).includes(value));
      const json = scrubber.scrub(JSON.stringify({ note: `${before} ${value} ${after}` }));
      assert.ok(!json.includes(JSON.stringify(value).slice(1, -1)));
      JSON.parse(json);
    }),
    { numRuns: 500 },
  );
});

test('hostile text does not take long to scrub', () => {
  const started = process.cpuUsage();
  for (const part of ['"a":', '\\"', 'a=', 'token: ', '://', '{"a":', 'Bearer ', 'cookie:', 'a.', '%3F', "'a'"]) {
    known.scrub(part.repeat(20_000));
  }
  assert.ok(process.cpuUsage(started).user < 5_000_000);
});

test('a long run of anything is scrubbed in a moment: the daemon does it while others wait', () => {
  for (const unit of [
    '\\',
    '"',
    '\\"',
    '=',
    ':',
    'a: ',
    'a=',
    'a://b',
    '{"a":',
    '[',
    ' ',
    'a.',
    '%3D',
    "'a':'",
    '"a":1',
  ]) {
    const began = performance.now();
    known.scrub(unit.repeat(60_000 / unit.length));
    assert.ok(performance.now() - began < 1500, unit);
  }
});

test('a secret is found in an address, a form and a page that show it in their own way', () => {
  const secret = `p@ss w"rd<1>&'(x)`;
  const scrubber = makeScrubber();
  scrubber.add(secret);
  const address = new URL('http://h.kr/');
  address.search = `?q=${secret}`;
  const path = new URL('http://h.kr/');
  path.pathname = `/find/${secret}`;
  const shown = [
    address.href,
    path.href,
    `http://h.kr/?q=${new URLSearchParams({ q: secret })}`,
    `http://sso.kr/?back=${encodeURIComponent(`http://h.kr/?q=${encodeURIComponent(secret)}`)}`,
    '<input name=q value="p@ss w&quot;rd&lt;1&gt;&amp;\'(x)">',
    Buffer.from(`me:${secret}`).toString('base64'),
  ];
  for (const text of shown) assert.match(scrubber.scrub(text), /\[secret\]/, text);
  for (const text of shown) assert.doesNotMatch(scrubber.scrub(text), /w.{1,8}rd/, text);
});
