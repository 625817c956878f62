// The workers: one process that looks, replaced when job files change, let go when idle. When one dies, the look at
// fault fails alone and the others begin again in a fresh worker, one at a time if the culprit is not known.
import { Stopped } from '../core/errors.ts';
import type { Failure, JobFile, Look } from '../core/job.ts';
import type { JobSource, Learned, LookTask } from '../core/worker-protocol.ts';
import { openGate } from './gate.ts';
import { type Death, startWorker, type WorkerProcess, type WorkerSettings } from './worker-process.ts';

/** Looks under way at once. More wait their turn, so that no look's time runs out in a queue. */
const MOST_LOOKS = 32;
/** Of jobs that ran out of time at their last look: a dead host must not hold back everybody. */
const MOST_SLOW_LOOKS = 8;
/** Deaths of nobody's known fault that a look may share in before it is taken for the cause. */
const MOST_UNKNOWN_DEATHS = 3;
/** A worker that cannot even be started is tried again so often for one look. */
const MOST_STARTS = 3;
/** Hosts of which the next worker is told. */
const MOST_LEARNED = 500;
/** Each may be a few KB. */
const MOST_ROBOTS = 100;

export interface Workers {
  /** Loads the job files as they are now into a fresh worker; the old one ends when its looks have ended. */
  readonly load: (sources: readonly JobSource[]) => Promise<readonly JobFile[]>;
  /** Takes these files for the next worker, without starting one: they are known to load. */
  readonly expect: (sources: readonly JobSource[]) => void;
  /** Starts the worker if there is none, so that a look that is due soon need not wait for it. */
  readonly warm: () => void;
  /** `mayBegin` is asked when the look's turn has come. Rejects with Stopped when talkbell stops before its end. */
  readonly look: (task: LookTask, mayBegin?: () => boolean) => Promise<Look>;
  readonly pid: () => number | undefined;
  readonly close: () => Promise<void>;
}

export interface WorkersSettings extends WorkerSettings {
  /** How long an idle worker is kept. */
  readonly idleMs: number;
  readonly onStart: (pid: number | undefined) => void;
  readonly onEnd?: (pid: number | undefined) => void;
}

interface State {
  readonly settings: WorkersSettings;
  sources: readonly JobSource[];
  /** Files whose import never ends: left out of every later worker until they change. */
  readonly stuck: Map<string, { readonly file: JobFile; readonly canFallBack: boolean }>;
  readonly all: Set<WorkerProcess>;
  /** Files whose last look ran out of time. */
  readonly slow: Set<string>;
  /** What workers have learned of the network: the next one begins with it. */
  learned: Learned;
  current: WorkerProcess | undefined;
  idle: NodeJS.Timeout | undefined;
  solo: Promise<unknown>;
  closed: boolean;
}

export function openWorkers(settings: WorkersSettings): Workers {
  const state: State = {
    settings,
    sources: [],
    stuck: new Map(),
    all: new Set(),
    slow: new Set(),
    learned: { hosts: [], robots: [] },
    current: undefined,
    idle: undefined,
    solo: Promise.resolve(),
    closed: false,
  };
  const gate = openGate(MOST_LOOKS);
  const slowGate = openGate(MOST_SLOW_LOOKS);

  return {
    load: (sources) => load(state, sources),
    expect: (sources) => {
      state.sources = sources;
    },
    warm: () => {
      withWorker(state, async () => undefined).catch(() => undefined);
    },
    look: async (task, mayBegin = () => true) => {
      const turn = (): Promise<Look> =>
        mayBegin() ? lookIn(state, task, 0) : Promise.resolve(failed('timeout', TOO_LATE));
      const look = await (state.slow.has(task.source.file) ? slowGate(() => gate(turn)) : gate(turn));
      const isSlow = look.kind === 'failed' && look.failure.kind === 'timeout';
      if (isSlow) state.slow.add(task.source.file);
      else state.slow.delete(task.source.file);
      return look;
    },
    pid: () => state.current?.pid,
    close: async () => {
      state.closed = true;
      clearTimeout(state.idle);
      for (const worker of state.all) worker.kill();
      await Promise.all([...state.all].map(({ ended }) => ended));
    },
  };
}

const TOO_LATE = 'The look waited for its turn until its run was no longer fresh.';

async function load(state: State, sources: readonly JobSource[]): Promise<readonly JobFile[]> {
  const isSame = JSON.stringify(sources) === JSON.stringify(state.sources);
  state.sources = sources;
  forgetMended(state);
  if (!isSame) {
    state.current?.retire();
    state.current = undefined;
  }
  const files = await withWorker(state, async (_worker, loaded) => loaded);
  const stuck = [...state.stuck.values()].map(({ file }) => file);
  return [...files.filter(({ file }) => !state.stuck.has(file)), ...stuck];
}

function begin(state: State): WorkerProcess {
  const { settings } = state;
  const worker = startWorker(loadable(state), {
    ...settings,
    learned: state.learned,
    onLearned: (learned) => {
      state.learned = merge(state.learned, learned);
    },
  });
  state.all.add(worker);
  state.current = worker;
  void worker.ended.then(() => {
    state.all.delete(worker);
    if (state.current === worker) state.current = undefined;
    settings.onEnd?.(worker.pid);
  });
  settings.onStart(worker.pid);
  return worker;
}

/** Hands work a loaded worker and keeps it until the work has begun what it wants of it. */
async function withWorker<T>(
  state: State,
  work: (worker: WorkerProcess, files: readonly JobFile[]) => Promise<T>,
): Promise<T> {
  for (let starts = 1; ; starts += 1) {
    if (state.closed) throw new Stopped();
    const worker = state.current ?? begin(state);
    worker.hold();
    try {
      const loaded = await worker.loaded;
      if (loaded.kind === 'loaded') return await work(worker, loaded.files);
      if (state.current === worker) state.current = undefined;
      if (state.closed) throw new Stopped();
      if (loaded.kind === 'stuck') leaveOut(state, loaded);
      else if (starts >= MOST_STARTS) throw new Error(`The worker does not start: ${loaded.detail}`);
    } finally {
      worker.release();
      letIdle(state);
    }
  }
}

/** Two workers may be at work for a while: what one has not met, the other may have. */
function merge(known: Learned, { hosts = [], robots = [] }: Partial<Learned>): Learned {
  const hostNotes = new Map([...known.hosts, ...hosts].map((note) => [note.host, note]));
  const robotsNotes = new Map([...known.robots, ...robots].map((note) => [note.origin, note]));
  return {
    hosts: [...hostNotes.values()].slice(-MOST_LEARNED),
    robots: [...robotsNotes.values()].slice(-MOST_ROBOTS),
  };
}

function letIdle(state: State): void {
  clearTimeout(state.idle);
  state.idle = setTimeout(() => {
    if (state.current?.isIdle() !== true) return;
    state.current.retire();
    state.current = undefined;
  }, state.settings.idleMs);
  state.idle.unref();
}

async function lookIn(state: State, task: LookTask, deaths: number): Promise<Look> {
  const stuck = state.stuck.get(task.source.file);
  if (stuck?.canFallBack === false && stuck.file.kind === 'broken')
    return failed('crash', stuck.file.problems.join(' '));
  const end = await withWorker(state, (worker) => worker.look(task));
  if (end.kind !== 'death') return end;
  if (state.closed) throw new Stopped();
  if (end.culprit === 'this') return failed(end.cause, explain(end, task));
  if (end.culprit === 'other') return lookIn(state, task, deaths);
  if (deaths + 1 >= MOST_UNKNOWN_DEATHS) return failed(end.cause, explain(end, task));
  const alone = state.solo.then(() => lookIn(state, task, deaths + 1));
  state.solo = alone.catch(() => undefined);
  return alone;
}

/** A file that is stuck goes on with its last good version, if there is one. */
function loadable({ sources, stuck }: State): readonly JobSource[] {
  return sources.flatMap((source) => {
    const known = stuck.get(source.file);
    if (known === undefined) return [source];
    return known.canFallBack ? [{ ...source, skipFile: true }] : [];
  });
}

function leaveOut(
  { sources, stuck }: State,
  { file, problem }: { readonly file: string; readonly problem: string },
): void {
  const source = sources.find((candidate) => candidate.file === file);
  if (source === undefined) return;
  const known = stuck.get(file);
  const broken = { kind: 'broken', file, hash: source.hash, problems: [`jobs/${file} ${problem}`] } as const;
  stuck.set(file, { file: known?.file ?? broken, canFallBack: known === undefined && source.lastGood !== undefined });
}

function forgetMended({ sources, stuck }: State): void {
  for (const [name, { file }] of stuck) {
    if (!sources.some((source) => source.file === name && source.hash === file.hash)) stuck.delete(name);
  }
}

function failed(kind: Failure['kind'], message: string): Look {
  return { kind: 'failed', failure: { kind, message } };
}

function explain({ cause, detail }: Death, { source, timeLimitMs }: LookTask): string {
  const file = `jobs/${source.file}`;
  if (cause === 'timeout')
    return `${file} did not give back control within its limit of ${timeLimitMs / 1000} s. Look for a loop that never ends.`;
  if (cause === 'memory')
    return `${file} took more memory than a look may have. Keep less of the page, look at a smaller one, or allow more with TALKBELL_WORKER_HEAP_MB and TALKBELL_WORKER_MEMORY_MB.`;
  return `${file} ended its worker process (${detail}). A job must not call process.exit.`;
}
