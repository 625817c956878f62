// Regular expressions and selectors of job authors may take for ever on a hostile page. They run in the worker, which is
// killed at the time limit: the daemon keeps its breath, says which job it was, and the others go on.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, type TestContext, test } from 'node:test';
import type { Look } from '../../src/core/job.ts';
import type { JobSource } from '../../src/core/worker-protocol.ts';
import { listJobs } from '../../src/io/jobs-folder.ts';
import { openWorkers, type Workers } from '../../src/io/workers.ts';
import { begin, makeHouse } from '../processes.ts';

const LIMIT_MS = 4000;

/** Nothing on it is strange but that it was made for the expressions below. */
const PAGE = `<!doctype html><meta charset="utf-8"><p class="name">${'a'.repeat(60)}!</p>
<table><tr><th>날짜</th><th>중식</th></tr><tr><th>${'1'.repeat(60)}x</th><td>국밥</td></tr></table>
${'<div><i><b>'.repeat(250)}${'</b></i></div>'.repeat(250)}<ul>${'<li class="dish">국</li>'.repeat(4000)}</ul>`;

const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
after(() => server.close());

const jobOf = (steps: string, more = '') => `import { defineJob } from 'talkbell';
export default defineJob({ schedule: '* * * * * *', to: 'screen', ${more}
  fetch: (get) => get('${url}'), extract: (page) => page.all('.dish').slice(0, 1).map(({ text }) => ({ text })),
  render: () => 'rung', ${steps} });`;

/** Each takes longer than anybody waits. */
const ENDLESS: Readonly<Record<string, string>> = {
  'an expression over the text of an element': "extract: (page) => [{ a: /^(a+)+$/.test(page.one('.name').text) }],",
  'an expression that finds a cell':
    "extract: (page) => [{ a: page.table('table').cell({ row: /^(\\d+)*$/, column: '중식' }) }],",
  'an expression in the key of an item':
    "watch: { key: () => String(/^(\\w|\\d)*$/.test('9'.repeat(60) + '!')), tell: () => true },",
  'an expression in render': "render: () => String(/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60))),",
  'a selector that looks everywhere from everywhere':
    "extract: (page) => page.all('li:has(~ li ~ li ~ li ~ li.none)').map(({ text }) => ({ text })),",
};

function openWorkersHere(t: TestContext): Workers {
  const workers = openWorkers({
    env: { PATH: process.env['PATH'] },
    timezone: 'Asia/Seoul',
    heapMb: 128,
    memoryMb: 400,
    importMs: 10_000,
    idleMs: 60_000,
    onOutput: () => {},
    onSecrets: () => {},
    onStart: () => {},
  });
  t.after(() => workers.close());
  return workers;
}

function lookWith(workers: Workers, source: JobSource, timeLimitMs: number): Promise<Look> {
  const at = Date.UTC(2026, 10, 20, 2, 20);
  const run = { job: source.file, slot: 'main', due: at, at, timezone: 'Asia/Seoul', manual: false, look: 1 };
  return workers.look({ source, run, timeLimitMs, watches: source.file !== 'well.ts', validators: [] });
}

test('whatever an author writes ends at the time limit, and the daemon goes on breathing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'talkbell-hostile-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [at, steps] of Object.values(ENDLESS).entries())
    writeFileSync(join(dir, `endless-${at}.ts`), jobOf(steps));
  writeFileSync(join(dir, 'well.ts'), jobOf(''));
  const sources = await listJobs(dir);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const tryOne = async ([at, name]: [number, string]): Promise<void> => {
    const workers = openWorkersHere(t);
    await workers.load(sources);
    const source = sources.find(({ file }) => file === `endless-${at}.ts`) ?? assert.fail(name);
    const well = sources.find(({ file }) => file === 'well.ts') ?? assert.fail('well.ts');
    const look = await lookWith(workers, source, LIMIT_MS);
    assert.ok(look.kind === 'failed', `${name}: ${look.kind}`);
    assert.match(look.failure.message, /did not give back control within its limit of 4 s/, name);
    assert.equal((await lookWith(workers, well, 20_000)).kind, 'done', 'the next look has a fresh worker');
  };
  await Promise.all([...Object.keys(ENDLESS).entries()].map(tryOne));
  delay.disable();
  assert.ok(delay.max / 1e6 < 1000, `the daemon held its breath for ${delay.max / 1e6} ms`);
});

test('a daemon with such a job tells the others each second, and answers', async () => {
  using house = makeHouse();
  writeFileSync(
    join(house.jobs, 'endless.ts'),
    jobOf(
      "extract: () => [{ a: /^(a+)+$/.test('a'.repeat(60) + '!') }],",
      "timeLimit: '1s', recheck: '1s', freshFor: '1s',",
    ),
  );
  writeFileSync(join(house.jobs, 'well.ts'), jobOf('fetch: () => 1, extract: () => [{ n: 1 }],'));
  assert.equal(
    await begin(process.execPath, ['src/talkbell.js', 'recipients', 'add', 'screen', '--console'], house).ended,
    0,
  );
  await using daemon = begin(process.execPath, ['src/talkbell.js', 'start'], house);
  await daemon.says('To screen from well:');
  await daemon.says(/endless\.ts did not give back control within its limit of 1 s/);
  const told = (): number => daemon.output().split('To screen from well:').length;
  const before = told();
  const deadline = Date.now() + 20_000;
  while (told() < before + 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(told() >= before + 2, 'the other job fell silent');
  const why = begin(process.execPath, ['src/talkbell.js', 'why', 'endless'], house);
  assert.equal(await why.ended, 0);
  assert.match(why.output(), /did not give back control/);
});
