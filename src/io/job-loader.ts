// Imports job files in the worker. A job imports 'talkbell', wherever its folder lies, and its .ts is always a module.

import { readFileSync } from 'node:fs';
import { type ResolveHookContext, type ResolveHookSync, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { JobDefinition, JobFile } from '../core/job.ts';
import { type ReadJob, readJob } from '../core/read-job.ts';
import { wordsOf } from '../core/thrown.ts';
import type { JobSource } from '../core/worker-protocol.ts';
import { collectMissing } from './settings.ts';

const TALKBELL = new URL('../index.ts', import.meta.url).href;
/** Marks the address of a file whose last good version is to be read in its place. */
const LAST_GOOD = '?last-good';

export interface LoadedJob {
  readonly file: JobFile;
  /** The last good version's when the file does not load. */
  readonly definition: JobDefinition | undefined;
}

/** Teaches this process to resolve 'talkbell', and to read TypeScript beside the given job files as modules. */
export function teachImports(sources: readonly JobSource[]): void {
  const folders = new Set(sources.map(({ path }) => new URL('.', pathToFileURL(path)).href));
  const lastGood = new Map(sources.map(({ path, lastGood }) => [`${pathToFileURL(path).href}${LAST_GOOD}`, lastGood]));
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'talkbell') return { url: TALKBELL, shortCircuit: true };
      const isOfJob = [...folders].some((folder) => context.parentURL?.startsWith(folder) === true);
      return isOfJob ? resolveBeside(specifier, context, next) : next(specifier, context);
    },
    load: (url, context, next) => {
      const format = /\.m?ts(\?|$)/.test(url) ? 'module-typescript' : 'module';
      const kept = lastGood.get(url);
      if (kept !== undefined) return { format, source: readFileSync(kept, 'utf8'), shortCircuit: true };
      const isJob = [...folders].some((folder) => url.startsWith(folder)) && !url.includes('/node_modules/');
      return next(url, isJob && /\.[mc]?[jt]s$/.test(url) ? { ...context, format } : context);
    },
  });
}

/** A jobs folder may lie anywhere: what it does not bring itself, such as zod, is looked for among talkbell's own. */
function resolveBeside(
  specifier: string,
  context: ResolveHookContext,
  next: Parameters<ResolveHookSync>[2],
): ReturnType<ResolveHookSync> {
  try {
    return next(specifier, context);
  } catch (error) {
    const isPackage = !/^(\.|\/|node:|file:)/.test(specifier);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (!isPackage || !isMissing) throw error;
    try {
      return next(specifier, { ...context, parentURL: TALKBELL });
    } catch {
      throw error;
    }
  }
}

/** Imports one job file. Never throws: what is wrong is told in `file`. */
export async function loadJob(source: JobSource, { timezone }: { readonly timezone: string }): Promise<LoadedJob> {
  const { file, hash } = source;
  if (source.skipFile === true) return fallBack(source, [`jobs/${file} is not loaded.`], timezone);
  const { loaded, missing } = await collectMissing(() => importDefault(pathToFileURL(source.path).href));
  if (missing.length > 0) return { file: { kind: 'unset', file, hash, settings: missing }, definition: undefined };
  if (loaded.status === 'rejected') return fallBack(source, [describeImport(source, loaded.reason)], timezone);

  const read = readExport(source, loaded.value, timezone);
  if (read.kind === 'broken') return fallBack(source, read.problems, timezone);
  return { file: { kind: 'job', file, hash, description: read.description }, definition: read.definition };
}

/** A getter or a proxy in it may throw. */
function readExport(source: JobSource, exported: unknown, timezone: string): ReadJob {
  try {
    return readJob(source.file, exported, { timezone });
  } catch (error) {
    return { kind: 'broken', problems: [describeImport(source, error)] };
  }
}

async function fallBack(source: JobSource, problems: readonly string[], timezone: string): Promise<LoadedJob> {
  const { file, hash } = source;
  return { file: { kind: 'broken', file, hash, problems }, definition: await loadLastGood(source, timezone) };
}

async function importDefault(url: string): Promise<unknown> {
  const loaded = (await import(url)) as { default?: unknown };
  return loaded.default;
}

/** The last good version may fail too, when a helper beside it is what broke: then there is nothing to fall back on. */
async function loadLastGood(source: JobSource, timezone: string): Promise<JobDefinition | undefined> {
  if (source.lastGood === undefined) return undefined;
  const exported = await importDefault(`${pathToFileURL(source.path).href}${LAST_GOOD}`).catch(() => undefined);
  const read = readExport(source, exported, timezone);
  return read.kind === 'job' ? read.definition : undefined;
}

function describeImport({ file, path }: JobSource, error: unknown): string {
  if (!(error instanceof Error)) return `jobs/${file} threw ${wordsOf(error)} while it was imported.`;
  const place = error.stack?.split('\n').find((line) => line.includes(path)) ?? '';
  const line = /:(\d+)(?::\d+)?\)?$/.exec(place.trim())?.[1];
  const where = line === undefined ? `jobs/${file}` : `jobs/${file}, line ${line}`;
  const what = wordsOf(error).split('\n')[0]?.replace(/\.$/, '');
  return `${where} does not load: ${what}. Mend it and save the file.`;
}
