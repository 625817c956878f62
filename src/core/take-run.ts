// One run from its look to its outcome: what was found, what must be said and how the run goes on are saved together.
import { type Channels, findRecipients, writeMessages } from './address.ts';
import { decideAfterLook } from './after-look.ts';
import { readCronLine } from './cron-line.ts';
import { intervalOf } from './cron-times.ts';
import { MessageError, Stopped, StoreError } from './errors.ts';
import type { JobDescription, Look } from './job.ts';
import type { Log } from './log.ts';
import type { Owner } from './owner.ts';
import type { AfterLook, Clock, JobRow, NewMessage, RunRow, Store } from './ports.ts';
import { afterQuiet, type QuietHours } from './quiet.ts';
import type { LookTask } from './worker-protocol.ts';

const SELDOM_MS = 2 * 60 * 60_000;

export interface RunPorts {
  readonly store: Store;
  /** Rejects with Stopped when talkbell stops: then nothing is saved, and the next start looks again. */
  readonly look: (task: LookTask, mayBegin: () => boolean) => Promise<Look>;
  readonly sourceOf: (job: JobRow) => LookTask['source'];
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
  const end = { run: run.id, hash: job.hash, look, after, messages, untold, now };
  const { failures } = await ports.patiently(() => ports.store.endLook(end));
  const facts = { job: job.id, slot: run.slot, due: new Date(run.due).toISOString(), look: run.looks };
  ports.log.info(
    { ...facts, ...(after.state === 'done' ? { outcome: after.outcome } : { nextLookAt: after.nextLookAt }) },
    after.reason,
  );
  await tellOwner(ports, { job, run, look, after, failures });
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
  const after: AfterLook = isPaused
    ? { state: 'done', outcome: 'skipped', reason: 'paused' }
    : { state: 'done', outcome: run.reason === undefined ? 'missed' : 'failed', reason: last };
  const end = { run: run.id, hash: job.hash, look, after, messages: [], now: ports.now() };
  const { failures } = await ports.patiently(() => ports.store.endLook(end));
  if (after.outcome === 'failed') await tellOwner(ports, { job, run, look, after, failures });
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
    return { look: { kind: 'unchanged' }, messages, unheard: { state: 'done', outcome: 'skipped', reason } };
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
  const { known, validators, untold } = await ports.patiently(() => ports.store.recall(job.id, job.hash));
  const { watches, timezone, timeLimitMs } = job.description;
  const task: LookTask = {
    source: ports.sourceOf(job),
    run: { job: job.id, slot: run.slot, due: run.due, at: ports.now(), timezone, manual: run.manual, look: run.looks },
    timeLimitMs,
    watches,
    validators: watches ? validators : [],
    ...(known === undefined ? {} : { known }),
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
  readonly failures: number;
}

/** A run by hand has a person before it already. */
async function tellOwner(ports: RunPorts, { job, run, look, after, failures }: Ended): Promise<void> {
  if (run.manual) return;
  const key = `job:${job.id}/${run.slot}`;
  if (after.state === 'done' && after.outcome !== 'failed') {
    if (after.outcome === 'skipped') return;
    await ports.owner.recover(key, `${job.id} (${run.slot}) works again.`);
    return;
  }
  if (look.kind === 'notYet') {
    if (after.state === 'waiting') return;
    const text = `${job.id} (${run.slot}) was not posted in time: ${look.reason}. See talkbell why ${job.id}.`;
    await ports.owner.tell(key, text);
    return;
  }
  if (failures < alertAfter(job, run.slot)) return;
  const times = failures === 1 ? 'once' : `${failures} times in a row`;
  await ports.owner.tell(key, `${job.id} (${run.slot}) failed ${times}. ${after.reason} See talkbell why ${job.id}.`);
}

function alertAfter(job: KnownJob, slot: string): number {
  const { alertAfter: given, slots } = job.description;
  if (given !== undefined) return given;
  const cron = readCronLine(slots[slot] ?? '');
  return 'problems' in cron || intervalOf(cron) > SELDOM_MS ? 1 : 3;
}
