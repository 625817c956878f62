// One entry of a feed as its format writes it, brought to the same few parts. Text may still hold markup here.
import type { AnyFeed } from 'feedsmith';

type FeedOf<Format extends AnyFeed['format']> = Extract<AnyFeed, { format: Format }>['feed'];
type EntryOf<List extends readonly unknown[] | undefined> = NonNullable<List>[number];
type RssItem = EntryOf<FeedOf<'rss'>['items']>;
type RdfItem = EntryOf<FeedOf<'rdf'>['items']>;
type AtomEntry = EntryOf<FeedOf<'atom'>['entries']>;
type JsonItem = EntryOf<FeedOf<'json'>['items']>;
type Media = NonNullable<RssItem['media']>;
type AtomLinks = AtomEntry['links'];

/** Text that may hold markup, or is said to be without. */
export interface Prose {
  readonly text: string | undefined;
  readonly plain: boolean;
}

export interface Entry {
  readonly id: string | undefined;
  readonly title: Prose;
  /** What the entry's address may be, the likeliest first. */
  readonly links: readonly (string | undefined)[];
  /** What the entry's addresses are relative to, when it says so itself. */
  readonly base: string | undefined;
  readonly dates: readonly (string | undefined)[];
  /** The short text first. */
  readonly texts: readonly Prose[];
  readonly authors: readonly (string | undefined)[];
  readonly categories: readonly (string | undefined)[];
  readonly images: readonly (string | undefined)[];
}

export interface Entries {
  readonly title: Prose;
  readonly links: readonly (string | undefined)[];
  readonly base: string | undefined;
  readonly entries: readonly Entry[];
}

export function readEntries(found: AnyFeed): Entries {
  if (found.format === 'rss') return readRss(found.feed);
  if (found.format === 'rdf') return readRdf(found.feed);
  return found.format === 'atom' ? readAtom(found.feed) : readJsonFeed(found.feed);
}

function readRss(feed: FeedOf<'rss'>): Entries {
  return {
    title: markup(feed.title),
    links: [feed.link, alternate(feed.atom?.links)],
    base: feed.xml?.base,
    entries: (feed.items ?? []).map(readRssItem),
  };
}

function readRssItem(item: RssItem): Entry {
  const { guid, enclosures = [], dc, media, itunes } = item;
  const permanent = guid?.isPermaLink === false ? undefined : webAddress(guid?.value);
  return {
    id: guid?.value,
    title: markup(item.title ?? dc?.titles?.[0] ?? itunes?.title ?? media?.title?.value),
    links: [item.link, alternate(item.atom?.links), permanent, enclosures[0]?.url],
    base: item.xml?.base,
    dates: [item.pubDate, dc?.dates?.[0], item.atom?.published, item.atom?.updated, item.dcterms?.created?.[0]],
    texts: [
      item.description,
      itunes?.summary,
      dc?.descriptions?.[0],
      media?.description?.value,
      item.content?.encoded,
    ].map(markup),
    authors: [...(item.authors ?? []).map(nameOf), ...(dc?.creators ?? []), itunes?.author],
    categories: [...(item.categories ?? []).map(({ name }) => name), ...(dc?.subjects ?? [])],
    images: [...mediaImages(media), ...pictures(enclosures), itunes?.image],
  };
}

function readRdf(feed: FeedOf<'rdf'>): Entries {
  return {
    title: markup(feed.title),
    links: [feed.link],
    base: feed.xml?.base,
    entries: (feed.items ?? []).map(readRdfItem),
  };
}

function readRdfItem(item: RdfItem): Entry {
  const { dc, rdf } = item;
  return {
    id: rdf?.about,
    title: markup(item.title ?? dc?.titles?.[0]),
    links: [item.link, webAddress(rdf?.about)],
    base: item.xml?.base,
    dates: [dc?.dates?.[0], item.dcterms?.created?.[0]],
    texts: [item.description, dc?.descriptions?.[0], item.content?.encoded].map(markup),
    authors: dc?.creators ?? [],
    categories: dc?.subjects ?? [],
    images: mediaImages(item.media),
  };
}

function readAtom(feed: FeedOf<'atom'>): Entries {
  return {
    title: typed(feed.title),
    links: [alternate(feed.links)],
    base: feed.xml?.base,
    entries: (feed.entries ?? []).map(readAtomEntry),
  };
}

function readAtomEntry(entry: AtomEntry): Entry {
  const { links = [], media, dc } = entry;
  const enclosures = links.filter(({ rel }) => rel === 'enclosure');
  return {
    id: entry.id,
    title: typed(entry.title),
    links: [alternate(links), entry.content?.src, enclosures[0]?.href, webAddress(entry.id)],
    base: entry.content?.xml?.base ?? entry.xml?.base,
    dates: [entry.published, entry.updated, dc?.dates?.[0]],
    texts: [typed(entry.summary), typed(entry.content), markup(mediaTexts(media)[0])],
    authors: [...(entry.authors ?? []).map(({ name }) => name), ...(dc?.creators ?? [])],
    categories: (entry.categories ?? []).map(({ label, term }) => label ?? term),
    images: [...mediaImages(media), ...pictures(enclosures.map(({ href, type }) => ({ url: href, type })))],
  };
}

function readJsonFeed(feed: FeedOf<'json'>): Entries {
  return {
    title: bare(feed.title),
    links: [feed.home_page_url],
    base: undefined,
    entries: (feed.items ?? []).map(readJsonItem),
  };
}

function readJsonItem(item: JsonItem): Entry {
  const attached = (item.attachments ?? []).map(({ url, mime_type: type }) => ({ url, type }));
  return {
    id: item.id,
    title: bare(item.title),
    links: [item.url, item.external_url, webAddress(item.id)],
    base: undefined,
    dates: [item.date_published, item.date_modified],
    texts: [bare(item.summary), bare(item.content_text), markup(item.content_html)],
    authors: (item.authors ?? []).map(({ name }) => name),
    categories: item.tags ?? [],
    images: [item.image, item.banner_image, ...pictures(attached)],
  };
}

/** An id that is an address too, as it nearly always is where a feed gives nothing else. */
function webAddress(id: string | undefined): string | undefined {
  return id !== undefined && /^https?:\/\//i.test(id) ? id : undefined;
}

function markup(text: string | undefined): Prose {
  return { text, plain: false };
}

function bare(text: string | undefined): Prose {
  return { text, plain: true };
}

/** Atom says of each text what it is. Feeds that say nothing often hold markup all the same. */
function typed(text: { readonly value?: string; readonly type?: string } | undefined): Prose {
  return { text: text?.value, plain: text?.type === 'text' || text?.type === 'text/plain' };
}

function nameOf({ name, email }: { readonly name?: string; readonly email?: string }): string | undefined {
  return name ?? email;
}

/** The link a person would follow. */
function alternate(links: AtomLinks): string | undefined {
  const readable = (links ?? []).filter(({ rel }) => rel === undefined || rel === 'alternate');
  const page = readable.find(({ type }) => type === undefined || /html/.test(type)) ?? readable[0];
  return page?.href;
}

function mediaImages(media: Media | undefined): readonly (string | undefined)[] {
  const all = media === undefined ? [] : [media, ...(media.groups ?? [])];
  const contents = all.flatMap((part) => part.contents ?? []);
  const full = contents.filter(({ medium, type }) => medium === 'image' || /^image\//.test(type ?? ''));
  const widest = full.toSorted((one, other) => (other.width ?? 0) - (one.width ?? 0)).map(({ url }) => url);
  return [...widest, ...[...all, ...contents].flatMap((part) => (part.thumbnails ?? []).map(({ url }) => url))];
}

function mediaTexts(media: Media | undefined): readonly (string | undefined)[] {
  return media === undefined ? [] : [media, ...(media.groups ?? [])].map((part) => part.description?.value);
}

function pictures(
  files: readonly { readonly url?: string | undefined; readonly type?: string | undefined }[],
): readonly (string | undefined)[] {
  return files.filter(({ type }) => /^image\//.test(type ?? '')).map(({ url }) => url);
}
