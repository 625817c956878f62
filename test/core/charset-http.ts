// Pages of given bytes and Content-Type, fetched as a job fetches them: over a socket, by the daemon's own path.
import type { TestContext } from 'node:test';
import type { GetOptions } from '../../src/core/job.ts';
import type { Page } from '../../src/core/page.ts';
import { openFetching } from '../../src/io/fetching.ts';
import { fetching, serve } from '../io/http-local.ts';

export interface Sent {
  readonly body: Uint8Array;
  readonly contentType?: string | undefined;
}

export type GetSent = (sent: Sent, options?: GetOptions) => Promise<Page>;

/** Pages are asked for one after the other: the server answers with what was handed in last. */
export async function getterOf(t: TestContext): Promise<GetSent> {
  const now: { sent: Sent } = { sent: { body: new Uint8Array() } };
  const { origin } = await serve(t, (response) => {
    if (now.sent.contentType !== undefined) response.setHeader('content-type', now.sent.contentType);
    response.end(now.sent.body);
  });
  const { http } = fetching(t);
  return async (sent, options) => {
    now.sent = sent;
    const signal = AbortSignal.timeout(20_000);
    const network = openFetching(http, { signal, validators: [], conditional: false, isSecret: () => false });
    const pages: Page[] = [];
    await network.fetch(async (get) => pages.push(await get(`${origin}/page`, options)));
    const [page] = pages;
    if (page === undefined) throw new Error('The page was not fetched.');
    return page;
  };
}
