// Logins by HTTP Basic: sent to whom they are meant for, and seen nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetching, serve } from './http-local.ts';

const PASSWORD = '비밀:p@ss w';
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

test('auth is sent as UTF-8, goes before what the address says, and after a header of the author', async (t) => {
  const local = await serve(t, (response) => response.end());
  const { session } = fetching(t);
  const auth = { user: '김', password: PASSWORD };
  const withUser = local.origin.replace('//', '//old:one@');
  await session.get(local.origin, { auth });
  await session.get(withUser, { auth });
  await session.get(local.origin, { auth, headers: { Authorization: 'Bearer x' } });
  assert.deepEqual(
    local.seen.map(({ headers }) => headers.authorization),
    [basic('김', PASSWORD), basic('김', PASSWORD), 'Bearer x'],
  );
});

test('a redirect to the same origin keeps it, one to another does not', async (t) => {
  const other = await serve(t, (response) => response.end());
  const local = await serve(t, (response, { url }) => {
    if (url === '/') return response.writeHead(302, { location: '/next' }).end();
    return response.writeHead(302, { location: other.origin }).end();
  });
  const page = await fetching(t).session.get(local.origin, { auth: { user: 'me', password: PASSWORD } });
  assert.deepEqual(
    [...local.seen, ...other.seen].map(({ headers }) => headers.authorization),
    [basic('me', PASSWORD), basic('me', PASSWORD), undefined],
  );
  assert.equal(page.url, `${other.origin}/`);
});

test('a login stands in no error, no address of a page and no link', async (t) => {
  const local = await serve(t, (response, { url }) =>
    response.writeHead(url === '/' ? 200 : 401).end('<!doctype html>'),
  );
  const { session } = fetching(t);
  const origin = local.origin.replace('//', '//me:hunter22@');
  const page = await session.get(origin);
  assert.equal(page.url, `${local.origin}/`);
  assert.equal(page.requestedUrl, `${local.origin}/`);
  assert.equal(session.lastPage()?.url, `${local.origin}/`);
  for (const attempt of [
    session.get(`${origin}/wrong`),
    session.get(`${local.origin}/wrong`, { auth: { user: 'me', password: 'hunter22' } }),
    session.get(origin.replace(/:\d+$/, ':1')),
  ]) {
    const error = await attempt.catch((thrown: Error) => thrown);
    assert.ok(error instanceof Error);
    assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /hunter22|me@|aHVudGVy/);
  }
});

test('auth that HTTP cannot carry is an error before anything is sent', async (t) => {
  const { session } = fetching(t);
  const url = 'http://127.0.0.1:1/';
  await assert.rejects(session.get(url, { auth: { user: 'a:b', password: 'x' } }), /the user of auth holds a colon/);
  const auth = { user: 'a' } as unknown as { user: string; password: string };
  await assert.rejects(session.get(url, { auth }), /auth must be \{ user: '\.\.\.', password: secret\('\.\.\.'\) \}/);
});
