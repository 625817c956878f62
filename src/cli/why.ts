// `talkbell why JOB`: what became of its last runs, step by step: due, looked, found, told, delivered, with reasons.
import type { Command } from 'commander';
import type { MessageRow, RunRow } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import { type KeptLook, keptFolder, readKeptLook } from '../io/kept-pages.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { findJob } from './find-job.ts';
import { readCount } from './numbers.ts';
import { dueOf, firstWords, outcomeOf, type Progress, progressOf, reasonOf, viewMessage, viewRun } from './run-view.ts';
import { readWaits } from './waits.ts';
import { withStore } from './with-store.ts';

const RUNS = 5;
const MESSAGES = 100;

interface Options extends JsonOption {
  readonly limit: number;
}

interface Told {
  readonly run: RunRow;
  readonly messages: readonly MessageRow[];
}

interface Kept extends KeptLook {
  readonly folder: string;
}

interface Shown extends Progress {
  /** The last failed look whose pages are on disk. */
  readonly kept: Kept | undefined;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('why')
    .description('Tell what became of the last runs of a job, and why.')
    .argument('<job>', 'the id or file of a job')
    .option('--limit <n>', 'how many runs', readCount, RUNS)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  talkbell why lunch\n  talkbell why lunch --limit 20')
    .action((job: string, options: Options) => explain(line, job, options));
}

async function explain(line: CommandLine, called: string, options: Options): Promise<void> {
  await withStore(line, async (context) => {
    const { store, config, now } = context;
    const job = await findJob(context, called);
    const zone = config.timezone;
    const whyWaits = await readWaits(store, { now: now(), zone });
    const told: Told[] = [];
    for (const run of await store.runs({ job: job.id, limit: options.limit })) {
      told.push({ run, messages: (await store.messages({ run: run.id, limit: MESSAGES })).toReversed() });
    }
    const data = told.map(({ run, messages }) => ({
      ...viewRun(run),
      messages: messages.map((row) => viewMessage(row, whyWaits)),
    }));
    const kept = await findKept(config.dataDir, job.id);
    printAnswer(line, options, {
      data: data.map((run, index) => withKept(run, told[index]?.run, kept)),
      lines: linesOf(job.id, told, { zone, whyWaits, kept }),
    });
  });
}

async function findKept(dataDir: string, job: string): Promise<Kept | undefined> {
  const folder = keptFolder(dataDir, job);
  const look = await readKeptLook(folder);
  return look === undefined ? undefined : { ...look, folder };
}

function withKept(view: object, run: RunRow | undefined, kept: Kept | undefined): object {
  return kept !== undefined && kept.due === run?.due && kept.slot === run.slot ? { ...view, pages: kept.folder } : view;
}

/** What the job saw, and how to try it again on that after an edit. */
function linesOfKept(job: string, { folder, slot }: Kept): readonly string[] {
  return [`  its page   ${folder}`, `  try it     talkbell run ${job} --slot ${slot} --dry-run --page ${folder}`];
}

function linesOf(job: string, told: readonly Told[], { kept, ...progress }: Shown): readonly string[] {
  const { zone } = progress;
  if (told.length === 0) return [`${job} has not run yet. See when it will: talkbell jobs`];
  return told.flatMap(({ run, messages }) => [
    `${dueOf(run, zone)}  ${run.slot}  ${outcomeOf(run, zone)}`,
    ...(run.startedAt === undefined
      ? []
      : [`  looked     ${showTime(zone, run.startedAt)}${run.looks > 1 ? `, ${run.looks} times` : ''}`]),
    ...(run.found === undefined ? [] : [`  found      ${run.found}, told ${run.told ?? 0}`]),
    ...(run.reason === undefined ? [] : [`  because    ${reasonOf(run)}`]),
    ...(kept?.due === run.due && kept.slot === run.slot && run.outcome !== 'told' ? linesOfKept(job, kept) : []),
    ...messages.map((row) => `  delivered  ${row.recipient}: ${progressOf(row, progress)}  "${firstWords(row)}"`),
    '',
  ]);
}
