// A page that is a feed: RSS, Atom, RDF or JSON Feed, brought to one shape. What a feed lacks is undefined; one that is
// not well-formed is mended by the parser of pages and read again.
import { ExtractError } from './errors.ts';
import type { ParseMarkup } from './html.ts';
import { readFeedDate } from './page-feed-date.ts';
import { type Entries, type Entry, type Prose, readEntries } from './page-feed-entry.ts';
import { readText, snippet } from './page-text.ts';

/** One entry of a feed. A part that the feed does not give is undefined. */
export interface FeedItem {
  /** What makes it the same entry next time: the feed's own id, else its address, else its title. Never empty. */
  readonly id: string;
  /** In one line, without markup. */
  readonly title: string | undefined;
  /** An absolute http(s) address. */
  readonly link: string | undefined;
  /**
   * When it came out, as ISO in UTC: `2026-11-20T02:20:00.000Z`; only `2026-11-20` when no time of day is given. A time
   * that names no zone is taken for Korea's.
   */
  readonly published: string | undefined;
  /** The description, else the whole content: in one line, without markup, not cut. */
  readonly summary: string | undefined;
  /** The first one named. */
  readonly author: string | undefined;
  /** Each once, in the order of the feed; never empty. */
  readonly categories: readonly string[] | undefined;
  /** An absolute http(s) address: the picture the feed names, else the first one in the content. */
  readonly image: string | undefined;
}

/** A feed in one shape, whichever format it has. */
export interface Feed {
  /** In one line, without markup. */
  readonly title: string | undefined;
  /** The page the feed is of, absolute. */
  readonly link: string | undefined;
  /** In the order of the feed, which is nearly always the newest first. */
  readonly items: readonly FeedItem[];
}

type ReadFeed = (text: string, url: string) => Feed;

/** No feed has as many entries as to need more. */
const MOST_ITEMS = 10_000;
const MARKUP = /<\/?[a-z!][^<>]*>|&(?:#\d+|#x[\da-f]+|[a-z]{2,31});/i;

export async function loadFeedReader(parse: ParseMarkup): Promise<ReadFeed> {
  const { parseFeed } = await import('feedsmith');
  const read = (text: string): Entries => readEntries(parseFeed(text, { maxItems: MOST_ITEMS }));
  return (text, url) => {
    const tools = { url, parse };
    try {
      return toFeed(read(text.trimStart()), tools);
    } catch (cause) {
      return readMended(text, { ...tools, read, cause });
    }
  };
}

interface Tools {
  readonly url: string;
  readonly parse: ParseMarkup;
}

interface Mending extends Tools {
  readonly read: (text: string) => Entries;
  readonly cause: unknown;
}

/** What breaks off or is nested wrongly is closed where a browser would close it. */
function readMended(text: string, { read, cause, ...tools }: Mending): Feed {
  try {
    const feed = toFeed(read(tools.parse(text, 'xml').xml()), tools);
    if (feed.items.length > 0 || feed.title !== undefined) return feed;
  } catch {
    // The first failure tells more about the feed than that of its mended text.
  }
  const message = `${tools.url} is no feed that can be read. It begins with "${snippet(text, 60)}".`;
  throw new ExtractError(message, { url: tools.url, cause });
}

function toFeed({ title, links, base, entries }: Entries, tools: Tools): Feed {
  const ground = resolve(base, tools.url) ?? tools.url;
  return {
    title: readProse(title, tools),
    link: firstAddress(links, ground),
    items: entries.map((entry) => toItem(entry, { ...tools, url: ground })).filter((item) => item !== undefined),
  };
}

/** Undefined for an entry with nothing to know it by. */
function toItem(entry: Entry, tools: Tools): FeedItem | undefined {
  const ground = resolve(entry.base, tools.url) ?? tools.url;
  const title = readProse(entry.title, tools);
  const link = firstAddress(entry.links, ground);
  const summary = first(entry.texts, (text) => readProse(text, tools));
  const id = entry.id?.trim() || link || title || summary;
  if (id === undefined) return undefined;
  return {
    id,
    title,
    link,
    published: first(entry.dates, readFeedDate),
    summary,
    author: first(entry.authors, (name) => readProse({ text: name, plain: false }, tools)),
    categories: someOf(entry.categories),
    image: firstAddress(entry.images, ground) ?? first(entry.texts, (text) => resolve(pictureIn(text, tools), ground)),
  };
}

function someOf(texts: readonly (string | undefined)[]): readonly string[] | undefined {
  const given = [...new Set(texts.map((text) => text?.replace(/\s+/g, ' ').trim()).filter(isGiven))];
  return given.length === 0 ? undefined : given;
}

function readProse({ text, plain }: Prose, { parse }: Tools): string | undefined {
  if (text === undefined) return undefined;
  const read = !plain && MARKUP.test(text) ? readText(parse(text, 'fast')._root, false) : text;
  const line = read.replace(/\s+/g, ' ').trim();
  return line === '' ? undefined : line;
}

function pictureIn({ text, plain }: Prose, { parse }: Tools): string | undefined {
  if (text === undefined || plain || !/<img\s/i.test(text)) return undefined;
  // A picture of one pixel counts readers.
  return parse(text, 'fast')('img[src]:not([width="1"], [height="1"])').first().attr('src');
}

function firstAddress(addresses: readonly (string | undefined)[], base: string): string | undefined {
  return first(addresses, (address) => resolve(address, base));
}

/** What the first of them gives that gives anything; the rest is not read. */
function first<T>(all: readonly T[], read: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const value = read(one);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Undefined for what is no address of the web. */
function resolve(address: string | undefined, base: string): string | undefined {
  const trimmed = address?.trim() ?? '';
  if (trimmed === '' || /\s/.test(trimmed) || !URL.canParse(trimmed, base)) return undefined;
  const url = new URL(trimmed, base);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
