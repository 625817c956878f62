// Which process it is: a pid is given to another one sooner or later, a pid and its start time to one alone.
import { readFileSync } from 'node:fs';

/** When a process began, in ticks since the machine did. Linux only: elsewhere, and of one that is gone, undefined. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
