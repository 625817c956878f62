// Decides what is due and starts it. The store is what remembers; a ring that comes late, twice or after a clock change
// finds the same. What fails for one job is told and costs that job alone.
import { findRecipients } from './address.ts';
import { type CronLine, readCronLine } from './cron-line.ts';
import { claimOf, type Due, type DueNow, findDue, skipDue } from './due.ts';
import { Stopped } from './errors.ts';
import type { Instant } from './job.ts';
import type { Claim, JobRow, Recipient, RunRow, SlotRow } from './ports.ts';
import { endUnlooked, type KnownJob, type RunPorts, takeRun } from './take-run.ts';
import { dateIn } from './zone.ts';

/** Jobs looked at between two breaths: a thousand due at one second must not hold the loop. */
const JOBS_A_BREATH = 20;

export interface SchedulerPorts extends RunPorts {
  readonly holidayOn: (date: string) => Promise<string | undefined>;
  /** Lets other work of the process go first. */
  readonly breathe: () => Promise<void>;
  /** Something may be due at once: a run has ended. */
  readonly onChange: () => void;
}

export interface Scheduler {
  /** Starts what is due. Gives the next instant at which something will be. */
  readonly ring: () => Promise<Instant | undefined>;
  /** Waits until no look is under way. */
  readonly idle: () => Promise<void>;
}

/** When the last run of a job was under way, to tell an overlap from a time in which talkbell was down. */
interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

interface State {
  readonly busy: Map<string, Promise<void>>;
  readonly spans: Map<string, Span>;
  /** Jobs whose last ring failed: told once, and once more when they are well. */
  readonly ailing: Set<string>;
  readonly lines: Map<string, CronLine | undefined>;
  /** What was worked out of slots that were not due: it holds until their next instant, or until they change. */
  readonly resting: Map<string, Rest>;
  calm: Calm | undefined;
}

/** A ring that found nothing to do. The store gives the same rows again while nothing of them has changed. */
interface Calm extends Rows {
  readonly from: Instant;
  readonly nextAt: Instant | undefined;
}

interface Rows {
  readonly jobs: readonly JobRow[];
  readonly slots: readonly SlotRow[];
  readonly waiting: readonly RunRow[];
}

interface Rest {
  readonly slot: SlotRow;
  readonly from: Instant;
  readonly nextAt: Instant;
}

export function makeScheduler(ports: SchedulerPorts): Scheduler {
  const state: State = {
    busy: new Map(),
    spans: new Map(),
    ailing: new Set(),
    lines: new Map(),
    resting: new Map(),
    calm: undefined,
  };
  return {
    ring: () => ring(ports, state),
    idle: async () => {
      while (state.busy.size > 0) await Promise.all(state.busy.values());
    },
  };
}

async function ring(ports: SchedulerPorts, state: State): Promise<Instant | undefined> {
  const { store, now } = ports;
  const at = now();
  const rows = { jobs: await store.jobs(), slots: await store.slots(), waiting: await store.waiting() };
  if (isStillCalm(state, rows, at)) return state.calm?.nextAt;
  const wasBusy = state.busy.size > 0;
  const jobs = new Map(rows.jobs.filter(isKnown).map((job) => [job.id, job]));
  const recipients = await store.recipients();
  const next: (Instant | undefined)[] = [];
  const open: OpenSlot[] = [];
  for (const slot of rows.slots) {
    const job = jobs.get(slot.job);
    if (job === undefined) continue;
    const rest = findRest(state, slot, at);
    if (rest === undefined) open.push({ slot, job });
    else next.push(rest.nextAt);
  }
  const dues = await considerSlots(ports, state, { open, recipients, now: at });
  next.push(...dues.map((due) => due?.nextAt));
  const hasClaimed = dues.some((due) => due?.kind === 'due');
  for (const run of await store.waiting()) {
    const job = jobs.get(run.job);
    if (job === undefined || state.busy.has(job.id)) continue;
    next.push(await isolate(ports, state, job, () => considerWaiting(ports, state, { run, job, now: at })));
  }
  const nextAt = earliest(next);
  noteCalm(state, { ...rows, from: at, nextAt }, wasBusy || hasClaimed);
  return nextAt;
}

/** What was passed over because its job was busy has not been worked out. */
function noteCalm(state: State, calm: Calm, wasBusy: boolean): void {
  state.calm = wasBusy || state.ailing.size > 0 ? undefined : calm;
}

function earliest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  return instants.reduce((one, other) => (one === undefined || (other ?? one) < one ? other : one), undefined);
}

/** Ten thousand jobs that rest must not cost more than ten: as long as it holds, none of them is looked at. */
function isStillCalm({ calm, busy, ailing }: State, { jobs, slots, waiting }: Rows, now: Instant): boolean {
  if (calm === undefined || busy.size > 0 || ailing.size > 0) return false;
  const isSame = calm.jobs === jobs && calm.slots === slots && calm.waiting === waiting;
  return isSame && now >= calm.from && now < (calm.nextAt ?? Number.POSITIVE_INFINITY);
}

/** A slot that still is as it was then, at a time between then and its next instant, is not due: nothing is worked out. */
function findRest({ resting, ailing }: State, slot: SlotRow, now: Instant): Rest | undefined {
  const rest = resting.get(`${slot.job}/${slot.slot}`);
  if (rest === undefined || now < rest.from || now >= rest.nextAt || ailing.has(slot.job)) return undefined;
  const { cursor, cron, timezone } = rest.slot;
  return slot.cursor === cursor && slot.cron === cron && slot.timezone === timezone ? rest : undefined;
}

function noteRest(
  { resting }: State,
  { slot, due, from }: { slot: SlotRow; due: Due | undefined; from: Instant },
): void {
  const name = `${slot.job}/${slot.slot}`;
  if (due?.kind === 'nothing' && due.nextAt !== undefined) resting.set(name, { slot, from, nextAt: due.nextAt });
  else resting.delete(name);
}

function isKnown(job: JobRow): job is KnownJob {
  return job.description !== undefined;
}

/** What fails for one job must not stop the others. */
async function isolate<T>(
  ports: SchedulerPorts,
  { ailing }: State,
  job: KnownJob,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const key = `start:${job.id}`;
  try {
    const done = await work();
    if (ailing.delete(job.id)) await ports.owner.recover(key, `${job.id} can be started again.`);
    return done;
  } catch (error) {
    ports.log.error({ job: job.id, err: error }, 'a job could not be started');
    if (ailing.has(job.id)) return undefined;
    ailing.add(job.id);
    const why = error instanceof Error ? error.message : String(error);
    await ports.owner.tell(key, `${job.id} could not be started, and is tried again: ${why}`).catch(() => undefined);
    return undefined;
  }
}

interface OpenSlot {
  readonly slot: SlotRow;
  readonly job: KnownJob;
}

/** Several jobs at once, so that one commit takes what they claim; the slots of a job one after another. */
async function considerSlots(
  ports: SchedulerPorts,
  state: State,
  { open, recipients, now }: { open: readonly OpenSlot[]; recipients: readonly Recipient[]; now: Instant },
): Promise<readonly (Due | undefined)[]> {
  const jobs = [...Map.groupBy(open, ({ job }) => job.id).values()];
  const dues: (Due | undefined)[] = [];
  for (let from = 0; from < jobs.length; from += JOBS_A_BREATH) {
    const hasClaimed = dues.slice(-JOBS_A_BREATH).some((due) => due?.kind === 'due');
    if (hasClaimed) await ports.breathe();
    await Promise.all(
      jobs.slice(from, from + JOBS_A_BREATH).map(async (slots) => {
        for (const { slot, job } of slots) {
          // An earlier ring may have begun a run of the job, or a slot before this one.
          if (state.busy.has(job.id)) return;
          const due = await isolate(ports, state, job, () =>
            considerSlot(ports, state, { slot, job, recipients, now }),
          );
          noteRest(state, { slot, due, from: now });
          dues.push(due);
        }
      }),
    );
  }
  return dues;
}

interface SlotNow extends OpenSlot {
  readonly recipients: readonly Recipient[];
  readonly now: Instant;
}

async function considerSlot(
  ports: SchedulerPorts,
  state: State,
  { slot, job, recipients, now }: SlotNow,
): Promise<Due | undefined> {
  const cron = lineOf(state, slot.cron);
  if (cron === undefined) return undefined;
  const { timezone, cursor } = slot;
  const due = findDue({ cron, timezone, cursor, freshForMs: job.description.freshForMs }, now);
  if (due.kind !== 'due') return due;
  const named = nameOverlap(due, state.spans.get(job.id));
  const run = await ports.store.claim(await decideClaim(ports, { slot, job, due: named, recipients }), now);
  if (run !== undefined) start(ports, state, job, () => takeRun(ports, job, run));
  return due;
}

function lineOf({ lines }: State, text: string): CronLine | undefined {
  if (!lines.has(text)) {
    const read = readCronLine(text);
    lines.set(text, 'problems' in read ? undefined : read);
  }
  return lines.get(text);
}

/** Gives when the run is to be looked at, if that is later. */
async function considerWaiting(
  ports: SchedulerPorts,
  state: State,
  { run, job, now }: { readonly run: RunRow; readonly job: KnownJob; readonly now: Instant },
): Promise<Instant | undefined> {
  const isPaused = job.pausedAt !== undefined && !run.manual;
  const isStale = now > run.freshUntil;
  const at = run.nextLookAt ?? now;
  if (at > now && !isPaused && !isStale) return at;
  if (!(await ports.store.beginLook(run.id, now))) return undefined;
  const looking = { ...run, looks: run.looks + 1 };
  const isLooked = !isPaused && !isStale;
  start(ports, state, job, () =>
    isLooked ? takeRun(ports, job, looking) : endUnlooked(ports, job, { run, isPaused }),
  );
  return undefined;
}

function start(
  { log, now, onChange }: SchedulerPorts,
  { busy, spans }: State,
  job: KnownJob,
  work: () => Promise<void>,
): void {
  const from = now();
  const done = work()
    .catch((error: unknown) => {
      if (!(error instanceof Stopped)) log.error({ job: job.id, err: error }, 'a run could not be recorded');
    })
    .finally(() => {
      busy.delete(job.id);
      spans.set(job.id, { from, to: now() });
      onChange();
    });
  busy.set(job.id, done);
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
  return reached.length === 0 ? nobody(missing) : undefined;
}

function nobody(missing: readonly string[]): string {
  return `nobody to tell: there is no recipient ${missing.join(', ')} yet (talkbell login)`;
}
