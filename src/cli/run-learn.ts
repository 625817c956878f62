// `talkbell run JOB --learn`: takes everything a watching job finds now as known, and tells nothing of it.
import { ConfigError } from '../core/errors.ts';
import type { Look } from '../core/job.ts';
import type { JobRow, RunRow } from '../core/ports.ts';
import type { LookTask } from '../core/worker-protocol.ts';
import { type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { descriptionOf, findJob, pickSlot } from './find-job.ts';
import { withJobs } from './load-jobs.ts';
import { viewRun } from './run-view.ts';
import { type Context, makeScrubberOf, withStore } from './with-store.ts';

interface Options extends JsonOption {
  readonly slot?: string;
}

export async function runLearn(line: CommandLine, called: string, options: Options): Promise<void> {
  await withStore(line, async (context) => {
    const job = await findJob(context, called);
    const description = descriptionOf(job);
    if (!description.watches)
      throw new ConfigError([
        `${job.id} does not watch, so there is nothing to learn: it tells what it finds every time.`,
      ]);
    const slot = pickSlot(description, options.slot, context.now());
    const look = await lookAnew(context, job, slot);
    const run = await save(context, { job, slot, look, freshForMs: description.freshForMs });
    printAnswer(line, options, { data: { run: viewRun(run) }, lines: [`${job.id} (${slot}): ${run.reason ?? ''}`] });
    if (run.outcome === 'failed') line.fail();
  });
}

/** As if nothing were known: then everything is learned. */
async function lookAnew({ config, log, now, store }: Context, job: JobRow, slot: string): Promise<Look> {
  const { cookies } = await store.recall(job.id, job.hash);
  return withJobs({ config, log, scrubber: makeScrubberOf(config) }, async ({ sources, workers }) => {
    const source = sources.find(({ file }) => file === job.file);
    if (source === undefined) throw new ConfigError([`jobs/${job.file} is gone. See: talkbell jobs`]);
    const { timezone, timeLimitMs } = descriptionOf(job);
    const at = now();
    const run = { job: job.id, slot, due: at, at, timezone, manual: true, look: 1 };
    const kept = cookies === undefined ? {} : { cookies };
    return workers.look({ source, run, timeLimitMs, watches: true, validators: [], ...kept } satisfies LookTask);
  });
}

interface Learned {
  readonly job: JobRow;
  readonly slot: string;
  readonly look: Look;
  readonly freshForMs: number;
}

/** Begun and ended at once, so that a running daemon does not take the run for one of its own. */
async function save({ store, now }: Context, { job, slot, look, freshForMs }: Learned): Promise<RunRow> {
  const at = now();
  const run = await store.addManualRun({ job: job.id, slot, freshUntil: at + freshForMs }, at);
  if (!(await store.beginLook(run.id, at))) throw new ConfigError(['The daemon took this run up itself. Try again.']);
  const after = { state: 'done', ...endOf(look) } as const;
  await store.endLook({ run: run.id, hash: job.hash, look, after, messages: [], now: at });
  return (await store.run(run.id)) ?? run;
}

function endOf(look: Look): { readonly outcome: 'silent' | 'failed'; readonly reason: string } {
  switch (look.kind) {
    case 'done':
      return { outcome: 'silent', reason: `learned ${look.found} ${look.found === 1 ? 'item' : 'items'}, told none` };
    case 'unchanged':
      return { outcome: 'silent', reason: 'no page has changed' };
    case 'closed':
      return { outcome: 'silent', reason: `closed: ${look.reason}` };
    case 'notYet':
      return { outcome: 'failed', reason: `not posted yet: ${look.reason}` };
    case 'failed':
      return { outcome: 'failed', reason: look.failure.message };
  }
}
