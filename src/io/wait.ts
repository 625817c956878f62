// Waiting that ends early when talkbell stops.
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after the time, or at once when the signal aborts: the caller looks at the signal, not at an error. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
