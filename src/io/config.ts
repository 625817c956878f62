// The only reader of the environment and of .env: both become one checked value, with every problem told at once.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import * as v from '@badrap/valita';
import { ConfigError } from '../core/errors.ts';
import { parseQuietHours, type QuietHours } from '../core/quiet.ts';
import { isWebAddress } from '../core/web-address.ts';
import { isZone } from '../core/zone.ts';

/** The package's folder: relative paths start here, wherever the command was called. */
export const HOME = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface KakaoConfig {
  readonly restApiKey: string | undefined;
  readonly clientSecret: string | undefined;
  readonly redirectUri: string;
  readonly authUrl: string;
  readonly apiUrl: string;
}

export interface Config {
  readonly dataDir: string;
  readonly jobsDir: string;
  readonly timezone: string;
  readonly kakao: KakaoConfig;
  /** TALKBELL_KEY as written; without it the key is in the data folder. */
  readonly keyText: string | undefined;
  /** TALKBELL_OLD_KEY as written: the one that TALKBELL_KEY has replaced. */
  readonly oldKeyText: string | undefined;
  /** Names of the recipients who hear what needs a person. */
  readonly owner: readonly string[];
  readonly logLevel: string;
  readonly heartbeatUrl: string | undefined;
  readonly quiet: QuietHours | undefined;
  readonly budget: { readonly perSender: number; readonly perReceiver: number };
  readonly keepDays: number;
  readonly worker: { readonly heapMb: number; readonly memoryMb: number };
  /** Environment and .env together. Webhook headers and job settings are read from it. */
  readonly env: NodeJS.ProcessEnv;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

const text = v.string();

/** Line ends in it are left out, as every reader of URLs does: the same address in all places. */
const address = text
  .assert(isWebAddress, 'must be an http or https address')
  .map((given) => given.replace(/[\t\n\r]/g, ''));

const count = text
  .map(Number)
  .assert((given) => Number.isSafeInteger(given) && given >= 1, 'must be a whole number from 1');

const environment = v.object({
  KAKAO_REST_API_KEY: text.optional(),
  KAKAO_CLIENT_SECRET: text.optional(),
  KAKAO_REDIRECT_URI: address.optional(() => 'http://localhost:8917/oauth'),
  KAKAO_AUTH_URL: address.optional(() => 'https://kauth.kakao.com'),
  KAKAO_API_URL: address.optional(() => 'https://kapi.kakao.com'),
  TALKBELL_DATA: text.optional(() => './data'),
  TALKBELL_JOBS: text.optional(() => './jobs'),
  TALKBELL_TIMEZONE: text.assert(isZone, 'is not a time zone; write it as Asia/Seoul').optional(() => 'Asia/Seoul'),
  TALKBELL_KEY: text.optional(),
  TALKBELL_OLD_KEY: text.optional(),
  TALKBELL_OWNER: text.optional(() => 'me'),
  TALKBELL_LOG_LEVEL: text
    .assert((level) => LOG_LEVELS.includes(level), 'must be trace, debug, info, warn, error, fatal or silent')
    .optional(() => 'info'),
  TALKBELL_HEARTBEAT_URL: address.optional(),
  TALKBELL_QUIET: text
    .assert((span) => parseQuietHours(span, 'UTC') !== undefined, 'must be a span such as 22:00-07:00')
    .optional(),
  TALKBELL_BUDGET_PER_SENDER: count.optional(() => 100),
  TALKBELL_BUDGET_PER_RECIPIENT: count.optional(() => 20),
  TALKBELL_KEEP_DAYS: count.optional(() => 90),
  TALKBELL_WORKER_HEAP_MB: count.optional(() => 256),
  TALKBELL_WORKER_MEMORY_MB: count.optional(() => 512),
  TALKBELL_CHROMIUM: text.optional(),
});

/** Every variable that talkbell reads itself. */
export const SETTING_NAMES: readonly string[] = [...Object.keys(environment.shape), 'TALKBELL_ENV_FILE'];

/** Reads .env of the package's folder and the environment, which wins. Throws ConfigError with all problems. */
export function readConfig(given: NodeJS.ProcessEnv): Config {
  const own = withoutEmpty(given);
  const env = { ...readDotEnv(resolve(HOME, own['TALKBELL_ENV_FILE'] ?? '.env')), ...own };
  // This mode tells problems in the order of the variables above, and passes over all other variables.
  const read = environment.try(env, { mode: 'passthrough' });
  if (!read.ok) throw new ConfigError(read.issues.map(problemOf));
  const { value } = read;
  return {
    dataDir: resolve(HOME, value.TALKBELL_DATA),
    jobsDir: resolve(HOME, value.TALKBELL_JOBS),
    timezone: value.TALKBELL_TIMEZONE,
    kakao: readKakao(value),
    keyText: value.TALKBELL_KEY,
    oldKeyText: value.TALKBELL_OLD_KEY,
    owner: value.TALKBELL_OWNER.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    logLevel: value.TALKBELL_LOG_LEVEL,
    heartbeatUrl: value.TALKBELL_HEARTBEAT_URL,
    quiet:
      value.TALKBELL_QUIET === undefined ? undefined : parseQuietHours(value.TALKBELL_QUIET, value.TALKBELL_TIMEZONE),
    budget: { perSender: value.TALKBELL_BUDGET_PER_SENDER, perReceiver: value.TALKBELL_BUDGET_PER_RECIPIENT },
    keepDays: value.TALKBELL_KEEP_DAYS,
    worker: { heapMb: value.TALKBELL_WORKER_HEAP_MB, memoryMb: value.TALKBELL_WORKER_MEMORY_MB },
    env,
  };
}

const KEYS = ['TALKBELL_KEY', 'TALKBELL_OLD_KEY', 'TALKBELL_HEARTBEAT_URL'];

/** The environment of job files: settings and secrets of their own, none of Kakao's and not the keys of the store. */
export function environmentOfJobs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('KAKAO_') && !KEYS.includes(name)));
}

function problemOf(issue: v.Err['issues'][number]): string {
  const wrong = issue.code === 'custom_error' ? issue.message : 'must be a text';
  return `${issue.path.join('.')} ${wrong}. Mend it in .env or the environment.`;
}

function readKakao(value: v.Infer<typeof environment>): KakaoConfig {
  return {
    restApiKey: value.KAKAO_REST_API_KEY,
    clientSecret: value.KAKAO_CLIENT_SECRET,
    redirectUri: value.KAKAO_REDIRECT_URI,
    authUrl: value.KAKAO_AUTH_URL.replace(/\/+$/, ''),
    apiUrl: value.KAKAO_API_URL.replace(/\/+$/, ''),
  };
}

function readDotEnv(file: string): NodeJS.ProcessEnv {
  try {
    // Some editors write a mark of byte order, which would become part of the first name.
    return withoutEmpty(parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new ConfigError([`${file} cannot be read. Make it readable for this user, or remove it.`], { cause: error });
  }
}

/** An empty value is no value: `KAKAO_CLIENT_SECRET=` means that there is none. */
function withoutEmpty(env: NodeJS.ProcessEnv | Record<string, string>): NodeJS.ProcessEnv {
  const entries = Object.entries(env).map(([name, value]) => [name, value?.trim()] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== ''));
}
