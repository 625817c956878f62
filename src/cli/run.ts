// `talkbell run JOB`: looks once, now, whatever the schedule says. A running daemon does it when it is there; else the
// command does, under the same lock. `--dry-run` takes writing and sending away, `--learn` only the sending.
import type { Command } from 'commander';
import { findRecipients } from '../core/address.ts';
import { ConfigError } from '../core/errors.ts';
import type { Instant, JobDescription } from '../core/job.ts';
import type { JobRow, MessageRow, Recipient, RunRow, Store } from '../core/ports.ts';
import { type Config, readConfig } from '../io/config.ts';
import { takeLock } from '../io/lock.ts';
import type { Alone } from './alone.ts';
import { JSON_OPTION, type JsonOption, printAnswer } from './answer.ts';
import { awaitSettled } from './await-settled.ts';
import type { CommandLine } from './command-line.ts';
import { descriptionOf, findJob, pickJob, pickSlot } from './find-job.ts';
import { openLaterLock } from './later-lock.ts';
import { isLost, linesOfMessages } from './message-report.ts';
import { nearRecipient } from './reach.ts';
import { dueOf, outcomeOf, viewMessage, viewRun } from './run-view.ts';
import { type WhyWaits, waitsOf } from './waits.ts';
import { withStore } from './with-store.ts';

const MESSAGES = 500;

interface Options extends JsonOption {
  readonly slot?: string;
  readonly dryRun?: boolean;
  readonly at?: string;
  readonly page?: string;
  readonly learn?: boolean;
}

interface Ran {
  readonly run: RunRow;
  readonly messages: readonly MessageRow[];
}

export function register(program: Command, line: CommandLine): void {
  const command = program
    .command('run')
    .description('Look now, once, and tell what there is to tell.')
    .argument('<job>', 'the id or file of a job')
    .option('--slot <slot>', 'which line of its schedule; default: the one due nearest to now')
    .option('--dry-run', 'save nothing and send nothing: show what the daemon would do')
    .option('--at <time>', "with --dry-run: as if it were due then, such as '2026-11-20 11:20' in the job's zone")
    .option('--page <file>', 'with --dry-run: a saved page in the place of every page it gets')
    .option('--learn', 'take everything found as known, and tell nothing')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      "\nIt ends with 1 if the look failed or a message was not delivered. Without a daemon, whatever else is due goes out too.\n\nExamples:\n  talkbell run lunch --dry-run\n  talkbell run lunch --slot dinner\n  talkbell run lunch --dry-run --at '2026-11-20 11:20' --page menu.html\n  talkbell run notices --learn",
    );
  command.action(async (job: string, options: Options) => {
    if (options.dryRun !== true && (options.at !== undefined || options.page !== undefined))
      command.error('error: --at and --page need --dry-run');
    if (options.dryRun === true) return (await import('./run-dry.ts')).runDry(line, job, options);
    if (options.learn === true) return (await import('./run-learn.ts')).runLearn(line, job, options);
    return run(line, job, options);
  });
}

async function run(line: CommandLine, called: string, options: Options): Promise<void> {
  const config = readConfig(line.env);
  const lock = takeLock(config.dataDir);
  const begin = async (store: Store): Promise<RunRow> =>
    addRun(store, pickJob(called, await store.jobs()), { slot: options.slot, now: line.now() });
  const ran =
    'release' in lock
      ? await runAlone(line, { config, release: lock.release, options }, begin)
      : await runBeside(line, called, { config, options });
  const whyWaits = await waitsOf(line, ran.messages);
  report(line, ran, { config, options, printed: 'release' in lock, whyWaits });
}

/** Begins the run, or goes on with one, and does what a daemon would. */
async function runAlone(line: CommandLine, alone: Alone, begin: (store: Store) => Promise<RunRow>): Promise<Ran> {
  const { withEngine } = await import('./alone.ts');
  return withEngine(line, alone, async ({ store, scheduler, deliverer, library }) => {
    await library.refresh();
    const begun = await begin(store);
    const ring = async (): Promise<void> => {
      await scheduler.ring();
      await scheduler.idle();
      await deliverer.ring();
      await deliverer.idle();
    };
    return awaitSettled({ store, now: line.now, signal: line.signal, read: () => readRun(store, begun), ring });
  });
}

/** Leaves it to whoever holds the data folder; when that was no daemon and it goes, the command goes on alone. */
async function runBeside(
  line: CommandLine,
  called: string,
  { config, options }: { config: Config; options: Options },
): Promise<Ran> {
  const lock = openLaterLock(config.dataDir);
  const ran = await withStore(line, async (context) => {
    const { store, now } = context;
    const begun = await addRun(store, await findJob(context, called), { slot: options.slot, now: now() });
    const read = () => readRun(store, begun);
    return awaitSettled({ store, now, signal: line.signal, read, ring: undefined, isOver: lock.take });
  });
  const release = lock.release();
  return release === undefined ? ran : runAlone(line, { config, release, options }, async () => ran.run);
}

/** Refuses when nobody would hear of it, as the schedule does: what is found would count as told. */
async function addRun(
  store: Store,
  job: JobRow,
  { slot: called, now }: { slot: string | undefined; now: Instant },
): Promise<RunRow> {
  const description = descriptionOf(job);
  const slot = pickSlot(description, called, now);
  const { reached, missing } = findRecipients(description.to, await store.recipients());
  if (reached.length === 0) throw new ConfigError([nobody(description, missing, await store.recipients())]);
  return store.addManualRun({ job: job.id, slot, freshUntil: now + description.freshForMs }, now);
}

function nobody({ id }: JobDescription, missing: readonly string[], recipients: readonly Recipient[]): string {
  const names = missing.join(', ');
  const near = missing.flatMap((name) => nearRecipient(name, recipients) ?? []);
  const meant = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;
  return `There is nobody to tell: ${id} names ${names}, and there is no such recipient.${meant} Log in (talkbell login${missing[0] === 'me' ? '' : ` --as ${missing[0] ?? 'NAME'}`}), or look without telling: talkbell run ${id} --dry-run`;
}

async function readRun(
  store: Store,
  begun: RunRow,
): Promise<{ value: Ran; busy: boolean; messages: readonly MessageRow[] }> {
  const run = (await store.run(begun.id)) ?? begun;
  const messages = (await store.messages({ run: run.id, limit: MESSAGES })).toReversed();
  return { value: { run, messages }, busy: run.state !== 'done', messages };
}

function report(
  line: CommandLine,
  { run, messages }: Ran,
  { config, options, printed, whyWaits }: { config: Config; options: Options; printed: boolean; whyWaits: WhyWaits },
): void {
  const zone = config.timezone;
  const found = run.found === undefined ? [] : [`  found ${run.found}, told ${run.told ?? 0}`];
  const reason = run.reason === undefined ? [] : [`  ${run.reason}`];
  const waits = run.state === 'done' ? [] : [`  It is not done yet. See later: talkbell why ${run.job}`];
  const head = `${run.job} (${run.slot}), ${dueOf(run, zone)}: ${outcomeOf(run, zone)}`;
  const lines = [head, ...found, ...reason, ...waits, ...linesOfMessages(messages, { zone, printed, whyWaits })];
  const data = { run: viewRun(run), messages: messages.map((row) => viewMessage(row, whyWaits)) };
  printAnswer(line, options, { data, lines });
  if (run.state !== 'done' || run.outcome === 'failed' || messages.some(isLost)) line.fail();
}
