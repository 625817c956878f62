// Cookies of one look. tough-cookie is loaded with the first cookie: most sites set none.
import type { CookieJar } from 'tough-cookie';

export interface Cookies {
  /** Value of the Cookie header for a request, if there is one. */
  readonly header: (url: URL) => string | undefined;
  readonly save: (setCookie: readonly string[], url: URL) => Promise<void>;
}

export function openCookies(): Cookies {
  let jar: CookieJar | undefined;

  return {
    header: (url) => jar?.getCookieStringSync(url.href) || undefined,
    save: async (setCookie, url) => {
      if (setCookie.length === 0) return;
      const { CookieJar } = await import('tough-cookie');
      jar ??= new CookieJar(undefined, { looseMode: true });
      for (const cookie of setCookie) jar.setCookieSync(cookie, url.href, { ignoreError: true });
    },
  };
}
