// robots.txt: what it allows talkbell, read once a day, and obeyed by jobs that ask for it.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { RobotsNote } from '../../src/core/worker-protocol.ts';
import type { Http } from '../../src/io/http.ts';
import { openRobots } from '../../src/io/robots.ts';
import { fetching, type Local, serve, textOf } from './http-local.ts';

const DAY = 86_400_000;
const never = new AbortController().signal;

/** A site with this robots.txt, or this status in its place; every other page says its path. */
function serveSite(t: TestContext, robots: string | number): Promise<Local> {
  return serve(t, (response, { url }) => {
    if (url !== '/robots.txt') return response.end(url);
    return typeof robots === 'string' ? response.end(robots) : response.writeHead(robots).end();
  });
}

function obeying(http: Http) {
  return http.session({ signal: never, conditional: false, robots: 'obey' });
}

const paths = ({ seen }: Local): readonly string[] => seen.map(({ url }) => url);

test('a job that obeys is refused what robots.txt disallows, and nothing is fetched', async (t) => {
  const local = await serveSite(t, 'User-agent: *\nDisallow: /private\nAllow: /private/menu$\n');
  const session = obeying(fetching(t).http);
  await assert.rejects(session.get(`${local.origin}/private/list?key=abc`), {
    name: 'FetchError',
    message: `robots.txt of 127.0.0.1:${local.port} disallows /private/list?key=*** for talkbell.`,
  });
  assert.equal(textOf(await session.get(`${local.origin}/private/menu`)), '/private/menu');
  assert.deepEqual(paths(local), ['/robots.txt', '/private/menu']);
});

test('a group for talkbell goes before the one for all, in any letter case', async (t) => {
  const local = await serveSite(t, '\uFEFFUser-agent: *\nDisallow:\n\nUser-Agent: TalkBell\nDisallow: /menu\n');
  await assert.rejects(obeying(fetching(t).http).get(`${local.origin}/menu`), /disallows \/menu for talkbell/);
});

test('a job that does not ask to obey never asks for it', async (t) => {
  const local = await serveSite(t, 'User-agent: *\nDisallow: /\n');
  assert.equal(textOf(await fetching(t).session.get(`${local.origin}/menu`)), '/menu');
  assert.deepEqual(paths(local), ['/menu']);
});

test('a redirect does not lead around it', async (t) => {
  const local = await serve(t, (response, { url }) => {
    if (url === '/robots.txt') return response.end('User-agent: *\nDisallow: /b');
    return url === '/a' ? response.writeHead(302, { location: '/b' }).end() : response.end('b');
  });
  await assert.rejects(obeying(fetching(t).http).get(`${local.origin}/a`), /disallows \/b/);
  assert.deepEqual(paths(local), ['/robots.txt', '/a']);
});

test('without a robots.txt everything is allowed', async (t) => {
  for (const status of [404, 401, 403, 410]) {
    const local = await serveSite(t, status);
    assert.equal(textOf(await obeying(fetching(t).http).get(`${local.origin}/menu`)), '/menu', String(status));
  }
});

test('a robots.txt that cannot be read disallows everything for now', async (t) => {
  const local = await serveSite(t, 500);
  await assert.rejects(
    obeying(fetching(t, { retries: 0 }).http).get(`${local.origin}/menu`),
    new RegExp(
      `robots\\.txt of 127\\.0\\.0\\.1:${local.port} could not be read \\(it answered 500\\), so .*/menu counts as`,
    ),
  );
});

describe('reading it', () => {
  test('happens once a day for all jobs, and sooner where it could not be read', async (t) => {
    let status = 200;
    const local = await serve(t, (response, { url }) => response.writeHead(url === '/robots.txt' ? status : 200).end());
    const at = { now: Date.now() };
    const { http } = fetching(t, { now: () => at.now, retries: 0 });
    const count = () => paths(local).filter((path) => path === '/robots.txt').length;
    await Promise.all([1, 2, 3].map((page) => obeying(http).get(`${local.origin}/${page}`)));
    at.now += DAY - 1;
    await obeying(http).get(local.origin);
    assert.equal(count(), 1);
    at.now += 1;
    status = 503;
    await assert.rejects(obeying(http).get(local.origin), /could not be read/);
    await assert.rejects(obeying(http).get(local.origin), /could not be read/);
    assert.equal(count(), 2);
    status = 200;
    at.now += 5 * 60_000;
    await obeying(http).get(local.origin);
    assert.equal(count(), 3);
  });

  test('is not done again by the next process', async (t) => {
    const local = await serveSite(t, 'User-agent: *\nDisallow: /x');
    let notes: readonly RobotsNote[] = [];
    const onRobotsNotes = (learned: readonly RobotsNote[]) => {
      notes = learned;
    };
    await obeying(fetching(t, { onRobotsNotes }).http).get(`${local.origin}/menu`);
    const robotsNotes = JSON.parse(JSON.stringify(notes));
    await assert.rejects(obeying(fetching(t, { robotsNotes }).http).get(`${local.origin}/x`), /disallows/);
    assert.deepEqual(paths(local), ['/robots.txt', '/menu']);
  });

  test('that was broken off by its job is done again by the next one', async () => {
    const robots = openRobots({ now: Date.now });
    const url = new URL('http://menu.example/a');
    await assert.rejects(
      robots.judge(url, () => Promise.reject(new Error('stopped'))),
      /stopped/,
    );
    const verdict = await robots.judge(url, async () => ({ kind: 'text', text: 'User-agent: *\nDisallow: /a' }));
    assert.deepEqual(verdict, { kind: 'disallowed' });
  });

  test('gives the Crawl-delay, a minute at most', async () => {
    const robots = openRobots({ now: Date.now });
    for (const [origin, delay, delayMs] of [
      ['http://a.example', '2.5', 2500],
      ['http://b.example', '86400', 60_000],
      ['http://c.example', '-3', 0],
      ['http://d.example', 'soon', 0],
    ] as const) {
      const text = `User-agent: talkbell\nCrawl-delay: ${delay}\n`;
      const verdict = await robots.judge(new URL('/', origin), async () => ({ kind: 'text', text }));
      assert.deepEqual(verdict, { kind: 'allowed', delayMs }, origin);
    }
  });
});

test('a Crawl-delay makes the gap between two pages longer, but not before a redirect', async (t) => {
  const local = await serve(t, (response, { url }) => {
    if (url === '/robots.txt') return response.end('User-agent: *\nCrawl-delay: 20');
    return url === '/a' ? response.writeHead(302, { location: '/b' }).end() : response.end();
  });
  const wakes: (() => void)[] = [];
  const asked: number[] = [];
  const sleep = (ms: number) => {
    asked.push(ms);
    return new Promise<void>((resolve) => wakes.push(resolve));
  };
  const session = obeying(fetching(t, { sleep }).http);
  await session.get(`${local.origin}/a`);
  const next = session.get(`${local.origin}/c`);
  for (let round = 0; round < 20; round++) await new Promise(setImmediate);
  assert.deepEqual(
    [paths(local), asked],
    [
      ['/robots.txt', '/a', '/b'],
      [20_000, 20_000],
    ],
  );
  for (const wake of wakes.splice(0)) wake();
  await next;
  assert.equal(local.seen.length, 4);
});
