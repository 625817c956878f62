// The one timer of the daemon. It rings at the next due instant and looks at the clocks and the store in between, so
// that sleep, clock changes and what another process wrote are noticed within seconds.
import type { Instant } from '../core/job.ts';
import type { Clock } from '../core/ports.ts';

const GLANCE_MS = 5000;
const MOST_WAIT_MS = 15_000;
/** The two clocks drift apart by less than this unless somebody sets one or the machine sleeps. */
const STEP_MS = 1000;
const SHORT_RING_MS = 1;
const LONGEST_REST_MS = 50;

export interface DoorbellPorts {
  /** Does what is due; gives when something will be next. */
  readonly ring: () => Promise<Instant | undefined>;
  /** Whether another process has written. */
  readonly hasNews: () => Promise<boolean>;
  readonly now: Clock;
  /** Milliseconds that only ever grow, sleep excluded. */
  readonly monotonic: () => number;
  /** Resolves after the time, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onStep: (stepMs: number) => void;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export interface Doorbell {
  /** Rings as soon as the ring under way is over. */
  readonly kick: () => void;
  /** Waits until no ring is under way. */
  readonly idle: () => Promise<void>;
}

interface State {
  nextAt: Instant | undefined;
  rangAt: number;
  again: boolean;
  ringing: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
  wall: Instant;
  steady: number;
}

export function startDoorbell(ports: DoorbellPorts): Doorbell {
  const { now, monotonic, signal } = ports;
  const state: State = {
    nextAt: undefined,
    rangAt: Number.NEGATIVE_INFINITY,
    again: false,
    ringing: undefined,
    timer: undefined,
    wall: now(),
    steady: monotonic(),
  };
  const arm = (): void => {
    clearTimeout(state.timer);
    if (signal.aborted) return;
    const wait = Math.min(Math.max((state.nextAt ?? Number.POSITIVE_INFINITY) - now(), 0), GLANCE_MS);
    state.timer = setTimeout(() => void glance(), wait);
  };
  const glance = async (): Promise<void> => {
    const stepped = noticeStep(state, ports);
    const due = state.nextAt !== undefined && state.nextAt <= now();
    const overdue = monotonic() - state.rangAt >= MOST_WAIT_MS;
    const news = await ports.hasNews().catch(tellAnd(ports, true));
    if (stepped || due || overdue || news) kick();
    else arm();
  };
  const ringOnce = async (): Promise<void> => {
    do {
      state.again = false;
      state.rangAt = monotonic();
      const at = now();
      const next = await ports.ring().catch(tellAnd(ports, undefined));
      // What was due already and still is waits for something else, which kicks: ringing for it would have no end.
      state.nextAt = next === undefined || next <= at ? undefined : next;
      await rest(ports, monotonic() - state.rangAt);
    } while (state.again && !signal.aborted);
  };
  const kick = (): void => {
    state.again = true;
    if (state.ringing !== undefined || signal.aborted) return;
    state.ringing = ringOnce().finally(() => {
      state.ringing = undefined;
      arm();
    });
  };
  signal.addEventListener('abort', () => clearTimeout(state.timer), { once: true });
  kick();
  return { kick, idle: async () => state.ringing };
}

/** In a burst every end of a run is a reason to ring: rings then take a third of the time at most, and never hold up for long. */
async function rest({ wait, signal }: DoorbellPorts, tookMs: number): Promise<void> {
  if (tookMs > SHORT_RING_MS) await wait(Math.min(2 * tookMs, LONGEST_REST_MS), signal);
}

/** An error is told, and the bell goes on with this in place of an answer. */
function tellAnd<T>({ onError }: DoorbellPorts, otherwise: T): (error: unknown) => T {
  return (error) => {
    onError(error);
    return otherwise;
  };
}

/** Compares how far the two clocks went since the last glance. */
function noticeStep(state: State, { now, monotonic, onStep }: DoorbellPorts): boolean {
  const step = now() - state.wall - (monotonic() - state.steady);
  state.wall = now();
  state.steady = monotonic();
  if (Math.abs(step) < STEP_MS) return false;
  onStep(step);
  return true;
}
