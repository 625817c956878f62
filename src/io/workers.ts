// The workers: one process that looks, replaced when job files change, let go when idle. When one dies, the look at
// fault fails alone and the others begin again in a fresh worker, one at a time if the culprit is not known.
import type { Failure, JobFile, Look } from '../core/job.ts';
import type { JobSource, LookTask } from '../core/worker-protocol.ts';
import { type Death, startWorker, type WorkerProcess, type WorkerSettings } from './worker-process.ts';

/** Looks under way at once. More wait their turn, so that no look's time runs out in a queue. */
const MOST_LOOKS = 16;
/** Deaths of nobody's known fault that a look may share in before it is taken for the cause. */
const MOST_UNKNOWN_DEATHS = 3;

export interface Workers {
  /** Loads the job files as they are now into a fresh worker; the old one ends when its looks have ended. */
  readonly load: (sources: readonly JobSource[]) => Promise<readonly JobFile[]>;
  /** Takes these files for the next worker, without starting one: they are known to load. */
  readonly expect: (sources: readonly JobSource[]) => void;
  /** Starts the worker if there is none, so that a look that is due soon need not wait for it. */
  readonly warm: () => void;
  readonly look: (task: LookTask) => Promise<Look>;
  readonly pid: () => number | undefined;
  readonly close: () => Promise<void>;
}

export interface WorkersSettings extends WorkerSettings {
  /** How long an idle worker is kept. */
  readonly idleMs: number;
  readonly onStart: (pid: number | undefined) => void;
}

interface State {
  sources: readonly JobSource[];
  /** Files whose import never ended: left out of every later worker until they change. */
  readonly stuck: Map<string, JobFile>;
  current: WorkerProcess | undefined;
  idle: NodeJS.Timeout | undefined;
  solo: Promise<unknown>;
  closed: boolean;
}

export function openWorkers(settings: WorkersSettings): Workers {
  const state: State = {
    sources: [],
    stuck: new Map(),
    current: undefined,
    idle: undefined,
    solo: Promise.resolve(),
    closed: false,
  };
  const all = new Set<WorkerProcess>();
  const gate = openGate(MOST_LOOKS);

  const begin = (): WorkerProcess => {
    const worker = startWorker(withoutStuck(state), settings);
    settings.onStart(worker.pid);
    all.add(worker);
    void worker.ended.then(() => {
      all.delete(worker);
      if (state.current === worker) state.current = undefined;
    });
    state.current = worker;
    return worker;
  };
  const letIdle = (): void => {
    clearTimeout(state.idle);
    state.idle = setTimeout(() => {
      if (state.current?.open() !== 0) return;
      state.current.retire();
      state.current = undefined;
    }, settings.idleMs);
    state.idle.unref();
  };
  const ready = async (): Promise<WorkerProcess> => {
    const worker = state.current ?? begin();
    const loaded = await worker.loaded;
    if (loaded.kind === 'loaded') return worker;
    leaveOut(state, loaded);
    if (state.current === worker) state.current = undefined;
    return ready();
  };
  const lookIn = async (task: LookTask, deaths: number): Promise<Look> => {
    const stuck = state.stuck.get(task.source.file);
    if (stuck?.hash === task.source.hash && stuck.kind === 'broken') return failed('crash', stuck.problems.join(' '));
    const end = await (await ready()).look(task);
    letIdle();
    if (end.kind !== 'death') return end;
    if (end.culprit === 'this') return failed(end.cause, explain(end, task));
    if (state.closed) return failed('crash', 'talkbell is stopping.');
    if (end.culprit === 'other') return lookIn(task, deaths);
    if (deaths + 1 >= MOST_UNKNOWN_DEATHS) return failed('crash', explain(end, task));
    const alone = state.solo.then(() => lookIn(task, deaths + 1));
    state.solo = alone.catch(() => {});
    return alone;
  };

  return {
    load: async (sources) => {
      state.sources = sources;
      forgetMended(state);
      const old = state.current;
      state.current = undefined;
      old?.retire();
      const loaded = await (await ready()).loaded;
      letIdle();
      return [...(loaded.kind === 'loaded' ? loaded.files : []), ...state.stuck.values()];
    },
    expect: (sources) => {
      state.sources = sources;
    },
    warm: () => void (state.closed || ready().then(letIdle)),
    look: (task) => gate(() => lookIn(task, 0)),
    pid: () => state.current?.pid,
    close: async () => {
      state.closed = true;
      clearTimeout(state.idle);
      for (const worker of all) worker.kill();
      await Promise.all([...all].map(({ ended }) => ended));
    },
  };
}

function withoutStuck({ sources, stuck }: State): readonly JobSource[] {
  return sources.filter(({ file }) => !stuck.has(file));
}

function leaveOut(state: State, { file, problem }: { readonly file: string; readonly problem: string }): void {
  const source = state.sources.find((candidate) => candidate.file === file);
  if (source === undefined) throw new Error(`The worker does not start: it ${problem}`);
  state.stuck.set(file, { kind: 'broken', file, hash: source.hash, problems: [`jobs/${file} ${problem}`] });
}

function forgetMended(state: State): void {
  for (const [file, { hash }] of state.stuck) {
    if (!state.sources.some((source) => source.file === file && source.hash === hash)) state.stuck.delete(file);
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
    return `${file} took more memory than a look may have. Keep less of the page, or look at a smaller one.`;
  return `${file} ended its worker process (${detail}). A job must not call process.exit.`;
}

/** At most `most` at once, the rest in order: a place is handed on, so that nobody slips in between. */
function openGate(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  const count = { open: 0 };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) count.open -= 1;
    else next();
  };
  return async (work) => {
    if (count.open < most) count.open += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return work().finally(leave);
  };
}
