// The environment and .env as one configuration: what each variable means, and what is said when it is wrong.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '../../src/core/errors.ts';
import { type Config, environmentOfJobs, HOME, readConfig } from '../../src/io/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'talkbell-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const NO_FILE = { TALKBELL_ENV_FILE: join(folder, 'none') };

const readFrom = (env: NodeJS.ProcessEnv): Config => readConfig({ ...NO_FILE, ...env });

function readWithFile(text: string, env: NodeJS.ProcessEnv = {}): Config {
  const file = join(folder, 'some.env');
  writeFileSync(file, text);
  return readConfig({ TALKBELL_ENV_FILE: file, ...env });
}

function problemsWith(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readFrom(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

test('with nothing set, everything has its default', () => {
  const { env, ...config } = readFrom({});
  assert.deepEqual(env, NO_FILE);
  assert.deepEqual(config, {
    dataDir: join(HOME, 'data'),
    jobsDir: join(HOME, 'jobs'),
    timezone: 'Asia/Seoul',
    kakao: {
      restApiKey: undefined,
      clientSecret: undefined,
      redirectUri: 'http://localhost:8917/oauth',
      authUrl: 'https://kauth.kakao.com',
      apiUrl: 'https://kapi.kakao.com',
    },
    keyText: undefined,
    oldKeyText: undefined,
    owner: ['me'],
    logLevel: 'info',
    heartbeatUrl: undefined,
    quiet: undefined,
    budget: { perSender: 100, perReceiver: 20 },
    keepDays: 90,
    worker: { heapMb: 256, memoryMb: 512 },
  });
});

test('every variable is read', () => {
  const given = {
    KAKAO_REST_API_KEY: 'rest-key',
    KAKAO_CLIENT_SECRET: 'client-secret',
    KAKAO_REDIRECT_URI: 'https://bell.example.com/oauth',
    KAKAO_AUTH_URL: 'http://127.0.0.1:1/kauth/',
    KAKAO_API_URL: 'http://127.0.0.1:1/kapi//',
    TALKBELL_DATA: '/srv/talkbell/data',
    TALKBELL_JOBS: '/srv/talkbell/jobs',
    TALKBELL_TIMEZONE: 'Europe/Berlin',
    TALKBELL_KEY: 'key text',
    TALKBELL_OLD_KEY: 'old key text',
    TALKBELL_OWNER: ' hook , me,, ',
    TALKBELL_LOG_LEVEL: 'debug',
    TALKBELL_HEARTBEAT_URL: 'https://hc.example.com/ping',
    TALKBELL_QUIET: '22:00-07:00',
    TALKBELL_BUDGET_PER_SENDER: '50',
    TALKBELL_BUDGET_PER_RECIPIENT: '5',
    TALKBELL_KEEP_DAYS: '30',
    TALKBELL_WORKER_HEAP_MB: '128',
    TALKBELL_WORKER_MEMORY_MB: '300',
  };
  const { env, ...config } = readFrom(given);
  assert.deepEqual(env, { ...NO_FILE, ...given, TALKBELL_OWNER: 'hook , me,,' });
  assert.deepEqual(config, {
    dataDir: '/srv/talkbell/data',
    jobsDir: '/srv/talkbell/jobs',
    timezone: 'Europe/Berlin',
    kakao: {
      restApiKey: 'rest-key',
      clientSecret: 'client-secret',
      redirectUri: 'https://bell.example.com/oauth',
      authUrl: 'http://127.0.0.1:1/kauth',
      apiUrl: 'http://127.0.0.1:1/kapi',
    },
    keyText: 'key text',
    oldKeyText: 'old key text',
    owner: ['hook', 'me'],
    logLevel: 'debug',
    heartbeatUrl: 'https://hc.example.com/ping',
    quiet: { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' },
    budget: { perSender: 50, perReceiver: 5 },
    keepDays: 30,
    worker: { heapMb: 128, memoryMb: 300 },
  });
});

test('.env is read, the environment wins over it, and a mark of byte order at its start does no harm', () => {
  const text =
    '\uFEFFTALKBELL_OWNER=hook\nTALKBELL_TIMEZONE="Asia/Tokyo" # there\nCAFETERIA_URL=http://a.test/?x=1#y\n';
  const config = readWithFile(text, { TALKBELL_TIMEZONE: 'Europe/Berlin' });
  assert.deepEqual(config.owner, ['hook']);
  assert.equal(config.timezone, 'Europe/Berlin');
  assert.equal(readWithFile(text).timezone, 'Asia/Tokyo');
  assert.equal(config.env['CAFETERIA_URL'], 'http://a.test/?x=1');
});

test('an empty or blank value is no value, in the environment too', () => {
  const config = readWithFile('KAKAO_CLIENT_SECRET=\nTALKBELL_OWNER=hook\nTALKBELL_KEEP_DAYS= \n', {
    TALKBELL_OWNER: '',
    KAKAO_REST_API_KEY: '  ',
    TALKBELL_QUIET: '',
  });
  assert.equal(config.kakao.clientSecret, undefined);
  assert.equal(config.kakao.restApiKey, undefined);
  assert.deepEqual(config.owner, ['hook']);
  assert.equal(config.keepDays, 90);
  assert.equal(config.quiet, undefined);
  assert.equal('KAKAO_CLIENT_SECRET' in config.env, false);
});

test('an empty name of the .env file means the usual one', () => {
  assert.doesNotThrow(() => readConfig({ TALKBELL_ENV_FILE: '', TALKBELL_TIMEZONE: 'Asia/Seoul' }));
});

test('relative paths start at the package, wherever the command was called', (t) => {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(folder);
  const config = readFrom({ TALKBELL_DATA: '../data', TALKBELL_JOBS: 'my/jobs' });
  assert.equal(config.dataDir, join(HOME, '..', 'data'));
  assert.equal(config.jobsDir, join(HOME, 'my', 'jobs'));
  assert.equal(HOME, join(import.meta.dirname, '..', '..'));
});

test('every problem is told at once, each with its variable and without any value', () => {
  const problems = problemsWith({
    KAKAO_REST_API_KEY: 'rest-key-which-nobody-may-see',
    KAKAO_REDIRECT_URI: 'localhost:8917/oauth',
    KAKAO_AUTH_URL: 'ftp://kauth.example.com',
    KAKAO_API_URL: 'kapi-secret',
    TALKBELL_TIMEZONE: 'Asia/Soul',
    TALKBELL_LOG_LEVEL: 'loud',
    TALKBELL_HEARTBEAT_URL: 'hc',
    TALKBELL_QUIET: '22-7',
    TALKBELL_BUDGET_PER_SENDER: '0',
    TALKBELL_BUDGET_PER_RECIPIENT: '2.5',
    TALKBELL_KEEP_DAYS: 'ninety',
    TALKBELL_WORKER_HEAP_MB: '-1',
    TALKBELL_WORKER_MEMORY_MB: '1e400',
  });
  const mend = 'Mend it in .env or the environment.';
  assert.deepEqual(problems, [
    `KAKAO_REDIRECT_URI must be an http or https address. ${mend}`,
    `KAKAO_AUTH_URL must be an http or https address. ${mend}`,
    `KAKAO_API_URL must be an http or https address. ${mend}`,
    `TALKBELL_TIMEZONE is not a time zone; write it as Asia/Seoul. ${mend}`,
    `TALKBELL_LOG_LEVEL must be trace, debug, info, warn, error, fatal or silent. ${mend}`,
    `TALKBELL_HEARTBEAT_URL must be an http or https address. ${mend}`,
    `TALKBELL_QUIET must be a span such as 22:00-07:00. ${mend}`,
    ...['BUDGET_PER_SENDER', 'BUDGET_PER_RECIPIENT', 'KEEP_DAYS', 'WORKER_HEAP_MB', 'WORKER_MEMORY_MB'].map(
      (name) => `TALKBELL_${name} must be a whole number from 1. ${mend}`,
    ),
  ]);
});

test('problems are told in one order, however the variables are', () => {
  const problems = problemsWith({ TALKBELL_KEEP_DAYS: 'x', KAKAO_API_URL: 'x', TALKBELL_TIMEZONE: 'x' });
  const told = problems.map((problem) => problem.split(' ')[0]);
  assert.deepEqual(told, ['KAKAO_API_URL', 'TALKBELL_TIMEZONE', 'TALKBELL_KEEP_DAYS']);
});

test('a whole number may be written in any way that JavaScript reads', () => {
  for (const text of ['300', ' 300 ', '300.0', '3e2', '0x12c', '+300']) {
    assert.equal(readFrom({ TALKBELL_KEEP_DAYS: text }).keepDays, 300, text);
  }
  for (const text of ['3OO', '300d', '1_000', '0', '-0', 'Infinity', 'NaN', '9007199254740993', 'true']) {
    assert.equal(problemsWith({ TALKBELL_KEEP_DAYS: text }).length, 1, text);
  }
});

test('an address begins with http:// or https://, and line ends in it are passed over', () => {
  assert.equal(
    readFrom({ KAKAO_REDIRECT_URI: 'HTTP://localhost/\n\toauth' }).kakao.redirectUri,
    'HTTP://localhost/oauth',
  );
  for (const address of ['http:localhost', 'https:/localhost', 'https://', 'ht\ntp://localhost', '//localhost']) {
    assert.equal(problemsWith({ KAKAO_REDIRECT_URI: address }).length, 1, address);
  }
});

test('a .env that is there and cannot be read is told, not passed over', () => {
  const file = join(folder, 'folder.env');
  mkdirSync(file);
  assert.throws(
    () => readConfig({ TALKBELL_ENV_FILE: file }),
    (error) => error instanceof ConfigError && error.message.includes(`${file} cannot be read`),
  );
});

test('job files get settings and secrets of their own, and nothing of Kakao, nor the key of the store', () => {
  const { env } = readWithFile('KAKAO_CLIENT_SECRET=from-file\nTALKBELL_KEY=from-file\nNEIS_KEY=neis\n', {
    KAKAO_REST_API_KEY: 'rest',
    KAKAO_ANYTHING_ELSE: 'x',
    PATH: '/bin',
  });
  const given = environmentOfJobs(env);
  assert.deepEqual(
    Object.keys(given).filter((name) => name !== 'TALKBELL_ENV_FILE'),
    ['NEIS_KEY', 'PATH'],
  );
});
