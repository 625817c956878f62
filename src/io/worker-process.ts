// One worker process as the daemon sees it: what it is doing now, and how it ended. Who was at fault is decided in
// workers.ts; here is only what can be observed.
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { JobFile, Look } from '../core/job.ts';
import type { FromWorker, JobSource, LookTask, ToWorker } from '../core/worker-protocol.ts';

const WORKER = fileURLToPath(new URL('../worker.ts', import.meta.url));
const MEMORY_CHECK_MS = 250;
const LONGEST_OUTPUT_LINE = 2000;

export interface WorkerSettings {
  /** The environment of job files: no Kakao keys in it. */
  readonly env: NodeJS.ProcessEnv;
  readonly timezone: string;
  readonly heapMb: number;
  readonly memoryMb: number;
  /** How long one file may take to import. */
  readonly importMs: number;
  readonly onOutput: (line: string) => void;
  readonly onSecrets: (names: readonly string[]) => void;
}

/** How a worker ended before it answered. */
export interface Death {
  readonly kind: 'death';
  readonly cause: 'timeout' | 'memory' | 'crash';
  /** Whose step was running: the asked look's, another one's, or nobody can tell. */
  readonly culprit: 'this' | 'other' | 'unknown';
  readonly detail: string;
}

export type Loaded =
  | { readonly kind: 'loaded'; readonly files: readonly JobFile[] }
  /** Importing this file never ended, or ended the process. */
  | { readonly kind: 'stuck'; readonly file: string; readonly problem: string };

export interface WorkerProcess {
  readonly pid: number | undefined;
  readonly loaded: Promise<Loaded>;
  readonly look: (task: LookTask) => Promise<Look | Death>;
  readonly open: () => number;
  /** Ends it when nothing is under way any more. */
  readonly retire: () => void;
  readonly kill: () => void;
  readonly ended: Promise<void>;
}

export function startWorker(sources: readonly JobSource[], settings: WorkerSettings): WorkerProcess {
  const child = fork(WORKER, [], {
    env: settings.env,
    execArgv: [`--max-old-space-size=${settings.heapMb}`, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'json',
  });
  const output = collectOutput(child, settings.onOutput);
  const looks = trackLooks(child, { output, memoryMb: settings.memoryMb });
  const loaded = waitForLoad(child, { ...settings, output });
  child.send({ type: 'load', sources, timezone: settings.timezone } satisfies ToWorker);
  return {
    pid: child.pid,
    loaded,
    look: looks.look,
    open: looks.open,
    retire: looks.retire,
    kill: () => void child.kill('SIGKILL'),
    ended: new Promise((resolve) => child.once('exit', () => resolve())),
  };
}

interface Output {
  /** The last it wrote. */
  readonly tail: () => string;
  /** Whether V8 said that its heap is full: a long trace follows, and the process ends. */
  readonly isHeapFull: () => boolean;
}

function collectOutput(child: ChildProcess, onLine: (line: string) => void): Output {
  const kept = { tail: '', heapFull: false };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept.tail = (kept.tail + text).slice(-LONGEST_OUTPUT_LINE);
      kept.heapFull ||= /heap out of memory|heap limit/.test(kept.tail);
      for (const line of text.split('\n', 20)) if (line.trim() !== '') onLine(line.slice(0, LONGEST_OUTPUT_LINE));
    });
  }
  return { tail: () => kept.tail, isHeapFull: () => kept.heapFull };
}

function waitForLoad(
  child: ChildProcess,
  { importMs, onSecrets, output }: WorkerSettings & { readonly output: Output },
): Promise<Loaded> {
  return new Promise((resolve) => {
    const at: { file: string; timer: NodeJS.Timeout | undefined } = { file: '', timer: undefined };
    const finish = (loaded: Loaded): void => {
      clearTimeout(at.timer);
      resolve(loaded);
    };
    child.on('message', (message) => {
      const said = message as FromWorker;
      if (said.type === 'importing') {
        clearTimeout(at.timer);
        at.file = said.file;
        at.timer = setTimeout(() => {
          child.kill('SIGKILL');
          finish({
            kind: 'stuck',
            file: said.file,
            problem: `does not load within ${importMs / 1000} s. Do the work in its steps.`,
          });
        }, importMs);
      }
      if (said.type !== 'loaded') return;
      onSecrets(said.secrets);
      finish({ kind: 'loaded', files: said.files });
    });
    child.once('exit', (code, signal) => {
      const how = `ends the process while it is imported (${signal ?? `exit ${code}`}). ${output.tail().trim().split('\n')[0] ?? ''}`;
      finish({ kind: 'stuck', file: at.file, problem: how.trim() });
    });
  });
}

interface Looks {
  readonly look: (task: LookTask) => Promise<Look | Death>;
  readonly open: () => number;
  readonly retire: () => void;
}

interface Tracking {
  readonly waiting: Map<number, (end: Look | Death) => void>;
  running: number | undefined;
  cause: Death['cause'];
  retired: boolean;
}

function trackLooks(child: ChildProcess, context: { readonly output: Output; readonly memoryMb: number }): Looks {
  const state: Tracking = { waiting: new Map(), running: undefined, cause: 'crash', retired: false };
  const counter = { next: 1 };
  const end = (cause: Death['cause'], running: number | undefined): void => {
    state.cause = cause;
    state.running = running;
    child.kill('SIGKILL');
  };
  child.on('message', (message) => hear(message as FromWorker, state, child));
  child.once('exit', (code, signal) => {
    if (context.output.isHeapFull()) state.cause = 'memory';
    bury(state, `${signal ?? `exit ${code}`}: ${context.output.tail().trim().slice(-300)}`);
  });
  watchMemory(child, { state, limitMb: context.memoryMb, end });

  const look = (task: LookTask): Promise<Look | Death> => {
    const id = counter.next++;
    return new Promise((resolve) => {
      // The worker ends a look that waits too long by itself; one that is still silent then has lost control.
      const timer = setTimeout(() => end('timeout', state.running ?? id), task.timeLimitMs + 3000);
      state.waiting.set(id, (outcome) => {
        clearTimeout(timer);
        state.waiting.delete(id);
        resolve(outcome);
      });
      if (child.connected) child.send({ type: 'look', id, task } satisfies ToWorker, () => {});
      else bury(state, 'it had already ended');
    });
  };
  const retire = (): void => {
    state.retired = true;
    if (state.waiting.size === 0 && child.connected) child.disconnect();
  };
  return { look, open: () => state.waiting.size, retire };
}

function hear(said: FromWorker, state: Tracking, child: ChildProcess): void {
  if (said.type === 'step') {
    // While a page is fetched, control goes round: only a step of pure code holds it.
    const holds = said.step !== undefined && said.step !== 'fetch';
    if (holds) state.running = said.id;
    else if (state.running === said.id) state.running = undefined;
  }
  if (said.type !== 'looked') return;
  state.waiting.get(said.id)?.(said.look);
  if (state.retired && state.waiting.size === 0 && child.connected) child.disconnect();
}

function bury(state: Tracking, detail: string): void {
  const open = [...state.waiting];
  const running = state.running ?? (open.length === 1 ? open[0]?.[0] : undefined);
  for (const [id, resolve] of open) {
    const culprit = running === undefined ? 'unknown' : running === id ? 'this' : 'other';
    resolve({ kind: 'death', cause: state.cause, culprit, detail });
  }
}

/** The heap has its own limit; this one is for memory outside it. Only Linux tells without starting a process. */
function watchMemory(
  child: ChildProcess,
  {
    state,
    limitMb,
    end,
  }: { state: Tracking; limitMb: number; end: (cause: 'memory', running: number | undefined) => void },
): void {
  if (process.platform !== 'linux') return;
  const timer = setInterval(() => {
    if (state.waiting.size === 0) return;
    void readFile(`/proc/${child.pid}/statm`, 'utf8').then(
      (text) => {
        const residentMb = (Number(text.split(' ')[1]) * 4096) / 2 ** 20;
        if (residentMb > limitMb) end('memory', state.running);
      },
      () => clearInterval(timer),
    );
  }, MEMORY_CHECK_MS);
  timer.unref();
  child.once('exit', () => clearInterval(timer));
}
