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
  /** What becomes of the next call. */
  const fateOf = (): Doom['effect'] | 'none' => {
    if (state.doom === undefined) return 'none';
    state.doom.calls -= 1;
    return state.doom.calls <= 0 ? state.doom.effect : 'none';
  };

  const call = async (port: string, method: string, { work, given }: Call): Promise<unknown> => {
    if (!state.alive) return forever();
    const fate = fateOf();
    if (fate === 'before') {
      kill(`before ${port}.${method}`);
      return forever();
    }
    const result = await attempt(async () => {
      beforeCall(port, method);
      return work();
    });
    // What a dead process wrote is on disk all the same.
    if ('value' in result && (state.alive || port === 'store'))
      afterCall(port, method, { given, result: result.value });
    if ('value' in result && fate === 'after') kill(`after ${port}.${method}`);
    if (!state.alive) return forever();
    if ('error' in result) throw result.error;
    return result.value;
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
        if (signal.aborted) {
          end();
          return;
        }
        signal.addEventListener('abort', end, { once: true });
        time.after(ms, () => {
          signal.removeEventListener('abort', end);
          end();
        });
      }),
  };
}

interface Call {
  readonly work: () => unknown;
  readonly given: readonly unknown[];
}

async function attempt(
  work: () => Promise<unknown>,
): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
