// `talkbell pause JOB`: its due instants are skipped until it is resumed.
import type { Command } from 'commander';
import { isoOf, JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { findJob } from './find-job.ts';
import { withStore } from './with-store.ts';

export function register(program: Command, line: CommandLine): void {
  program
    .command('pause')
    .description('Stop a job for a while. What is due meanwhile is skipped.')
    .argument('<job>', 'the id or file of a job')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  talkbell pause lunch\n  talkbell resume lunch')
    .action((job: string, options: JsonOption) => pause(line, job, options));
}

async function pause(line: CommandLine, called: string, options: JsonOption): Promise<void> {
  await withStore(line, async (context) => {
    const { id, pausedAt } = await findJob(context, called);
    const at = pausedAt ?? context.now();
    if (pausedAt === undefined) await context.store.pause(id, at);
    const lines = [
      pausedAt === undefined ? `${id} is paused. Go on with: talkbell resume ${id}` : `${id} was paused already.`,
    ];
    printAnswer(line, options, { data: { job: id, pausedAt: isoOf(at) }, lines });
  });
}
