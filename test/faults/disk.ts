// A small disk of one's own, to be filled or made read-only: root, as which tests may run, is stopped by nothing less.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Disk extends Disposable {
  readonly folder: string;
  /** Mount options: `ro`, `rw`, `size=8m`. */
  readonly remount: (options: string) => void;
}

/** Undefined where this user may not mount one. */
export function mountDisk(size: string): Disk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status !== 0) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    remount: (options) => {
      const { status, stderr } = spawnSync('mount', ['-o', `remount,${options}`, folder], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`The disk could not be mounted anew: ${stderr}`);
    },
    [Symbol.dispose]: () => {
      spawnSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
