// The three files of a new job: the job, the page it was written from, and a test that joins them.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../core/errors.ts';
import { HOME } from '../io/config.ts';
import { type KeptLook, type KeptPage, keepPages, readKeptLook } from '../io/kept-pages.ts';

export interface NewPaths {
  readonly job: string;
  readonly test: string;
  readonly fixture: string;
}

/** Throws ConfigError when one is there already and is not to be replaced. */
export function pathsOf(jobsDir: string, name: string, { force }: { force: boolean }): NewPaths {
  const paths = {
    job: join(jobsDir, `${name}.ts`),
    test: join(jobsDir, `${name}.test.ts`),
    fixture: join(jobsDir, 'fixtures', name),
  };
  const twin = ['.mts', '.js', '.mjs']
    .map((ending) => join(jobsDir, `${name}${ending}`))
    .find((path) => existsSync(path));
  if (twin !== undefined) throw new ConfigError([`${twin} is a job of that name already. Choose another name.`]);
  const there = force ? [] : Object.values(paths).filter((path) => existsSync(path));
  if (there.length > 0)
    throw new ConfigError([
      `${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there already. Choose another name, or add --force to replace.`,
    ]);
  return paths;
}

export interface NewFiles {
  readonly job: string;
  readonly test: string;
  readonly look: KeptLook;
  readonly page: KeptPage;
}

/** The job last: a running daemon takes it up as soon as it is there. */
export async function writeFiles(
  paths: NewPaths,
  { job, test, look, page }: NewFiles,
  { force }: { force: boolean },
): Promise<void> {
  if (existsSync(paths.fixture) && (await readKeptLook(paths.fixture)) === undefined)
    throw new ConfigError([`${paths.fixture} holds something else than saved pages, and stays. Choose another name.`]);
  const flag = force ? 'w' : 'wx';
  await mkdir(join(paths.fixture, '..'), { recursive: true });
  await keepPages(paths.fixture, look, [page]);
  await writeFile(paths.test, test, { flag });
  await writeFile(paths.job, job, { flag });
}

/** How the test is run: below the package 'talkbell' is itself, elsewhere Node must be told of it. */
export function testCommand(test: string): string {
  const inside = relative(HOME, test);
  const isInside = !inside.startsWith('..') && !isAbsolute(inside);
  if (isInside) return `node --test ${shownPath(test)}`;
  const teach = pathToFileURL(join(HOME, 'src', 'io', 'job-tests.ts')).href;
  return `node --import ${teach} --test ${shownPath(test)}`;
}

export function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
