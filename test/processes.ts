// talkbell as processes, for tests of how it starts and ends: each in folders of its own, ended by the test that began it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

export interface House extends Disposable {
  readonly folder: string;
  readonly jobs: string;
  readonly data: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Folders and an environment that share nothing with the machine's own talkbell. */
export function makeHouse(env: NodeJS.ProcessEnv = {}): House {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-house-'));
  const jobs = join(folder, 'jobs');
  const data = join(folder, 'data');
  mkdirSync(jobs);
  return {
    folder,
    jobs,
    data,
    env: {
      PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH']}`,
      HOME: folder,
      TALKBELL_ENV_FILE: join(folder, 'none'),
      TALKBELL_DATA: data,
      TALKBELL_JOBS: jobs,
      ...env,
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Waits until the output has a text. Rejects when the process ends without it. */
  readonly says: (text: string | RegExp) => Promise<void>;
}

/** Starts a command; disposing kills it. */
export function begin(command: string, args: readonly string[], { env }: Pick<House, 'env'>): Running {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listen of listeners) listen();
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  const says = (text: string | RegExp): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const listen = (): void => {
      if (typeof text === 'string' ? output.includes(text) : text.test(output)) resolve();
    };
    listeners.add(listen);
    listen();
    void ended.then((code) => reject(new Error(`ended with ${code} and never said ${String(text)}:\n${output}`)));
    return promise;
  };
  return {
    child,
    output: () => output,
    ended,
    says,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Whether a process of this pid is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
