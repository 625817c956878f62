// `talkbell fixture JOB`: saves the pages a job gets, as they are now, for its test. It looks as the daemon does, and
// neither stores nor sends anything.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import type { Instant, JobDescription, Look } from '../core/job.ts';
import type { LookTask } from '../core/worker-protocol.ts';
import { readConfig } from '../io/config.ts';
import { type KeptPage, readKeptLook, readKeptPages } from '../io/kept-pages.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { pickJob, pickSlot } from './find-job.ts';
import { withJobs } from './load-jobs.ts';
import { nameFile, readAt, readDescription } from './run-dry.ts';
import { makeCommandLog, makeScrubberOf } from './with-store.ts';

interface Options extends JsonOption {
  readonly slot?: string;
  readonly at?: string;
  readonly to?: string;
  readonly force?: boolean;
}

interface Saved {
  readonly job: string;
  readonly slot: string;
  readonly path: string;
  readonly pages: readonly KeptPage[];
  readonly look: Look;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('fixture')
    .description('Save the page a job looks at, for its test.')
    .argument('<job>', 'the id or file of a job')
    .option('--slot <slot>', 'which line of its schedule; default: the one due nearest to now')
    .option('--at <time>', "as if it were due then, such as '2026-11-20 11:20' in the job's zone")
    .option(
      '--to <path>',
      'a folder, or a file such as menu.html for a single page; default: fixtures/JOB beside the job',
    )
    .option('--force', 'replace what was saved there before')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nSecrets of the job are masked in what is saved. A page behind a log-in may hold personal data: look before you share it.\n\nExamples:\n  talkbell fixture lunch\n  talkbell fixture lunch --slot dinner --to menu.html\n  talkbell run lunch --dry-run --page jobs/fixtures/lunch',
    )
    .action((job: string, options: Options) => save(line, job, options));
}

async function save(line: CommandLine, called: string, options: Options): Promise<void> {
  const saved = await fetchAndSave(line, called, options);
  printAnswer(line, options, { data: viewOf(saved), lines: linesOf(saved) });
  if (saved.look.kind === 'failed') line.fail();
}

async function fetchAndSave(line: CommandLine, called: string, options: Options): Promise<Saved> {
  const config = readConfig(line.env);
  const scrubber = makeScrubberOf(config);
  const folder = await mkdtemp(join(tmpdir(), 'talkbell-fixture-'));
  try {
    return await withJobs(
      { config, log: makeCommandLog(line, scrubber), scrubber },
      async ({ files, sources, workers }) => {
        const { description } = readDescription(pickJob(called, files.map(nameFile)).of);
        const source = sources.find(({ file }) => file === description.file);
        if (source === undefined) throw new ConfigError([`jobs/${description.file} is gone. See: talkbell jobs`]);
        const path = resolve(options.to ?? join(config.jobsDir, 'fixtures', description.id));
        await refuseOthers(path, options);
        const at = options.at === undefined ? line.now() : readAt(options.at, description);
        const slot = pickSlot(description, options.slot, at);
        const task = makeTask({ source, description, slot, at, folder: join(folder, 'pages') });
        const look = await workers.look(task);
        const pages = await readPages(join(folder, 'pages'), description.id, look);
        await copyTo(path, join(folder, 'pages'), pages);
        return { job: description.id, slot, path, pages, look };
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is not a fixture is never replaced, and a fixture only on demand: its test rests on it. */
async function refuseOthers(path: string, { force = false }: Options): Promise<void> {
  if (!existsSync(path)) return;
  if (!force)
    throw new ConfigError([`${path} is there already. Add --force to replace it, or name another place with --to.`]);
  if (!isFile(path) && (await readKeptLook(path)) === undefined)
    throw new ConfigError([`${path} holds something else than saved pages, and stays. Name another folder with --to.`]);
}

function isFile(path: string): boolean {
  return extname(path) !== '';
}

interface Asked {
  readonly source: LookTask['source'];
  readonly description: JobDescription;
  readonly slot: string;
  readonly at: Instant;
  readonly folder: string;
}

function makeTask({ source, description, slot, at, folder }: Asked): LookTask {
  const { id, timezone, timeLimitMs, watches } = description;
  return {
    source,
    run: { job: id, slot, due: at, at, timezone, manual: false, look: 1 },
    timeLimitMs,
    watches,
    validators: [],
    keep: { folder, always: true },
  };
}

async function readPages(folder: string, job: string, look: Look): Promise<readonly KeptPage[]> {
  if (existsSync(folder)) return readKeptPages(folder);
  const why = look.kind === 'failed' ? look.failure.message : 'It got no page, or one of more than 5 MB.';
  throw new ConfigError([`There is nothing to save of ${job}. ${why}`]);
}

async function copyTo(path: string, folder: string, pages: readonly KeptPage[]): Promise<void> {
  if (!isFile(path)) {
    await rm(path, { recursive: true, force: true });
    await cp(folder, path, { recursive: true });
    return;
  }
  const [only, ...others] = pages;
  if (only === undefined || others.length > 0)
    throw new ConfigError([`The job gets ${pages.length} pages, which no single file holds. Name a folder with --to.`]);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, only.body, { mode: 0o600 });
}

function viewOf({ job, slot, path, pages, look }: Saved): object {
  return {
    job,
    slot,
    path,
    pages: pages.map(({ url, status, body }) => ({ url, status, bytes: body.byteLength })),
    look: look.kind,
    ...(look.kind === 'done' ? { found: look.found } : {}),
    ...(look.kind === 'failed' ? { problem: look.failure.message } : {}),
  };
}

function linesOf({ job, slot, path, pages, look }: Saved): readonly string[] {
  const shown = relative(process.cwd(), path);
  const replayed = shown.startsWith('..') ? path : shown;
  return [
    `Saved ${pages.length === 1 ? 'the page' : `the ${pages.length} pages`} of ${job} in ${replayed}:`,
    ...pages.map(({ url, status, body }) => `  ${status}  ${body.byteLength} bytes  ${url}`),
    `The job ${takenOf(look)}.`,
    '',
    `Look at it again, as often as you like: talkbell run ${job} --slot ${slot} --dry-run --page ${replayed}`,
  ];
}

function takenOf(look: Look): string {
  if (look.kind === 'done') return `finds ${look.found === 1 ? '1 item' : `${look.found} items`} on it now`;
  if (look.kind === 'failed') return `fails on it: ${look.failure.message.replace(/\.$/, '')}`;
  return look.kind === 'unchanged'
    ? 'takes nothing from it'
    : `takes nothing from it: ${look.reason.replace(/\.$/, '')}`;
}
