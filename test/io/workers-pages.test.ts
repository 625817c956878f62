// Large pages that come to one worker at once: a real worker with a small heap, and pages that fit it one at a time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Look } from '../../src/core/job.ts';
import { listJobs } from '../../src/io/jobs-folder.ts';
import { openWorkers } from '../../src/io/workers.ts';

/** One such page has room in it as a tree, and two have not. */
const HEAP_MB = 64;
const PAGE_BYTES = 900_000;
const ROW = `<tr class="post"><td class="no">1</td><td class="title"><a href="/board/1/view?post=1" class="link"><span class="tag">[공지]</span>
 ${'게시판의 알림 '.repeat(5)}</a></td><td class="writer"><span>담당자</span></td><td class="date"><time>2026-11-20</time></td></tr>\n`;
const LARGE = `<!doctype html><table>${ROW.repeat(PAGE_BYTES / Buffer.byteLength(ROW))}</table>`;

/** Each host shows a large page, and details when it is let. */
async function openSite(t: TestContext) {
  const asked: string[] = [];
  const details: ServerResponse[] = [];
  const shown = { details: true };
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (url === '/list') response.end(LARGE);
    else if (url === '/small' || shown.details) response.end('<p>밥</p>');
    else details.push(response);
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    holdDetails: () => {
      shown.details = false;
    },
    showDetails: () => {
      shown.details = true;
      for (const response of details.splice(0)) response.end('<p>밥</p>');
    },
  };
}

/** Looks by number: the list of the job is on a host of its own, and its detail on another. */
async function openStage(t: TestContext, port: number, steps: Readonly<Record<string, string>>) {
  const jobsDir = mkdtempSync(join(tmpdir(), 'talkbell-jobs-'));
  const begun: unknown[] = [];
  const workers = openWorkers({
    env: { PATH: process.env['PATH'] },
    timezone: 'Asia/Seoul',
    heapMb: HEAP_MB,
    memoryMb: 400,
    importMs: 10_000,
    idleMs: 60_000,
    onOutput: () => {},
    onSecrets: () => {},
    onStart: (pid) => begun.push(pid),
  });
  t.after(async () => {
    await workers.close();
    rmSync(jobsDir, { recursive: true, force: true });
  });
  for (const [name, step] of Object.entries(steps)) {
    const text = `import { defineJob } from 'talkbell';
      const list = (run) => 'http://127.0.1.' + (run.look + 1) + ':${port}/list';
      const detail = (run) => 'http://127.0.2.' + (run.look + 1) + ':${port}/detail';
      export default defineJob({ schedule: '* * * * *', to: 'me', extract: () => [{ n: 1 }], render: () => '밥', ${step} });`;
    writeFileSync(join(jobsDir, `${name}.ts`), text);
  }
  const sources = await listJobs(jobsDir);
  await workers.load(sources);
  const look = async (name: string, number: number, timeLimitMs = 20_000): Promise<Look> => {
    const source = sources.find(({ file }) => file === `${name}.ts`);
    assert.ok(source);
    const at = Date.UTC(2026, 10, 20, 2, 20);
    const run = { job: name, slot: 'main', due: at, at, timezone: 'Asia/Seoul', manual: false, look: number };
    return workers.look({ source, run, timeLimitMs, watches: false, validators: [] });
  };
  return { look, begun };
}

/** Keeps the tree of the list while it waits for the detail. */
const READS_ON =
  'fetch: async (get, run) => { const page = await get(list(run)); page.one("td"); await get(detail(run)); return page; },';
const SMALL =
  'fetch: (get, run) => get(detail(run).replace("detail", "small")), extract: (page) => [{ a: page.one("p").text }],';
/** Has bytes, and no tree. */
const UNREAD = 'fetch: (get, run) => get(list(run)),';

const endOf = (look: Look): string => (look.kind === 'failed' ? look.failure.message : look.kind);
const until = async (isSo: () => boolean): Promise<void> => {
  const from = performance.now();
  while (!isSo()) {
    assert.ok(performance.now() - from < 10_000, `in vain: ${isSo}`);
    await new Promise((go) => setTimeout(go, 10));
  }
};

test('large pages that are due at once are read one after another, within the memory of one', async (t) => {
  const { port } = await openSite(t);
  const { look, begun } = await openStage(t, port, { large: READS_ON });
  const looks = await Promise.all([1, 2, 3, 4].map((number) => look('large', number)));
  assert.deepEqual(looks.map(endOf), ['done', 'done', 'done', 'done']);
  assert.equal(begun.length, 1);
});

test('while a large page has no room, small ones are read, and its time stands still', async (t) => {
  const site = await openSite(t);
  const { look } = await openStage(t, site.port, { large: READS_ON, unread: UNREAD, small: SMALL });
  site.holdDetails();
  const first = look('large', 1);
  await until(() => site.asked.includes('/detail'));
  const limitMs = 800;
  const second = look('unread', 2, limitMs);
  await until(() => site.asked.filter((url) => url === '/list').length === 2);
  await new Promise((go) => setTimeout(go, 2 * limitMs));
  const ended: string[] = [];
  void second.then(() => ended.push('second'));
  assert.equal(endOf(await look('small', 3)), 'done');
  assert.deepEqual(ended, []);
  site.showDetails();
  assert.deepEqual((await Promise.all([first, second])).map(endOf), ['done', 'done']);
});

test('while many large pages wait to be read, no more of them are fetched', async (t) => {
  const site = await openSite(t);
  const { look } = await openStage(t, site.port, { large: READS_ON, unread: UNREAD });
  site.holdDetails();
  const first = look('large', 1);
  await until(() => site.asked.includes('/detail'));
  const numbers = Array.from({ length: 26 }, (_, at) => at + 2);
  const rest = numbers.map((number) => look('unread', number));
  const lists = (): number => site.asked.filter((url) => url === '/list').length;
  // One that is read, eleven that are more than eight rooms full, and the others that were on their way with the last.
  const most = 1 + 11 + 3;
  await until(() => lists() >= most - 3);
  await new Promise((go) => setTimeout(go, 1500));
  assert.ok(lists() <= most + 1, `${lists()} pages were fetched`);
  site.showDetails();
  assert.deepEqual(new Set((await Promise.all([first, ...rest])).map(endOf)), new Set(['done']));
});
