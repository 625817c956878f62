// A worker that loops outlives a daemon that was killed, at full speed. So its pid and start time are on disk, and the
// next daemon ends it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Leftovers {
  /** Notes the worker that was started. */
  readonly note: (pid: number | undefined) => void;
  /** Ends the worker of a daemon that is gone. Gives its pid if there was one. */
  readonly end: () => number | undefined;
}

export function openLeftovers(dataDir: string): Leftovers {
  const file = join(dataDir, 'worker.txt');
  return {
    note: (pid) => {
      const started = pid === undefined ? undefined : startTime(pid);
      if (started !== undefined) writeFileSync(file, `${pid} ${started}\n`, { mode: 0o600 });
    },
    end: () => {
      const [pid, started] = readNote(file).split(' ');
      rmSync(file, { force: true });
      if (pid === undefined || started === undefined || startTime(Number(pid)) !== started) return undefined;
      process.kill(Number(pid), 'SIGKILL');
      return Number(pid);
    },
  };
}

function readNote(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** When a process began, in ticks since the machine did: with the pid it names one process for certain. Linux only. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
