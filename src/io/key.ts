// The key that tokens are sealed with: from TALKBELL_KEY, or from the file `key` in the data folder, which the first
// start makes. It is never replaced: tokens sealed with a lost key are lost too.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';

const KEY_BYTES = 32;
const MAKE_ONE = 'Make one with: openssl rand -base64 32';

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
  makeKeyFile(file, dataDir);
  return parseKey(readFileSync(file, 'utf8'), file);
}

function parseKey(text: string, where: string): Buffer {
  const value = text.trim();
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex');
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === KEY_BYTES && /^[A-Za-z0-9+/_-]{43}=?$/.test(value)) return bytes;
  throw new ConfigError([`${where} is not a key: it must be ${KEY_BYTES} bytes in base64 or hex. ${MAKE_ONE}`]);
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
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
