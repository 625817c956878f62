// How much memory the processes that another one has begun take together, without what they share: a library that ten
// processes map is there once. Only Linux tells.
import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** All descendants of a process, without itself. Undefined where nothing tells. */
export function ownBytesBelow(pid: number): number | undefined {
  const all = readProcesses();
  if (all.length === 0) return undefined;
  const below = new Set<number>();
  const add = (parent: number): void => {
    for (const one of all) {
      if (one.parent !== parent || below.has(one.pid)) continue;
      below.add(one.pid);
      add(one.pid);
    }
  };
  add(pid);
  return all.filter((one) => below.has(one.pid)).reduce((sum, { bytes }) => sum + bytes, 0);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly bytes: number;
}

function readProcesses(): readonly Process[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)));
  } catch {
    // No /proc: not Linux.
    return [];
  }
}

function readProcess(pid: number): readonly Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
    return [{ pid, parent, bytes: (resident - shared) * PAGE_BYTES }];
  } catch {
    // It has ended since the folder was read.
    return [];
  }
}
