// The only reader of the environment and of .env: both become one checked value, with every problem told at once.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { ConfigError } from '../core/errors.ts';
import { parseQuietHours, type QuietHours } from '../core/quiet.ts';
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

const WHOLE = 'must be a whole number from 1';
const count = (otherwise: number) => z.coerce.number(WHOLE).int(WHOLE).min(1, WHOLE).default(otherwise);
const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

const environment = z.object({
  KAKAO_REST_API_KEY: z.string().optional(),
  KAKAO_CLIENT_SECRET: z.string().optional(),
  KAKAO_REDIRECT_URI: address.default('http://localhost:8917/oauth'),
  KAKAO_AUTH_URL: address.default('https://kauth.kakao.com'),
  KAKAO_API_URL: address.default('https://kapi.kakao.com'),
  TALKBELL_DATA: z.string().default('./data'),
  TALKBELL_JOBS: z.string().default('./jobs'),
  TALKBELL_TIMEZONE: z.string().refine(isZone, 'is not a time zone; write it as Asia/Seoul').default('Asia/Seoul'),
  TALKBELL_KEY: z.string().optional(),
  TALKBELL_OLD_KEY: z.string().optional(),
  TALKBELL_OWNER: z.string().default('me'),
  TALKBELL_LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
  TALKBELL_HEARTBEAT_URL: address.optional(),
  TALKBELL_QUIET: z
    .string()
    .refine((text) => parseQuietHours(text, 'UTC') !== undefined, 'must be a span such as 22:00-07:00')
    .optional(),
  TALKBELL_BUDGET_PER_SENDER: count(100),
  TALKBELL_BUDGET_PER_RECIPIENT: count(20),
  TALKBELL_KEEP_DAYS: count(90),
  TALKBELL_WORKER_HEAP_MB: count(256),
  TALKBELL_WORKER_MEMORY_MB: count(512),
  TALKBELL_CHROMIUM: z.string().optional(),
});

/** Every variable that talkbell reads itself. */
export const SETTING_NAMES: readonly string[] = [...Object.keys(environment.shape), 'TALKBELL_ENV_FILE'];

/** Reads .env of the package's folder and the environment, which wins. Throws ConfigError with all problems. */
export function readConfig(given: NodeJS.ProcessEnv): Config {
  const own = withoutEmpty(given);
  const env = { ...readDotEnv(resolve(HOME, own['TALKBELL_ENV_FILE'] ?? '.env')), ...own };
  const read = environment.safeParse(env);
  if (!read.success) {
    throw new ConfigError(
      read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}. Mend it in .env or the environment.`),
    );
  }
  const value = read.data;
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

function readKakao(value: z.infer<typeof environment>): KakaoConfig {
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
