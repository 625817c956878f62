// A worker that loops outlives a daemon that was killed, at full speed. So the workers' pids and start times are on
// disk, and the next daemon ends those that are left.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTime } from './process-start.ts';

export interface Leftovers {
  readonly note: (pid: number | undefined) => void;
  readonly forget: (pid: number | undefined) => void;
  /** Ends the workers of a daemon that is gone. Gives their pids. */
  readonly end: () => readonly number[];
}

export function openLeftovers(dataDir: string, onError: (error: unknown) => void): Leftovers {
  const file = join(dataDir, 'worker.txt');
  const workers = new Map<number, string>();
  /** A full disk must not stop the looking: then a left-over worker is not ended, which is the smaller harm. */
  const write = (): void => {
    try {
      writeFileSync(file, [...workers].map(([pid, started]) => `${pid} ${started}\n`).join(''), { mode: 0o600 });
    } catch (error) {
      onError(error);
    }
  };
  return {
    note: (pid) => {
      const started = pid === undefined ? undefined : startTime(pid);
      if (pid === undefined || started === undefined) return;
      workers.set(pid, started);
      write();
    },
    forget: (pid) => {
      if (pid !== undefined && workers.delete(pid)) write();
    },
    end: () => {
      const left = readNote(file).filter(([pid, started]) => startTime(pid) === started);
      rmSync(file, { force: true });
      for (const [pid] of left) process.kill(pid, 'SIGKILL');
      return left.map(([pid]) => pid);
    },
  };
}

function readNote(file: string): readonly (readonly [pid: number, started: string])[] {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => line.split(' ')).map(([pid = '', started = '']) => [Number(pid), started]);
  } catch {
    return [];
  }
}
