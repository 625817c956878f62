// The page a new job is written from: fetched by the worker as every page is, or read from what was saved before.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import type { Look } from '../core/job.ts';
import type { Page } from '../core/page.ts';
import type { Config } from '../io/config.ts';
import { headersOf, toPage } from '../io/fetching.ts';
import { type KeptPage, MOST_KEPT_BYTES, readKeptPages } from '../io/kept-pages.ts';
import type { CommandLine } from './command-line.ts';
import { openWorkersOf } from './load-jobs.ts';
import { makeCommandLog, makeScrubberOf } from './with-store.ts';

const TIME_LIMIT_MS = 60_000;

export interface GotPage {
  readonly page: Page;
  readonly kept: KeptPage;
}

/** Throws ConfigError with what to do when there is no page to be had, or another than was meant. */
export async function getPage(
  line: CommandLine,
  config: Config,
  { url, file }: { url: string; file: string | undefined },
): Promise<GotPage> {
  const kept = file === undefined ? await fetchPage(line, config, url) : await readSaved(file, url);
  return { kept, page: await toPage({ ...kept, charset: undefined, parser: undefined }, line.signal) };
}

async function readSaved(given: string, url: string): Promise<KeptPage> {
  const path = resolve(given);
  if (!existsSync(path)) throw new ConfigError([`There is no file ${given}. Save the page there first.`]);
  if ((await stat(path)).isDirectory()) {
    const [page] = await readKeptPages(path);
    if (page === undefined) throw new ConfigError([`${given} holds no page.`]);
    return { ...page, url, requestedUrl: url };
  }
  const body = await readFile(path);
  if (body.byteLength > MOST_KEPT_BYTES)
    throw new ConfigError([`${path} is larger than 5 MB, which is too much to write a job from.`]);
  return { url, requestedUrl: url, method: 'GET', status: 200, headers: headersOf(path), body };
}

/** A job of one step in a file of its own: nothing else of the jobs folder is loaded. */
async function fetchPage(line: CommandLine, config: Config, url: string): Promise<KeptPage> {
  const scrubber = makeScrubberOf(config);
  const folder = await mkdtemp(join(tmpdir(), 'talkbell-new-'));
  const workers = openWorkersOf({ config, log: makeCommandLog(line, scrubber), scrubber });
  const stop = (): void => void workers.close();
  line.signal.addEventListener('abort', stop, { once: true });
  try {
    const file = 'talkbell-new.mjs';
    const source = { file, path: join(folder, file), hash: '' };
    await writeFile(source.path, codeOf(url));
    await workers.load([source]);
    const now = line.now();
    const run = { job: 'new', slot: 'main', due: now, at: now, timezone: config.timezone, manual: false, look: 1 };
    const keep = { folder: join(folder, 'pages'), always: true };
    const look = await workers.look({ source, run, timeLimitMs: TIME_LIMIT_MS, watches: false, validators: [], keep });
    return await keptOf(look, keep.folder, url);
  } finally {
    line.signal.removeEventListener('abort', stop);
    await workers.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function codeOf(url: string): string {
  return `export default {
  schedule: '0 0 1 1 *',
  to: 'nobody',
  fetch: (get) => get(${JSON.stringify(url)}),
  extract: () => [],
  render: () => undefined,
};
`;
}

async function keptOf(look: Look, folder: string, url: string): Promise<KeptPage> {
  if (look.kind === 'failed') {
    const isWrong = look.failure.cause === 'wrong-page';
    throw new ConfigError([
      `${look.failure.message.replace(/ ?Nothing was found on it\.$/, '')} ${isWrong ? WRONG : NOT_HAD}`,
    ]);
  }
  const [page] = existsSync(folder) ? await readKeptPages(folder) : [];
  if (page === undefined) throw new ConfigError([`${url} is larger than 5 MB, which is too much to write a job from.`]);
  return page;
}

const WRONG =
  'Behind a log-in, save the page from the browser and add --page FILE; the job itself logs in with get.form. Else mend the address.';
const NOT_HAD = 'If the browser shows it, save it there and add --page FILE.';
