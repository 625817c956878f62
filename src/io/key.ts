// The key that logins and webhooks are sealed with: from TALKBELL_KEY, or from the file `key` in the data folder, which
// the first start makes. Only a rotation replaces it, and keeps the old one: what a lost key sealed is lost too.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import { makeFolder } from './folder.ts';

const KEY_BYTES = 32;
const MAKE_ONE = 'Make one with: openssl rand -base64 32';
const OLD_FILE = /^key\.old-/;

export interface Keys {
  /** What is sealed from now on. */
  readonly key: Buffer;
  /** Replaced ones, which still open what was sealed with them. */
  readonly olderKeys: readonly Buffer[];
}

interface KeySource {
  /** What TALKBELL_KEY and TALKBELL_OLD_KEY hold. */
  readonly keyText: string | undefined;
  readonly oldKeyText: string | undefined;
  readonly dataDir: string;
}

/** The key and those it has replaced. Throws ConfigError as `loadKey` does. */
export function loadKeys({ keyText, oldKeyText, dataDir }: KeySource, { create }: { create: boolean }): Keys {
  const key = loadKey({ value: keyText, dataDir, create });
  const given = oldKeyText === undefined ? [] : [parseKey(oldKeyText, 'TALKBELL_OLD_KEY')];
  return { key, olderKeys: [...given, ...readOldFiles(dataDir)] };
}

/** Puts a new key in the place of the file `key`; the old one stays beside it under the name this gives. */
export function replaceKeyFile(dataDir: string, now: number): string {
  const file = join(dataDir, 'key');
  const draft = `${file}.new`;
  const old = `${file}.old-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  rmSync(draft, { force: true });
  writeKey(draft);
  linkSync(file, old);
  renameSync(draft, file);
  // What is sealed next needs the new key: its name must outlive a power cut.
  const folder = openSync(dataDir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  return old;
}

/** `value` is what TALKBELL_KEY holds. Throws ConfigError when the key is absent and not to be made, or is malformed. */
export function loadKey({
  value,
  dataDir,
  create,
}: {
  value: string | undefined;
  dataDir: string;
  create: boolean;
}): Buffer {
  if (value !== undefined && value.trim() !== '') return parseKey(value, 'TALKBELL_KEY');

  const file = join(dataDir, 'key');
  const stored = readKeyFile(file);
  if (stored !== undefined) return parseKey(stored, file);
  if (!create) {
    throw new ConfigError([`There is no key: TALKBELL_KEY is not set and ${file} does not exist. ${MAKE_ONE}`]);
  }
  if (holdsDatabase(dataDir)) throw new ConfigError([missing(file)]);
  makeKeyFile(file, dataDir);
  return parseKey(readFileSync(file, 'utf8'), file);
}

/** A first start that was killed may leave an empty file. */
function holdsDatabase(dataDir: string): boolean {
  return (statSync(join(dataDir, 'talkbell.db'), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** A new key beside old logins would open none of them, and hide that the old one has to be put back. */
function missing(file: string): string {
  return (
    `The key is missing: TALKBELL_KEY is not set and ${file} does not exist, though there is a database beside it. ` +
    `Put the key back. If it is lost, make a new one (openssl rand -base64 32 > ${file}), log in again ` +
    '(talkbell login) and add the webhooks again.'
  );
}

function parseKey(text: string, where: string): Buffer {
  const key = keyIn(text);
  if (key !== undefined) return key;
  throw new ConfigError([`${where} is not a key: it must be ${KEY_BYTES} bytes in base64 or hex. ${MAKE_ONE}`]);
}

function keyIn(text: string): Buffer | undefined {
  const value = text.trim();
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex');
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === KEY_BYTES && /^[A-Za-z0-9+/_-]{43}=?$/.test(value) ? bytes : undefined;
}

/** Newest first. One that holds no key opens nothing, and stands in nobody's way. */
function readOldFiles(dataDir: string): readonly Buffer[] {
  if (!existsSync(dataDir)) return [];
  const names = readdirSync(dataDir).filter((name) => OLD_FILE.test(name));
  return names
    .sort()
    .reverse()
    .flatMap((name) => keyIn(readKeyFile(join(dataDir, name)) ?? '') ?? []);
}

function readKeyFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigError([`The key file ${file} cannot be read. Make it readable for this user (chmod 600).`], {
      cause: error,
    });
  }
}

/** Written whole beside its place and linked into it, so that two first starts agree on one key and none is cut short. */
function makeKeyFile(file: string, dataDir: string): void {
  makeFolder(dataDir);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeKey(draft);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeKey(file: string): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
