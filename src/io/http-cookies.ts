// Cookies of one look, and those kept from one look to the next as plain data. tough-cookie is loaded with the first
// cookie: most sites set none.
import type { Cookie, CookieJar } from 'tough-cookie';

/** The most bytes of cookies kept; beyond, those set first are forgotten. */
const MOST_BYTES = 64 * 1024;
/** A cookie without an end lasts as long as a browser is open; here, this long. */
const LONGEST_SESSION_MS = 30 * 86_400_000;
/** The last instant that a Date can hold and a cookie's `Expires` can name. */
const LATEST_MS = Date.UTC(9999, 11, 31);

export interface Cookies {
  /** Value of the Cookie header for a request, if there is one. */
  readonly header: (url: URL) => Promise<string | undefined>;
  readonly save: (setCookie: readonly string[], url: URL) => Promise<void>;
  /** What the next look may go on with: `[]` for none. */
  readonly keep: () => string;
}

export interface CookieSettings {
  /** What `keep` gave at the last look. What cannot be read counts as none. */
  readonly kept?: string | undefined;
  readonly now: () => number;
}

export function openCookies({ kept, now }: CookieSettings): Cookies {
  const before = readKept(kept);
  let jar: Promise<CookieJar> | undefined;
  let opened: CookieJar | undefined;

  async function open(): Promise<CookieJar> {
    jar ??= openJar(before, now());
    opened = await jar;
    return opened;
  }

  return {
    header: async (url) => {
      if (jar === undefined && before.length === 0) return undefined;
      return (await open()).getCookieStringSync(url.href) || undefined;
    },
    save: async (setCookie, url) => {
      if (setCookie.length === 0) return;
      const { Cookie } = await import('tough-cookie');
      const into = await open();
      for (const text of setCookie) {
        const cookie = Cookie.parse(text, { loose: true });
        if (cookie === undefined) continue;
        cookie.expires = endOf(cookie, now());
        cookie.maxAge = null;
        into.setCookieSync(cookie, url.href, { ignoreError: true });
      }
    },
    keep: () => (opened === undefined ? (kept ?? '[]') : writeJar(opened, now())),
  };
}

function readKept(kept = '[]'): readonly object[] {
  try {
    const read: unknown = JSON.parse(kept);
    return Array.isArray(read) ? read.filter((one) => typeof one === 'object' && one !== null) : [];
  } catch {
    return [];
  }
}

async function openJar(kept: readonly object[], now: number): Promise<CookieJar> {
  const { Cookie, CookieJar, MemoryCookieStore } = await import('tough-cookie');
  const store = new MemoryCookieStore();
  for (const record of kept) {
    const cookie = Cookie.fromJSON(record);
    const isAlive = cookie?.expires instanceof Date && cookie.expires.getTime() > now;
    if (isAlive && cookie.domain && cookie.path) await store.putCookie(cookie);
  }
  return new CookieJar(store, { looseMode: true });
}

function writeJar(jar: CookieJar, now: number): string {
  const cookies = jar.serializeSync()?.cookies ?? [];
  const records = cookies.map((record) => JSON.stringify(toRecord(record as Serialized, now)));
  const alive = records.filter((record) => record !== '{}').toReversed();
  // The newest first, as many as fit; each with its comma.
  const sizes = alive.map((record) => Buffer.byteLength(record) + 1);
  const fitting = alive.filter(
    (_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 1) <= MOST_BYTES,
  );
  return `[${fitting.toReversed().join(',')}]`;
}

type Serialized = Readonly<Record<string, unknown>>;

const FIELDS = ['key', 'value', 'domain', 'path', 'secure', 'httpOnly', 'hostOnly', 'sameSite', 'expires', 'creation'];

/** What says nothing of its last use, so that a jar that has not changed reads the same. Nothing for one that has ended. */
function toRecord(cookie: Serialized, now: number): Serialized {
  if (Date.parse(String(cookie['expires'])) <= now) return {};
  return Object.fromEntries(
    FIELDS.flatMap((field) => (cookie[field] === undefined ? [] : [[field, cookie[field]] as const])),
  );
}

/** When a cookie that is set now ends. The library counts Max-Age from the last use, as no browser does. */
function endOf({ maxAge, expires }: Cookie, now: number): Date {
  if (maxAge === 'Infinity') return new Date(LATEST_MS);
  if (typeof maxAge === 'number') return new Date(maxAge <= 0 ? 0 : Math.min(now + maxAge * 1000, LATEST_MS));
  if (maxAge !== null) return new Date(0);
  return expires instanceof Date ? expires : new Date(now + LONGEST_SESSION_MS);
}
