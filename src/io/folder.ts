// Makes a folder that is for this user alone. Node's own recursive mkdir never ends below /proc, where nothing can be made.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../core/errors.ts';

/** What the store has words for. */
const OF_DISK = ['EROFS', 'ENOSPC'];

/** Makes the folder and those above it that are missing. Throws ConfigError where that cannot be. */
export function makeFolder(path: string): void {
  try {
    makeMissing(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (OF_DISK.includes(why)) throw error;
    throw new ConfigError([`The folder ${path} cannot be made (${why}). Choose another, or make it for this user.`], {
      cause: error,
    });
  }
}

function makeMissing(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path) throw error;
    makeMissing(above);
    mkdirSync(path, { mode: 0o700 });
  }
}
