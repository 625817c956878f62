// Pages that their scripts draw, drawn by a real Chromium: with the limits of every other page.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { FetchError } from '../../src/core/errors.ts';
import type { GetOptions } from '../../src/core/job.ts';
import { BrowserError, openBrowsers } from '../../src/io/browser.ts';
import { toPage } from '../../src/io/fetching.ts';
import { openHttp } from '../../src/io/http.ts';
import { ownBytesBelow } from '../../src/io/process-memory.ts';
import { type Answerer, type Local, serve } from './http-local.ts';

const CHROMIUM = '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is absent`;

const SHELL = `<!doctype html><meta charset="utf-8"><title>식단</title><div id="app"></div><script src="/app.js"></script>`;
const APP = `fetch('/api/menu').then((answer) => answer.json()).then((dishes) => {
  document.querySelector('#app').innerHTML = '<ul>' + dishes.map((dish) => '<li>' + dish + '</li>').join('') + '</ul>';
});`;

const site: Answerer = (response, { url }) => {
  const [type, body] = {
    '/': ['text/html', SHELL],
    '/app.js': ['text/javascript', APP],
    '/api/menu': ['application/json', JSON.stringify(['김치찌개', '똠얌'])],
  }[url] ?? ['text/html', ''];
  response.writeHead(body === '' ? 404 : 200, { 'content-type': type });
  response.end(body);
};

interface Drawing {
  readonly local: Local;
  readonly get: (path: string, options?: GetOptions) => ReturnType<typeof toPage>;
}

async function draw(t: TestContext, answer: Answerer, env: NodeJS.ProcessEnv = process.env): Promise<Drawing> {
  const local = await serve(t, answer);
  const http = openHttp({
    env: { PATH: env['PATH'], TALKBELL_CHROMIUM: env['TALKBELL_CHROMIUM'] },
    hostGapMs: 0,
    retries: 0,
  });
  t.after(() => http.close());
  const session = http.session({ signal: new AbortController().signal, conditional: false });
  return { local, get: async (path, options) => toPage(await session.get(`${local.origin}${path}`, options)) };
}

const failure = (work: Promise<unknown>): Promise<FetchError> =>
  work.then(
    () => assert.fail('It did not fail.'),
    (error: unknown) => {
      assert.ok(error instanceof FetchError, String(error));
      return error;
    },
  );

test('a page that is empty until its scripts have run is read as a person sees it', { skip }, async (t) => {
  const { get, local } = await draw(t, site);
  assert.equal((await get('/')).maybe('li'), undefined);
  const page = await get('/', { render: true });
  assert.deepEqual(
    page.all('li').map(({ text }) => text),
    ['김치찌개', '똠얌'],
  );
  assert.equal(page.url, `${local.origin}/`);
  assert.match(local.seen.at(-1)?.headers['user-agent'] ?? '', /talkbell/, 'what a page asks for names us too');
});

test('a page that does not say its charset is drawn by what its bytes are', { skip }, async (t) => {
  const pages = new Map([
    ['/utf-8', Buffer.from('<!doctype html><p>두부 비빔밥</p>')],
    ['/cp949', Buffer.from([...Buffer.from('<!doctype html><p>'), 0xb9, 0xe4, 0x8c, 0x63])],
  ]);
  const { get } = await draw(t, (response, { url }) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(pages.get(url)),
  );
  assert.equal((await get('/utf-8', { render: true })).one('p').text, '두부 비빔밥');
  assert.equal((await get('/cp949', { render: true })).one('p').text, '밥똠');
});

test('what is waited for may come late, and what never comes is an error that names it', { skip }, async (t) => {
  const late = `<!doctype html><title>x</title><script>
    setInterval(() => fetch('/tick'), 50);
    setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<p class=late>밥</p>'), 300)</script>`;
  const { get } = await draw(t, (response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(late),
  );
  assert.equal((await get('/', { render: { waitFor: '.late' } })).one('.late').text, '밥');
  const error = await failure(get('/', { render: { waitFor: '.never' }, timeout: '2s' }));
  assert.match(error.message, /could not be drawn: no element matched `\.never` within 2 s\. .*timeout: '60s'/);
});

test('a script that loops for ever, or eats memory, ends in a sentence, and the next page is drawn', {
  skip,
}, async (t) => {
  const { get } = await draw(t, (response, { url }) => {
    const script = {
      '/loop': 'for (;;) {}',
      '/eat': 'const all = []; for (;;) all.push(new Array(1e6).fill("x" + all.length))',
    }[url];
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><title>x</title><p>밥</p><script>${script ?? ''}</script>`);
  });
  assert.match((await failure(get('/loop', { render: true, timeout: '3s' }))).message, /it was not done within 3 s/);
  assert.match(
    (await failure(get('/eat', { render: true, timeout: '30s' }))).message,
    /more memory than there is|more than \d+ MB of memory|crash/i,
  );
  assert.equal((await get('/', { render: true })).one('p').text, '밥');
});

test('a page with dialogs, pop-ups, sockets, downloads and pictures is drawn without them', { skip }, async (t) => {
  const { get, local } = await draw(t, (response, { url }) => {
    response.writeHead(200, { 'content-type': url.endsWith('.png') ? 'image/png' : 'text/html; charset=utf-8' });
    response.end(`<!doctype html><title>x</title><img src="/big.png"><p>밥</p><script>
      alert('공지'); open('/other'); new WebSocket('ws://' + location.host + '/socket');
      document.querySelector('p').textContent += ' ' + (confirm('?') ? 'yes' : 'no');</script>`);
  });
  assert.equal((await get('/', { render: true })).one('p').text, '밥 no');
  assert.deepEqual(
    local.seen.map(({ url }) => url),
    ['/'],
  );
});

test('a page that is too large once drawn is refused', { skip }, async (t) => {
  const local = await serve(t, (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<!doctype html><title>x</title><p></p><script>document.body.append('x'.repeat(2e6))</script>`);
  });
  const http = openHttp({ env: { PATH: process.env['PATH'] }, maxBytes: 1_000_000 });
  t.after(() => http.close());
  const session = http.session({ signal: new AbortController().signal, conditional: false });
  assert.match(
    (await failure(session.get(local.origin, { render: true }))).message,
    /larger than 1 MB once it is drawn/,
  );
});

test('the scripts of a public page do not reach this machine', { skip }, async (t) => {
  const inner = await serve(
    t,
    (response) => response.writeHead(200, { 'access-control-allow-origin': '*' }).end('secret'),
    '127.0.0.2',
  );
  const outer = await serve(t, (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<!doctype html><title>x</title><p>-</p><script>
      fetch('${inner.origin}/').then((answer) => answer.text(), () => 'refused').then((text) => { document.querySelector('p').textContent = text; })</script>`);
  });
  const isPrivate = (address: string): boolean => address === '127.0.0.2';
  const http = openHttp({ env: { PATH: process.env['PATH'] }, isPrivate });
  t.after(() => http.close());
  const session = http.session({ signal: new AbortController().signal, conditional: false });
  const page = await toPage(await session.get(outer.origin, { render: true }));
  assert.equal(page.one('p').text, 'refused');
  assert.deepEqual(inner.seen, []);
});

test('without a browser the error says how to get one', async (t) => {
  const missing = await draw(t, site, { PATH: '/nowhere', TALKBELL_CHROMIUM: '/nowhere/chromium' });
  assert.match(
    (await failure(missing.get('/', { render: true }))).message,
    /TALKBELL_CHROMIUM names \/nowhere\/chromium, which is not there/,
  );
  const broken = await draw(t, site, { PATH: '/nowhere', TALKBELL_CHROMIUM: process.execPath });
  assert.match((await failure(broken.get('/', { render: true }))).message, /node does not start/);
});

test('where playwright-core is not installed the error says how to get it', async () => {
  const child = begin(`
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name === 'playwright-core' ? 'not-installed-at-all' : name, context) });
    const { openBrowsers } = await import(${JSON.stringify(import.meta.resolve('../../src/io/browser.ts'))});
    await openBrowsers().use(async () => {}, new AbortController().signal).catch((error) => console.log(error.message));`);
  assert.equal(await child.says, 'playwright-core is not installed. Install it: npm install playwright-core\n');
});

test('a browser does not outlive a worker that was killed', { skip }, async () => {
  const child = begin(`
    import { openBrowsers } from ${JSON.stringify(import.meta.resolve('../../src/io/browser.ts'))};
    await openBrowsers().use(async () => {}, new AbortController().signal);
    console.log('drawn');
    setInterval(() => {}, 1000);`);
  await child.says;
  const pids = descendantsOf(child.pid);
  assert.ok(pids.length > 1);
  process.kill(child.pid, 'SIGKILL');
  await until(() => pids.every((pid) => !isAlive(pid)));
});

test('an idle browser ends, and nothing of it is left', { skip }, async () => {
  const browsers = openBrowsers({ idleMs: 100 });
  const { signal } = new AbortController();
  const version = await browsers.use(async (browser) => browser.version(), signal);
  assert.match(version, /^\d+/);
  assert.ok(chromiums() > 0);
  await until(() => chromiums() === 0);
  assert.match(
    await browsers.use(async (browser) => browser.version(), signal),
    /^\d+/,
    'it comes again when asked for',
  );
  await browsers.close();
  await until(() => chromiums() === 0);
});

test('a browser that takes too much memory is ended with the page it draws', { skip }, async (t) => {
  const browsers = openBrowsers({ maxBytes: 50_000_000 });
  t.after(() => browsers.close());
  const work = browsers.use(async (browser) => {
    const page = await browser.newPage();
    await page.waitForSelector('.never', { timeout: 60_000 });
  }, new AbortController().signal);
  await assert.rejects(work, (error) => error instanceof BrowserError && /more than 50 MB/.test(error.message));
  await until(() => chromiums() === 0);
  assert.ok((ownBytesBelow(process.pid) ?? 0) < 50_000_000);
});

/** Of this process alone. */
function chromiums(): number {
  return descendantsOf(process.pid).length;
}

function descendantsOf(pid: number): readonly number[] {
  const own = new Set([pid]);
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? parentOf(Number(name)) : []));
  for (let before = 0; before !== own.size; ) {
    before = own.size;
    for (const one of all) if (own.has(one.parent)) own.add(one.pid);
  }
  own.delete(pid);
  return [...own];
}

function isAlive(pid: number): boolean {
  return parentOf(pid).length > 0;
}

/** None for one that has ended, though nobody has asked for its end. */
function parentOf(pid: number): readonly { readonly pid: number; readonly parent: number }[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? [] : [{ pid, parent: Number(parent) }];
  } catch {
    return [];
  }
}

function begin(source: string): { readonly pid: number; readonly says: Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { pid: child.pid ?? 0, says: once(child.stdout, 'data').then(String) };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await setTimeout(20);
  }
  assert.fail('It did not come about within 10 s.');
}
