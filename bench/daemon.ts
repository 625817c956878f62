// The daemon as the measurements run it: a process of its own on folders of its own, ready when it says so.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type House, makeHouse, ROOT } from '../test/processes.ts';

const PATIENCE_MS = 120_000;
const PROBE = join(import.meta.dirname, 'probe.ts');

interface Pm2 {
  readonly apps: readonly [{ readonly node_args: readonly string[]; readonly env: NodeJS.ProcessEnv }];
}

const [app] = (createRequire(import.meta.url)('../ecosystem.config.cjs') as Pm2).apps;
/** What pm2 hands to Node: the daemon is measured as it runs for its users. */
export const FLAGS: readonly string[] = process.env['FLAGS']?.split(' ') ?? app.node_args;
export const PM2_ENV: Readonly<NodeJS.ProcessEnv> = app.env;

export interface Daemon extends AsyncDisposable {
  readonly pid: number;
  /** From the start of its process to its word that schedule and delivery run. */
  readonly readyMs: number;
  /** Of a daemon that was started with the probe. */
  readonly probe: Probe;
  readonly output: () => string;
}

export interface Probe {
  /** The longest gap between two beats of 5 ms since the last call, less those 5 ms. */
  readonly stallMs: () => Promise<number>;
  /** Sets its clock on. */
  readonly jump: (ms: number) => Promise<number>;
  /** Bytes that its objects hold, after a collection. */
  readonly heap: () => Promise<number>;
}

/** Nothing in it is shared with another measurement, the cache of compiled code included. */
export function makeBenchHouse(env: NodeJS.ProcessEnv = {}): House {
  const house = makeHouse({ TALKBELL_LOG_LEVEL: 'warn', ...env });
  return { ...house, env: { ...house.env, TMPDIR: house.folder } };
}

export function writeJobs(house: House, count: number, sourceOf: (index: number) => string): void {
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(house.jobs, `job-${String(index).padStart(5, '0')}.ts`), sourceOf(index));
  }
}

/** Due once a day, each at a minute of its own that is some hours away. */
export function dailyLine(index: number, now = Date.now()): string {
  const minutes = Math.floor(now / 60_000) + 9 * 60 + 180 + (index % 900);
  return `${minutes % 60} ${Math.floor(minutes / 60) % 24} * * *`;
}

/** A job as users write it, that looks at nothing. */
export function dailyJob(index: number): string {
  return jobOf({ schedule: dailyLine(index), fetch: '() => 1', extract: '() => [{ n: 1 }]' });
}

export function jobOf({
  schedule,
  fetch,
  extract,
  to = 'screen',
  render = '(items, run) => run.due.toISOString()',
}: {
  readonly schedule: string;
  readonly fetch: string;
  readonly extract: string;
  readonly to?: string;
  readonly render?: string;
}): string {
  return `import { defineJob } from 'talkbell';

export default defineJob({
  schedule: '${schedule}',
  to: '${to}',
  fetch: ${fetch},
  extract: ${extract},
  render: ${render},
});
`;
}

/** Ends what it has begun when the measurements are broken off. */
export async function startDaemon(
  { env }: Pick<House, 'env'>,
  { signal, probed = false }: { signal: AbortSignal; probed?: boolean },
): Promise<Daemon> {
  const from = performance.now();
  const options = probed ? ['--expose-gc', '--import', PROBE] : [];
  const child = spawn(process.execPath, [...FLAGS, ...options, 'src/talkbell.js', 'start'], {
    cwd: ROOT,
    env: { ...env, ...PM2_ENV },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = collect(child);
  const end = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await waitForReady(child, output);
  return {
    pid: child.pid ?? 0,
    readyMs: performance.now() - from,
    probe: probeOf(child),
    output,
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', end);
      child.kill('SIGTERM');
      const late = setTimeout(end, 15_000);
      await ended;
      clearTimeout(late);
    },
  };
}

function waitForReady(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The daemon was not ready after ${PATIENCE_MS / 1000} s:\n${output()}`));
    }, PATIENCE_MS);
    child.on('message', (message) => {
      if (message !== 'ready') return;
      clearTimeout(late);
      resolve();
    });
    child.once('close', (code) => {
      clearTimeout(late);
      reject(new Error(`The daemon ended with ${code}:\n${output()}`));
    });
  });
}

function collect(child: ChildProcess): () => string {
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said.text = (said.text + text).slice(-20_000);
    });
  }
  return () => said.text;
}

/** Any process that has the probe in it. */
export function probeOf(child: ChildProcess): Probe {
  const ask = (question: string, value = 0): Promise<number> =>
    new Promise((resolve) => {
      const listen = (message: unknown): void => {
        if (typeof message !== 'object' || message === null || !('probed' in message)) return;
        child.off('message', listen);
        resolve(Number(message.probed));
      };
      child.on('message', listen);
      child.send({ probe: question, value });
    });
  return { stallMs: () => ask('stall'), jump: (ms) => ask('jump', ms), heap: () => ask('heap') };
}

export interface Usage {
  /** Milliseconds on a processor, all threads together. */
  readonly cpuMs: number;
  /** Times at which its main thread went to sleep by itself. */
  readonly wakes: number;
  readonly residentBytes: number;
}

/** Linux only: elsewhere there is no /proc. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/task/${pid}/status`, 'utf8');
  const numberOf = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return {
    cpuMs: nanoseconds.reduce((sum, value) => sum + value, 0) / 1e6,
    wakes: numberOf('voluntary_ctxt_switches'),
    residentBytes: numberOf('VmRSS') * 1024,
  };
}

/** Whether a process has children: the daemon's is its worker. */
function hasChildren(pid: number): boolean {
  return childrenOf(pid).length > 0;
}

/** Linux only. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** The daemon loads the job files in a worker as it starts, and lets that go after a minute of idleness. */
export async function waitForNoWorker({ pid }: Daemon): Promise<void> {
  await until('the start of the worker', () => hasChildren(pid));
  await until('the end of the worker', () => !hasChildren(pid), { patienceMs: 300_000, everyMs: 500 });
}

/** An event of another process cannot be awaited otherwise. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { patienceMs = PATIENCE_MS, everyMs = 20 }: { patienceMs?: number; everyMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${patienceMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
