// The network as one look of a job sees it: bytes come in by the session, and go on as a page with its text decoded.
import { decodeText } from '../core/charset.ts';
import type { Get, Validator } from '../core/job.ts';
import type { Fetching } from '../core/look.ts';
import { makePage, type Page } from '../core/page.ts';
import type { Fetched, Http } from './http.ts';
import { fetchConditionally } from './http-conditional.ts';
import { safeUrl } from './http-url.ts';

export interface FetchingSettings {
  readonly signal: AbortSignal;
  readonly validators: readonly Validator[];
  /** Whether the look may be called unchanged: for jobs that watch. */
  readonly conditional: boolean;
  readonly isSecret: (text: string) => boolean;
}

export function openFetching(http: Http, { isSecret, ...options }: FetchingSettings): Fetching {
  const session = http.session(options);
  return {
    fetch: (step) =>
      fetchConditionally(session, (fetchPage) => {
        const get: Get = async (url, given) => toPage(await fetchPage(url, given));
        return step(get);
      }),
    validators: () => session.validators(),
    link: () => {
      const url = session.lastPage()?.url;
      return url === undefined || isSecret(url) ? undefined : url;
    },
  };
}

/** A page from what came: the same for a fetched one and for one read from a file. */
export async function toPage({ url, status, headers, body, charset: override, parser }: Fetched): Promise<Page> {
  const { text, charset } = decodeText(body, { override, contentType: headers['content-type'], url: safeUrl(url) });
  return makePage({ url, status, headers, body, text, charset, parser });
}
