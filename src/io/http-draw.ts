// How a browser that draws a page reaches the network: through the same agents and limits as the job itself.
import type { GetOptions } from '../core/job.ts';
import type { Browsers } from './browser.ts';
import type { Fetched } from './fetched.ts';
import { exchange, type Parts } from './http-exchange.ts';
import { refusedPrivate } from './http-failure.ts';
import type { Health } from './http-health.ts';
import type { Hosts } from './http-hosts.ts';
import { type RequestDefaults, readRequest } from './http-request.ts';
import type { Resource } from './render.ts';

/** A page's own scripts are asked for as a browser would, without a turn: the page has had it. */
const NO_TURNS: Hosts = { turn: async () => () => undefined, slowDown: () => undefined, close: () => undefined };
/** A tracker that does not answer says nothing of the page's host. */
const NO_HEALTH: Health = {
  restOf: () => undefined,
  isDoubtful: () => false,
  asked: () => undefined,
  failed: () => undefined,
  worked: () => undefined,
};

export interface Draw {
  readonly parts: Parts;
  readonly defaults: RequestDefaults;
  readonly browsers: Browsers;
  readonly options: GetOptions;
}

/** Anything but HTML is left as it came. */
export async function drawPage(page: Fetched, { parts, defaults, browsers, options }: Draw): Promise<Fetched> {
  if (!/html/i.test(page.headers['content-type'] ?? 'text/html')) return page;
  const { renderPage } = await import('./render.ts');
  const { userAgent, maxBytes } = parts.settings;
  const { totalMs } = readRequest(
    page.url,
    options.timeout === undefined ? {} : { timeout: options.timeout },
    defaults,
  );
  const waitFor = typeof options.render === 'object' ? options.render.waitFor : undefined;
  const guarded = !(await parts.agents.isPrivate(new URL(page.url)));

  const fetchResource = async ({ url, method, headers, body }: Resource): Promise<Fetched> => {
    const { tls, proxy } = options;
    const { hop } = readRequest(
      url,
      {
        headers,
        ...(body === undefined ? {} : { body }),
        ...(tls === undefined ? {} : { tls }),
        ...(proxy === undefined ? {} : { proxy }),
      },
      defaults,
    );
    if (guarded && (await parts.agents.isPrivate(hop.url))) throw refusedPrivate(hop.url);
    const settings = { ...parts.settings, retries: 0 };
    const given = { hop: { ...hop, method, guarded }, totalMs };
    const answer = await exchange(given, { ...parts, settings, hosts: NO_TURNS, health: NO_HEALTH });
    const { status, headers: answered } = answer;
    return {
      url: answer.url.href,
      requestedUrl: url,
      status,
      headers: answered,
      body: answer.body,
      charset: undefined,
      parser: undefined,
      method,
    };
  };
  return renderPage(page, { waitFor }, { browsers, fetchResource, userAgent, maxBytes, totalMs, signal: parts.signal });
}
