// `talkbell run JOB --dry-run`: the daemon's own path with writing and sending taken away. What it prints is what the
// daemon would do. It reads the store if there is one, and makes none.
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeConsoleChannel } from '../channels/console.ts';
import { makeChannels } from '../channels/index.ts';
import { findRecipients, writeMessages } from '../core/address.ts';
import { decideAfterLook } from '../core/after-look.ts';
import { ConfigError, MessageError } from '../core/errors.ts';
import type { Instant, JobDescription, JobFile, Look } from '../core/job.ts';
import type { AfterLook, JobRow, Recall, Recipient, RunRow, Store } from '../core/ports.ts';
import { idOf } from '../core/read-job.ts';
import type { LookTask } from '../core/worker-protocol.ts';
import { readDateTime } from '../core/zone.ts';
import { readConfig } from '../io/config.ts';
import { readKeptPages } from '../io/kept-pages.ts';
import { openKakaoParts } from '../kakao/parts.ts';
import { type JsonOption, printAnswer } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { linesOfTried, type Tried, viewTried } from './dry-report.ts';
import { makeSample } from './dry-sample.ts';
import { pickJob, pickSlot } from './find-job.ts';
import { type LoadedJobs, withJobs } from './load-jobs.ts';
import { type Context, makeCommandLog, makeScrubberOf, openStoreFor, storeFileOf } from './with-store.ts';

const NOTHING: Recall = { known: undefined, later: [], isEdited: false, validators: [], untold: 0 };

interface Options extends JsonOption {
  readonly slot?: string;
  readonly at?: string;
  readonly page?: string;
  readonly learn?: boolean;
}

interface Dry {
  readonly context: Omit<Context, 'store'> & { readonly store: Store | undefined };
  readonly called: string;
  readonly options: Options;
}

export async function runDry(line: CommandLine, called: string, options: Options): Promise<void> {
  const config = readConfig(line.env);
  const scrubber = makeScrubberOf(config);
  const log = makeCommandLog(line, scrubber);
  const { now } = line;
  if (options.page !== undefined && !existsSync(options.page))
    throw new ConfigError([`There is no file ${options.page}. Save the page there first.`]);
  if (options.page !== undefined && statSync(options.page).isDirectory()) await readKeptPages(options.page);
  const store = existsSync(storeFileOf(config)) ? await openStoreFor(config, { now, log }) : undefined;
  try {
    const dry = { context: { config, log, now, store }, called, options };
    const tried = await withJobs({ config, log, scrubber }, (jobs) => tryRun(dry, jobs));
    printAnswer(line, options, { data: viewTried(tried), lines: linesOfTried(tried) });
    if (tried.look.kind === 'failed') line.fail();
  } finally {
    await store?.close();
  }
}

async function tryRun({ context, called, options }: Dry, { files, sources, workers }: LoadedJobs): Promise<Tried> {
  const { store, now } = context;
  const { description, hash } = readDescription(pickJob(called, files.map(nameFile)).of);
  const at = options.at === undefined ? now() : readAt(options.at, description);
  const run = makeRunRow(description, pickSlot(description, options.slot, at), at);
  const recall = (await store?.recall(description.id, hash)) ?? NOTHING;
  const source = sources.find(({ file }) => file === description.file);
  if (source === undefined) throw new ConfigError([`jobs/${description.file} is gone. See: talkbell jobs`]);
  const task = makeTask({ source, run, description, recall, options });
  const look = await workers.look(task);
  const sample = await makeSample(workers, task, look);
  const recipients = (await store?.recipients()) ?? [];
  const ended = conclude({ context, description, run, recipients, at }, look);
  return { description, run, recipients, ...ended, ...(sample === undefined ? {} : { sample }) };
}

export function nameFile(of: JobFile): Pick<JobRow, 'id' | 'file'> & { readonly of: JobFile } {
  return { id: of.kind === 'job' ? of.description.id : idOf(of.file), file: of.file, of };
}

export function readDescription(file: JobFile): { readonly description: JobDescription; readonly hash: string } {
  if (file.kind === 'job') return file;
  if (file.kind === 'broken') throw new ConfigError(file.problems);
  throw new ConfigError([
    `jobs/${file.file} is not set up: add ${file.settings.map((name) => `${name}=...`).join(' and ')} to .env.`,
  ]);
}

export function readAt(text: string, { timezone }: JobDescription): Instant {
  const read =
    readDateTime(timezone, text) ??
    (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN);
  if (Number.isNaN(read))
    throw new ConfigError([
      `--at '${text}' is no time. Write it as '2026-11-20 11:20' (in ${timezone}), or as 2026-11-20T02:20:00Z.`,
    ]);
  return read;
}

function makeRunRow({ id, freshForMs }: JobDescription, slot: string, at: Instant): RunRow {
  return {
    id: 0,
    job: id,
    slot,
    due: at,
    lastDue: at,
    freshUntil: at + freshForMs,
    manual: false,
    state: 'looking',
    nextLookAt: undefined,
    outcome: undefined,
    reason: undefined,
    looks: 1,
    failing: false,
    startedAt: at,
    endedAt: undefined,
    found: undefined,
    told: undefined,
  };
}

interface Task {
  readonly source: LookTask['source'];
  readonly run: RunRow;
  readonly description: JobDescription;
  readonly recall: Recall;
  readonly options: Options;
}

/** A look that was found unchanged would show nothing, so the pages are always fetched in full. */
function makeTask({ source, run, description, recall, options }: Task): LookTask {
  const { timezone, timeLimitMs, watches } = description;
  const { known, later, isEdited, cookies } = recall;
  return {
    source,
    run: { job: run.job, slot: run.slot, due: run.due, at: run.due, timezone, manual: false, look: 1 },
    timeLimitMs,
    watches,
    validators: [],
    ...(cookies === undefined ? {} : { cookies }),
    ...(known === undefined || options.learn === true ? {} : { known, later, isEdited }),
    ...(options.page === undefined ? {} : { page: { path: resolve(options.page) } }),
  };
}

interface Concluding {
  readonly context: Dry['context'];
  readonly description: JobDescription;
  readonly run: RunRow;
  readonly recipients: readonly Recipient[];
  readonly at: Instant;
}

function conclude(
  { context, description, run, recipients, at }: Concluding,
  look: Look,
): Pick<Tried, 'look' | 'after' | 'messages' | 'missing'> {
  const { reached, missing } = findRecipients(description.to, recipients);
  const decide = (seen: Look): AfterLook => decideAfterLook(run, seen, { recheckMs: description.recheckMs, now: at });
  if (look.kind !== 'done') return { look, after: decide(look), messages: [], missing };
  const addressing = { nextAt: at, freshUntil: run.freshUntil, ifUnclear: description.ifUnclear, keys: look.toldKeys };
  try {
    const channels = channelsOf(context);
    const messages = channels === undefined ? [] : writeMessages(look.sayings, reached, { ...addressing, channels });
    return { look, after: decide(look), messages, missing };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    const failed: Look = { kind: 'failed', failure: { kind: 'message', step: 'render', message: error.message } };
    return { look: failed, after: decide(failed), messages: [], missing };
  }
}

/** Only their cutting of texts into messages is used. Without a store there is nobody to write to. */
function channelsOf({ config, store, now }: Dry['context']): ReturnType<typeof makeChannels> | undefined {
  if (store === undefined) return undefined;
  const kakao = openKakaoParts({ config: config.kakao, store, now });
  return makeChannels({ kakao, env: config.env, now, console: makeConsoleChannel({ write: () => {} }) });
}
