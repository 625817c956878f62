// One run from its look to its outcome: what was found, what must be said and how the run goes on are saved together.
import { type Channels, findRecipients, writeMessages } from './address.ts';
import { decideAfterLook } from './after-look.ts';
import { wordsOfCause } from './cause.ts';
import { readCronLine } from './cron-line.ts';
import { intervalOf } from './cron-times.ts';
import { MessageError, Stopped, StoreError } from './errors.ts';
import type { JobDescription, Look } from './job.ts';
import type { Log } from './log.ts';
import type { Owner } from './owner.ts';
import type { AfterLook, Clock, JobRow, NewMessage, Notice, RunRow, Store } from './ports.ts';
import { afterQuiet, type QuietHours } from './quiet.ts';
import type { LookTask } from './worker-protocol.ts';

const SELDOM_MS = 2 * 60 * 60_000;

export interface RunPorts {
  readonly store: Store;
  /** Rejects with Stopped when talkbell stops: then nothing is saved, and the next start looks again. */
  readonly look: (task: LookTask, mayBegin: () => boolean) => Promise<Look>;
  readonly sourceOf: (job: JobRow) => LookTask['source'];
  /** Where the pages of a failed look of a job are kept, if they are. */
  readonly keptFolder?: ((job: string) => string) | undefined;
  readonly channels: Channels;
  readonly owner: Owner;
  readonly now: Clock;
  readonly log: Log;
  readonly quiet: QuietHours | undefined;
  /** Tries again until the store takes it: a full disk must not lose what a run found. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface KnownJob extends JobRow {
  readonly description: JobDescription;
}

export async function takeRun(ports: RunPorts, job: KnownJob, run: RunRow): Promise<void> {
  const written = await lookAndWrite(ports, job, run);
  const now = ports.now();
  const after = written.unheard ?? decideAfterLook(run, written.look, { recheckMs: job.description.recheckMs, now });
  const { look, messages, untold } = written;
  await endLook(ports, { job, run, look, after }, { run: run.id, hash: job.hash, look, after, messages, untold, now });
  const facts = { job: job.id, slot: run.slot, due: new Date(run.due).toISOString(), look: run.looks };
  ports.log.info(
    { ...facts, ...(after.state === 'done' ? { outcome: after.outcome } : { nextLookAt: after.nextLookAt }) },
    after.reason,
  );
  await tellRecovery(ports, { job, run, after });
}

/** Ends a run that waited for a look which must not be taken any more. The caller has begun the look. */
export async function endUnlooked(
  ports: RunPorts,
  job: KnownJob,
  { run, isPaused }: { readonly run: RunRow; readonly isPaused: boolean },
): Promise<void> {
  const look: Look = run.failing
    ? { kind: 'failed', failure: { kind: 'code', message: run.reason ?? '' } }
    : { kind: 'notYet', reason: run.reason ?? 'talkbell could not look in time' };
  const last =
    run.reason === undefined ? 'talkbell could not look in time' : `no longer fresh; at the last look: ${run.reason}`;
  const after: AfterLook =
    run.sent !== undefined
      ? { state: 'done', outcome: 'told', reason: run.reason ?? '' }
      : isPaused
        ? { state: 'done', outcome: 'skipped', reason: 'paused' }
        : { state: 'done', outcome: run.reason === undefined ? 'missed' : 'failed', reason: last };
  const end = { run: run.id, hash: job.hash, look, after, messages: [], now: ports.now() };
  await endLook(ports, { job, run, look, after }, end);
}

/** What the owner must hear is saved with the end that makes it so: no crash comes between the two. */
async function endLook(ports: RunPorts, ended: Ended, end: Parameters<Store['endLook']>[0]): Promise<void> {
  const { store, owner } = ports;
  const { opened } = await ports.patiently(async () => {
    const write = await owner.writer();
    const notice = (failures: number): Notice | undefined => {
      const text = alarmOf(ended, failures);
      return text === undefined ? undefined : write(alertKey(ended), text);
    };
    return store.endLook({ ...end, notice });
  });
  owner.opened(opened);
}

interface Written {
  readonly look: Look;
  readonly messages: readonly NewMessage[];
  readonly untold?: number;
  /** Set when there was something to say and nobody to say it to: then nothing counts as told. */
  readonly unheard?: AfterLook;
}

/** Whatever goes wrong but a stop makes the look a failed one, so that the run has an end and a reason. */
async function lookAndWrite(ports: RunPorts, job: KnownJob, run: RunRow): Promise<Written> {
  try {
    const { look, untold } = await lookAt(ports, job, run);
    if (look.kind !== 'done' || look.sayings.length === 0) return { look, messages: [], untold };
    const messages = await ports.patiently(() => messagesOf(ports, { job, run, look }));
    if (messages.length > 0) return { look, messages, untold };
    const reason = `nobody to tell: there is no recipient ${job.description.to.join(', ')} (talkbell recipients)`;
    const { cookies } = look;
    const unsaid: Look = { kind: 'unchanged', ...(cookies === undefined ? {} : { cookies }) };
    return { look: unsaid, messages, unheard: { state: 'done', outcome: 'skipped', reason } };
  } catch (error) {
    if (error instanceof Stopped || error instanceof StoreError) throw error;
    const kind = error instanceof MessageError ? 'message' : 'crash';
    const message = error instanceof Error ? error.message : String(error);
    return { look: { kind: 'failed', failure: { kind, message } }, messages: [] };
  }
}

async function lookAt(
  ports: RunPorts,
  job: KnownJob,
  run: RunRow,
): Promise<{ readonly look: Look; readonly untold: number }> {
  const { known, later, isEdited, validators, untold, cookies } = await ports.patiently(() =>
    ports.store.recall(job.id, job.hash),
  );
  const { watches, corrects, timezone, timeLimitMs } = job.description;
  const task: LookTask = {
    source: ports.sourceOf(job),
    run: {
      job: job.id,
      slot: run.slot,
      due: run.due,
      at: ports.now(),
      timezone,
      manual: run.manual,
      look: run.looks,
      correction: run.sent !== undefined,
    },
    timeLimitMs,
    watches,
    ...(corrects === true && !run.manual ? { correction: { sent: run.sent } } : {}),
    validators: watches ? validators : [],
    ...(ports.keptFolder === undefined ? {} : { keep: { folder: ports.keptFolder(job.id), always: false } }),
    ...(known === undefined ? {} : { known, later, isEdited }),
    ...(cookies === undefined ? {} : { cookies }),
  };
  return { look: await ports.look(task, () => ports.now() <= run.freshUntil), untold };
}

async function messagesOf(
  ports: RunPorts,
  { job, run, look }: { readonly job: KnownJob; readonly run: RunRow; readonly look: Extract<Look, { kind: 'done' }> },
): Promise<readonly NewMessage[]> {
  const { to, watches, ifUnclear } = job.description;
  const { reached, missing } = findRecipients(to, await ports.store.recipients());
  for (const name of missing) {
    await ports.owner.tell(
      `recipient:${name}`,
      `${job.id} names the recipient ${name}, who does not exist: nothing was sent there. Log in with talkbell login --as ${name}, or add it: talkbell recipients add ${name} --webhook URL.`,
    );
  }
  return writeMessages(look.sayings, reached, {
    channels: ports.channels,
    nextAt: afterQuiet(ports.now(), watches && !run.manual ? ports.quiet : undefined),
    freshUntil: run.freshUntil,
    ifUnclear,
    keys: look.toldKeys,
  });
}

interface Ended {
  readonly job: KnownJob;
  readonly run: RunRow;
  readonly look: Look;
  readonly after: AfterLook;
}

function alertKey({ job, run }: Pick<Ended, 'job' | 'run'>): string {
  return `job:${job.id}/${run.slot}`;
}

/** A run by hand has a person before it already. */
async function tellRecovery(ports: RunPorts, { job, run, after }: Omit<Ended, 'look'>): Promise<void> {
  if (run.manual || !hasWorked(after)) return;
  await ports.owner.recover(alertKey({ job, run }), `${job.id} (${run.slot}) works again.`);
}

function hasWorked(after: AfterLook): boolean {
  if (after.state === 'waiting') return after.sent !== undefined;
  return after.outcome === 'told' || after.outcome === 'silent';
}

/** What the owner is told of it, if anything. */
function alarmOf({ job, run, look, after }: Ended, failures: number): string | undefined {
  // A look for a correction that fails has cost nobody anything.
  if (run.manual || run.sent !== undefined) return undefined;
  if (after.state === 'done' ? after.outcome !== 'failed' : after.sent !== undefined) return undefined;
  const see = `See talkbell why ${job.id}.`;
  if (look.kind === 'notYet') {
    if (after.state === 'waiting') return undefined;
    const what = look.stale === true ? 'still showed an old page at the end' : 'was not posted in time';
    return `${job.id} (${run.slot}) ${what}: ${look.reason}. ${see}`;
  }
  if (failures < alertAfter(job, run.slot)) return undefined;
  const times = failures === 1 ? 'once' : `${failures} times in a row`;
  const cause = after.cause === undefined ? '' : ` (${wordsOfCause(after.cause)})`;
  return `${job.id} (${run.slot}) failed ${times}${cause}. ${after.reason} ${see}`;
}

function alertAfter(job: KnownJob, slot: string): number {
  const { alertAfter: given, slots } = job.description;
  if (given !== undefined) return given;
  const cron = readCronLine(slots[slot] ?? '');
  return 'problems' in cron || intervalOf(cron) > SELDOM_MS ? 1 : 3;
}
