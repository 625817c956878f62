// What a newcomer's first command does: `npm ci` from the lock file alone, on a machine without a compiler or Python.
// It asks the registry, and takes half a minute.
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from './processes.ts';

const UNREACHABLE =
  /npm error code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)/;
const BUILD_TOOLS = ['python', 'python3', 'make', 'cc', 'gcc', 'c++', 'g++', 'clang', 'node-gyp'];

const folder = mkdtempSync(join(tmpdir(), 'talkbell-install-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
const home = join(folder, 'talkbell');
const bin = join(folder, 'bin');

function find(command: string): string {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, command));
  const found = places.find((path) => existsSync(path));
  assert.ok(found, `There is no ${command} here.`);
  return realpathSync(found);
}

/** The environment of a machine with nothing but Node: settings that reach the registry stay, those of this run do not. */
function bareEnv(): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)|INIT_CWD|NODE_(OPTIONS|PATH|TEST_CONTEXT|COMPILE_CACHE)$)/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name))), PATH: bin };
}

function run(command: string, ...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(join(bin, command), args, { cwd: home, env: bareEnv(), encoding: 'utf8', timeout: 300_000 });
}

function furnish(): void {
  for (const dir of [home, bin]) mkdirSync(dir);
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(ROOT, file), join(home, file));
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const command of ['npm', 'sh', 'env']) symlinkSync(find(command), join(bin, command));
  for (const tool of BUILD_TOOLS)
    assert.equal(spawnSync(tool, { env: bareEnv() }).error?.name, 'Error', `${tool} is found`);
}

test('npm ci needs neither Python nor a compiler, warns of no install script, and SQLite works', (t) => {
  furnish();
  const { status, stdout, stderr } = run('npm', 'ci', '--prefer-offline', '--fetch-retries=1', '--no-progress');
  const unreachable = UNREACHABLE.exec(stderr)?.[1];
  if (unreachable !== undefined) return t.skip(`the registry cannot be reached: ${unreachable}`);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /scripts?\b/i);

  const open = `const Database = require('better-sqlite3'); const db = new Database('try.db');
    db.exec('create table t (n) strict'.replace('n', 'n integer')); db.prepare('insert into t values (?)').run(42);
    console.log(db.prepare('select n, sqlite_version() as v from t').get());`;
  const opened = run('node', '--eval', open);
  assert.equal(opened.status, 0, opened.stderr);
  assert.match(opened.stdout, /n: 42, v: '3\./);
  assert.match(run('node', '--print', `require('node:fs').readdirSync('node_modules/.bin').join()`).stdout, /\bnode\b/);
});

test('scripts that run a daemon hand their process over, so that a stop reaches it', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const daemons = Object.entries(scripts).filter(([, script]) => /talkbell\.js/.test(script));
  assert.deepEqual(
    daemons.map(([name]) => name).filter((name) => ['start', 'demo'].includes(name)),
    ['start', 'demo'],
  );
  for (const [name, script] of daemons) assert.match(script, /^exec node /, name);
});
