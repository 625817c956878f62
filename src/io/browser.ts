// The one browser of a worker: a system Chromium, begun when a page must be drawn, ended when it has been idle, and given
// up whole when a page of it runs wild.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { ownBytesBelow } from './process-memory.ts';

/** Why there is no browser: not a matter of the page. */
export class BrowserError extends Error {
  override readonly name = 'BrowserError';
}

export interface BrowserSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long an idle browser is kept for the next page. */
  readonly idleMs: number;
  /** All processes of the browser together, without what they share. */
  readonly maxBytes: number;
}

export interface Browsers {
  /** One at a time: gives the browser to the work, and ends it if the work says so by throwing `Wild`. */
  readonly use: <T>(work: (browser: Browser) => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly close: () => Promise<void>;
}

const DEFAULTS = { env: process.env, idleMs: 30_000, maxBytes: 1_000_000_000 };
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const ELSEWHERE = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
const WATCH_MS = 500;
const CLOSE_MS = 3000;

/** One renderer for all sites, with a bounded heap; nothing of Chromium's own calls out. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--mute-audio',
  '--disable-dev-shm-usage',
  '--block-new-web-contents',
  // What slips past the interception of requests finds no network: nothing listens there, and no name is known.
  '--proxy-server=http://127.0.0.1:1',
  '--proxy-bypass-list=<-loopback>',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--renderer-process-limit=1',
  '--disable-features=IsolateOrigins,site-per-process,Translate,OptimizationHints',
  '--js-flags=--max-old-space-size=256',
];

export function openBrowsers(given: Partial<BrowserSettings> = {}): Browsers {
  const settings = { ...DEFAULTS, ...given };
  const state: { running: Promise<Browser> | undefined; queue: Promise<unknown>; idle: NodeJS.Timeout | undefined } = {
    running: undefined,
    queue: Promise.resolve(),
    idle: undefined,
  };
  const end = async (): Promise<void> => {
    const { running } = state;
    state.running = undefined;
    clearTimeout(state.idle);
    if (running !== undefined) await closeInTime(await running.catch(() => undefined));
  };
  const begin = async (): Promise<Browser> => {
    clearTimeout(state.idle);
    state.running ??= launch(settings.env);
    const browser = await state.running.catch(async (error: unknown) => {
      state.running = undefined;
      throw error;
    });
    if (browser.isConnected()) return browser;
    state.running = launch(settings.env);
    return state.running;
  };
  const take = async <T>(work: (browser: Browser) => Promise<T>, signal: AbortSignal): Promise<T> => {
    signal.throwIfAborted();
    const browser = await begin();
    try {
      return await guarded({ browser, settings, signal, end }, work);
    } finally {
      state.idle = setTimeout(() => void end(), settings.idleMs);
      state.idle.unref();
    }
  };
  return {
    use: (work, signal) => {
      const turn = state.queue.then(() => take(work, signal));
      state.queue = turn.catch(() => undefined);
      return turn;
    },
    close: end,
  };
}

interface Guard {
  readonly browser: Browser;
  readonly settings: BrowserSettings;
  readonly signal: AbortSignal;
  readonly end: () => Promise<void>;
}

/** A page that loops for ever, or eats memory, is ended with its browser: nothing else ends it for sure. */
async function guarded<T>(
  { browser, settings, signal, end }: Guard,
  work: (browser: Browser) => Promise<T>,
): Promise<T> {
  const given: { up?: (error: Error) => void } = {};
  const wild = new Promise<never>((_, reject) => {
    given.up = reject;
  });
  wild.catch(() => undefined);
  const onAbort = (): void => given.up?.(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setInterval(() => {
    const bytes = ownBytesBelow(process.pid);
    if (bytes !== undefined && bytes > settings.maxBytes)
      given.up?.(new BrowserError(`drawing it took more than ${Math.round(settings.maxBytes / 1e6)} MB of memory`));
  }, WATCH_MS);
  const working = work(browser);
  try {
    return await Promise.race([working, wild]);
  } catch (error) {
    await end();
    await working.catch(() => undefined);
    throw error;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function launch(env: BrowserSettings['env']): Promise<Browser> {
  const { chromium } = await import('playwright-core').catch((cause: unknown) => {
    const message = 'playwright-core is not installed. Install it: npm install playwright-core';
    throw new BrowserError(message, { cause });
  });
  const executablePath = findChromium(env);
  try {
    return await chromium.launch({
      executablePath,
      args: FLAGS,
      // Chromium's own sandbox does not work for root.
      chromiumSandbox: process.getuid?.() !== 0,
      // The worker decides when it ends, and pm2 signals the whole process tree.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      env: { PATH: env['PATH'] ?? '', HOME: env['HOME'] ?? '/tmp', LANG: 'ko_KR.UTF-8' },
    });
  } catch (cause) {
    const [why = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new BrowserError(`${executablePath} does not start: ${why}`, { cause });
  }
}

/** Throws BrowserError when there is none. */
function findChromium(env: BrowserSettings['env']): string {
  const named = env['TALKBELL_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new BrowserError(`TALKBELL_CHROMIUM names ${named}, which is not there`);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...ELSEWHERE].find(
    existsSync,
  );
  if (found !== undefined) return found;
  throw new BrowserError(
    'there is no Chromium on this machine. Install it (Debian: apt-get install chromium), or name one in TALKBELL_CHROMIUM',
  );
}

/** A browser whose page loops does not answer. */
async function closeInTime(browser: Browser | undefined): Promise<void> {
  if (browser === undefined) return;
  const timer: { late?: NodeJS.Timeout } = {};
  const late = new Promise<void>((resolve) => {
    timer.late = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([browser.close().catch(() => undefined), late]);
  clearTimeout(timer.late);
}
