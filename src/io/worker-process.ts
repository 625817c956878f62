// One worker process as the daemon sees it: what it is doing now, and how it ended. Who was at fault is decided in
// workers.ts; here is only what can be observed.
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { JobFile, Look } from '../core/job.ts';
import type { FromWorker, JobSource, Learned, LookTask, ToWorker } from '../core/worker-protocol.ts';
import { startTimeLimit, type TimeLimit } from './time-limit.ts';

const WORKER = fileURLToPath(new URL('../worker.ts', import.meta.url));
const MEMORY_CHECK_MS = 250;
/** Half of the memory that Node would take for parsing pages, for a few percent of its time. */
const NEW_SPACE_MB = 2;
const LONGEST_OUTPUT_LINE = 2000;
/** The worker ends a look that waits too long by itself; one that is still silent after this has lost control. */
const SILENCE_MS = 3000;
/** A retired worker that does not end by itself is held by a job. */
const RETIRE_MS = 5000;

export interface WorkerSettings {
  /** The environment of job files: no Kakao keys in it. */
  readonly env: NodeJS.ProcessEnv;
  readonly timezone: string;
  readonly heapMb: number;
  readonly memoryMb: number;
  /** How long one file may take to import. */
  readonly importMs: number;
  readonly onOutput: (line: string) => void;
  /** Takes secrets out of its last words, which may become an error. */
  readonly scrub?: (text: string) => string;
  readonly onSecrets: (names: readonly string[]) => void;
  /** What earlier workers have learned of the network. */
  readonly learned?: Learned;
  readonly onLearned?: (learned: Partial<Learned>) => void;
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
  | { readonly kind: 'stuck'; readonly file: string; readonly problem: string }
  /** It ended before it came to any file: it could not be started, or was ended from here. */
  | { readonly kind: 'ended'; readonly detail: string };

export interface WorkerProcess {
  readonly pid: number | undefined;
  readonly loaded: Promise<Loaded>;
  readonly look: (task: LookTask) => Promise<Look | Death>;
  /** Keeps a retired worker until `release`: somebody is about to ask it for a look. */
  readonly hold: () => void;
  readonly release: () => void;
  readonly isIdle: () => boolean;
  /** Ends it when nothing is under way any more. */
  readonly retire: () => void;
  readonly kill: () => void;
  readonly ended: Promise<void>;
}

interface Waiting {
  readonly limit: TimeLimit;
  readonly settle: (end: Look | Death) => void;
}

interface State {
  readonly waiting: Map<number, Waiting>;
  /** The look whose pure step holds control now. */
  running: number | undefined;
  cause: Death['cause'];
  holds: number;
  loading: boolean;
  retired: boolean;
  nextId: number;
}

export function startWorker(sources: readonly JobSource[], settings: WorkerSettings): WorkerProcess {
  const child = fork(WORKER, [], {
    env: settings.env,
    execArgv: [
      `--max-old-space-size=${settings.heapMb}`,
      `--max-semi-space-size=${NEW_SPACE_MB}`,
      '--disable-warning=ExperimentalWarning',
    ],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'json',
  });
  const state: State = {
    waiting: new Map(),
    running: undefined,
    cause: 'crash',
    holds: 0,
    loading: true,
    retired: false,
    nextId: 1,
  };
  const output = collectOutput(child, settings);
  const ended = watchEnd(child, state, output);
  const endIfDone = (): void => retireWhenDone(child, state);
  const loaded = waitForLoad(child, { ...settings, output, ended }).finally(() => {
    state.loading = false;
    endIfDone();
  });
  child.on('message', (message) => {
    const said = message as FromWorker;
    if (said.type === 'learned') settings.onLearned?.(said.learned);
    hear(said, state);
    endIfDone();
  });
  watchMemory(child, state, settings.memoryMb);
  send(child, { type: 'load', sources, timezone: settings.timezone, learned: settings.learned });
  return {
    pid: child.pid,
    loaded,
    look: (task) => askForLook(child, state, task),
    hold: () => {
      state.holds += 1;
    },
    release: () => {
      state.holds -= 1;
      endIfDone();
    },
    isIdle: () => state.waiting.size === 0 && state.holds === 0 && !state.loading,
    retire: () => {
      state.retired = true;
      endIfDone();
    },
    kill: () => void child.kill('SIGKILL'),
    ended: ended.then(() => undefined),
  };
}

/** A channel that is gone is noticed by the end of the process, not here. */
function send(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}

function retireWhenDone(child: ChildProcess, state: State): void {
  const busy = state.waiting.size > 0 || state.holds > 0 || state.loading;
  if (!state.retired || busy || !child.connected) return;
  child.disconnect();
  setTimeout(() => child.kill('SIGKILL'), RETIRE_MS).unref();
}

interface Output {
  /** The last it wrote. */
  readonly tail: () => string;
  /** Whether V8 said that its heap is full: a long trace follows, and the process ends. */
  readonly isHeapFull: () => boolean;
}

function collectOutput(child: ChildProcess, { onOutput, scrub = (text) => text }: WorkerSettings): Output {
  const kept = { tail: '', heapFull: false };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept.tail = (kept.tail + text).slice(-LONGEST_OUTPUT_LINE);
      kept.heapFull ||= /heap out of memory|heap limit/.test(kept.tail);
      for (const line of text.split('\n', 20)) if (line.trim() !== '') onOutput(line.slice(0, LONGEST_OUTPUT_LINE));
    });
  }
  return { tail: () => scrub(kept.tail.trim()), isHeapFull: () => kept.heapFull };
}

/** Resolves with how it ended, once every look under way knows. A process that could not be started has ended too. */
function watchEnd(child: ChildProcess, state: State, output: Output): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const end = (how: string): void => {
    if (output.isHeapFull()) state.cause = 'memory';
    const detail = `${how}: ${output.tail().slice(-300)}`;
    bury(state, detail);
    resolve(detail);
  };
  child.once('exit', (code, signal) => end(signal ?? `exit ${code}`));
  child.on('error', (error) => {
    if (child.pid === undefined) end(error.message);
  });
  return promise;
}

interface Loading extends WorkerSettings {
  readonly output: Output;
  readonly ended: Promise<string>;
}

function waitForLoad(child: ChildProcess, { importMs, onSecrets, output, ended }: Loading): Promise<Loaded> {
  const { promise, resolve } = Promise.withResolvers<Loaded>();
  const at: { file?: string; timer?: NodeJS.Timeout } = {};
  const finish = (loaded: Loaded): void => {
    clearTimeout(at.timer);
    resolve(loaded);
  };
  child.on('message', (message) => {
    const said = message as FromWorker;
    if (said.type === 'importing') {
      const { file } = said;
      clearTimeout(at.timer);
      at.file = file;
      at.timer = setTimeout(() => {
        finish({
          kind: 'stuck',
          file,
          problem: `does not load within ${importMs / 1000} s. Do the work in its steps.`,
        });
        child.kill('SIGKILL');
      }, importMs);
    }
    if (said.type !== 'loaded') return;
    onSecrets(said.secrets);
    finish({ kind: 'loaded', files: said.files });
  });
  void ended.then((detail) => {
    if (at.file === undefined) return finish({ kind: 'ended', detail });
    const [how = '', first = ''] = [detail.split(':')[0], output.tail().split('\n')[0]];
    return finish({
      kind: 'stuck',
      file: at.file,
      problem: `ends the process while it is imported (${how}). ${first}`.trim(),
    });
  });
  return promise;
}

function askForLook(child: ChildProcess, state: State, task: LookTask): Promise<Look | Death> {
  const { promise, resolve } = Promise.withResolvers<Look | Death>();
  if (!child.connected) {
    resolve({ kind: 'death', cause: 'crash', culprit: 'other', detail: 'it had already ended' });
    return promise;
  }
  const id = state.nextId++;
  const limit = startTimeLimit(task.timeLimitMs + SILENCE_MS, () => {
    state.cause = 'timeout';
    child.kill('SIGKILL');
  });
  const settle = (end: Look | Death): void => {
    limit.end();
    state.waiting.delete(id);
    resolve(end);
  };
  state.waiting.set(id, { limit, settle });
  send(child, { type: 'look', id, task });
  return promise;
}

function hear(said: FromWorker, state: State): void {
  if (said.type === 'step') {
    // While a page is fetched, control goes round: only a step of pure code holds it.
    const holds = said.step !== undefined && said.step !== 'fetch';
    if (holds) state.running = said.id;
    else if (state.running === said.id) state.running = undefined;
  }
  if (said.type === 'waits') state.waiting.get(said.id)?.limit[said.waits ? 'pause' : 'resume']();
  if (said.type === 'looked') state.waiting.get(said.id)?.settle(said.look);
}

function bury(state: State, detail: string): void {
  const open = [...state.waiting];
  const running = state.running ?? (open.length === 1 ? open[0]?.[0] : undefined);
  for (const [id, { settle }] of open) {
    const culprit = running === undefined ? 'unknown' : running === id ? 'this' : 'other';
    settle({ kind: 'death', cause: state.cause, culprit, detail });
  }
}

/** The heap has its own limit; this one is for memory outside it. Only Linux tells without starting a process. */
function watchMemory(child: ChildProcess, state: State, limitMb: number): void {
  if (process.platform !== 'linux') return;
  const timer = setInterval(() => {
    if (state.waiting.size === 0) return;
    void readFile(`/proc/${child.pid}/statm`, 'utf8').then(
      (text) => {
        const residentMb = (Number(text.split(' ')[1]) * 4096) / 2 ** 20;
        if (residentMb <= limitMb) return;
        state.cause = 'memory';
        child.kill('SIGKILL');
      },
      () => clearInterval(timer),
    );
  }, MEMORY_CHECK_MS);
  timer.unref();
  child.once('exit', () => clearInterval(timer));
}
