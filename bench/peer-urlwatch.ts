// urlwatch, as Debian packages it: the programme people run for this, one process a round. Its files are its own, in a
// folder that is removed; it tells on its standard output, which costs it less than any message would.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Boards } from './boards/scene.ts';

const run = promisify(execFile);
const PROGRAM = '/usr/bin/urlwatch';
const MOST_OUTPUT = 64_000_000;

/** `urlwatch 2.25`; undefined where it is not installed and Debian's packages are not to be had. */
export async function findUrlwatch(): Promise<string | undefined> {
  if (!existsSync(PROGRAM))
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'urlwatch']).catch(() => undefined);
  if (!existsSync(PROGRAM)) return undefined;
  return (await run(PROGRAM, ['--version'])).stdout.trim();
}

export interface Urlwatch extends Disposable {
  /** Milliseconds from its start to its end. Rejects when it does not find what the round has for it. */
  readonly round: (expected: 'changed' | 'unchanged') => Promise<number>;
}

export async function openUrlwatch(boards: Boards): Promise<Urlwatch> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-urlwatch-'));
  const file = (name: string): string => join(folder, name);
  const jobs = boards.urls.map((url, job) =>
    [`name: "board ${job}"`, `url: "${url}"`, 'filter:', '  - css: "#board tbody tr"'].join('\n'),
  );
  writeFileSync(file('urls.yaml'), jobs.join('\n---\n'));
  writeFileSync(file('hooks.py'), '');
  writeFileSync(file('urlwatch.yaml'), 'report:\n  stdout:\n    enabled: true\n    color: false\n');
  const given = ['--urls', 'urls.yaml', '--config', 'urlwatch.yaml', '--hooks', 'hooks.py', '--cache', 'cache.db'];
  const watch = async (): Promise<{ readonly ms: number; readonly told: string }> => {
    const from = performance.now();
    const { stdout } = await run(PROGRAM, given, {
      cwd: folder,
      env: { ...cleanEnv(), HOME: folder },
      maxBuffer: MOST_OUTPUT,
    });
    return { ms: performance.now() - from, told: stdout };
  };
  await watch();
  return {
    round: async (expected) => {
      const { ms, told } = await watch();
      const changed = told.match(/^CHANGED: /gm)?.length ?? 0;
      if (changed !== (expected === 'changed' ? boards.jobs : 0) || /^ERROR: /m.test(told))
        throw new Error(`urlwatch told ${changed} changes of ${boards.jobs} boards: ${told.slice(0, 500)}`);
      return ms;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The language decides how Python writes; nothing else of the environment is its business. */
function cleanEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LANG: 'C.UTF-8' };
}
