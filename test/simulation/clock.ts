// Simulated time. Three clocks: the monotonic one on which timers wait, the true time that Kakao and the pages go by,
// and the machine's wall clock, which may be set wrong. Nothing here waits for real.
import type { Instant } from '../../src/core/job.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export interface SimulatedTime {
  /** Milliseconds that only grow, sleep excluded: what timers go by. */
  readonly monotonic: () => number;
  readonly truth: () => Instant;
  /** What the machine's clock shows. */
  readonly wall: () => Instant;
  readonly after: (ms: number, run: () => void) => void;
  /** Sets the machine's clock. */
  readonly step: (byMs: number) => void;
  /** The machine sleeps: true time passes, timers stand still. */
  readonly sleep: (forMs: number) => void;
  /** Runs what is due, in order, until the true time is reached; everything a timer sets off ends before the next one. */
  readonly runUntil: (truth: Instant, isOver: () => boolean) => Promise<void>;
  readonly steps: () => number;
}

export function simulateTime(start: Instant): SimulatedTime {
  const heap: Timer[] = [];
  const state = { mono: 0, slept: 0, offset: 0, order: 0, steps: 0 };
  const truth = (): Instant => start + state.mono + state.slept;
  return {
    monotonic: () => state.mono,
    truth,
    wall: () => truth() + state.offset,
    after: (ms, run) => {
      state.order += 1;
      push(heap, { at: state.mono + Math.max(0, Math.round(ms)), order: state.order, run });
    },
    step: (byMs) => {
      state.offset += byMs;
    },
    sleep: (forMs) => {
      state.slept += forMs;
    },
    runUntil: async (end, isOver) => {
      await settled();
      for (let next = heap[0]; next !== undefined && !isOver(); next = heap[0]) {
        if (start + next.at + state.slept > end) break;
        pop(heap);
        state.mono = next.at;
        state.steps += 1;
        next.run();
        await settled();
      }
      state.mono = Math.max(state.mono, end - start - state.slept);
    },
    steps: () => state.steps,
  };
}

/** Every promise that waits for no timer has run on by the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  heap.push(timer);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(timer, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const one = heap[left];
    if (one === undefined) break;
    const other = heap[left + 1];
    const [child, at] = other !== undefined && isBefore(other, one) ? [other, left + 1] : [one, left];
    if (!isBefore(child, last)) break;
    heap[index] = child;
    index = at;
  }
  heap[index] = last;
}
