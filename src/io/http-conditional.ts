// A look that may find everything unchanged. The job's fetch step runs as always, and never sees a 304: a get answered
// 304 is held, so the step stands still there. When nothing but held gets is left, either every page of the last look
// has answered 304, and the look is unchanged and the step is left where it stands; or the held ones are fetched in full
// and the step goes on. So the addresses always come from the job itself (they may carry today's date, or stand on an
// earlier page), and an error it catches, or a get nothing is known of, makes the look a changed one.
import { setImmediate } from 'node:timers/promises';
import type { GetOptions, Validator } from '../core/job.ts';
import type { Fetched } from './fetched.ts';
import type { HttpSession } from './http.ts';
import { isPlain } from './http-validators.ts';

export type FetchPage = (url: string | URL, options?: GetOptions) => Promise<Fetched>;

export type Looked<Raw> = { readonly kind: 'unchanged' } | { readonly kind: 'raw'; readonly raw: Raw };

/** Runs a fetch step against a session. Rejects as the step does. */
export async function fetchConditionally<Raw>(
  session: HttpSession,
  run: (get: FetchPage) => Raw | Promise<Raw>,
): Promise<Looked<Raw>> {
  if (session.known.length === 0) return { kind: 'raw', raw: await run(session.get) };

  const watch = watchGets(session);
  const ran = (async (): Promise<Looked<Raw>> => ({ kind: 'raw', raw: await run(watch.get) }))();
  return Promise.race([ran, watch.unchanged]);
}

interface GetWatch {
  readonly get: FetchPage;
  /** Never settles when the look is a changed one. */
  readonly unchanged: Promise<{ readonly kind: 'unchanged' }>;
}

function watchGets(session: HttpSession): GetWatch {
  const known = new Map(session.known.map((validator) => [validator.url, validator]));
  const unconfirmed = new Set(known.keys());
  const unchanged = Promise.withResolvers<{ readonly kind: 'unchanged' }>();
  let held: (() => void)[] = [];
  let running = 0;
  let changed = false;

  function resume(): void {
    const resumed = held;
    held = [];
    for (const go of resumed) go();
  }

  function markChanged(): void {
    changed = true;
    resume();
  }

  /** Decides once the step has had its chance to ask for more. */
  async function decide(): Promise<void> {
    await setImmediate();
    if (running > 0 || held.length === 0) return;
    if (unconfirmed.size === 0 && !changed) return unchanged.resolve({ kind: 'unchanged' });
    resume();
  }

  async function track<T>(work: () => Promise<T>): Promise<T> {
    running += 1;
    try {
      return await work();
    } catch (error) {
      markChanged();
      throw error;
    } finally {
      running -= 1;
      if (running === 0) void decide();
    }
  }

  async function fetchHeld(url: string | URL, options: GetOptions, validator: Validator): Promise<Fetched> {
    const page = await session.get(url, options);
    const now = session.validatorOf(page);
    const same = now?.etag === validator.etag && now?.lastModified === validator.lastModified;
    if (!same) markChanged();
    return page;
  }

  async function get(url: string | URL, options: GetOptions = {}): Promise<Fetched> {
    const validator = isPlain(options) ? known.get(session.keyOf(url)) : undefined;
    if (changed || validator === undefined) {
      markChanged();
      return session.get(url, options);
    }

    const page = await track(() => session.getIfChanged(url, options, validator));
    if (page !== undefined) {
      markChanged();
      return page;
    }
    unconfirmed.delete(validator.url);
    if (!changed) await new Promise<void>((resolve) => held.push(resolve));
    return track(() => fetchHeld(url, options, validator));
  }

  return { get, unchanged: unchanged.promise };
}
