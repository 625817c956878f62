// Cookies kept from one look to the next, as plain data.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCookies } from '../../src/io/http-cookies.ts';
import { fetching, serve } from './http-local.ts';

const START = Date.now();
const DAY = 86_400_000;
const PAGE = new URL('https://site.example/member/home');

async function jarOf(setCookie: readonly string[], { now = START, url = PAGE, kept = '[]' } = {}): Promise<string> {
  const cookies = openCookies({ kept, now: () => now });
  await cookies.save(setCookie, url);
  return cookies.keep();
}

const headerOf = (kept: string | undefined, address: string, now = START): Promise<string | undefined> =>
  openCookies({ kept, now: () => now }).header(new URL(address));

test('a jar goes on as it was, by domain, path, and whether the way is secure', async () => {
  const kept = await jarOf([
    'here=1; Path=/member',
    'all=2; Domain=site.example; Path=/',
    'safe=3; Secure; HttpOnly; Path=/',
    'foreign=4; Domain=other.example',
  ]);
  assert.equal(await headerOf(kept, 'https://site.example/member/x'), 'here=1; all=2; safe=3');
  assert.equal(await headerOf(kept, 'https://site.example/'), 'all=2; safe=3');
  assert.equal(await headerOf(kept, 'http://site.example/'), 'all=2');
  assert.equal(await headerOf(kept, 'https://www.site.example/'), 'all=2');
  assert.equal(await headerOf(kept, 'https://other.example/'), undefined);
});

test('what has ended is not kept: by Max-Age from when it was set, by Expires, and after 30 days without either', async () => {
  const kept = await jarOf([
    'age=1; Max-Age=3600; Path=/',
    `day=2; Path=/; Expires=${new Date(START + DAY).toUTCString()}`,
    'session=3; Path=/',
    'gone=4; Path=/; Max-Age=0',
  ]);
  const namesAt = async (now: number) =>
    (JSON.parse(await jarOf(['new=0; Path=/'], { kept, now })) as { key: string }[]).map(({ key }) => key);
  assert.deepEqual(await namesAt(START), ['age', 'day', 'session', 'new']);
  assert.deepEqual(await namesAt(START + 3_600_001), ['day', 'session', 'new']);
  assert.deepEqual(await namesAt(START + DAY + 1000), ['session', 'new']);
  assert.deepEqual(await namesAt(START + 30 * DAY + 1), ['new']);
});

test('a cookie that is set again begins anew, and one that is used does not', async () => {
  const first = await jarOf(['age=1; Max-Age=3600; Path=/']);
  const again = await jarOf(['age=2; Max-Age=3600; Path=/'], { kept: first, now: START + 1_800_000 });
  assert.deepEqual(
    (JSON.parse(again) as { value: string; expires: string }[]).map(({ value, expires }) => [
      value,
      Date.parse(expires),
    ]),
    [['2', START + 5_400_000]],
  );
  const used = openCookies({ kept: again, now: () => START + 3_000_000 });
  assert.equal(await used.header(PAGE), 'age=2');
  assert.equal(used.keep(), again);
});

test('a site that takes a cookie back has it no more', async () => {
  const kept = await jarOf(['id=1; Path=/', 'id=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
  assert.equal(kept, '[]');
});

test('no more than 64 KB are kept, and of those the newest', async () => {
  const big = 'x'.repeat(9000);
  const kept = await jarOf(Array.from({ length: 12 }, (_, index) => `c${index}=${big}; Path=/`));
  const names = (JSON.parse(kept) as { key: string }[]).map(({ key }) => key);
  assert.deepEqual(names, ['c5', 'c6', 'c7', 'c8', 'c9', 'c10', 'c11']);
  assert.ok(Buffer.byteLength(kept) <= 64 * 1024);
});

test('what is kept and cannot be read counts as none', async () => {
  for (const kept of ['', '{', 'null', '[null, 3, "x", {}]', '[{"key":"a","value":"b"}]']) {
    assert.equal(await headerOf(kept, PAGE.href), undefined, kept);
  }
});

test('a session goes on with the cookies of another', async (t) => {
  const local = await serve(t, (response, { headers }) =>
    response.writeHead(200, headers.cookie === undefined ? { 'set-cookie': 'id=7; Path=/; HttpOnly' } : {}).end(),
  );
  const { http } = fetching(t);
  const signal = new AbortController().signal;
  const first = http.session({ signal, conditional: false });
  assert.equal(first.keepCookies(), '[]');
  await first.get(local.origin);
  await http.session({ signal, conditional: false, cookies: first.keepCookies() }).get(local.origin);
  assert.deepEqual(
    local.seen.map(({ headers }) => headers.cookie),
    [undefined, 'id=7'],
  );
});
