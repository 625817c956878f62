// Decides what is due and takes each run from its due instant to its outcome. The store is what remembers; a ring that
// comes late, twice or after a clock change finds the same.
import { type Channels, findRecipients, writeMessages } from './address.ts';
import { decideAfterLook } from './after-look.ts';
import { readCronLine } from './cron-line.ts';
import { intervalOf } from './cron-times.ts';
import { claimOf, type Due, type DueNow, findDue, skipDue } from './due.ts';
import { MessageError } from './errors.ts';
import type { Instant, JobDescription, Look } from './job.ts';
import type { Log } from './log.ts';
import type { Owner } from './owner.ts';
import type { AfterLook, Claim, Clock, JobRow, NewMessage, Recipient, RunRow, SlotRow, Store } from './ports.ts';
import { afterQuiet, type QuietHours } from './quiet.ts';
import type { LookTask } from './worker-protocol.ts';
import { dateIn } from './zone.ts';

const SELDOM_MS = 2 * 60 * 60_000;

export interface SchedulerPorts {
  readonly store: Store;
  readonly look: (task: LookTask) => Promise<Look>;
  readonly sourceOf: (job: JobRow) => LookTask['source'];
  readonly holidayOn: (date: string) => Promise<string | undefined>;
  readonly channels: Channels;
  readonly owner: Owner;
  readonly now: Clock;
  readonly log: Log;
  readonly quiet: QuietHours | undefined;
  /** Tries again until the store takes it: a full disk must not lose what a run found. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>;
  /** Something may be due at once: a run has ended, or a message was written. */
  readonly onChange: () => void;
}

export interface Scheduler {
  /** Starts what is due. Gives the next instant at which something will be. */
  readonly ring: () => Promise<Instant | undefined>;
  /** Waits until no look is under way. */
  readonly idle: () => Promise<void>;
}

interface KnownJob extends JobRow {
  readonly description: JobDescription;
}

/** When the last run of a job was under way, to tell an overlap from a time in which talkbell was down. */
interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export function makeScheduler(ports: SchedulerPorts): Scheduler {
  const busy = new Map<string, Promise<void>>();
  const spans = new Map<string, Span>();

  const start = (job: KnownJob, run: RunRow): void => {
    const from = ports.now();
    const done = takeRun(ports, job, run)
      .catch((error: unknown) =>
        ports.log.error({ job: job.id, slot: run.slot, err: error }, 'a run could not be recorded'),
      )
      .finally(() => {
        busy.delete(job.id);
        spans.set(job.id, { from, to: ports.now() });
        ports.onChange();
      });
    busy.set(job.id, done);
  };

  return {
    ring: async () => {
      const now = ports.now();
      const jobs = new Map((await ports.store.jobs()).filter(isKnown).map((job) => [job.id, job]));
      const next: (Instant | undefined)[] = [];
      const recipients = await ports.store.recipients();
      for (const slot of await ports.store.slots()) {
        const job = jobs.get(slot.job);
        if (job === undefined || busy.has(job.id)) continue;
        const due = dueOf(slot, job, now);
        next.push(due?.nextAt);
        if (due?.kind !== 'due') continue;
        const claim = await decideClaim(ports, { slot, job, due: nameOverlap(due, spans.get(job.id)), recipients });
        const run = await ports.store.claim(claim, now);
        if (run !== undefined) start(job, run);
      }
      next.push(await beginWaiting({ ports, jobs, busy, start, now }));
      return next.filter((at) => at !== undefined).toSorted((one, other) => one - other)[0];
    },
    idle: async () => {
      while (busy.size > 0) await Promise.all(busy.values());
    },
  };
}

function isKnown(job: JobRow): job is KnownJob {
  return job.description !== undefined;
}

function dueOf(slot: SlotRow, job: KnownJob, now: Instant): Due | undefined {
  const cron = readCronLine(slot.cron);
  if ('problems' in cron) return undefined;
  return findDue({ cron, timezone: slot.timezone, cursor: slot.cursor, freshForMs: job.description.freshForMs }, now);
}

/** Instants that went stale while a run of the same job was under way are skipped for the overlap, not missed. */
function nameOverlap(due: DueNow, span: Span | undefined): DueNow {
  if (span === undefined) return due;
  const reason = 'overlap: an earlier run of the same job was still under way';
  const closed = due.closed.map((stretch) => {
    const isOverlap = stretch.outcome === 'missed' && stretch.first >= span.from && stretch.last <= span.to;
    return isOverlap ? { ...stretch, outcome: 'skipped' as const, reason } : stretch;
  });
  return { ...due, closed };
}

interface DueSlot {
  readonly slot: SlotRow;
  readonly job: KnownJob;
  readonly due: DueNow;
  readonly recipients: readonly Recipient[];
}

/** A due instant that must not run is closed as skipped, with the reason a person would look for. */
async function decideClaim(ports: SchedulerPorts, { slot, job, due, recipients }: DueSlot): Promise<Claim> {
  if (due.run === undefined) return claimOf(slot.job, slot.slot, due);
  const reason = await findSkip(ports, { slot, job, recipients, at: due.run.due });
  return claimOf(slot.job, slot.slot, reason === undefined ? due : skipDue(due, reason));
}

async function findSkip(
  ports: SchedulerPorts,
  { slot, job, recipients, at }: { slot: SlotRow; job: KnownJob; recipients: readonly Recipient[]; at: Instant },
): Promise<string | undefined> {
  if (job.pausedAt !== undefined) return 'paused';
  if (job.description.skipHolidays) {
    const holiday = await ports.holidayOn(dateIn(slot.timezone, at));
    if (holiday !== undefined) return `holiday: ${holiday}`;
  }
  const { reached, missing } = findRecipients(job.description.to, recipients);
  return reached.length === 0
    ? `nobody to tell: there is no recipient ${missing.join(', ')} yet (talkbell login)`
    : undefined;
}

interface Waiting {
  readonly ports: SchedulerPorts;
  readonly jobs: ReadonlyMap<string, KnownJob>;
  readonly busy: ReadonlyMap<string, unknown>;
  readonly start: (job: KnownJob, run: RunRow) => void;
  readonly now: Instant;
}

/** Starts the next look of runs that wait for one. Gives when the first of the others is due. */
async function beginWaiting({ ports, jobs, busy, start, now }: Waiting): Promise<Instant | undefined> {
  const later: Instant[] = [];
  for (const run of await ports.store.waiting()) {
    const job = jobs.get(run.job);
    const at = run.nextLookAt ?? now;
    if (job === undefined || busy.has(run.job)) continue;
    if (at > now) later.push(at);
    else if (await ports.store.beginLook(run.id, now)) start(job, { ...run, looks: run.looks + 1 });
  }
  return later.toSorted((one, other) => one - other)[0];
}

async function takeRun(ports: SchedulerPorts, job: KnownJob, run: RunRow): Promise<void> {
  const { store, log } = ports;
  const facts = { job: job.id, slot: run.slot, due: new Date(run.due).toISOString(), look: run.looks };
  const { look, messages } = await lookAndWrite(ports, job, run);
  const now = ports.now();
  const after = decideAfterLook(run, look, { recheckMs: job.description.recheckMs, now });
  const end = { run: run.id, hash: job.hash, look, after, messages, now };
  const { failures } = await ports.patiently(() => store.endLook(end));
  log.info(
    { ...facts, ...(after.state === 'done' ? { outcome: after.outcome } : { nextLookAt: after.nextLookAt }) },
    after.reason,
  );
  await tellOwner(ports, { job, run, look, after, failures });
}

interface Written {
  readonly look: Look;
  readonly messages: readonly NewMessage[];
}

/** A saying that a channel cannot carry makes the look a failed one: nothing of it is saved. */
async function lookAndWrite(ports: SchedulerPorts, job: KnownJob, run: RunRow): Promise<Written> {
  const look = await lookAt(ports, job, run);
  try {
    return { look, messages: await messagesOf(ports, { job, run, look }) };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return {
      look: { kind: 'failed', failure: { kind: 'message', step: 'render', message: error.message } },
      messages: [],
    };
  }
}

async function lookAt(ports: SchedulerPorts, job: KnownJob, run: RunRow): Promise<Look> {
  const { known, validators } = await ports.store.recall(job.id, job.hash);
  const { watches, timezone, timeLimitMs } = job.description;
  return ports.look({
    source: ports.sourceOf(job),
    run: { job: job.id, slot: run.slot, due: run.due, at: ports.now(), timezone, manual: run.manual, look: run.looks },
    timeLimitMs,
    watches,
    validators: watches ? validators : [],
    ...(known === undefined ? {} : { known }),
  });
}

async function messagesOf(
  ports: SchedulerPorts,
  { job, run, look }: { job: KnownJob; run: RunRow; look: Look },
): Promise<readonly NewMessage[]> {
  if (look.kind !== 'done' || look.sayings.length === 0) return [];
  const { to, watches, ifUnclear } = job.description;
  const { reached, missing } = findRecipients(to, await ports.store.recipients());
  for (const name of missing) {
    await ports.owner.tell(
      `recipient:${name}`,
      `${job.id} names the recipient ${name}, who does not exist: nothing was sent there. Add it with talkbell recipients add ${name}, or log in with talkbell login --as ${name}.`,
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
async function tellOwner(ports: SchedulerPorts, { job, run, look, after, failures }: Ended): Promise<void> {
  if (run.manual) return;
  const key = `job:${job.id}/${run.slot}`;
  if (after.state === 'done' && after.outcome !== 'failed') {
    await ports.owner.recover(key, `${job.id} (${run.slot}) works again.`);
    return;
  }
  const ended = after.state === 'done';
  if (look.kind === 'notYet') {
    if (ended)
      await ports.owner.tell(
        key,
        `${job.id} (${run.slot}) was not posted in time: ${look.reason}. See talkbell why ${job.id}.`,
      );
    return;
  }
  if (failures < alertAfter(job, run.slot)) return;
  await ports.owner.tell(
    key,
    `${job.id} (${run.slot}) failed ${failures === 1 ? 'once' : `${failures} times in a row`}. ${after.reason} See talkbell why ${job.id}.`,
  );
}

function alertAfter(job: KnownJob, slot: string): number {
  const { alertAfter: given, slots } = job.description;
  if (given !== undefined) return given;
  const cron = readCronLine(slots[slot] ?? '');
  return 'problems' in cron || intervalOf(cron) > SELDOM_MS ? 1 : 3;
}
