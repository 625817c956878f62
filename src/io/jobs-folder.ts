// The jobs folder as names and contents, without importing anything: that is the worker's part.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import type { JobSource } from '../core/worker-protocol.ts';

const CODE = /\.[mc]?[jt]s$/;
const JOB = /^(?![_.]).*\.(ts|mts|js|mjs)$/;
const NO_JOB = /\.test\.|\.d\.[mc]?ts$/;

/** The job files of a folder, in order of name. Their hashes change with every `_helper` beside them too. */
export async function listJobs(dir: string): Promise<readonly JobSource[]> {
  const names = (await readNames(dir)).toSorted();
  const contents = new Map(
    await Promise.all(names.map(async (name) => [name, await readContent(join(dir, name))] as const)),
  );
  const helpers = names.filter((name) => name.startsWith('_')).map((name) => [name, contents.get(name)]);
  return names.filter(isJob).map((file) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([file, contents.get(file), helpers]))
      .digest('hex');
    return { file, path: join(dir, file), hash };
  });
}

function isJob(name: string): boolean {
  return JOB.test(name) && !NO_JOB.test(name);
}

async function readNames(dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const mayBeCode = entries.filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && CODE.test(entry.name));
    return mayBeCode.map((entry) => entry.name);
  } catch (error) {
    throw new ConfigError([`The jobs folder ${dir} cannot be read. Make it, or set TALKBELL_JOBS to the right one.`], {
      cause: error,
    });
  }
}

/**
 * A file that goes away between listing and reading counts as empty: the next look at the folder will miss it. So does
 * a link to what is no file: reading a pipe would wait for ever.
 */
async function readContent(path: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile ? readFile(path, 'utf8').catch(() => '') : '';
}
