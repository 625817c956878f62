// Waits until messages have their end, or wait for something that a person at the terminal need not wait for.
import type { Instant } from '../core/job.ts';
import type { AccountRow, Clock, MessageRow, Store } from '../core/ports.ts';
import { waitFor } from '../io/wait.ts';

/** An attempt that comes so soon is waited for. */
const SOON_MS = 20_000;
const GLANCE_MS = 200;
const GLANCES_A_QUESTION = 5;
/** A daemon looks into the store every 5 s, and a page and Kakao take their time. */
const LONGEST_MS = 3 * 60_000;

export interface Watched<T> {
  readonly store: Store;
  readonly now: Clock;
  readonly signal: AbortSignal;
  /** Reads what is waited for. `busy`: more is coming whatever the messages say. */
  readonly read: () => Promise<{ readonly value: T; readonly busy: boolean; readonly messages: readonly MessageRow[] }>;
  /** Does what is due; undefined when a daemon does it. Gives when nothing is under way any more. */
  readonly ring: (() => Promise<void>) | undefined;
  /** Asked now and then: true ends the waiting, because somebody else has to go on. */
  readonly isOver?: () => boolean;
}

/** Gives what there is when all is settled, when nothing moves any more, or when the signal aborts. */
export async function awaitSettled<T>({ store, now, signal, read, ring, isOver }: Watched<T>): Promise<T> {
  const until = now() + LONGEST_MS;
  let before = '';
  for (let glance = 1; ; glance += 1) {
    await ring?.();
    const { value, busy, messages } = await read();
    const open = openOf(messages, await store.accounts(), now());
    const nothingLeft = !busy && open.length === 0;
    if (nothingLeft || signal.aborted || now() > until) return value;

    const stamp = JSON.stringify(messages.map(({ id, state, attempts, nextAt }) => [id, state, attempts, nextAt]));
    const isStuck = ring !== undefined && !busy && stamp === before && open.every(({ nextAt }) => nextAt <= now());
    if (isStuck || (glance % GLANCES_A_QUESTION === 0 && isOver?.() === true)) return value;
    before = stamp;
    await waitFor(GLANCE_MS, signal);
  }
}

/** Messages of which more will be known soon. */
function openOf(messages: readonly MessageRow[], accounts: readonly AccountRow[], now: Instant): readonly MessageRow[] {
  const stopped = new Set(
    accounts.filter(({ state }) => state === 'held' || state === 'needs-login').map(({ name }) => name),
  );
  return messages.filter(({ state, nextAt, address }) => {
    if (state === 'sending') return true;
    const isStopped = 'account' in address && stopped.has(address.account);
    return state === 'pending' && nextAt <= now + SOON_MS && !isStopped;
  });
}
