// Hosts that are to be left alone for a while: those that asked for it (Retry-After), and those that fail again and again.
// What is known of them outlives looks and jobs: as plain data it is handed on from one worker to the next, and it is
// forgotten when the daemon ends.
import type { HostNote } from '../core/worker-protocol.ts';

/** Failed requests in a row from which on a host is left alone. Each is up to four tries already. */
const MOST_FAILURES = 5;
const FIRST_REST_MS = 60_000;
const LONGEST_REST_MS = 10 * 60_000;
/** However long a host asks for, after this it is asked again. */
export const LONGEST_ASKED_MS = 60 * 60_000;
const MOST_HOSTS = 500;

export interface Rest {
  readonly until: number;
  readonly why: 'asked' | 'failing';
  readonly failures: number;
}

export interface Health {
  /** Why an address is not to be asked now. */
  readonly restOf: (url: URL) => Rest | undefined;
  /** Its host has been left alone and is tried for the first time again: one try must do. */
  readonly isDoubtful: (url: URL) => boolean;
  readonly asked: (url: URL, waitMs: number) => void;
  /** `answer`: it said 5xx. `connection`: it said nothing. */
  readonly failed: (url: URL, how: 'answer' | 'connection') => void;
  readonly worked: (url: URL) => void;
}

export interface HealthSettings {
  readonly now: () => number;
  /** What another worker has learned. */
  readonly hostNotes?: readonly HostNote[] | undefined;
  /** Told of every change that the next worker should know. */
  readonly onHostNotes?: ((notes: readonly HostNote[]) => void) | undefined;
}

export function openHealth({ now, hostNotes = [], onHostNotes = () => undefined }: HealthSettings): Health {
  const notes = new Map(hostNotes.map((note) => [note.host, note]));

  function save(note: HostNote): void {
    notes.delete(note.host);
    notes.set(note.host, note);
    const [oldest] = notes.keys();
    if (notes.size > MOST_HOSTS && oldest !== undefined) notes.delete(oldest);
    onHostNotes([...notes.values()]);
  }

  const noteOf = ({ host }: URL): HostNote =>
    notes.get(host) ?? { host, askedUntil: 0, failingUntil: 0, failed: 0, paths: [] };

  return {
    restOf: (url) => {
      const { askedUntil, failingUntil, failed, paths } = noteOf(url);
      if (isAhead(askedUntil, LONGEST_ASKED_MS, now())) return { until: askedUntil, why: 'asked', failures: failed };
      if (!isAhead(failingUntil, LONGEST_REST_MS, now())) return undefined;
      // A host that answers may be failing on some pages only: another page is tried, and if it works, so does the host.
      const isOther = paths.length > 0 && paths.length < MOST_FAILURES && !paths.includes(url.pathname);
      return isOther ? undefined : { until: failingUntil, why: 'failing', failures: failed };
    },
    isDoubtful: (url) => noteOf(url).failed >= MOST_FAILURES,
    asked: (url, waitMs) => save({ ...noteOf(url), askedUntil: now() + Math.min(waitMs, LONGEST_ASKED_MS) }),
    failed: (url, how) => {
      const note = noteOf(url);
      const failed = note.failed + 1;
      const restMs = Math.min(FIRST_REST_MS * 2 ** Math.max(0, failed - MOST_FAILURES), LONGEST_REST_MS);
      const failingUntil = failed < MOST_FAILURES ? 0 : now() + restMs;
      const paths = how === 'connection' ? [] : [...new Set([url.pathname, ...note.paths])].slice(0, MOST_FAILURES);
      save({ ...note, failed, failingUntil, paths });
    },
    worked: (url) => {
      const note = noteOf(url);
      if (note.failed > 0) save({ ...note, failed: 0, failingUntil: 0, paths: [] });
    },
  };
}

/** A clock that was set back must not make a rest longer than any is. */
function isAhead(until: number, longestMs: number, now: number): boolean {
  return until > now && until - now <= longestMs;
}
