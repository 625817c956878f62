// Turns what SQLite and the file system report into StoreErrors: sentences that say what to do.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from '../core/errors.ts';

/** What stands in a command where a backup's name would. */
const NO_BACKUP = 'FILE';
const LITTLE_SPACE_BYTES = 256 * 1024;

/** Anything that is not SQLite's or the file system's is thrown on as it is. */
export function storeError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) throw error;
  const kind = kindOf(code, file);
  if (kind === undefined) throw error;
  return new StoreError(sentence(kind, file, `${code}: ${error.message}`), { kind, cause: error });
}

export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error) ?? '');
}

export function damagedError(file: string, details: readonly string[]): StoreError {
  return new StoreError(sentence('damaged', file, details.join('; ')), { kind: 'damaged' });
}

export function fullError(file: string): StoreError {
  return new StoreError(sentence('full', file, 'hardly any space is left'), { kind: 'full' });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function kindOf(code: string, file: string): StoreError['kind'] | undefined {
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return 'locked';
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) return 'full';
  if (/^(SQLITE_READONLY|SQLITE_PERM|EROFS|EACCES|EPERM)/.test(code)) return 'readonly';
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return 'damaged';
  if (/^SQLITE_(CANTOPEN|IOERR)/.test(code)) {
    if (isNearlyFull(file)) return 'full';
    return isWritable(file) ? 'other' : 'readonly';
  }
  return /^(SQLITE_(NOMEM|PROTOCOL|TOOBIG|NOLFS)|E[A-Z]+$)/.test(code) ? 'other' : undefined;
}

function sentence(kind: StoreError['kind'], file: string, detail: string): string {
  const folder = dirname(file);
  switch (kind) {
    case 'locked':
      return `${file} is locked by another process for too long (${detail}). Find it with: fuser -v ${file}`;
    case 'full':
      return `The disk of ${file} is full, so nothing can be saved (${detail}). Free some space; nothing else is to be done.`;
    case 'readonly':
      return `${file} cannot be written (${detail}). Make ${folder} writable for this user, on a disk that is not read-only.`;
    case 'damaged':
      return `${file} is damaged (${detail}). Stop talkbell and restore a backup: talkbell restore ${newestBackup(folder)}`;
    default:
      return `${file} cannot be used (${detail}). Check the disk and the folder ${folder}, then start again.`;
  }
}

/** True when so little is left that an error of the disk most likely comes from that. */
export function isNearlyFull(file: string, bytes = LITTLE_SPACE_BYTES): boolean {
  try {
    const disk = statfsSync(dirname(file));
    return disk.bavail * disk.bsize < bytes;
  } catch {
    return false;
  }
}

/** A disk that the kernel has given up says of itself that it can be written: only writing shows that it cannot. */
function isWritable(file: string): boolean {
  const probe = `${file}.${process.pid}.probe`;
  try {
    if (existsSync(file)) accessSync(file, constants.W_OK);
    closeSync(openSync(probe, 'wx', 0o600));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}

export function hasBackup(folder: string): boolean {
  return newestBackup(folder) !== NO_BACKUP;
}

function newestBackup(folder: string): string {
  try {
    const files = readdirSync(join(folder, 'backups'))
      .filter((name) => name.endsWith('.db'))
      .map((name) => join(folder, 'backups', name))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    return files[0] ?? NO_BACKUP;
  } catch {
    return NO_BACKUP;
  }
}
