// `talkbell history [JOB]`: the last runs, one a line.
import type { Command } from 'commander';
import { JSON_OPTION, type JsonOption, printAnswer, shorten } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { findJob } from './find-job.ts';
import { readCount } from './numbers.ts';
import { dueOf, outcomeOf, reasonOf, viewRun } from './run-view.ts';
import { makeTable } from './table.ts';
import { withStore } from './with-store.ts';

const RUNS = 20;
const REASON_LETTERS = 80;

interface Options extends JsonOption {
  readonly limit: number;
}

export function register(program: Command, line: CommandLine): void {
  program
    .command('history')
    .description('List the last runs, newest first.')
    .argument('[job]', 'the id or file of a job; without one, of all')
    .option('--limit <n>', 'how many runs', readCount, RUNS)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  talkbell history\n  talkbell history lunch --limit 50')
    .action((job: string | undefined, options: Options) => list(line, job, options));
}

async function list(line: CommandLine, called: string | undefined, options: Options): Promise<void> {
  await withStore(line, async (context) => {
    const job = called === undefined ? undefined : (await findJob(context, called)).id;
    const runs = await context.store.runs({ ...(job === undefined ? {} : { job }), limit: options.limit });
    const zone = context.config.timezone;
    const rows = runs.map((run) => [
      dueOf(run, zone),
      run.job,
      run.slot,
      outcomeOf(run, zone),
      run.found === undefined ? '' : `${run.told ?? 0}/${run.found}`,
      shorten(reasonOf(run), REASON_LETTERS),
    ]);
    const table = makeTable([`DUE (${zone})`, 'JOB', 'SLOT', 'OUTCOME', 'TOLD', 'BECAUSE'], rows, line.columns);
    printAnswer(line, options, {
      data: runs.map(viewRun),
      lines: rows.length === 0 ? ['Nothing has run yet.'] : table,
    });
  });
}
