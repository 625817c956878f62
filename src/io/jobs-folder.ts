// The jobs folder as names and contents, without importing anything: that is the worker's part.
import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConfigError } from '../core/errors.ts';
import type { JobSource } from '../core/worker-protocol.ts';
import { isFar } from './jobs-stamp.ts';

/** Files read in one turn of the event loop: about two milliseconds. */
const FILES_A_TURN = 50;

const CODE = /\.[mc]?[jt]s$/;
const JOB = /^(?![_.]).*\.(ts|mts|js|mjs)$/;
const NO_JOB = /\.test\.|\.d\.[mc]?ts$/;

/** The job files of a folder, in order of name. Their hashes change with every `_helper` beside them too. */
export async function listJobs(dir: string): Promise<readonly JobSource[]> {
  const names = (await readNames(dir)).toSorted();
  const contents = await readContents(dir, names);
  const helpers = names.filter((name) => name.startsWith('_')).map((name) => [name, contents.get(name)]);
  return names.filter(isJob).map((file) => {
    const sha = hash('sha256', JSON.stringify([file, contents.get(file), helpers]));
    return { file, path: join(dir, file), hash: sha };
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

/** A near disk is asked in place: to ask it beside the event loop takes five times as long. */
async function readContents(dir: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (isFar(dir)) {
    return new Map(await Promise.all(names.map(async (name) => [name, await readContent(join(dir, name))] as const)));
  }
  const contents = new Map<string, string>();
  for (const name of names) {
    if (contents.size > 0 && contents.size % FILES_A_TURN === 0) await nextTurn();
    contents.set(name, readContentNow(join(dir, name)));
  }
  return contents;
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

function readContentNow(path: string): string {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : '';
  } catch {
    return '';
  }
}
