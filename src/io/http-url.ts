// Addresses: how one is read from what an author wrote or a server sent, and how one is shown to people.
import { FetchError } from '../core/errors.ts';

/** Query names whose values are keys, as a rule: serviceKey, access_token, sessionId, password ... */
const SECRET_NAME = /key|token|secret|passw|^pw$|^pwd$|auth|signature|^sig$|session|^sid$|credential|^code$/i;
const MASK = '***';

/** The address for logs and errors: without user name, password, fragment and the values of what looks like a key. */
export function safeUrl(url: string | URL): string {
  const shown = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  if (shown === undefined)
    return String(url)
      .replace(/\/\/[^/@\s]*@/, '//')
      .replace(/[?#].*/s, '');

  shown.username = '';
  shown.password = '';
  shown.hash = '';
  shown.search = shown.search.replaceAll(/([?&])([^=&]*)=([^&]*)/g, (pair, mark: string, name: string) =>
    SECRET_NAME.test(name) ? `${mark}${name}=${MASK}` : pair,
  );
  return shown.href;
}

/** Throws FetchError for what is no http or https address. */
export function readUrl(text: string | URL): URL {
  const given = String(text);
  if (!URL.canParse(given)) {
    const message = `'${safeUrl(given)}' is not an address. Write it in full, like https://example.com/menu.`;
    throw new FetchError(message, { url: safeUrl(given), isOfJob: true });
  }

  const url = new URL(given);
  if (!isHttp(url)) {
    const message = `${safeUrl(url)} cannot be fetched: only http: and https: addresses can.`;
    throw new FetchError(message, { url: safeUrl(url), isOfJob: true });
  }
  url.hash = '';
  return url;
}

export function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

/** Where a Location header leads. Servers write Korean in it as raw UTF-8, which arrives as Latin-1. */
export function resolveLocation(location: string, base: URL): URL | undefined {
  const bytes = Uint8Array.from(location, (sign) => sign.charCodeAt(0));
  const text = /[\u0080-\u00ff]/.test(location) ? new TextDecoder().decode(bytes) : location;
  if (!URL.canParse(text, base.href)) return undefined;

  const url = new URL(text, base.href);
  url.hash = '';
  return url;
}
