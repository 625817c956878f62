// The daemon under real pm2, as a user starts it: a real menu page or our own, looked at on schedule, told through a
// real OAuth login; then reload, restart, kill -9 and stop, with nothing lost and nothing told twice.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const PM2 = join(ROOT, 'node_modules', '.bin', 'pm2');
const SAVED = join(ROOT, '..', 'shared', 'pages', 'menu', 'dgu-sangnokwon-mobile.html');
const OWN_PAGE = `<meta charset="utf-8"><ul><li>상록원 <span>10월 02일</span></li></ul><table>
  <tr><td>구분</td><td>중식</td><td>석식</td></tr>
  <tr><td>집밥</td><td>쇠고기국밥(뚝)<br>명란계란말이<br>￦ 7,000</td><td>간장파불고기(뚝)</td></tr></table>`;

const folder = mkdtempSync(join(tmpdir(), 'talkbell-pm2-'));
const menu = existsSync(SAVED) ? readFileSync(SAVED) : Buffer.from(OWN_PAGE);
const site = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(menu);
});

/** Every second, so that a crash cannot hide between two firings. Each message names its due instant. */
const JOB = `import { defineJob, setting } from 'talkbell';
  const url = setting('MENU_URL');
  export default defineJob({
    schedule: '*/2 * * * * *', to: 'me', freshFor: '1h',
    fetch: (get) => get(url),
    extract: (page) => page.table('table').rows.filter(([corner]) => /집밥/.test(corner)).map((row) => ({ lunch: row[1] })),
    render: ([{ lunch }], run) => run.due.toISOString() + ' ' + lunch,
  });`;

let sandbox: Sandbox;
let env: NodeJS.ProcessEnv;

before(async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  sandbox = await startSandbox();
  sandbox.app.memoCountsAgainstQuota = false;
  const jobs = join(folder, 'jobs');
  await run('mkdir', [jobs]);
  writeFileSync(join(jobs, 'menu.ts'), JOB);
  env = {
    PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH']}`,
    HOME: folder,
    PM2_HOME: join(folder, 'pm2'),
    TALKBELL_ENV_FILE: join(folder, 'none'),
    TALKBELL_DATA: join(folder, 'data'),
    TALKBELL_JOBS: jobs,
    TALKBELL_BUDGET_PER_SENDER: '100000',
    TALKBELL_BUDGET_PER_RECIPIENT: '100000',
    KAKAO_REST_API_KEY: sandbox.restApiKey,
    KAKAO_CLIENT_SECRET: sandbox.clientSecret,
    KAKAO_AUTH_URL: sandbox.authUrl,
    KAKAO_API_URL: sandbox.apiUrl,
    MENU_URL: `http://127.0.0.1:${(site.address() as AddressInfo).port}/`,
  };
});

after(async () => {
  await pm2('kill').catch(() => {});
  site.close();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

function pm2(...args: readonly string[]): Promise<{ stdout: string }> {
  return run(PM2, [...args, '--no-color'], { env, cwd: ROOT, timeout: 60_000 });
}

interface Listed {
  readonly pid: number;
  readonly pm2_env: { readonly status: string; readonly restart_time: number };
}

async function list(): Promise<readonly Listed[]> {
  const { stdout } = await run(PM2, ['jlist'], { env, cwd: ROOT });
  return JSON.parse(stdout.slice(stdout.indexOf('['))) as Listed[];
}

/** Waits for something to become true: an event of another process cannot be awaited otherwise. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `${what} did not happen within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const texts = (): readonly string[] => sandbox.received().map(({ text }) => text ?? '');

/** What a command of talkbell answers. */
async function ask<T>(...args: readonly string[]): Promise<T> {
  const { stdout } = await run(process.execPath, ['src/talkbell.js', ...args, '--json'], { env, cwd: ROOT });
  return JSON.parse(stdout) as T;
}

async function moreMessages(what: string): Promise<void> {
  const count = texts().length;
  await until(what, () => texts().length >= count + 2);
}

async function logIn(): Promise<void> {
  const child = execFile(process.execPath, ['src/talkbell.js', 'login', '--paste'], { env, cwd: ROOT });
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const address = (): string | undefined => /http:\/\/\S*\/oauth\/authorize\S*/.exec(printed)?.[0];
  await until('the login address', () => address() !== undefined);
  const url = new URL(address() ?? '');
  url.searchParams.set('sandbox_user', sandbox.users.list()[0]?.name ?? '');
  const answer = await fetch(url, { redirect: 'manual' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end(`${answer.headers.get('location')}\n`);
  assert.equal(await ended, 0, printed);
}

test('pm2 starts the daemon, and a menu of a real page arrives through a real login', async () => {
  await logIn();
  await pm2('start', 'ecosystem.config.cjs');
  const [app] = await list();
  assert.equal(app?.pm2_env.status, 'online');
  await until('a message', () => texts().length > 0);
  assert.match(texts()[0] ?? '', /쇠고기국밥\(뚝\)/);
});

test('a reload starts a new daemon and goes on', async () => {
  const [old] = await list();
  await pm2('reload', 'talkbell');
  const [app] = await list();
  assert.notEqual(app?.pid, old?.pid);
  await moreMessages('messages after the reload');
});

test('a restart ends the old daemon in order, starts a new one and goes on', async () => {
  const log = join(folder, 'pm2', 'logs', 'talkbell-out.log');
  const stops = (): number => readFileSync(log, 'utf8').split('talkbell has stopped').length;
  const [old] = await list();
  const before = stops();
  await pm2('restart', 'talkbell');
  const [app] = await list();
  assert.equal(app?.pm2_env.status, 'online');
  assert.notEqual(app?.pid, old?.pid);
  assert.equal(stops(), before + 1);
  await moreMessages('messages after the restart');
});

test('a daemon killed with -9 is back by itself and goes on', async () => {
  const [app] = await list();
  assert.ok(app);
  process.kill(app.pid, 'SIGKILL');
  await until('another process', async () => (await list()).some(({ pid }) => pid !== app.pid && pid !== 0));
  await moreMessages('messages after the kill');
});

test('a second daemon on the same data folder does not start and says why, with exit code 78', async () => {
  const failure = await run(process.execPath, ['src/talkbell.js', 'start'], { env, cwd: ROOT }).catch(
    (error: unknown) => error,
  );
  assert.equal((failure as { code: number }).code, 78);
  assert.match(
    (failure as { stderr: string }).stderr,
    /Another talkbell works on .*Under pm2, run one instance in fork mode/,
  );
});

test("pm2's cluster mode is refused with what to do, and is not tried again and again", async () => {
  const cluster = join(folder, 'cluster.config.cjs');
  const app = {
    name: 'clustered',
    script: join(ROOT, 'src', 'talkbell.js'),
    args: 'start',
    exec_mode: 'cluster',
    instances: 1,
    stop_exit_codes: [78],
  };
  writeFileSync(cluster, `module.exports = { apps: [${JSON.stringify(app)}] };`);
  await pm2('start', cluster);
  const logs = (): string =>
    globSync(join(folder, 'pm2', 'logs', 'clustered-error*.log'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('');
  await until('the refusal', () => /Start it in fork mode: npx pm2 start ecosystem\.config\.cjs/.test(logs()));
  await pm2('delete', 'clustered');
});

test('a stop ends in order within the kill time-out, and nothing was told twice', async () => {
  const begun = Date.now();
  await pm2('stop', 'talkbell');
  assert.ok(Date.now() - begun < 15_000);
  const [app] = await list();
  assert.equal(app?.pm2_env.status, 'stopped');
  assert.match(readFileSync(join(folder, 'pm2', 'logs', 'talkbell-out.log'), 'utf8'), /talkbell has stopped/);
  assert.equal(new Set(texts()).size, texts().length);
});

test('nothing that was written was lost: each message arrived once, waits, or is marked as unclear by the kill', async () => {
  const rows = await ask<readonly { text: string; state: string }[]>('outbox', '--limit', '1000');
  const arrived = new Set(texts());
  const of = (...states: readonly string[]) =>
    rows.filter(({ state }) => states.includes(state)).map(({ text }) => text);
  assert.ok(arrived.size > 4);
  assert.deepEqual(
    of('sent').filter((text) => !arrived.has(text)),
    [],
  );
  assert.deepEqual(of('failed', 'expired', 'sending'), []);
  assert.deepEqual(
    [...arrived].filter((text) => !of('sent', 'unclear').includes(text)),
    [],
  );
  assert.ok(of('unclear').length <= 1, 'the one that was on its way when the daemon was killed');
  const told = (await ask<readonly { due: string; outcome: string }[]>('history', 'menu', '--limit', '1000'))
    .filter(({ outcome }) => outcome === 'told')
    .map(({ due }) => new Date(due).toISOString());
  assert.deepEqual(
    told.filter((due) => !rows.some(({ text }) => text.startsWith(due))),
    [],
  );
});

test('every due instant between the first and the last has one recorded outcome', async () => {
  const rows = await ask<readonly { due: string; lastDue?: string }[]>('history', 'menu', '--limit', '1000');
  const instants = rows.flatMap(({ due, lastDue = due }) => {
    const count = (Date.parse(lastDue) - Date.parse(due)) / 2000 + 1;
    return Array.from({ length: count }, (_, index) => Date.parse(due) + index * 2000);
  });
  const sorted = instants.toSorted((one, other) => one - other);
  assert.ok(sorted.length > 4);
  const gaps = sorted.slice(1).map((at, index) => at - (sorted[index] ?? 0));
  assert.deepEqual([...new Set(gaps)], [2000]);
});
