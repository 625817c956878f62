// What a site's robots.txt says of an address (RFC 9309). Read once a day from each origin; the parser is loaded when a job
// or `talkbell check` first asks.
import type { RobotsNote } from '../core/worker-protocol.ts';

/** The name that robots.txt files know us by. */
export const ROBOT = 'talkbell';

const DAY_MS = 86_400_000;
/** A robots.txt that cannot be read disallows everything, so it is soon asked for again. */
const UNREACHABLE_MS = 5 * 60_000;
const MOST_LENGTH = 500 * 1024;
const LONGEST_DELAY_MS = 60_000;
const MOST_ORIGINS = 200;
/** A longer one is not handed on to the next worker. */
const MOST_NOTED_LENGTH = 8 * 1024;

/** What came of asking for it. `none`: a 4xx, which allows everything. */
export type RobotsText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreachable'; readonly why: string };

export type Verdict =
  | { readonly kind: 'allowed'; readonly delayMs: number }
  | { readonly kind: 'disallowed' }
  | { readonly kind: 'unreachable'; readonly why: string };

export interface Robots {
  /** Rejects only as `fetch` does. */
  readonly judge: (url: URL, fetch: (robotsUrl: URL) => Promise<RobotsText>) => Promise<Verdict>;
}

export interface RobotsSettings {
  readonly now: () => number;
  /** What another worker has read. */
  readonly robotsNotes?: readonly RobotsNote[] | undefined;
  /** Told of every file read, for the next worker. */
  readonly onRobotsNotes?: ((notes: readonly RobotsNote[]) => void) | undefined;
}

interface Known {
  readonly text: Promise<RobotsText>;
  /** Absent while it is being asked for. */
  until?: number;
  /** Absent also when it could not be read: another worker may try again. */
  note?: RobotsNote;
}

export function openRobots({ now, robotsNotes = [], onRobotsNotes = () => undefined }: RobotsSettings): Robots {
  const known = new Map<string, Known>();
  for (const note of robotsNotes) {
    const found: RobotsText = note.text === undefined ? { kind: 'none' } : { kind: 'text', text: note.text };
    known.set(note.origin, { text: Promise.resolve(found), until: note.until, note });
  }

  function learn(origin: string, entry: Known, found: RobotsText): void {
    entry.until = now() + (found.kind === 'unreachable' ? UNREACHABLE_MS : DAY_MS);
    if (found.kind === 'unreachable') return;
    entry.note = { origin, until: entry.until, ...(found.kind === 'text' ? { text: found.text } : {}) };
    const notes = [...known.values()].flatMap(({ note }) => note ?? []);
    onRobotsNotes(notes.filter(({ text = '', until }) => text.length <= MOST_NOTED_LENGTH && until > now()));
  }

  /** One that is being asked for is; one that a clock set back would keep for longer than a day is not. */
  const isFresh = ({ until }: Known): boolean => until === undefined || (until > now() && until - now() <= DAY_MS);

  function textOf(origin: string, fetch: (robotsUrl: URL) => Promise<RobotsText>): Promise<RobotsText> {
    const before = known.get(origin);
    if (before !== undefined && isFresh(before)) return before.text;

    const entry: Known = { text: fetch(new URL('/robots.txt', origin)) };
    known.delete(origin);
    known.set(origin, entry);
    const [oldest] = known.keys();
    if (known.size > MOST_ORIGINS && oldest !== undefined) known.delete(oldest);
    entry.text.then(
      (found) => learn(origin, entry, found),
      // A look that was stopped says nothing of the site.
      () => known.get(origin) === entry && known.delete(origin),
    );
    return entry.text;
  }

  return {
    judge: async (url, fetch) => {
      if (url.pathname === '/robots.txt') return { kind: 'allowed', delayMs: 0 };
      const found = await textOf(url.origin, fetch);
      if (found.kind === 'unreachable') return found;
      return found.kind === 'none' ? { kind: 'allowed', delayMs: 0 } : readRules(url, found.text);
    },
  };
}

interface Rules {
  readonly isDisallowed: (url: string, robot: string) => boolean;
  readonly getCrawlDelay: (robot: string) => number | undefined;
}

async function readRules(url: URL, text: string): Promise<Verdict> {
  // It is a function, where its types say that it is a module which exports one.
  const { default: parser } = await import('robots-parser');
  const parse = parser as unknown as (url: string, text: string) => Rules;
  const rules = parse(`${url.origin}/robots.txt`, text.slice(0, MOST_LENGTH).replace(/^\uFEFF/, ''));
  if (rules.isDisallowed(url.href, ROBOT)) return { kind: 'disallowed' };
  const delayMs = (rules.getCrawlDelay(ROBOT) ?? 0) * 1000;
  return { kind: 'allowed', delayMs: delayMs > 0 ? Math.min(delayMs, LONGEST_DELAY_MS) : 0 };
}
