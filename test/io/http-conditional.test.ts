import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Validator } from '../../src/core/job.ts';
import { type FetchPage, fetchConditionally } from '../../src/io/http-conditional.ts';
import { fetching, type Local, serve, textOf } from './http-local.ts';

interface Site {
  readonly local: Local;
  /** What each path holds, and its etag. A page without one gives no validator. */
  readonly pages: Map<string, { text: string; etag?: string }>;
  readonly statuses: () => readonly string[];
  /** A page changes right after it has answered so. */
  readonly changeAfter: (status: number, path: string, page: { text: string; etag: string }) => void;
  /** One look of a watching job: what it came to, and what it leaves. */
  readonly look: (run: (get: FetchPage) => Promise<unknown>) => Promise<unknown>;
}

async function openSite(t: TestContext, pages: Record<string, { text: string; etag?: string }>): Promise<Site> {
  const site = new Map(Object.entries(pages));
  const log: string[] = [];
  let pending: { status: number; path: string; page: { text: string; etag: string } } | undefined;
  const local = await serve(t, (response, { url, headers }) => {
    const page = site.get(url);
    const same = page?.etag !== undefined && headers['if-none-match'] === page.etag;
    const status = page === undefined ? 404 : same ? 304 : 200;
    log.push(`${url} ${status}`);
    if (status === pending?.status && url === pending.path) site.set(url, pending.page);
    response.writeHead(status, page?.etag === undefined ? {} : { etag: page.etag }).end(same ? undefined : page?.text);
  });
  const { http } = fetching(t);
  let validators: readonly Validator[] = [];
  return {
    local,
    pages: site,
    statuses: () => log.splice(0),
    changeAfter: (status, path, page) => {
      pending = { status, path, page };
    },
    look: async (run) => {
      const session = http.session({ signal: new AbortController().signal, validators, conditional: true });
      const looked = await fetchConditionally(session, run);
      if (looked.kind === 'unchanged') return 'unchanged';
      validators = session.validators();
      return looked.raw;
    },
  };
}

describe('a look at one page', () => {
  test('is unchanged when the page answers 304, and sees the page when it does not', async (t) => {
    const site = await openSite(t, { '/': { text: 'one', etag: 'W/"1"' } });
    const run = async (get: FetchPage) => textOf(await get(site.local.origin));
    assert.equal(await site.look(run), 'one');
    assert.equal(await site.look(run), 'unchanged');
    assert.equal(await site.look(run), 'unchanged');
    site.pages.set('/', { text: 'two', etag: '"2"' });
    assert.equal(await site.look(run), 'two');
    assert.equal(await site.look(run), 'unchanged');
    assert.deepEqual(site.statuses(), ['/ 200', '/ 304', '/ 304', '/ 200', '/ 304']);
  });

  test('asks by Last-Modified too, but not by one of the very second', async (t) => {
    const modified = 'Fri, 20 Nov 2026 02:00:00 GMT';
    let date = 'Fri, 20 Nov 2026 02:00:01 GMT';
    const local = await serve(t, (response, { headers }) => {
      const status = headers['if-modified-since'] === modified ? 304 : 200;
      response.writeHead(status, { 'last-modified': modified, date }).end();
    });
    const { http } = fetching(t);
    const open = (validators: readonly Validator[]) => {
      return http.session({ signal: new AbortController().signal, validators, conditional: true });
    };
    const first = open([]);
    await first.get(local.origin);
    assert.deepEqual(first.validators(), []);
    date = 'Fri, 20 Nov 2026 02:01:00 GMT';
    const second = open([]);
    await second.get(local.origin);
    assert.deepEqual(second.validators(), [{ url: `${local.origin}/`, lastModified: modified }]);
    assert.deepEqual(await fetchConditionally(open(second.validators()), (get) => get(local.origin)), {
      kind: 'unchanged',
    });
  });

  test('of a job that does not watch is never conditional and leaves nothing', async (t) => {
    const site = await openSite(t, { '/': { text: 'one', etag: '"1"' } });
    const validators = [{ url: `${site.local.origin}/`, etag: '"1"' }];
    const session = fetching(t).http.session({ signal: new AbortController().signal, validators, conditional: false });
    const looked = await fetchConditionally(session, async (get) => textOf(await get(site.local.origin)));
    assert.deepEqual([looked, session.validators()], [{ kind: 'raw', raw: 'one' }, []]);
  });
});

describe('a look at several pages', () => {
  const both = { '/a': { text: 'a', etag: '"a"' }, '/b': { text: 'b', etag: '"b"' } };

  test('together is unchanged only when all are; else those that are get fetched in full', async (t) => {
    const site = await openSite(t, both);
    const run = async (get: FetchPage) => {
      const pages = await Promise.all(['/a', '/b'].map((path) => get(site.local.origin + path)));
      return pages.map(textOf).join(' ');
    };
    assert.equal(await site.look(run), 'a b');
    site.statuses();
    assert.equal(await site.look(run), 'unchanged');
    assert.deepEqual(site.statuses(), ['/a 304', '/b 304']);
    site.pages.set('/b', { text: 'B', etag: '"B"' });
    assert.equal(await site.look(run), 'a B');
    assert.deepEqual(site.statuses(), ['/a 304', '/b 200', '/a 200']);
    assert.equal(await site.look(run), 'unchanged');
  });

  test('one after the other, the second found in the first, is unchanged only when both are', async (t) => {
    const site = await openSite(t, { '/': { text: '/a', etag: '"1"' }, ...both });
    const run = async (get: FetchPage) => textOf(await get(site.local.origin + textOf(await get(site.local.origin))));
    assert.equal(await site.look(run), 'a');
    assert.equal(await site.look(run), 'unchanged');
    site.pages.set('/a', { text: 'A', etag: '"A"' });
    assert.equal(await site.look(run), 'A');
    assert.equal(await site.look(run), 'unchanged');
    site.pages.set('/', { text: '/b', etag: '"2"' });
    assert.equal(await site.look(run), 'b');
    assert.equal(await site.look(run), 'unchanged');
  });

  test("with today's date in the second address asks for today's page", async (t) => {
    const site = await openSite(t, {
      '/': { text: 'list', etag: '"1"' },
      '/?d=1': { text: 'one', etag: '"d1"' },
      '/?d=2': { text: 'two', etag: '"d2"' },
    });
    const on = (day: number) => async (get: FetchPage) => {
      await get(site.local.origin);
      return textOf(await get(`${site.local.origin}/?d=${day}`));
    };
    assert.equal(await site.look(on(1)), 'one');
    assert.equal(await site.look(on(1)), 'unchanged');
    site.statuses();
    assert.equal(await site.look(on(2)), 'two');
    assert.deepEqual(site.statuses(), ['/ 304', '/ 200', '/?d=2 200']);
    assert.equal(await site.look(on(2)), 'unchanged');
  });

  test('whose first page changes between the 304 and the full answer is a changed one', async (t) => {
    const site = await openSite(t, { '/': { text: 'x', etag: '"1"' }, ...both });
    const run = async (get: FetchPage) => {
      const first = textOf(await get(site.local.origin));
      return first + textOf(await get(`${site.local.origin}/a`));
    };
    assert.equal(await site.look(run), 'xa');
    const changing = (get: FetchPage) =>
      run(async (url) => {
        const page = get(url);
        site.changeAfter(304, '/', { text: 'y', etag: '"2"' });
        return page;
      });
    assert.equal(await site.look(changing), 'ya');
  });
});

describe('a look that cannot be called unchanged', () => {
  test('makes another request than a plain GET', async (t) => {
    const site = await openSite(t, { '/': { text: 'one', etag: '"1"' } });
    const ways = [{ form: {} }, { headers: { 'x-a': '1' } }, { method: 'HEAD' }, { method: 'POST' }] as const;
    for (const options of ways) {
      const run = async (get: FetchPage) => {
        await get(site.local.origin, options);
        return textOf(await get(site.local.origin));
      };
      assert.equal(await site.look(run), 'one');
      assert.equal(await site.look(run), 'one', JSON.stringify(options));
    }
  });

  test('asks a page that gives no validator, or was redirected', async (t) => {
    const site = await openSite(t, { '/': { text: 'one', etag: '"1"' }, '/bare': { text: 'bare' } });
    const run = async (get: FetchPage) =>
      textOf(await get(site.local.origin)) + textOf(await get(`${site.local.origin}/bare`));
    assert.equal(await site.look(run), 'onebare');
    assert.equal(await site.look(run), 'onebare');
    assert.deepEqual(site.statuses(), ['/ 200', '/bare 200', '/ 200', '/bare 200']);

    const redirecting = await serve(t, (response, { url }) => {
      response.writeHead(url === '/' ? 302 : 200, { location: '/end', etag: '"1"' }).end();
    });
    const session = fetching(t).http.session({ signal: new AbortController().signal, conditional: true });
    await session.get(redirecting.origin);
    assert.deepEqual(session.validators(), []);
  });

  test('asks for something the last look did not', async (t) => {
    const site = await openSite(t, { '/': { text: 'one', etag: '"1"' }, '/new': { text: 'new', etag: '"n"' } });
    await site.look((get) => get(site.local.origin));
    const run = async (get: FetchPage) => {
      const pages = await Promise.all([get(site.local.origin), get(`${site.local.origin}/new`)]);
      return pages.map(textOf).join(' ');
    };
    assert.equal(await site.look(run), 'one new');
  });

  test('catches an error itself: what was held back is fetched and the step goes on', async (t) => {
    const site = await openSite(t, { '/a': { text: 'a', etag: '"a"' }, '/b': { text: 'b', etag: '"b"' } });
    const run = async (get: FetchPage) => {
      const results = await Promise.allSettled(['/a', '/b'].map((path) => get(site.local.origin + path)));
      return results.map((result) => (result.status === 'fulfilled' ? textOf(result.value) : 'gone')).join(' ');
    };
    assert.equal(await site.look(run), 'a b');
    site.pages.delete('/b');
    assert.equal(await site.look(run), 'a gone');
    assert.equal(await site.look(run), 'a gone');
  });
});

test('an error of the step is the error of the look', async (t) => {
  const site = await openSite(t, { '/': { text: 'one', etag: '"1"' } });
  await site.look((get) => get(site.local.origin));
  const broken = async () => {
    throw new Error('a mistake in the job');
  };
  await assert.rejects(site.look(broken), /a mistake in the job/);
  await assert.rejects(
    site.look((get) => get(`${site.local.origin}/gone`)),
    { status: 404 },
  );
});

test('a step that gives up waiting for a page still gets its own answer', async (t) => {
  const site = await openSite(t, { '/': { text: 'one', etag: '"1"' } });
  await site.look((get) => get(site.local.origin));
  const impatient = (get: FetchPage) => Promise.race([get(site.local.origin).then(textOf), Promise.resolve('at once')]);
  assert.equal(await site.look(impatient), 'at once');
});

test('a page that is not to be kept leaves nothing to know it by, and is fetched anew', async (t) => {
  for (const headers of [
    { 'cache-control': 'private, no-store' },
    { 'cache-control': 'No-Store' },
    { pragma: 'no-cache' },
  ] as const) {
    const local = await serve(t, (response) => response.writeHead(200, { etag: '"1"', ...headers }).end());
    const { http } = fetching(t);
    const session = http.session({ signal: new AbortController().signal, conditional: true });
    await session.get(local.origin);
    assert.deepEqual(session.validators(), [], JSON.stringify(headers));
  }
});

test('a page that is only to be asked about first is known as any other', async (t) => {
  const headers = { etag: '"1"', 'cache-control': 'no-cache, must-revalidate' };
  const local = await serve(t, (response) => response.writeHead(200, headers).end());
  const session = fetching(t).http.session({ signal: new AbortController().signal, conditional: true });
  await session.get(local.origin);
  assert.equal(session.validators().length, 1);
});
