// Which cookies a job goes on with at its next look. A session that has gone bad would fail every look after it, so a look
// that may have failed for that forgets it, and the next one logs in again.
import type { Failure, Look } from './job.ts';

/** Cookies that are none. */
const NONE = '[]';

export interface LookCookies {
  /** Whether the job asks for them to be kept. */
  readonly keeps: boolean;
  readonly before: string | undefined;
  /** Undefined where nothing was fetched. */
  readonly now: string | undefined;
}

/** Undefined: as they were. */
export function cookiesAfter(look: Look, { keeps, before = NONE, now = before }: LookCookies): string | undefined {
  const isSpoilt = look.kind === 'failed' && mayBlameSession(look.failure);
  const after = !keeps || isSpoilt ? NONE : now;
  return after === before ? undefined : after;
}

/** What the network or the server does to everybody is no fault of the session's. */
function mayBlameSession({ kind, step, status }: Failure): boolean {
  if (kind === 'fetch') return status !== undefined && status < 500 && status !== 408 && status !== 429;
  return step === 'fetch' || step === 'extract';
}

/** What in a jar looks like a session, and not like a word of a setting. */
const SESSION = /^(?=.*\d)(?=.*[A-Za-z])[^\s]{12,}$/;

/** The values of a jar that nobody may read. */
export function sessionsIn(jar: string): readonly string[] {
  return [...jar.matchAll(/"value":("(?:[^"\\]|\\.)*")/g)]
    .map(([, value]) => String(JSON.parse(value ?? '""')))
    .filter((value) => SESSION.test(value));
}
