// What worker processes do over the network as jobs ask for it, and what outlives them: politeness, and nothing secret.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Look } from '../../src/core/job.ts';
import type { LookTask } from '../../src/core/worker-protocol.ts';
import { listJobs } from '../../src/io/jobs-folder.ts';
import { openWorkers } from '../../src/io/workers.ts';
import { serve } from './http-local.ts';

const PASSWORD = '비밀번호 5eb63bbb';

function openStage(t: TestContext, origin: string) {
  const jobsDir = mkdtempSync(join(tmpdir(), 'talkbell-jobs-'));
  const workers = openWorkers({
    env: { ...process.env, SITE: origin, SITE_PASSWORD: PASSWORD },
    timezone: 'Asia/Seoul',
    heapMb: 96,
    memoryMb: 400,
    importMs: 5000,
    idleMs: 60_000,
    onOutput: () => {},
    onSecrets: () => {},
    onStart: () => {},
  });
  t.after(async () => {
    await workers.close();
    rmSync(jobsDir, { recursive: true, force: true });
  });
  return {
    workers,
    write: async (file: string, job: string) => {
      const text = `import { defineJob, secret, setting } from 'talkbell';
        const site = setting('SITE');
        export default defineJob({ schedule: '* * * * *', to: 'me', extract: () => [], render: () => '', ${job} });`;
      writeFileSync(join(jobsDir, file), text);
      await workers.load(await listJobs(jobsDir));
    },
    look: async (file: string, more: Partial<LookTask> = {}): Promise<Look> => {
      const source = (await listJobs(jobsDir)).find((candidate) => candidate.file === file);
      assert.ok(source);
      const at = Date.now();
      const run = { job: file, slot: 'main', due: at, at, timezone: 'Asia/Seoul', manual: false, look: 1 };
      return workers.look({ source, run, timeLimitMs: 20_000, watches: false, validators: [], ...more });
    },
  };
}

const messageOf = (look: Look): string => (look.kind === 'failed' ? look.failure.message : look.kind);

test('a host that asked one worker to be left alone is left alone by the next', async (t) => {
  const local = await serve(t, (response) => response.writeHead(429, { 'retry-after': '600' }).end());
  const stage = openStage(t, local.origin);
  await stage.write('a.ts', "fetch: (get) => get(site + '/a'),");
  assert.match(messageOf(await stage.look('a.ts')), /answered 429/);
  const before = stage.workers.pid();
  await stage.write('b.ts', "fetch: (get) => get(site + '/b'),");
  assert.match(messageOf(await stage.look('b.ts')), /has asked to be left alone until/);
  assert.notEqual(stage.workers.pid(), before);
  assert.equal(local.seen.length, 1);
});

test('a job obeys robots.txt if it asks to, and one that is only asked for it fetches nothing else', async (t) => {
  const local = await serve(t, (response, { url }) =>
    response.end(url === '/robots.txt' ? 'User-agent: *\nDisallow: /no' : 'page'),
  );
  const stage = openStage(t, local.origin);
  const refused = `robots.txt of ${new URL(local.origin).host} disallows /no for talkbell.`;
  await stage.write('a.ts', "robots: 'obey', fetch: (get) => get(site + '/no'),");
  assert.equal(messageOf(await stage.look('a.ts')), refused);
  await stage.write('b.ts', "fetch: (get) => get(site + '/no'),");
  assert.equal(messageOf(await stage.look('b.ts', { robotsOnly: true })), refused);
  await stage.write('c.ts', "fetch: (get) => get.form(site + '/yes'),");
  assert.notEqual((await stage.look('c.ts', { robotsOnly: true })).kind, 'failed');
  assert.deepEqual([...new Set(local.seen.map(({ url }) => url))], ['/robots.txt']);
});

test('a password that a form wrote into an address, in its charset, stands in no error', async (t) => {
  const local = await serve(t, (response, { url }) => {
    if (url !== '/') return response.writeHead(404).end();
    return response
      .setHeader('content-type', 'text/html; charset=euc-kr')
      .end('<form action=/find><input name=q><input name=u></form>');
  });
  const stage = openStage(t, local.origin);
  await stage.write('a.ts', "fetch: (get) => get.form(site + '/', { fields: { q: secret('SITE_PASSWORD') } }),");
  const look = await stage.look('a.ts');
  assert.match(messageOf(look), /\/find\?q=\[secret\]&u= answered 404/);
  assert.doesNotMatch(JSON.stringify(look), /5eb63bbb|%BA%F1/);
});

test('cookies go along only with a job that keeps them, and come back untouched beside an error', async (t) => {
  const local = await serve(t, (response) => response.writeHead(403, { 'set-cookie': 'id=7; Path=/' }).end());
  const stage = openStage(t, local.origin);
  const cookies = JSON.stringify([{ key: 'kept', value: '1', domain: '127.0.0.1', path: '/', hostOnly: true }]);
  const expiring = cookies.replace('}', ',"expires":"2999-01-01T00:00:00.000Z"}');
  const fetch = "fetch: (get) => get(site).catch(() => { throw Object.assign(new Error('x'.repeat(3000)), {}); }),";
  await stage.write('keeps.ts', `cookies: 'keep', ${fetch}`);
  await stage.write('plain.ts', fetch);
  const forgotten = await stage.look('keeps.ts', { cookies: expiring });
  assert.deepEqual([forgotten.kind, forgotten.cookies], ['failed', '[]']);
  const plain = await stage.look('plain.ts', { cookies: expiring });
  assert.equal(plain.cookies, '[]');
  assert.deepEqual(
    local.seen.map(({ headers }) => headers.cookie),
    ['kept=1', undefined],
  );
  await stage.write(
    'later.ts',
    `cookies: 'keep', fetch: async (get) => { await get(site).catch(() => {}); (await import('talkbell')).notYet('later'); },`,
  );
  const later = await stage.look('later.ts', { cookies: expiring });
  assert.equal(later.kind, 'notYet');
  assert.match(later.cookies ?? '', /"value":"7"/);
});

test('with one saved page in the place of all, a form need not be on it', async (t) => {
  const stage = openStage(t, 'http://site.invalid');
  const path = join(mkdtempSync(join(tmpdir(), 'talkbell-page-')), 'grades.html');
  t.after(() => rmSync(join(path, '..'), { recursive: true, force: true }));
  writeFileSync(path, '<p class=grade>A+</p>');
  await stage.write(
    'a.ts',
    `fetch: async (get) => get.form(await get(site), { fields: { id: 'me' } }),
     extract: (page) => [{ grade: page.one('.grade').text }], render: ([first]) => first.grade,`,
  );
  const look = await stage.look('a.ts', { page: { path } });
  assert.deepEqual(look.kind === 'done' && look.sayings.map((saying) => saying.kind === 'text' && saying.text), ['A+']);
});

test('a session that a site shows on its page stands in no error', async (t) => {
  const local = await serve(t, (response) =>
    response
      .writeHead(200, { 'set-cookie': 'SID=a1b2c3d4e5f6a7b8; Path=/' })
      .end('<a href="/x;sid=a1b2c3d4e5f6a7b8">x</a>'),
  );
  const stage = openStage(t, local.origin);
  await stage.write('a.ts', 'fetch: (get) => get(site), extract: (page) => { throw new Error(page.text); },');
  const look = await stage.look('a.ts');
  assert.match(messageOf(look), /sid=\[secret\]/);
  assert.doesNotMatch(JSON.stringify(look), /a1b2c3d4/);
});
