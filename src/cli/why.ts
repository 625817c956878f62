// `talkbell why JOB`: what became of its last runs, step by step: due, looked, found, told, delivered, with reasons.
import type { Command } from 'commander';
import type { MessageRow, RunRow } from '../core/ports.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { findJob } from './find-job.ts';
import { readCount } from './numbers.ts';
import { dueOf, firstWords, outcomeOf, type Progress, progressOf, viewMessage, viewRun } from './run-view.ts';
import { showTime } from './show-time.ts';
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
    printAnswer(line, options, { data, lines: linesOf(job.id, told, { zone, whyWaits }) });
  });
}

function linesOf(job: string, told: readonly Told[], progress: Progress): readonly string[] {
  const { zone } = progress;
  if (told.length === 0) return [`${job} has not run yet. See when it will: talkbell jobs`];
  return told.flatMap(({ run, messages }) => [
    `${dueOf(run, zone)}  ${run.slot}  ${outcomeOf(run, zone)}`,
    ...(run.startedAt === undefined
      ? []
      : [`  looked     ${showTime(zone, run.startedAt)}${run.looks > 1 ? `, ${run.looks} times` : ''}`]),
    ...(run.found === undefined ? [] : [`  found      ${run.found}, told ${run.told ?? 0}`]),
    ...(run.reason === undefined ? [] : [`  because    ${run.reason}`]),
    ...messages.map((row) => `  delivered  ${row.recipient}: ${progressOf(row, progress)}  "${firstWords(row)}"`),
    '',
  ]);
}
