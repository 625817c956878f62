// The lock of the data folder, asked for again while another process has it: a second command must not wait for a daemon
// that is none.
import { takeLock } from '../io/lock.ts';

export interface LaterLock {
  /** True once the lock is ours. */
  readonly take: () => boolean;
  /** What gives it back; undefined while it is not ours. */
  readonly release: () => (() => void) | undefined;
}

export function openLaterLock(dataDir: string): LaterLock {
  const held: { release?: () => void } = {};
  return {
    take: () => {
      const lock = takeLock(dataDir);
      if ('heldBy' in lock) return false;
      held.release = lock.release;
      return true;
    },
    release: () => held.release,
  };
}
