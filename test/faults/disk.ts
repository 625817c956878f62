// A small disk of one's own, to be filled or made read-only: root, as which tests may run, is stopped by nothing less.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface Disk extends Disposable {
  readonly folder: string;
  /** Mount options: `ro`, `rw`, `size=8m`. */
  readonly remount: (options: string) => void;
}

/** A disk as machines have them: a file that is one, with the file system of most Linux machines. */
export interface BlockDisk extends Disposable {
  readonly folder: string;
  /** Whether these files can be changed: what was open for writing before can be written no more either. */
  readonly protect: (isProtected: boolean, names: readonly string[]) => void;
  /** What a broken disk does: the kernel finds an error, and from then on writes nothing to it. */
  readonly fail: () => void;
  /** What an administrator does after that: unmounts it, has it checked and mounts it again. Nobody may have it open. */
  readonly mend: () => void;
}

/** Undefined where this user may not mount one. */
export function mountBlockDisk(size: string): BlockDisk | undefined {
  const home = mkdtempSync(join(tmpdir(), 'talkbell-block-'));
  const [image, folder] = [join(home, 'image'), join(home, 'disk')];
  mkdirSync(folder);
  const mount = (): boolean => does('mount', '-o', 'loop,errors=remount-ro', image, folder);
  const device = (): string => {
    const line = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((one) => one.split(' ')[1] === folder);
    return basename(line?.split(' ')[0] ?? '');
  };
  const trigger = (): string => `/sys/fs/ext4/${device()}/trigger_fs_error`;
  const remove = (): void => {
    spawnSync('umount', ['-l', folder]);
    rmSync(home, { recursive: true });
  };
  if (
    !does('truncate', '-s', size, image) ||
    !does('mkfs.ext4', '-q', '-F', image) ||
    !mount() ||
    !existsSync(trigger())
  ) {
    remove();
    return undefined;
  }
  return {
    folder,
    protect: (isProtected, names) => {
      const files = names.map((name) => join(folder, name));
      if (!does('chattr', isProtected ? '+i' : '-i', ...files)) throw new Error('The files could not be protected.');
    },
    fail: () => writeFileSync(trigger(), 'a test breaks it'),
    mend: () => {
      if (!does('umount', folder)) throw new Error('The disk is in use.');
      spawnSync('e2fsck', ['-f', '-y', image]);
      if (!mount()) throw new Error('The disk could not be mounted again.');
    },
    [Symbol.dispose]: remove,
  };
}

function does(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0;
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
