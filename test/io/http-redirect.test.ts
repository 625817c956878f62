import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { describe, test } from 'node:test';
import { sleep } from '../../src/io/http-clock.ts';
import { fetching, serve, textOf } from './http-local.ts';

/** 127.0.0.2 stands for the public network, the rest of this machine for the private one. */
const isPrivate = (address: string) => address !== '127.0.0.2';

describe('redirects', () => {
  test('are followed to the last page, whose address is known', async (t) => {
    const local = await serve(t, (response, { url }) => {
      if (url === '/') return response.writeHead(301, { location: '/a#part' }).end('moved');
      if (url === '/a') return response.writeHead(302, { location: 'b' }).end();
      return response.end('menu');
    });
    const page = await fetching(t).session.get(local.origin);
    assert.deepEqual([page.url, page.requestedUrl, textOf(page)], [`${local.origin}/b`, `${local.origin}/`, 'menu']);
  });

  test('are followed before other requests to the same host begin', async (t) => {
    const local = await serve(t, (response, { url }) => {
      response.writeHead(url === '/a' ? 302 : 200, { location: '/b' }).end();
    });
    const { session } = fetching(t, { hostGapMs: 20, sleep });
    await Promise.all(['/a', '/c', '/d'].map((path) => session.get(local.origin + path)));
    assert.deepEqual(
      local.seen.map(({ url }) => url),
      ['/a', '/b', '/c', '/d'],
    );
  });

  test('stop at the limit, also when they go in circles', async (t) => {
    const local = await serve(t, (response) => response.writeHead(302, { location: '/' }).end());
    await assert.rejects(fetching(t).session.get(local.origin), /redirects more than 5 times/);
    assert.equal(local.seen.length, 6);
  });

  test('to anything but http and https are refused', async (t) => {
    const targets = ['file:///etc/passwd', 'data:text/html,x', 'ftp://127.0.0.1/', 'http://[::g]/'];
    const local = await serve(t, (response, { url }) => {
      response.writeHead(302, { location: targets[Number(url.slice(1))] }).end();
    });
    for (const at of targets.keys()) {
      await assert.rejects(fetching(t).session.get(`${local.origin}/${at}`), {
        name: 'FetchError',
        message: /redirects to (a (file|data|ftp): address|what is no address), which is not followed/,
      });
    }
  });

  test('with Korean in the Location as raw UTF-8 lead to that page', async (t) => {
    const local = await serve(t, (response, { url }) => {
      if (url !== '/') return response.end();
      return response.writeHead(302, { location: Buffer.from('/식단').toString('latin1') }).end();
    });
    await fetching(t).session.get(local.origin);
    assert.equal(local.seen[1]?.url, encodeURI('/식단'));
  });

  test('turn a POST into a GET or keep it, as the status says', async (t) => {
    const local = await serve(t, (response, { url }) => {
      if (url === '/end') return response.end();
      return response.writeHead(Number(url.slice(1)), { location: '/end' }).end();
    });
    const { session } = fetching(t);
    for (const status of [301, 302, 303, 307, 308]) await session.get(`${local.origin}/${status}`, { json: { a: 1 } });
    await session.get(`${local.origin}/303`, { method: 'HEAD' });
    const ends = local.seen.filter(({ url }) => url === '/end');
    assert.deepEqual(
      ends.map(({ method, body, headers }) => [method, body, headers['content-type']]),
      [
        ['GET', '', undefined],
        ['GET', '', undefined],
        ['GET', '', undefined],
        ['POST', '{"a":1}', 'application/json'],
        ['POST', '{"a":1}', 'application/json'],
        ['HEAD', '', undefined],
      ],
    );
  });

  test('within an origin keep what the author set, across origins take no key along', async (t) => {
    const other = await serve(t, (response, { url }) => {
      if (url === '/far') return response.writeHead(307, { location: '/farther' }).end();
      return response.end();
    });
    const local = await serve(t, (response, { url }) => {
      if (url === '/') return response.writeHead(307, { location: '/near' }).end();
      return response.writeHead(307, { location: `${other.origin}/far` }).end();
    });
    const url = local.origin.replace('//', '//kim:secret@');
    const headers = { 'X-API-Key': 'k', cookie: 'c=1', 'user-agent': 'me', 'x-anything': '1' };
    await fetching(t).session.get(url, { headers, json: { a: 1 } });
    const near = local.seen[1]?.headers ?? {};
    assert.deepEqual([near['x-api-key'], near.cookie, near['x-anything']], ['k', 'c=1', '1']);
    assert.match(near.authorization ?? '', /^Basic/);
    for (const { headers: far, body } of other.seen) {
      const names = ['x-api-key', 'cookie', 'x-anything', 'authorization', 'user-agent', 'content-type'];
      const expected = [undefined, undefined, undefined, undefined, 'me', 'application/json'];
      assert.deepEqual([names.map((name) => far[name]), body], [expected, '{"a":1}']);
    }
    assert.equal(other.seen.length, 2);
  });
});

describe('private addresses', () => {
  test('may be asked for by an author, and may lead anywhere', async (t) => {
    const end = await serve(t, (response) => response.end('menu'));
    const open = await serve(t, (response) => response.writeHead(302, { location: end.origin }).end(), '127.0.0.3');
    assert.equal(textOf(await fetching(t, { isPrivate }).session.get(open.origin)), 'menu');
  });

  test('are not reached by a redirect from a public one, however they are written', async (t) => {
    const inner = await serve(t, (response) => response.end('secret'), '0.0.0.0');
    const hosts = [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '0177.0.0.1',
      '2130706433',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      'localhost',
      '0',
      '127.0.0.3',
    ];
    const open = await serve(
      t,
      (response, { url }) =>
        response.writeHead(302, { location: `http://${hosts[Number(url.slice(1))]}:${inner.port}/` }).end(),
      '127.0.0.2',
    );
    for (const [at, host] of hosts.entries()) {
      const asked = fetching(t, { isPrivate }).session.get(`${open.origin}/${at}`);
      await assert.rejects(asked, { name: 'FetchError', message: /an address of a private network/ }, host);
    }
    assert.equal(inner.seen.length, 0);
  });

  test('stay closed when the public page leads there by way of another public one', async (t) => {
    const inner = await serve(t, (response) => response.end('secret'));
    const second = await serve(t, (response) => response.writeHead(302, { location: inner.origin }).end(), '127.0.0.2');
    const first = await serve(t, (response) => response.writeHead(302, { location: second.origin }).end(), '127.0.0.3');
    await assert.rejects(fetching(t, { isPrivate }).session.get(first.origin), /private network/);
    assert.equal(inner.seen.length, 0);
  });

  test('are refused at the socket when a name changes its mind after the check', async (t) => {
    const inner = await serve(t, (response) => response.end('secret'));
    let questions = 0;
    const lookup: LookupFunction = (_hostname, _options, callback) => {
      questions += 1;
      callback(null, [{ address: questions === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]);
    };
    const location = `http://rebind.example:${inner.port}/`;
    const open = await serve(t, (response) => response.writeHead(302, { location }).end(), '127.0.0.2');
    await assert.rejects(
      fetching(t, { isPrivate, lookup }).session.get(open.origin),
      /rebind\.example.*private network/,
    );
    assert.deepEqual([questions, inner.seen.length], [2, 0]);
  });

  test('a public page may lead to another public one', async (t) => {
    const end = await serve(t, (response) => response.end('menu'), '127.0.0.2');
    const open = await serve(t, (response) => response.writeHead(302, { location: end.origin }).end(), '127.0.0.2');
    assert.equal(textOf(await fetching(t, { isPrivate }).session.get(open.origin)), 'menu');
  });
});
