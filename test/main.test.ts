// The daemon as a process: how it starts, what it takes up while it runs, and how it ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { begin, isAlive, makeHouse, ROOT } from './processes.ts';

const LAUNCHER = 'src/talkbell.js';
const START = [LAUNCHER, 'start'];
const RUNS = '"msg":"talkbell runs"';

const jobOf = (schedule: string, steps = ''): string => `import { defineJob } from 'talkbell';
  export default defineJob({ schedule: '${schedule}', to: 'screen', fetch: () => 1, extract: () => [{ n: 1 }],
    render: (items, run) => 'rung at ' + run.time, ${steps} });`;

function oldNode(): string | undefined {
  const found = spawnSync('which', ['-a', 'node'], { encoding: 'utf8' }).stdout.split('\n');
  return found.find(
    (path) => path !== '' && /^v(1\d|20|21)\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout),
  );
}

const old = oldNode();

test('an older Node says so in one sentence and exits 1', {
  skip: old === undefined && 'there is no older Node here',
}, () => {
  const { status, stderr, stdout } = spawnSync(old ?? '', START, { cwd: ROOT, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /^talkbell needs Node 22\.19 or newer and this is \d+\.\d+\.\d+: .*\.\n$/);
  assert.equal(stdout, '');
});

test('Ctrl-C and SIGTERM, also sent to npm, end the daemon in order with exit code 0 and leave nothing behind', async () => {
  using house = makeHouse();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    await using npm = begin('npm', ['start', '--silent'], house);
    await npm.says(RUNS);
    const pid = Number(/"pid":(\d+)/.exec(npm.output())?.[1]);
    npm.child.kill(signal);
    assert.equal(await npm.ended, 0, npm.output());
    assert.equal(isAlive(pid), false);
    assert.match(npm.output(), /talkbell has stopped/);
  }
});

test('a job file added while the daemon runs is due at its next instant, without a restart', async () => {
  using house = makeHouse();
  await using daemon = begin(process.execPath, START, house);
  await daemon.says(RUNS);
  const added = spawnSync(process.execPath, [LAUNCHER, 'recipients', 'add', 'screen', '--console'], {
    cwd: ROOT,
    env: house.env,
    encoding: 'utf8',
  });
  assert.equal(added.status, 0, added.stderr);
  writeFileSync(join(house.jobs, 'bell.ts'), jobOf('* * * * * *'));
  await daemon.says('To screen from bell:');
});

test('a daemon that was killed leaves a looping worker behind, and the next one ends it', async () => {
  using house = makeHouse();
  writeFileSync(join(house.jobs, 'loop.ts'), jobOf('* * * * * *', 'extract: () => { for (;;) {} },'));
  const note = join(house.data, 'worker.txt');
  const first = begin(process.execPath, START, house);
  await first.says(RUNS);
  spawnSync(process.execPath, [LAUNCHER, 'recipients', 'add', 'screen', '--console'], { cwd: ROOT, env: house.env });
  await until(() => existsSync(note) && isBusy(Number(readFileSync(note, 'utf8').split(' ')[0])));
  const worker = Number(readFileSync(note, 'utf8').split(' ')[0]);
  await first[Symbol.asyncDispose]();
  assert.equal(isAlive(worker), true);

  await using second = begin(process.execPath, START, house);
  await second.says('a worker of an earlier daemon was still there');
  await until(() => !isAlive(worker));
  // Killed, this one would leave a looping worker behind too, and nobody to end it.
  second.child.kill('SIGTERM');
  await second.ended;
});

test('wrong settings are told all at once, with exit code 78', async () => {
  using house = makeHouse({ TALKBELL_TIMEZONE: 'Asia/Soul', TALKBELL_LOG_LEVEL: 'loud', KAKAO_API_URL: 'kapi' });
  await using daemon = begin(process.execPath, START, house);
  assert.equal(await daemon.ended, 78);
  for (const name of ['TALKBELL_TIMEZONE', 'TALKBELL_LOG_LEVEL', 'KAKAO_API_URL'])
    assert.match(daemon.output(), new RegExp(name));
});

test('a log whose reader is gone does not end the daemon', async () => {
  using house = makeHouse();
  await using daemon = begin(process.execPath, START, house);
  await daemon.says(RUNS);
  daemon.child.stdout?.destroy();
  writeFileSync(join(house.jobs, 'broken.ts'), 'export default {{');
  const jobs = (): string =>
    spawnSync(process.execPath, [LAUNCHER, 'jobs', '--json'], { cwd: ROOT, env: house.env, encoding: 'utf8' }).stdout;
  await until(() => jobs().includes('does not load'));
  assert.equal(isAlive(daemon.child.pid ?? 0), true);
});

test('the demo delivers at least six messages from the four sample jobs, and leaves the data folder alone', async () => {
  using house = makeHouse();
  const dataBefore = listing(join(ROOT, 'data'));
  await using demo = begin('npm', ['run', '--silent', 'demo', '--', '--once'], house);
  assert.equal(await demo.ended, 0, demo.output());
  const last = demo.output().trim().split('\n').at(-1) ?? '';
  assert.match(last, /^\d+ messages delivered$/);
  assert.ok(Number.parseInt(last, 10) >= 6);
  for (const job of ['cafeteria', 'school-meal', 'notices', 'price-drop'])
    assert.match(demo.output(), new RegExp(`── ${job} .*told`));
  assert.equal(listing(join(ROOT, 'data')), dataBefore);
  assert.equal(existsSync(house.data), false);
});

test('a demo in which a message is not delivered says which and ends with exit code 1', async () => {
  using house = makeHouse();
  await using demo = begin(process.execPath, [LAUNCHER, 'demo', '--once'], house);
  await demo.says('The sandbox is at');
  const sandbox = /http:\/\/127\.0\.0\.1:\d+/.exec(demo.output())?.[0] ?? '';
  const fault = { path: '/memo/', kind: 'kakao-code', code: -2, times: 1 };
  const headers = { 'content-type': 'application/json' };
  await fetch(`${sandbox}/control/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
  assert.equal(await demo.ended, 1, demo.output());
  assert.match(demo.output(), /└ to me: failed\. .*\(-2\)/);
  assert.match(demo.output(), /\d+ messages delivered\n$/);
});

function listing(dir: string): string {
  return spawnSync('find', [dir, '-not', '-path', '*/cache*'], { encoding: 'utf8' }).stdout;
}

/** Whether a process runs rather than waits: its state in /proc is R. */
function isBusy(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && / R /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, 'it did not happen within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
