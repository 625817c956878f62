// Real worker processes: what a bad job costs is its own run and nothing else.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Look } from '../../src/core/job.ts';
import type { LookTask } from '../../src/core/worker-protocol.ts';
import { listJobs } from '../../src/io/jobs-folder.ts';
import { openWorkers, type Workers } from '../../src/io/workers.ts';

const jobsDir = mkdtempSync(join(tmpdir(), 'talkbell-jobs-'));
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end('<ul><li><b class="name">김치찌개</b></li></ul>');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
after(() => {
  server.close();
  rmSync(jobsDir, { recursive: true, force: true });
});

const started: number[] = [];
const SETTINGS = {
  env: { ...process.env, PAGE: page, PAGE_KEY: 'sesame-open-1234' },
  timezone: 'Asia/Seoul',
  heapMb: 96,
  memoryMb: 400,
  importMs: 1500,
  idleMs: 60_000,
  onOutput: () => {},
  onSecrets: () => {},
  onStart: (pid: number | undefined): void => void started.push(pid ?? 0),
};
const workers: Workers = openWorkers(SETTINGS);
after(() => workers.close());

function write(file: string, body: string): void {
  writeFileSync(join(jobsDir, file), body);
}

function jobOf(steps: string, more = ''): string {
  return `import { defineJob, secret, setting } from 'talkbell';
    export default defineJob({ schedule: '* * * * *', to: 'me', ${more}
      fetch: (get) => 1, extract: () => [], render: () => '', ${steps} });`;
}

async function lookAt(file: string, more: Partial<LookTask> = {}): Promise<Look> {
  const source = (await listJobs(jobsDir)).find((candidate) => candidate.file === file);
  assert.ok(source);
  const at = Date.UTC(2026, 10, 20, 2, 20);
  const run = { job: file, slot: 'main', due: at, at, timezone: 'Asia/Seoul', manual: false, look: 1 };
  return workers.look({ source, run, timeLimitMs: 20_000, watches: false, validators: [], ...more });
}

const messageOf = (look: Look): string => (look.kind === 'failed' ? look.failure.message : look.kind);

test('a job reads a page over the network, and the daemon gets plain data', async () => {
  write(
    'hello.ts',
    jobOf(
      `fetch: (get) => get(process.env.PAGE), extract: (page) => page.rows('ul', 'li', { name: '.name' }), render: (items) => items[0].name`,
    ),
  );
  await workers.load(await listJobs(jobsDir));
  const look = await lookAt('hello.ts');
  assert.equal(look.kind === 'done' && look.sayings[0]?.kind === 'text' && look.sayings[0].text, '김치찌개');
});

test('jobs that loop, quit, eat memory or never answer fail alone, and the others still tell', async () => {
  write('loop.ts', jobOf('extract: () => { for (;;) {} }'));
  write('quit.ts', jobOf('extract: () => process.exit(3)'));
  write('eat.ts', jobOf('extract: () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); }'));
  write('hang.ts', jobOf('fetch: () => new Promise(() => {})'));
  await workers.load(await listJobs(jobsDir));
  const [loop, quit, eat, hang, hello] = await Promise.all([
    lookAt('loop.ts', { timeLimitMs: 500 }),
    lookAt('quit.ts'),
    lookAt('eat.ts'),
    lookAt('hang.ts', { timeLimitMs: 500 }),
    lookAt('hello.ts'),
  ]);
  assert.match(messageOf(loop), /loop\.ts did not give back control within its limit of 0\.5 s/);
  assert.match(messageOf(quit), /quit\.ts ended its worker process \(exit 3/);
  assert.match(messageOf(eat), /eat\.ts took more memory/);
  assert.match(messageOf(hang), /took longer than its limit/);
  assert.equal(hello.kind, 'done');
});

test('memory outside the heap has a limit too', async () => {
  write(
    'buffers.ts',
    jobOf(
      'extract: async () => { const all = []; for (;;) { all.push(Buffer.alloc(3e7, 1)); await new Promise((go) => setTimeout(go, 5)); } }',
    ),
  );
  await workers.load(await listJobs(jobsDir));
  assert.match(messageOf(await lookAt('buffers.ts')), /buffers\.ts took more memory/);
});

test('a file that does not load, hangs or quits on import is told by name, and the others load', async () => {
  write('throws.ts', "throw new Error('no such page');");
  write('syntax.ts', 'export default {{');
  write('hangs.ts', 'for (;;) {}');
  write('quits.ts', 'process.exit(1)');
  write('unset.ts', jobOf('', "link: setting('NOT_SET_UP'),"));
  const files = await workers.load(await listJobs(jobsDir));
  const toldOf = (name: string) =>
    files.filter(({ file }) => file === name).map((file) => ('problems' in file ? file.problems.join() : file.kind));
  assert.match(toldOf('throws.ts')[0] ?? '', /jobs\/throws\.ts, line 1 does not load: Error: no such page/);
  assert.match(toldOf('syntax.ts')[0] ?? '', /jobs\/syntax\.ts.* does not load: SyntaxError/);
  assert.match(toldOf('hangs.ts')[0] ?? '', /hangs\.ts does not load within 1\.5 s/);
  assert.match(toldOf('quits.ts')[0] ?? '', /quits\.ts ends the process while it is imported \(exit 1\)/);
  assert.deepEqual(toldOf('unset.ts'), ['unset']);
  assert.deepEqual(toldOf('hello.ts'), ['job']);
  for (const name of ['throws.ts', 'syntax.ts', 'hangs.ts', 'quits.ts']) rmSync(join(jobsDir, name));
});

test('a job file changed is a job changed, without a stale copy of it or of its helper', async () => {
  write('_dish.ts', "export const dish = '국';");
  write(
    'fresh.ts',
    `import { dish } from './_dish.ts'; ${jobOf('extract: () => [{ dish }], render: ([item]) => item.dish + 1')}`,
  );
  await workers.load(await listJobs(jobsDir));
  const textOf = (look: Look) => look.kind === 'done' && look.sayings[0]?.kind === 'text' && look.sayings[0].text;
  const first = await listJobs(jobsDir);
  assert.equal(textOf(await lookAt('fresh.ts')), '국1');
  write('_dish.ts', "export const dish = '찌개';");
  const second = await listJobs(jobsDir);
  assert.notEqual(
    first.find(({ file }) => file === 'fresh.ts')?.hash,
    second.find(({ file }) => file === 'fresh.ts')?.hash,
  );
  await workers.load(second);
  assert.equal(textOf(await lookAt('fresh.ts')), '찌개1');
});

test('a jobs folder anywhere may use the libraries talkbell has, and a library nobody has is named', async () => {
  write(
    'zod.ts',
    `import { z } from 'zod'; ${jobOf("extract: () => [{ n: z.number().parse(1) }], render: () => '밥'")}`,
  );
  write('nobody.ts', `import 'a-library-nobody-has'; ${jobOf('')}`);
  const files = await workers.load(await listJobs(jobsDir));
  assert.equal(files.find(({ file }) => file === 'zod.ts')?.kind, 'job');
  const broken = files.find(({ file }) => file === 'nobody.ts');
  assert.match(broken?.kind === 'broken' ? broken.problems.join() : '', /a-library-nobody-has/);
  rmSync(join(jobsDir, 'nobody.ts'));
});

test('only files that are jobs are listed', async () => {
  write('lunch.test.ts', '');
  write('types.d.ts', '');
  write('.hidden.ts', '');
  write('notes.md', '');
  const names = (await listJobs(jobsDir)).map(({ file }) => file);
  assert.deepEqual(
    names.filter((name) => /test|types|hidden|notes|_dish/.test(name)),
    [],
  );
});

test('a secret of a job is in none of its errors, and its page is no link', async () => {
  write(
    'secret.ts',
    jobOf(
      "fetch: (get) => get(process.env.PAGE + '?key=' + secret('PAGE_KEY')), extract: (page) => [{ a: page.one('.name').text }], render: () => '밥'",
    ),
  );
  write('leak.ts', jobOf("extract: () => { throw new Error('refused: ' + secret('PAGE_KEY')); }"));
  await workers.load(await listJobs(jobsDir));
  const look = await lookAt('secret.ts');
  assert.equal(look.kind, 'done');
  assert.doesNotMatch(JSON.stringify(look), /sesame/);
  const leak = await lookAt('leak.ts');
  assert.match(messageOf(leak), /refused: \[secret\]/);
});

test('an idle worker is let go, and the next one starts before it is asked for a look', async () => {
  const begun: number[] = [];
  const ended = new Map<number, () => void>();
  const gone = new Promise<void>((resolve) => ended.set(0, resolve));
  const brief = openWorkers({
    ...SETTINGS,
    idleMs: 50,
    onStart: (pid) => begun.push(pid ?? 0),
    onEnd: () => ended.get(0)?.(),
  });
  write('idle.ts', jobOf(''));
  await brief.load((await listJobs(jobsDir)).filter(({ file }) => file === 'idle.ts'));
  await gone;
  assert.equal(brief.pid(), undefined);
  brief.warm();
  assert.equal(begun.length, 2);
  assert.equal(brief.pid(), begun[1]);
  await brief.close();
});

test('a broken edit goes on with the last good version', async () => {
  const good = jobOf("extract: () => [{ n: 1 }], render: () => 'good'");
  write('edited.ts', good);
  const kept = join(jobsDir, 'kept.txt');
  writeFileSync(kept, good);
  write('edited.ts', 'export default {{');
  const sources = (await listJobs(jobsDir)).map((source) =>
    source.file === 'edited.ts' ? { ...source, lastGood: kept } : source,
  );
  const files = await workers.load(sources);
  assert.equal(files.find(({ file }) => file === 'edited.ts')?.kind, 'broken');
  const look = await lookAt('edited.ts');
  assert.equal(look.kind === 'done' && look.sayings[0]?.kind === 'text' && look.sayings[0].text, 'good');
});
