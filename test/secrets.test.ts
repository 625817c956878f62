// A full run with every fault, at the most talkative level of log; then everything it wrote anywhere is searched for
// every secret that went through it. Each has one place where it may stand: .env, which the test writes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.ts';
import { begin, type House, makeHouse } from './processes.ts';

const CLI = 'src/talkbell.js';
const PATIENCE_MS = 30_000;

function canary(name: string): string {
  return `${name}-${randomBytes(15).toString('hex')}`;
}

/** Secrets that the test makes; the sandbox makes more. */
const MADE = {
  KAKAO_REST_API_KEY: canary('restkey'),
  KAKAO_CLIENT_SECRET: canary('clientsecret'),
  TALKBELL_KEY: randomBytes(32).toString('base64'),
  TALKBELL_OLD_KEY: randomBytes(32).toString('base64'),
  PAGE_SECRET: canary('pagesecret'),
  HOOK_SECRET: canary('hooksecret'),
  HOOK_PATH: canary('hookpath'),
  HOOK_HEADER: canary('hookheader'),
};

const SECRET_JOB = (steps: string, more = '') => `import { defineJob, secret, setting } from 'talkbell';
  const key = secret('PAGE_SECRET');
  const at = setting('PAGE_URL');
  export default defineJob({ schedule: '*/2 * * * * *', recheck: '1s', freshFor: '4s', alertAfter: 1, to: 'hook', ${more}
    fetch: (get) => get(at + 'echo?key=' + key, { headers: { 'x-api-key': key } }),
    extract: (page) => [{ n: 1 }], render: () => 'nothing in it', ${steps} });`;

/** Each would give its secret away if it were let. */
const JOBS: Readonly<Record<string, string>> = {
  throws: SECRET_JOB("extract: () => { throw new Error('refused with ' + key); },"),
  echoes: SECRET_JOB('extract: (page) => { throw new Error(page.text); },'),
  encodes: SECRET_JOB("extract: () => { throw new Error(Buffer.from('id:' + key).toString('base64')); },"),
  misses: SECRET_JOB("extract: (page) => [page.one('#' + key)],"),
  caught: SECRET_JOB(
    "fetch: async (get) => { try { await get(at + 'gone?key=' + key); } catch (error) { throw new Error('x', { cause: error }); } },",
  ),
  gone: SECRET_JOB("fetch: (get) => get(at + 'gone?key=' + key),"),
  waits: SECRET_JOB("extract: () => { throw Object.assign(new Error('not posted for ' + key), { name: 'NotYet' }); },"),
  prints: SECRET_JOB(
    "extract: () => { console.log('it is ' + key); console.error({ key, all: process.env }); return []; },",
  ),
  quits: SECRET_JOB("extract: () => { process.stderr.write('last words: ' + key); process.exit(3); },"),
  writes: SECRET_JOB(
    "extract: async () => { (await import('node:fs')).writeSync(2, 'last words: ' + key); process.exit(3); },",
  ),
  early: `import { secret } from 'talkbell';\nconsole.log('at import: ' + secret('PAGE_SECRET')); throw new Error(secret('PAGE_SECRET'));`,
  exits: `import { secret } from 'talkbell';\nconsole.error('at import: ' + secret('PAGE_SECRET')); process.exit(1);`,
  tells: SECRET_JOB('', "freshFor: '1h', ifUnclear: 'resend',").replace("to: 'hook'", "to: ['me', 'mum', 'hook']"),
};

interface Places {
  /** What was written, by where it was found. */
  readonly found: Map<string, string>;
  readonly issued: readonly string[];
}

test('nothing that a run with every fault writes anywhere holds a secret', { timeout: 120_000 }, async () => {
  const issued: string[] = [];
  const newSecret = (): string => {
    issued.push(randomBytes(24).toString('base64url'));
    return issued.at(-1) ?? '';
  };
  const { url: pageUrl, server } = await serveEcho();
  const redirectUri = `http://127.0.0.1:${await freePort()}/oauth`;
  const app = { restApiKey: MADE.KAKAO_REST_API_KEY, clientSecret: MADE.KAKAO_CLIENT_SECRET };
  const sandbox = await startSandbox({ newSecret, app: { ...app, redirectUris: [redirectUri] } });
  const house = makeHouse({ TALKBELL_LOG_LEVEL: 'trace' });
  try {
    const found = new Map<string, string>();
    prepare(house, { sandbox, redirectUri, pageUrl });
    await logIn(house, sandbox, found);
    await beginFaults(house, { sandbox, pageUrl, found });
    await rotateAndBackUp(house, found);
    collectFiles(house, found);
    const uuids = sandbox.users.list().map(({ uuid }) => uuid);
    assertSilent({ found, issued: issued.filter((secret) => !uuids.includes(secret)) });
  } finally {
    house[Symbol.dispose]();
    await sandbox.close();
    server.closeAllConnections();
    server.close();
  }
});

function prepare(
  house: House,
  { sandbox, redirectUri, pageUrl }: { sandbox: Sandbox; redirectUri: string; pageUrl: string },
): void {
  const { HOOK_PATH: _path, HOOK_HEADER: _header, TALKBELL_OLD_KEY: _old, ...secrets } = MADE;
  const settings = {
    ...secrets,
    KAKAO_AUTH_URL: sandbox.authUrl,
    KAKAO_API_URL: sandbox.apiUrl,
    KAKAO_REDIRECT_URI: redirectUri,
    TALKBELL_OWNER: 'me,hook,screen',
    PAGE_URL: pageUrl,
  };
  writeEnv(house, settings);
  for (const [name, source] of Object.entries(JOBS)) writeFileSync(join(house.jobs, `${name}.ts`), source);
}

function writeEnv(house: House, settings: Readonly<Record<string, string>>): void {
  const file = join(house.folder, 'secret.env');
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  Object.assign(house.env, { TALKBELL_ENV_FILE: file });
}

/** Two logins, one with a code that Kakao refuses; the pages a browser sees are searched too. */
async function logIn(house: House, sandbox: Sandbox, found: Map<string, string>): Promise<void> {
  for (const [name, user] of [
    ['me', '민지'],
    ['mum', '서연'],
    ['wrong', '도윤'],
  ] as const) {
    const isWrong = name === 'wrong';
    if (isWrong) sandbox.app.clientSecret = 'another one';
    await using login = begin(process.execPath, [CLI, 'login', '--as', name], house);
    await login.says('Waiting for the browser');
    const [address = ''] = /http\S+authorize\S+/.exec(login.output()) ?? [];
    const page = await fetch(`${address}&sandbox_user=${encodeURIComponent(user)}`);
    found.set(`the page after the login of ${name}`, `${await page.text()}${JSON.stringify([...page.headers])}`);
    assert.equal(await login.ended, isWrong ? 1 : 0, login.output());
    // The address a person opens names the app by its REST API key: that is what it is for.
    found.set(`login of ${name}`, login.output().replaceAll(`client_id=${MADE.KAKAO_REST_API_KEY}`, ''));
  }
  sandbox.app.clientSecret = MADE.KAKAO_CLIENT_SECRET;
}

interface Stage {
  readonly sandbox: Sandbox;
  readonly pageUrl: string;
  readonly found: Map<string, string>;
}

async function beginFaults(house: House, { sandbox, pageUrl, found }: Stage): Promise<void> {
  const hook = `${pageUrl}hook/${MADE.HOOK_PATH}?token=${MADE.HOOK_PATH}`;
  const header = ['--header', 'Authorization: Bearer env:HOOK_SECRET', '--header', `X-Hook: ${MADE.HOOK_HEADER}`];
  await run(house, found, 'recipients', 'add', 'hook', '--webhook', hook, ...header);
  await run(house, found, 'recipients', 'add', 'screen', '--console');
  const memo = '/memo/';
  sandbox.fault({ kind: 'html-502', path: memo, body: `<p>${MADE.KAKAO_CLIENT_SECRET}` });
  sandbox.fault({ kind: 'not-json', path: memo });
  sandbox.fault({ kind: 'drop-after', path: memo });
  sandbox.fault({ kind: 'kakao-code', code: -401, message: `no token ${MADE.KAKAO_CLIENT_SECRET}`, path: memo });
  await using daemon = begin(process.execPath, [CLI, 'start'], house);
  await daemon.says('talkbell runs');
  await until(() => /exits\.ts ends the process/.test(daemon.output()), 'a job that quits on import');
  const isReported = async (): Promise<boolean> =>
    (await run(house, found, 'accounts', '--json')).includes('needs-login');
  await until(() => asked(sandbox, '/oauth/token').length >= 4, 'a refresh after 401');
  sandbox.app.clientSecret = 'another one';
  sandbox.users.expire('민지', 'access');
  await until(
    () => asked(sandbox, '/oauth/token').some(({ status }) => status === 401),
    'a refresh with a bad client secret',
  );
  sandbox.app.clientSecret = MADE.KAKAO_CLIENT_SECRET;
  sandbox.users.revoke('서연');
  await until(isReported, 'KOE322');
  found.set('process list: the daemon', processTexts(daemon.child.pid ?? 0));
  // One that has just ended is named until the next one is.
  await until(() => existsSync(`/proc/${workerOf(house)}/environ`), 'a worker');
  assertWorker(workerOf(house), found);
  await askAll(house, found);
  // While the log of SQLite still lies beside the database.
  assert.ok(existsSync(join(house.data, 'talkbell.db-wal')));
  collectFiles(house, found, 'while it runs');
  for (const name of Object.keys(JOBS)) assert.match(daemon.output(), new RegExp(name), `${name} did not run`);
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.ended, 0);
  found.set('what the daemon wrote', daemon.output());
  assert.match(daemon.output(), /\[secret\]/, 'secrets did pass');
}

function workerOf(house: House): number {
  return Number(readFileSync(join(house.data, 'worker.txt'), 'utf8').split(' ')[0]);
}

/** The worker has what jobs may know: their own settings and secrets, and nothing of talkbell's. */
function assertWorker(pid: number, found: Map<string, string>): void {
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
  assert.match(environment, /PAGE_SECRET=/);
  assert.doesNotMatch(environment, /KAKAO_|TALKBELL_(OLD_)?KEY/);
  const ofJobs = [MADE.PAGE_SECRET, MADE.HOOK_SECRET];
  found.set(
    'process list: the worker',
    ofJobs.reduce((text, one) => text.replaceAll(one, ''), processTexts(pid)),
  );
}

function processTexts(pid: number): string {
  return ['cmdline', 'environ', 'comm'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join('\n');
}

async function askAll(house: House, found: Map<string, string>): Promise<void> {
  const commands = [
    ...[
      ['jobs'],
      ['history', '--limit', '200'],
      ['outbox'],
      ['outbox', '--state', 'unclear'],
      ['accounts'],
      ['recipients'],
    ],
    ...[
      ['friends'],
      ['check'],
      ['send', 'hook', 'hello'],
      ['key', 'rotate'],
      ['recipients', 'add', 'x', '--webhook', 'nonsense'],
    ],
    ...Object.keys(JOBS).flatMap((job) => [['why', job, ...(job.length % 2 === 0 ? ['--json'] : [])]]),
    ...['echoes', 'prints'].map((job) => ['run', job, '--dry-run']),
  ];
  const ask = async (half: number): Promise<void> => {
    for (const [at, command] of commands.entries()) {
      if (at % 2 !== half) continue;
      await run(house, found, ...command);
      if (!['send', 'why', 'run', 'key'].includes(command[0] ?? '')) await run(house, found, ...command, '--json');
    }
  };
  await Promise.all([ask(0), ask(1)]);
  await run(house, found, '--help');
}

async function rotateAndBackUp(house: House, found: Map<string, string>): Promise<void> {
  await run(house, found, 'backup', join(house.data, 'before.db'));
  const env = readFileSync(join(house.folder, 'secret.env'), 'utf8');
  const rotated = env.replace(MADE.TALKBELL_KEY, MADE.TALKBELL_OLD_KEY);
  writeFileSync(join(house.folder, 'secret.env'), `${rotated}TALKBELL_OLD_KEY=${MADE.TALKBELL_KEY}\n`);
  assert.match(await run(house, found, 'key', 'rotate'), /Sealed with it: me, mum; webhooks hook/);
  await run(house, found, 'check');
}

async function run(house: House, found: Map<string, string>, ...args: readonly string[]): Promise<string> {
  await using command = begin(process.execPath, [CLI, ...args], house);
  await command.ended;
  const shown = args.map((arg) => arg.replaceAll(MADE.HOOK_PATH, 'PATH').replaceAll(MADE.HOOK_HEADER, 'HEADER'));
  found.set(`talkbell ${shown.join(' ')} (${found.size})`, command.output());
  return command.output();
}

/** All bytes of the data folder: the database and its log, backups, notes, copies of job files, compiled code. */
function collectFiles(house: House, found: Map<string, string>, when = 'at the end'): void {
  for (const file of globSync('**/*', { cwd: house.data })) {
    const path = join(house.data, file);
    if (!statSync(path).isFile()) continue;
    found.set(`${file} ${when}`, readFileSync(path, 'latin1'));
  }
}

function assertSilent({ found, issued }: Places): void {
  assert.ok(issued.length >= 8, 'the sandbox issued codes and tokens');
  assert.ok(found.size > 50);
  const secrets = [...Object.entries(MADE), ...issued.map((secret, at) => [`token or code ${at}`, secret] as const)];
  const leaks = [...found].flatMap(([place, text]) =>
    secrets.filter(([, secret]) => holds(text, secret)).map(([name]) => `${name} stands in: ${place}`),
  );
  assert.deepEqual(leaks, []);
}

function holds(text: string, secret: string): boolean {
  const base64 = [0, 1, 2].map((before) =>
    Buffer.from(`${'x'.repeat(before)}${secret}`)
      .toString('base64')
      .slice(4, 24),
  );
  return [secret, encodeURIComponent(secret), ...base64].some((form) => text.includes(form));
}

function asked(sandbox: Sandbox, path: string) {
  return sandbox.requests().filter((request) => request.path.includes(path));
}

/** Pages that say back what they were asked with, and a webhook that is down. */
async function serveEcho(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    const status = url.startsWith('/echo') ? 200 : url.startsWith('/hook') ? 500 : 404;
    response.writeHead(status, { 'content-type': 'text/html', 'set-cookie': `sid=${headers['x-api-key'] ?? '1'}` });
    response.end(`<p>${url} ${JSON.stringify(headers)}</p>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `${what} did not happen within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
