// robots.txt as jobs meet it: fetched as any page is, asked before a page is, and its Crawl-delay made the host's gap.
import { FetchError } from '../core/errors.ts';
import { openCookies } from './http-cookies.ts';
import { exchange, type Parts } from './http-exchange.ts';
import { refusedByRobots } from './http-failure.ts';
import type { Hop } from './http-request.ts';
import type { Robots, RobotsText } from './robots.ts';

const ROBOTS_MS = 15_000;

/** Rejects with FetchError for an address that robots.txt disallows. */
export async function obeyRobots(hop: Hop, robots: Robots, parts: Omit<Parts, 'permit'>): Promise<void> {
  const verdict = await robots.judge(hop.url, (url) => readRobots({ ...hop, url }, parts));
  if (verdict.kind !== 'allowed') throw refusedByRobots(hop.url, verdict);
  if (verdict.delayMs > 0) parts.hosts.slowDown(hop.url.hostname, verdict.delayMs);
}

/** Rejects with FetchError only for what robots.txt surely disallows. */
export async function askRobots(hop: Hop, robots: Robots, parts: Omit<Parts, 'permit'>): Promise<void> {
  const verdict = await robots.judge(hop.url, (url) => readRobots({ ...hop, url }, parts));
  if (verdict.kind === 'disallowed') throw refusedByRobots(hop.url, verdict);
}

/** Nothing of the author's goes along but the way to the host. */
async function readRobots(hop: Hop, parts: Omit<Parts, 'permit'>): Promise<RobotsText> {
  const plain: Hop = { ...hop, method: 'GET', headers: {}, body: undefined, conditions: {} };
  const cookies = openCookies({ now: parts.settings.now });
  try {
    const request = { hop: plain, totalMs: ROBOTS_MS };
    const { body } = await exchange(request, { ...parts, cookies, permit: async () => undefined });
    return { kind: 'text', text: new TextDecoder().decode(body) };
  } catch (error) {
    if (parts.signal.aborted || !(error instanceof FetchError)) throw error;
    const { status } = error;
    if (status !== undefined && status >= 400 && status < 500) return { kind: 'none' };
    return {
      kind: 'unreachable',
      why: status === undefined ? error.message.replace(/\.$/, '') : `it answered ${status}`,
    };
  }
}
