import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeText } from '../../src/core/charset.ts';
import { FetchError } from '../../src/core/errors.ts';
import { openHttp } from '../../src/io/http.ts';
import { fetching, serve, textOf } from './http-local.ts';

const PAGES = join(import.meta.dirname, '../../../shared/pages');
const LATIN1 = 'text/html; charset=iso-8859-1';

describe('what goes out', () => {
  test('a get is a GET with an honest name, and comes back whole', async (t) => {
    const local = await serve(t, (response) => response.setHeader('X-Kind', 'menu').end('점심'));
    const { session } = fetching(t);
    const page = await session.get(`${local.origin}/menu?day=1#today`, { charset: 'utf-8', parser: 'fast' });
    assert.deepEqual(
      { ...page, headers: page.headers['x-kind'], body: textOf(page) },
      {
        url: `${local.origin}/menu?day=1`,
        requestedUrl: `${local.origin}/menu?day=1`,
        status: 200,
        headers: 'menu',
        body: '점심',
        charset: 'utf-8',
        parser: 'fast',
        method: 'GET',
      },
    );
    assert.match(local.seen[0]?.headers['user-agent'] ?? '', /^talkbell/);
    assert.equal(local.seen[0]?.headers['accept-encoding'], 'gzip, deflate, br, zstd');
  });

  test('form, json and body imply POST and name their type', async (t) => {
    const local = await serve(t, (response) => response.end());
    const { session } = fetching(t);
    await session.get(local.origin, { form: { 식단: '점심 & 저녁' } });
    await session.get(local.origin, { json: { day: '월' } });
    await session.get(local.origin, { body: 'raw', headers: { 'Content-Type': 'text/plain' } });
    await session.get(local.origin, { body: new Uint8Array([111, 107]), method: 'PUT' });
    assert.deepEqual(
      local.seen.map(({ method, headers, body }) => [method, headers['content-type'], body]),
      [
        ['POST', 'application/x-www-form-urlencoded', String(new URLSearchParams({ 식단: '점심 & 저녁' }))],
        ['POST', 'application/json', '{"day":"월"}'],
        ['POST', 'text/plain', 'raw'],
        ['PUT', undefined, 'ok'],
      ],
    );
  });

  test('headers of the author win over our own, whatever their case', async (t) => {
    const local = await serve(t, (response) => response.end());
    await fetching(t).session.get(local.origin, {
      headers: { 'User-Agent': 'me', ACCEPT: 'text/plain', 'X-API-Key': 'k' },
    });
    const { headers } = local.seen[0] ?? assert.fail();
    assert.deepEqual([headers['user-agent'], headers['accept'], headers['x-api-key']], ['me', 'text/plain', 'k']);
  });

  test('a user name and password in the address become a header, and are never shown', async (t) => {
    const local = await serve(t, (response) => response.end());
    const page = await fetching(t).session.get(local.origin.replace('//', '//kim:p%40ss+1@'));
    assert.equal(local.seen[0]?.headers.authorization, `Basic ${Buffer.from('kim:p@ss+1').toString('base64')}`);
    assert.equal(page.url, `${local.origin}/`);
  });

  test('options that make no request are errors that say why', async (t) => {
    const { session } = fetching(t);
    const url = 'http://127.0.0.1:1/';
    const wrong = [
      [session.get('menu.html'), /'menu.html' is not an address/],
      [session.get('file:///etc/passwd'), /only http: and https:/],
      [session.get(url, { form: {}, json: {} }), /only one of form, json and body/],
      [session.get(url, { method: 'GET', json: {} }), /a GET has no body/],
      [session.get(url, { timeout: 'soon' }), /the timeout 'soon' is not a duration/],
      [session.get(url, { headers: { 'Content-Length': '3' } }), /content-length is set by talkbell/],
      [session.get(url, { headers: { 'x-name': '한글' } }), /x-name holds a sign.*encodeURIComponent/],
      [session.get(url, { headers: { 'x-name': 'a\r\nb: c' } }), /x-name holds a sign/],
      [session.get(url, { headers: { 'x name': 'a' } }), /'x name' is not a header's name/],
    ] as const;
    for (const [asked, message] of wrong) await assert.rejects(asked, { name: 'FetchError', message });
  });
});

describe('what comes back', () => {
  test('an empty page with 200 is a page', async (t) => {
    const local = await serve(t, (response) => response.setHeader('content-encoding', 'gzip').end());
    assert.equal((await fetching(t).session.get(local.origin)).body.length, 0);
  });

  test('a HEAD gives headers only', async (t) => {
    const local = await serve(t, (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '99999999' }).end();
    });
    const page = await fetching(t).session.get(local.origin, { method: 'HEAD' });
    assert.deepEqual([page.body.length, page.headers['content-length']], [0, '99999999']);
  });

  test('a status that is no success is an error with the status and what to do', async (t) => {
    const local = await serve(t, (response, { url }) => response.writeHead(Number(url.slice(1))).end('no'));
    const { session } = fetching(t);
    const expected = [
      [404, /\/404 answered 404\. Check the address/],
      [401, /login or key/],
      [403, /does not allow/],
      [418, /Check the address in a browser/],
      [500, /in trouble/],
      [302, /answered 302/],
    ] as const;
    for (const [status, message] of expected) {
      await assert.rejects(session.get(`${local.origin}/${status}`), { name: 'FetchError', status, message });
    }
  });

  test('keys in an address do not show in an error', async (t) => {
    const local = await serve(t, (response) => response.writeHead(404).end());
    const asked = fetching(t).session.get(`${local.origin}/?serviceKey=hush&day=1`);
    const error = await asked.then(
      () => assert.fail(),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof FetchError);
    assert.match(error.message, /serviceKey=\*\*\*&day=1/);
    assert.doesNotMatch(JSON.stringify([error, error.message, error.url]), /hush/);
  });

  test('the last HTML page got by GET is known, in the order of asking', async (t) => {
    const local = await serve(t, (response, { url, method }) => {
      const type = url === '/api' ? 'application/json' : url === '/bare' ? '' : 'text/html; charset=utf-8';
      if (type !== '') response.setHeader('content-type', type);
      response.end(url === '/bare' ? '<!DOCTYPE html><p>' : method);
    });
    const { session } = fetching(t);
    const slow = await serve(
      t,
      (response) => setTimeout(() => response.setHeader('content-type', 'text/html').end(), 30),
      '127.0.0.2',
    );
    assert.equal(session.lastPage(), undefined);
    await Promise.all([session.get(slow.origin), session.get(`${local.origin}/second`)]);
    await session.get(`${local.origin}/api`);
    await session.get(`${local.origin}/form`, { form: {} });
    assert.deepEqual(session.lastPage(), { url: `${local.origin}/second` });
    await session.get(`${local.origin}/bare`);
    assert.deepEqual(session.lastPage(), { url: `${local.origin}/bare` });
  });

  test('saved pages in old charsets are read with and without a header that lies', {
    skip: existsSync(PAGES) ? false : '../shared is absent',
  }, async (t) => {
    const files = [
      ['charset/cp949/ricanet.com.xml', 'text/xml', '녿ㅌ허내루러니ㅔ냩율'],
      ['charset/cp949/ricanet.com.xml', 'text/xml; charset=utf-8', '녿ㅌ허내루러니ㅔ냩율'],
      ['charset/euc-kr/korea-univ-major_courses.html', 'text/html; charset=EUC-KR', '환경미생물학(영강)'],
      ['charset/meta-lies/www.elecom.co.jp.html', LATIN1, '個人向け'],
      ['charset/shift_jis/milliontimes.jp.xml', 'text/xml', 'ビルドとステアの違い'],
    ] as const;
    const local = await serve(t, (response, { url }) => {
      const [file = '', type = ''] = files[Number(url.slice(1))] ?? [];
      response.setHeader('content-type', type).end(readFileSync(join(PAGES, file)));
    });
    const { session } = fetching(t);
    for (const [at, [file, , wanted]] of files.entries()) {
      const { body, headers, charset } = await session.get(`${local.origin}/${at}`);
      const { text } = decodeText(body, { override: charset, contentType: headers['content-type'] });
      assert.ok(text.includes(wanted), file);
    }
  });
});

describe('cookies', () => {
  test('are kept within a session, over redirects, and not beyond it', async (t) => {
    const local = await serve(t, (response, { url }) => {
      if (url !== '/login') return void response.end();
      response.setHeader('set-cookie', [
        'sid=1; Path=/; HttpOnly',
        'bad',
        'gone=1; Max-Age=0',
        'x=1; Domain=example.com',
      ]);
      response.writeHead(302, { location: '/home' }).end();
    });
    const { http, session } = fetching(t);
    await session.get(`${local.origin}/login`, { form: { id: 'kim' } });
    await session.get(`${local.origin}/again`, { headers: { cookie: 'mine=1' } });
    await http.session({ signal: new AbortController().signal, conditional: false }).get(`${local.origin}/other`);
    assert.deepEqual(
      local.seen.map(({ url, headers }) => [url, headers.cookie]),
      [
        ['/login', undefined],
        ['/home', 'sid=1; bad'],
        ['/again', 'mine=1; sid=1; bad'],
        ['/other', undefined],
      ],
    );
  });
});

describe('stopping', () => {
  test('an aborted session ends its requests and frees their sockets', async (t) => {
    const local = await serve(t, (response) => response.write('begun'));
    const { http } = fetching(t);
    const stop = new AbortController();
    const session = http.session({ signal: stop.signal, conditional: false });
    const asked = [session.get(`${local.origin}/a`), session.get(`${local.origin}/waits-for-its-turn`)];
    const ended = Promise.allSettled(asked);
    while (local.sockets.size === 0 || local.seen.length === 0) await new Promise(setImmediate);
    const [socket = assert.fail()] = local.sockets;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    stop.abort(new Error('the daemon stops'));
    for (const result of await ended) {
      assert.ok(result.status === 'rejected' && result.reason instanceof FetchError);
      assert.match(result.reason.message, /was stopped/);
    }
    await closed;
    await assert.rejects(session.get(local.origin), /was stopped/);
    assert.equal(local.seen.length, 1);
  });

  test('a closed fetcher ends what waits', async (t) => {
    const local = await serve(t, (response) => response.write('begun'));
    const http = openHttp({ env: {}, hostGapMs: 0 });
    const session = http.session({ signal: new AbortController().signal, conditional: false });
    const ended = Promise.allSettled([session.get(local.origin), session.get(local.origin)]);
    while (local.seen.length === 0) await new Promise(setImmediate);
    await http.close();
    for (const { status } of await ended) assert.equal(status, 'rejected');
  });
});
