// The daemon as pm2 starts it, watched from outside: what it and its worker hold, every 50 ms, as the kernel counts it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type House, ROOT } from '../test/processes.ts';

const SAMPLE_MS = 50;
const GLANCE_MS = 100;
const LONGEST_MS = 60_000;

interface Pm2 {
  readonly apps: readonly [{ readonly node_args?: readonly string[]; readonly env?: NodeJS.ProcessEnv }];
}

const [app] = (createRequire(import.meta.url)('../ecosystem.config.cjs') as Pm2).apps;
/** What pm2 hands to Node. */
const FLAGS: readonly string[] = process.env['FLAGS']?.split(' ') ?? app.node_args ?? [];

export interface WatchedDaemon extends AsyncDisposable {
  readonly resident: () => number;
  /** Of that, what is no part of a file. */
  readonly own: () => number;
  /** Of the worker; 0 while there is none. */
  readonly workerResident: () => number;
  /** The most that both together have held since this was asked last. */
  readonly takePeak: () => Peak;
  /** Waits until so many runs have ended since this was asked last, and their messages are sent: false if they do not. */
  readonly rounds: (runs: number, told: boolean) => Promise<boolean>;
}

export interface Peak {
  /** Of the machine: a page of a file that both have mapped, such as Node's own, is there once. */
  readonly both: number;
  /** The two figures of the kernel, which counts such a page in each. */
  readonly added: number;
  readonly daemon: number;
  readonly worker: number;
}

interface Line {
  readonly msg: string;
  readonly outcome?: string;
  readonly state?: string;
}

export async function startWatched(house: House, signal: AbortSignal): Promise<WatchedDaemon> {
  const child = spawn(process.execPath, [...FLAGS, join(ROOT, 'src', 'talkbell.js'), 'start'], {
    env: { ...house.env, ...app.env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const pid = child.pid ?? 0;
  const seen = { ended: 0, sent: 0 };
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => note(seen, line));
  const ready = once(child, 'message', { signal });
  await Promise.race([ready, once(child, 'exit').then(() => Promise.reject(new Error('The daemon does not start.')))]);
  const peak = { both: 0, added: 0, daemon: 0, worker: 0 };
  const timer = setInterval(() => sample(peak, pid), SAMPLE_MS);
  return {
    resident: () => residentOf(pid),
    own: () => residentOf(pid, 'RssAnon'),
    workerResident: () => workerOf(pid),
    takePeak: () => {
      const taken = { ...peak };
      Object.assign(peak, { both: 0, added: 0, daemon: 0, worker: 0 });
      return taken;
    },
    rounds: async (runs, told) => {
      const isOver = (): boolean => seen.ended >= runs && (!told || seen.sent >= runs);
      const from = performance.now();
      while (!isOver() && performance.now() - from < LONGEST_MS) await pause(GLANCE_MS, undefined, { signal });
      const ended = isOver();
      Object.assign(seen, { ended: 0, sent: 0 });
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await end(child);
    },
  };
}

/** A process that does nothing, started as the daemon is. */
export async function measureBareNode(): Promise<number> {
  const child = spawn(process.execPath, [...FLAGS, '-e', 'setInterval(() => {}, 1e9)'], {
    env: { PATH: process.env['PATH'], ...app.env },
    stdio: 'ignore',
  });
  await pause(1000);
  const resident = residentOf(child.pid ?? 0);
  await end(child);
  return resident;
}

export function flagsInWords(): string {
  return FLAGS.length === 0 ? 'without flags' : `with ${FLAGS.join(' ')}`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function note(seen: { ended: number; sent: number }, text: string): void {
  const line = JSON.parse(text) as Line;
  if (line.state === 'sent') seen.sent += 1;
  else if (line.outcome !== undefined) seen.ended += 1;
}

function sample(peak: { -readonly [Name in keyof Peak]: Peak[Name] }, pid: number): void {
  const [daemon, worker] = [residentOf(pid), workerOf(pid)];
  // The files of the smaller are taken for a part of the larger's.
  const shared = Math.min(residentOf(pid, 'RssFile'), workerOf(pid, 'RssFile'));
  peak.both = Math.max(peak.both, daemon + worker - shared);
  peak.added = Math.max(peak.added, daemon + worker);
  peak.daemon = Math.max(peak.daemon, daemon);
  peak.worker = Math.max(peak.worker, worker);
}

function workerOf(pid: number, field?: 'RssFile'): number {
  const children = readProc(`${pid}/task/${pid}/children`).trim();
  return children === '' ? 0 : children.split(' ').reduce((sum, child) => sum + residentOf(Number(child), field), 0);
}

/** In bytes; 0 for a process that is gone. */
function residentOf(pid: number, field: 'VmRSS' | 'RssAnon' | 'RssFile' = 'VmRSS'): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readProc(`${pid}/status`))?.[1] ?? 0) * 1024;
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
