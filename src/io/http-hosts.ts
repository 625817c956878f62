// Politeness: one request at a time to a host, a gap after each, and only so many hosts at once.
// A host rests after every request; the requests that wait go on in the order they came.
import type { Sleep } from './http-clock.ts';

export interface HostSettings {
  readonly hostGapMs: number;
  readonly maxHosts: number;
  readonly sleep: Sleep;
}

export interface TurnOptions {
  readonly signal: AbortSignal;
  /** Goes before those that wait: the rest of a request that has begun. */
  readonly urgent: boolean;
}

export interface Hosts {
  /** Waits for a turn at a host. The function it gives ends the turn. Rejects with the signal's reason. */
  readonly turn: (hostname: string, options: TurnOptions) => Promise<() => void>;
  /** Makes a host's gap longer, as its robots.txt asks. The rest of a request that has begun does not wait for that. */
  readonly slowDown: (hostname: string, gapMs: number) => void;
  readonly close: () => void;
}

interface Waiting {
  readonly hostname: string;
  readonly urgent: boolean;
  readonly start: () => void;
  readonly leave: (reason: unknown) => void;
}

export function openHosts({ hostGapMs, maxHosts, sleep }: HostSettings): Hosts {
  const waiting: Waiting[] = [];
  const busy = new Set<string>();
  const resting = new Set<string>();
  /** After the rest that all hosts have, what a host's own gap adds. */
  const slowed = new Map<string, number>();
  const gaps = new Map<string, number>();
  const closing = new AbortController();

  function startNext(): void {
    while (busy.size < maxHosts) {
      const at = waiting.findIndex(
        ({ hostname, urgent }) => !busy.has(hostname) && !resting.has(hostname) && (urgent || !slowed.has(hostname)),
      );
      const [next] = at < 0 ? [] : waiting.splice(at, 1);
      if (next === undefined) return;
      busy.add(next.hostname);
      next.start();
    }
  }

  function end(hostname: string): void {
    busy.delete(hostname);
    if (hostGapMs > 0) {
      resting.add(hostname);
      void rest(hostname);
    }
    const more = (gaps.get(hostname) ?? 0) - hostGapMs;
    if (more > 0) void slow(hostname, hostGapMs + more);
    startNext();
  }

  /** Ends only with the last of several that overlap. */
  async function slow(hostname: string, ms: number): Promise<void> {
    const count = (slowed.get(hostname) ?? 0) + 1;
    slowed.set(hostname, count);
    await sleep(ms, closing.signal);
    if (slowed.get(hostname) === count) slowed.delete(hostname);
    startNext();
  }

  async function rest(hostname: string): Promise<void> {
    await sleep(hostGapMs, closing.signal);
    resting.delete(hostname);
    startNext();
  }

  function turn(hostname: string, { signal, urgent }: TurnOptions): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted || closing.signal.aborted) return reject(signal.reason ?? closing.signal.reason);

      const leave = (reason: unknown) => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(reason);
      };
      const stop = () => leave(signal.reason);
      const start = () => {
        signal.removeEventListener('abort', stop);
        resolve(endOnce(() => end(hostname)));
      };
      const entry: Waiting = { hostname, urgent, start, leave };
      signal.addEventListener('abort', stop, { once: true });
      waiting[urgent ? 'unshift' : 'push'](entry);
      startNext();
    });
  }

  function close(): void {
    closing.abort();
    for (const { leave } of [...waiting]) leave(closing.signal.reason);
  }

  return { turn, slowDown: (hostname, gapMs) => void gaps.set(hostname, gapMs), close };
}

function endOnce(end: () => void): () => void {
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    end();
  };
}
