// Garbage collected on purpose. V8 keeps what a burst of work left in the heap until it needs the room, which in a process
// that mostly waits is never: after a burst a full collection gives a third of the memory back, for some 20 ms.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface RestSettings {
  /** How long nothing may have been noted before it counts as rest. */
  readonly restMs: number;
  /** A heap that has grown by less since the last collection is let be. */
  readonly grownBytes: number;
  readonly collect: () => void;
  /** What the heap holds of the machine's memory. */
  readonly heapBytes: () => number;
}

export interface Rest {
  /** Something was done. */
  readonly note: () => void;
}

/** Collects once things have come to rest, and not again before something more was done. */
export function collectAtRest({ restMs, grownBytes, collect, heapBytes }: RestSettings): Rest {
  let notedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let held = 0;
  const glance = (): void => {
    const restedMs = performance.now() - notedAt;
    if (restedMs < restMs) {
      arm(restMs - restedMs);
      return;
    }
    timer = undefined;
    if (heapBytes() - held < grownBytes) return;
    collect();
    held = heapBytes();
  };
  const arm = (ms: number): void => {
    timer = setTimeout(glance, ms).unref();
  };
  return {
    note: () => {
      notedAt = performance.now();
      if (timer === undefined) arm(restMs);
    },
  };
}

export function heapBytes(): number {
  return getHeapStatistics().total_physical_size;
}

/**
 * Everything that is no longer held, and the pages it lay in. The flag is set for a moment only: at the start of a process
 * it would keep V8 from its cache of Node's own code, at a cost of 20 ms.
 */
export function openCollector(): () => void {
  let gc: NodeJS.GCFunction | undefined;
  return () => {
    gc ??= loadGc();
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  };
}

function loadGc(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  return gc;
}
