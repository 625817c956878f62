// The pages of a failed look, kept on disk so that a person can look at what the job saw, and replay it: one folder a
// job, the last failed look only, never without bounds.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from '@badrap/valita';
import { ConfigError } from '../core/errors.ts';
import type { Instant } from '../core/job.ts';

/** A look that fetches more than this has its first pages kept. */
const MOST_PAGES = 10;
/** Of one look. */
export const MOST_KEPT_BYTES = 5_000_000;
const MOST_BYTES = 50_000_000;
const KEPT_FOR_MS = 30 * 24 * 60 * 60_000;
const LIST = 'pages.json';

/** A page as it came, with what is needed to hand it to the job again. */
export interface KeptPage {
  /** Without secrets. */
  readonly url: string;
  readonly requestedUrl: string;
  readonly method: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Which look the pages are of. */
export interface KeptLook {
  readonly job: string;
  readonly slot: string;
  readonly due: Instant;
  readonly at: Instant;
}

/** JSON may hold 1e400, which is read as Infinity. */
const number = v.number().assert(Number.isFinite);

const list = v.object({
  job: v.string(),
  slot: v.string(),
  due: number,
  at: number,
  pages: v.array(
    v.object({
      file: v.string().assert((name) => /^[\w.-]+$/.test(name)),
      url: v.string(),
      requestedUrl: v.string(),
      method: v.string(),
      status: number,
      headers: v.record(v.string()),
    }),
  ),
});

const KEPT_HEADERS = ['content-type', 'content-disposition', 'last-modified', 'date'];

/** Where the pages of a job's last failed look are. */
export function keptFolder(dataDir: string, job: string): string {
  return join(
    dataDir,
    'pages',
    encodeURIComponent(job).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length)),
  );
}

/** Takes the place of what was kept before, whole or not at all. */
export async function keepPages(folder: string, look: KeptLook, pages: readonly KeptPage[]): Promise<void> {
  const kept = withinBounds(pages);
  if (kept.length === 0) return;
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const entries = kept.map(({ body: _, headers, ...page }, index) => ({
    file: `${index + 1}${endingOf(headers['content-type'])}`,
    ...page,
    headers: Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
    ),
  }));
  for (const [index, { file }] of entries.entries()) {
    await writeFile(join(fresh, file), kept[index]?.body ?? '', { mode: 0o600 });
  }
  await writeFile(join(fresh, LIST), `${JSON.stringify({ ...look, pages: entries }, null, 2)}\n`, { mode: 0o600 });
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}

/** Of which look the pages in a folder are; undefined when there are none. */
export async function readKeptLook(folder: string): Promise<KeptLook | undefined> {
  return (await readList(folder).catch(() => undefined)) as KeptLook | undefined;
}

/** Throws ConfigError when the folder holds no kept pages. */
export async function readKeptPages(folder: string): Promise<readonly KeptPage[]> {
  const { pages } = await readList(folder);
  return Promise.all(pages.map(async ({ file, ...page }) => ({ ...page, body: await readFile(join(folder, file)) })));
}

async function readList(folder: string): Promise<v.Infer<typeof list>> {
  try {
    return list.parse(JSON.parse(await readFile(join(folder, LIST), 'utf8')), { mode: 'strip' });
  } catch (error) {
    throw new ConfigError(
      [`${folder} holds no kept pages: its ${LIST} cannot be read. Name a folder that talkbell why shows, or a file.`],
      {
        cause: error,
      },
    );
  }
}

function withinBounds(pages: readonly KeptPage[]): readonly KeptPage[] {
  let left = MOST_KEPT_BYTES;
  return pages.slice(0, MOST_PAGES).filter(({ body }) => {
    left -= body.byteLength;
    return left >= 0;
  });
}

/** The ending of the file that a page of this type is kept in. */
export function endingOf(contentType = ''): string {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/json/.test(type)) return '.json';
  if (/html/.test(type) || type === '') return '.html';
  if (/xml|rss|atom/.test(type)) return '.xml';
  return type === 'application/pdf' ? '.pdf' : type.startsWith('text/') ? '.txt' : '.bin';
}

/** Removes what is older than a month, and the oldest beyond 50 MB in all. Gives how many folders. */
export async function pruneKept(dataDir: string, now: Instant): Promise<number> {
  const root = join(dataDir, 'pages');
  // Asked at once: where no page was ever kept, upkeep waits for no disk.
  if (!existsSync(root)) return 0;
  const names = await readdir(root).catch(() => []);
  const found = await Promise.all(names.map((name) => measure(join(root, name))));
  let room = MOST_BYTES;
  const gone = found
    .toSorted((a, b) => b.at - a.at)
    .filter(({ at, bytes }) => {
      room -= bytes;
      return room < 0 || now - at > KEPT_FOR_MS;
    });
  for (const { folder } of gone) await rm(folder, { recursive: true, force: true });
  return gone.length;
}

async function measure(folder: string): Promise<{ folder: string; at: number; bytes: number }> {
  const files = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  const at = (await readKeptLook(folder))?.at ?? 0;
  return { folder, at, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
