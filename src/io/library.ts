// The job files as the daemon has them: taken up when they change, the last good version of each kept on disk, so that
// a broken edit costs nothing but its own novelty.

import { existsSync, watch } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobFile } from '../core/job.ts';
import type { Log } from '../core/log.ts';
import type { Owner } from '../core/owner.ts';
import type { AlertStore, Clock, JobRow, RunStore } from '../core/ports.ts';
import type { JobSource } from '../core/worker-protocol.ts';
import { listJobs } from './jobs-folder.ts';
import { stampFolder } from './jobs-stamp.ts';
import type { Workers } from './workers.ts';

/** An editor writes a file in several steps. */
const SETTLE_MS = 200;
/** A folder on a network disk tells nothing: it is read again this often. */
const REREAD_MS = 30_000;

export interface Library {
  /** Takes up the jobs folder as it is now, from what the store knows of the same files if it knows them all. */
  readonly begin: () => Promise<void>;
  /** Loads the folder if it has changed. True if it has. */
  readonly refresh: () => Promise<boolean>;
  readonly sourceOf: (job: JobRow) => JobSource;
  /** Calls back after a change was taken up, until the signal aborts. */
  readonly follow: (onChange: () => void, signal: AbortSignal) => void;
}

export interface LibraryParts {
  readonly config: { readonly dataDir: string; readonly jobsDir: string };
  readonly store: RunStore & Pick<AlertStore, 'alerts'>;
  readonly workers: Pick<Workers, 'load' | 'expect'>;
  readonly owner: Owner;
  readonly now: Clock;
  readonly log: Log;
}

export function openLibrary(parts: LibraryParts): Library {
  const { config, store, now } = parts;
  const state: { sources: readonly JobSource[]; stamp: string; loading: Promise<unknown> } = {
    sources: [],
    stamp: '',
    loading: Promise.resolve(),
  };
  const keptDir = join(config.dataDir, 'jobs');
  const keptOf = (file: string): string => join(keptDir, file);
  const list = async (): Promise<readonly JobSource[]> =>
    (await listJobs(config.jobsDir)).map((source) =>
      existsSync(keptOf(source.file)) ? { ...source, lastGood: keptOf(source.file) } : source,
    );

  const take = async (sources: readonly JobSource[]): Promise<void> => {
    state.sources = sources;
    const files = refuseTwins(await parts.workers.load(sources));
    await store.syncJobs(files, now());
    await keepGood(keptDir, files, await listJobs(config.jobsDir));
    await forgetRemoved(parts, { keptDir, sources });
    await tellBroken(parts, files);
    state.stamp = stampOf(sources);
  };
  const refresh = async (): Promise<boolean> => {
    const sources = await list();
    if (stampOf(sources) === state.stamp) return false;
    await take(sources);
    return true;
  };
  /** One at a time: two loads at once would race for the schedule. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = state.loading.then(work);
    state.loading = turn.catch(() => {});
    return turn;
  };

  return {
    begin: () =>
      inTurn(async () => {
        const sources = await list();
        const known = knownFiles(sources, await store.jobs());
        if (known === undefined) return take(sources);
        state.sources = sources;
        parts.workers.expect(sources);
        await store.syncJobs(known, now());
        return forgetRemoved(parts, { keptDir, sources });
      }),
    refresh: () => inTurn(refresh),
    sourceOf: ({ file, hash }) =>
      state.sources.find((source) => source.file === file) ?? { file, hash, path: join(config.jobsDir, file) },
    follow: (onChange, signal) =>
      followFolder(config.jobsDir, () => inTurn(refresh), { onChange, signal, log: parts.log }),
  };
}

function stampOf(sources: readonly JobSource[]): string {
  return sources.map(({ file, hash }) => `${file}:${hash}`).join('\n');
}

/** The files as the store remembers them, if it knows every one as it is now: a start need not wait for a worker. */
function knownFiles(sources: readonly JobSource[], rows: readonly JobRow[]): readonly JobFile[] | undefined {
  const byFile = new Map(rows.map((row) => [`${row.file} ${row.hash}`, row]));
  const files = sources.map(({ file, hash }): JobFile | undefined => {
    const row = byFile.get(`${file} ${hash}`);
    if (row === undefined || row.problems.length > 0 || row.unset.length > 0 || row.description === undefined)
      return undefined;
    return { kind: 'job', file, hash, description: row.description };
  });
  return files.every((file) => file !== undefined) ? files : undefined;
}

/** Two files with one id would share a history: the later one does not load. */
function refuseTwins(files: readonly JobFile[]): readonly JobFile[] {
  const owners = new Map<string, string>();
  return files.map((file) => {
    if (file.kind !== 'job') return file;
    const owner = owners.get(file.description.id);
    if (owner === undefined) {
      owners.set(file.description.id, file.file);
      return file;
    }
    const problem = `jobs/${file.file}: the id "${file.description.id}" is that of jobs/${owner} already. Give one of them another id.`;
    return { kind: 'broken', file: file.file, hash: file.hash, problems: [problem] };
  });
}

/** Keeps what loaded, as `present` still shows it: a file saved again since then is not known to load. */
async function keepGood(keptDir: string, files: readonly JobFile[], present: readonly JobSource[]): Promise<void> {
  await mkdir(keptDir, { recursive: true, mode: 0o700 });
  const byFile = new Map(present.map((source) => [source.file, source]));
  for (const { kind, file, hash } of files) {
    const source = byFile.get(file);
    if (kind !== 'job' || source?.hash !== hash) continue;
    const kept = join(keptDir, file);
    // Whole or not at all: half a copy would be no version to fall back on.
    await writeFile(`${kept}.new`, await readFile(source.path), { mode: 0o600 });
    await rename(`${kept}.new`, kept);
  }
}

/** A file that is gone leaves no copy for another of its name, and no episode that nothing could end. */
async function forgetRemoved(
  { store, owner }: LibraryParts,
  { keptDir, sources }: { readonly keptDir: string; readonly sources: readonly JobSource[] },
): Promise<void> {
  const files = new Set(sources.map(({ file }) => file));
  for (const kept of await readdir(keptDir).catch(() => [])) {
    if (!files.has(kept)) await rm(join(keptDir, kept), { force: true });
  }
  const slots = new Set((await store.slots()).map(({ job, slot }) => `${job}/${slot}`));
  for (const { key } of await store.alerts()) {
    const [, kind, name = ''] = /^(file|job):(.*)$/.exec(key) ?? [];
    if (kind === 'file' && !files.has(name)) await owner.recover(key, `jobs/${name} is no longer there.`);
    if (kind === 'job' && !slots.has(name)) await owner.recover(key, `${name} is no longer due.`);
  }
}

async function tellBroken({ owner, store, log }: LibraryParts, files: readonly JobFile[]): Promise<void> {
  const rows = await store.jobs();
  for (const { kind, file, ...rest } of files) {
    if (kind !== 'broken') {
      if (kind === 'unset')
        log.info({ file, settings: 'settings' in rest ? rest.settings : [] }, 'a job is not set up');
      await owner.recover(`file:${file}`, `jobs/${file} loads again.`);
      continue;
    }
    const problems = 'problems' in rest ? rest.problems.join(' ') : '';
    const isKept = rows.some((row) => row.file === file && row.description !== undefined);
    const rescue = isKept ? 'The last good version goes on.' : 'It does not run.';
    await owner.tell(`file:${file}`, `${problems} ${rescue}`);
  }
}

interface Following {
  readonly onChange: () => void;
  readonly signal: AbortSignal;
  readonly log: Log;
}

function followFolder(dir: string, refresh: () => Promise<boolean>, { onChange, signal, log }: Following): void {
  const last: { stamp: string | undefined } = { stamp: undefined };
  const look = (): void => {
    refresh().then(
      (changed) => changed && onChange(),
      (error: unknown) => {
        last.stamp = undefined;
        log.error({ err: error }, 'the jobs folder could not be taken up');
      },
    );
  };
  let settling: NodeJS.Timeout | undefined;
  const settle = (): void => {
    clearTimeout(settling);
    settling = setTimeout(look, SETTLE_MS);
  };
  const doWithout = (error: unknown): void =>
    log.warn({ err: error }, 'the jobs folder tells no changes; it is read every 30 s');
  try {
    watch(dir, { signal }, settle).on('error', doWithout);
  } catch (error) {
    // The machine may have no watch left to give.
    doWithout(error);
  }
  const reread = setInterval(() => {
    // Taken before the files are read: what changes meanwhile makes another one. The disk has the machine's own clock.
    const stamp = stampFolder(dir, Date.now());
    if (stamp !== undefined && stamp === last.stamp) return;
    last.stamp = stamp;
    look();
  }, REREAD_MS);
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(settling);
      clearInterval(reread);
    },
    { once: true },
  );
}
