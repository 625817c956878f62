// The doorbell on simulated time: it rings at the next due instant and when kicked, and soon after the clock was set.
// It does not ring every 15 s in between, as the real one does: a next instant that is wrong must come to light.
import type { Instant } from '../../src/core/job.ts';
import type { SimulatedTime } from './clock.ts';
import type { SimulatedProcess } from './crash.ts';

const AFTER_ERROR_MS = 15_000;
const GLANCE_MS = 5000;
const SAFETY_MS = 6 * 60 * 60_000;

export interface SimulatedBell {
  readonly kick: () => void;
  /** Within the time of a glance: a step of the clock, or what another process wrote. */
  readonly notice: () => void;
  readonly idle: () => Promise<void>;
}

export interface BellSettings {
  readonly process: SimulatedProcess;
  readonly time: SimulatedTime;
  readonly signal: AbortSignal;
  readonly ring: () => Promise<Instant | undefined>;
  readonly onError: (error: unknown) => void;
}

export function startBell({ process, time, signal, ring, onError }: BellSettings): SimulatedBell {
  const state: { again: boolean; ringing: Promise<void> | undefined; armed: number; kicked: boolean } = {
    again: false,
    ringing: undefined,
    armed: 0,
    kicked: false,
  };
  const arm = (ms: number): void => {
    state.armed += 1;
    const mine = state.armed;
    time.after(ms, () => {
      if (mine === state.armed && process.isAlive()) kick();
    });
  };
  const ringOnce = async (): Promise<void> => {
    let waitMs = SAFETY_MS;
    do {
      state.again = false;
      const at = time.wall();
      try {
        const next = await ring();
        waitMs = next === undefined || next <= at ? SAFETY_MS : Math.min(next - time.wall(), SAFETY_MS);
      } catch (error) {
        onError(error);
        waitMs = AFTER_ERROR_MS;
      }
    } while (state.again && !signal.aborted);
    state.ringing = undefined;
    if (!signal.aborted) arm(waitMs);
  };
  const kick = (): void => {
    state.again = true;
    if (state.ringing !== undefined || signal.aborted) return;
    state.ringing = ringOnce();
  };
  kick();
  return {
    kick,
    notice: () => time.after(GLANCE_MS, () => (process.isAlive() ? kick() : undefined)),
    idle: async () => state.ringing,
  };
}
