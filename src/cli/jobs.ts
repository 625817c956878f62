// `talkbell jobs`: each job file as it is now, when it looks next, whom it tells, and what is wrong with it. Nothing is
// changed by asking.
import type { Command } from 'commander';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { linesOfJob, viewJobs } from './job-view.ts';
import { withJobs } from './load-jobs.ts';
import { makeScrubberOf, withStore } from './with-store.ts';

export function register(program: Command, line: CommandLine): void {
  program
    .command('jobs')
    .description('List the jobs: when they look next, whom they tell, what is wrong.')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  talkbell jobs\n  talkbell jobs --json')
    .action((options: JsonOption) => listAll(line, options));
}

async function listAll(line: CommandLine, options: JsonOption): Promise<void> {
  await withStore(line, async ({ config, store, log, now }) => {
    const files = await withJobs({ config, log, scrubber: makeScrubberOf(config) }, async (jobs) => jobs.files);
    const [rows, recipients, accounts] = [await store.jobs(), await store.recipients(), await store.accounts()];
    const views = viewJobs({ files, rows, people: { recipients, accounts }, now: now() });
    const none = [`There are no job files in ${config.jobsDir}. Copy one there, or set TALKBELL_JOBS.`];
    printAnswer(line, options, { data: views, lines: views.length === 0 ? none : views.flatMap(linesOfJob) });
  });
}
