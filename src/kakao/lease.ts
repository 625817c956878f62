// The lock on one login's tokens, across all processes on a data folder: whoever changes them holds it.
import type { Clock, Store } from '../core/ports.ts';

/** Longer than a refresh can take, so that no second process begins while one is under way. */
const LEASE_MS = 60_000;
const ASKED_EVERY_MS = 100;
const ASKED_TIMES = 400;

export interface LeasePorts {
  readonly store: Pick<Store, 'lease'>;
  readonly now: Clock;
  /** Waits between two questions for the lease. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** Does the work under the lease of an account; undefined when another process holds it for too long. */
export async function underLease<T>(
  { store, now, wait = waitMs }: LeasePorts,
  account: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  for (let asked = 0; asked < ASKED_TIMES; asked += 1) {
    const lease = await store.lease(`token:${account}`, LEASE_MS, now());
    if (lease === undefined) {
      await wait(ASKED_EVERY_MS);
      continue;
    }
    try {
      return await work();
    } finally {
      await lease.release();
    }
  }
  return undefined;
}

function waitMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
