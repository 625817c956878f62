// A process that can die at any await: every port it has goes through here. A call of a dead process never settles, so
// that all of its code stops where it stood; what it had written stays.
import type { SimulatedTime } from './clock.ts';

interface Doom {
  calls: number;
  readonly effect: 'before' | 'after';
}

export interface SimulatedProcess {
  readonly name: string;
  readonly isAlive: () => boolean;
  /** Dies at the n-th call of a port from now on. */
  readonly doom: (doom: Doom) => void;
  /** Dies now. */
  readonly kill: () => void;
  /** The port, each method of which the process may not survive. */
  readonly through: <Port extends object>(name: string, port: Port) => Port;
  readonly delay: (ms: number) => Promise<void>;
  /** Waits, or ends at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ProcessSettings {
  readonly name: string;
  readonly time: SimulatedTime;
  readonly onDeath: (at: string) => void;
  /** Called before a method: may throw as a full disk does. */
  readonly beforeCall: (port: string, method: string) => void;
  /** Called after a method of the store had its effect. */
  readonly afterCall: (port: string, method: string, call: { given: readonly unknown[]; result: unknown }) => void;
}

export function startProcess({ name, time, onDeath, beforeCall, afterCall }: ProcessSettings): SimulatedProcess {
  const state: { alive: boolean; doom: Doom | undefined } = { alive: true, doom: undefined };
  const kill = (at: string): void => {
    if (!state.alive) return;
    state.alive = false;
    onDeath(at);
  };
  const isFatal = (effect: Doom['effect']): boolean => state.doom?.effect === effect && state.doom.calls <= 0;

  const call = async (
    port: string,
    method: string,
    { work, given }: { work: () => unknown; given: readonly unknown[] },
  ) => {
    if (!state.alive) return forever();
    if (state.doom !== undefined) state.doom.calls -= 1;
    if (isFatal('before')) {
      kill(`before ${port}.${method}`);
      return forever();
    }
    const doomed = isFatal('after');
    try {
      beforeCall(port, method);
      const result = await work();
      if (state.alive || port === 'store') afterCall(port, method, { given, result });
      if (doomed) kill(`after ${port}.${method}`);
      if (!state.alive) return forever();
      return result;
    } catch (error) {
      if (!state.alive) return forever();
      throw error;
    }
  };

  const delay = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      time.after(ms, () => {
        if (state.alive) resolve();
      });
    });

  return {
    name,
    isAlive: () => state.alive,
    doom: (doom) => {
      state.doom = { ...doom };
    },
    kill: () => kill('killed'),
    through: (portName, port) => {
      const wrapped = Object.entries(port).map(([method, work]) => {
        const run = (...given: readonly unknown[]): unknown =>
          call(portName, method, { work: () => (work as (...all: readonly unknown[]) => unknown)(...given), given });
        return [method, typeof work === 'function' ? run : work];
      });
      return Object.fromEntries(wrapped) as typeof port;
    },
    delay,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          if (state.alive) resolve();
        };
        if (signal.aborted) return end();
        signal.addEventListener('abort', end, { once: true });
        time.after(ms, () => {
          signal.removeEventListener('abort', end);
          end();
        });
      }),
  };
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
