// Hands what is in the outbox to the channels: in order for each recipient, one call at a time for each account, each
// attempt written down before it is made.
import type { Channels } from './address.ts';
import { type Budget, decide, kstDay, overBudget, quotaEndsAt } from './delivery.ts';
import type { Instant } from './job.ts';
import type { Log } from './log.ts';
import type { Owner } from './owner.ts';
import type { AfterAttempt, Clock, MessageRow, Outcome, Random, Store } from './ports.ts';
import { afterQuiet, type QuietHours } from './quiet.ts';
import { tellHold } from './standing.ts';

const MOST_ROWS = 500;

export interface DelivererPorts {
  readonly store: Store;
  readonly channels: Channels;
  readonly owner: Owner;
  readonly budget: Budget;
  readonly quiet: QuietHours | undefined;
  /** Of the times in what people read. */
  readonly timezone: string;
  /** Kakao shows messages that come in a burst out of order: the pause after each. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  readonly now: Clock;
  readonly random: Random;
  readonly log: Log;
  /** talkbell is stopping: no call begins after this. */
  readonly signal: AbortSignal;
  /** Breaks off a call under way: later than `signal`, so that most of them end by themselves. */
  readonly callSignal: AbortSignal;
  /** Tries again until the store takes it. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>;
  /** A lane has ended: more may be due. */
  readonly onChange: () => void;
}

export interface Deliverer {
  /** Starts delivering what is due. Gives when the next row will be. */
  readonly ring: () => Promise<Instant | undefined>;
  /** Waits until no call is under way. */
  readonly idle: () => Promise<void>;
}

export function makeDeliverer(ports: DelivererPorts): Deliverer {
  const lanes = new Map<string, Promise<void>>();
  return {
    ring: async () => {
      const { store, signal, log } = ports;
      await reportExpired(ports, await store.expire(ports.now()));
      if (signal.aborted) return undefined;
      const rows = await store.dueMessages(ports.now(), MOST_ROWS);
      for (const [lane, inLane] of Map.groupBy(rows, laneOf)) {
        if (lanes.has(lane)) continue;
        const done = takeLane(ports, inLane)
          .then(
            () => ports.onChange(),
            // No ring at once: what failed would fail again. The bell rings soon enough.
            (error: unknown) => log.error({ lane, err: error }, 'a delivery could not be recorded'),
          )
          .finally(() => lanes.delete(lane));
        lanes.set(lane, done);
      }
      return store.nextMessageAt(ports.now());
    },
    idle: async () => {
      while (lanes.size > 0) await Promise.all(lanes.values());
    },
  };
}

/** One call at a time for each Kakao account; other recipients do not wait for one another. */
function laneOf(row: MessageRow): string {
  return accountOf(row) === undefined ? `recipient:${row.recipient}` : `account:${accountOf(row)}`;
}

function accountOf({ address }: MessageRow): string | undefined {
  return 'account' in address ? address.account : undefined;
}

async function takeLane(ports: DelivererPorts, rows: readonly MessageRow[]): Promise<void> {
  for (const batch of toBatches(rows, ports.channels)) {
    if (ports.signal.aborted) return;
    const goesOn = await deliverBatch(ports, batch);
    if (!goesOn) return;
  }
}

/** Rows of the same words go in one call, as far as the channel carries them. */
function toBatches(rows: readonly MessageRow[], channels: Channels): readonly (readonly MessageRow[])[] {
  const same = Map.groupBy(rows, (row) => JSON.stringify([row.address.channel, row.group ?? row.id, row.part]));
  return [...same.values()].flatMap((group) => {
    const most = group[0] === undefined ? 1 : channelOf(group[0], channels).batch;
    return Array.from({ length: Math.ceil(group.length / most) }, (_, index) =>
      group.slice(index * most, (index + 1) * most),
    );
  });
}

function channelOf({ address }: MessageRow, channels: Channels): Channels[keyof Channels] {
  if (address.channel === 'group') throw new Error('A group never stands in the outbox: its members do.');
  return channels[address.channel];
}

/** False when the account must wait, so that the rest of the lane waits with it. */
async function deliverBatch(ports: DelivererPorts, batch: readonly MessageRow[]): Promise<boolean> {
  const { store, signal } = ports;
  const awake = await ports.patiently(() => keepQuiet(ports, batch));
  const affordable = await ports.patiently(() => keepToBudget(ports, awake));
  if (signal.aborted) return false;
  const ids = affordable.map(({ id }) => id);
  const claimed = new Set(await ports.patiently(() => store.beginAttempt(ids, ports.now())));
  const rows = affordable.filter(({ id }) => claimed.has(id)).map((row) => ({ ...row, attempts: row.attempts + 1 }));
  const first = rows[0];
  if (first === undefined) return true;

  const outcomes = await callChannel(ports, rows, channelOf(first, ports.channels));
  const now = ports.now();
  const settled = rows.map((row, index) => {
    const outcome = outcomes[index] ?? { kind: 'unclear', reason: 'The channel gave no outcome for this message.' };
    return { row, outcome, after: decide({ outcome, row, now, random: ports.random, timezone: ports.timezone }) };
  });
  await settleAll(ports, settled, now);
  for (const one of settled) await report(ports, one);
  const mustWait = settled.some(({ outcome }) => outcome.kind === 'hold' || outcome.kind === 'login');
  if (!mustWait && accountOf(first) !== undefined) await ports.pause(signal);
  return !mustWait;
}

/** A channel that throws has a fault: nobody can know what it had sent by then. */
async function callChannel(
  { callSignal, log }: DelivererPorts,
  rows: readonly MessageRow[],
  channel: Channels[keyof Channels],
): Promise<readonly Outcome[]> {
  try {
    return await channel.deliver(rows, callSignal);
  } catch (error) {
    log.error({ messages: rows.map(({ id }) => id), err: error }, 'a channel failed while sending');
    const reason = `talkbell failed while sending: ${error instanceof Error ? error.message : String(error)}`;
    return rows.map(() => ({ kind: 'unclear', reason }));
  }
}

/** What was written by day and comes late, or is tried again at night, waits for the morning as well. */
async function keepQuiet(ports: DelivererPorts, batch: readonly MessageRow[]): Promise<readonly MessageRow[]> {
  const { store, now, quiet } = ports;
  const until = afterQuiet(now(), quiet);
  if (until <= now()) return batch;
  const watching = new Set((await store.jobs()).flatMap(({ id, description }) => (description?.watches ? [id] : [])));
  const awake: MessageRow[] = [];
  for (const row of batch) {
    const isQuiet = row.job !== undefined && watching.has(row.job) && !(await isByHand(ports, row));
    if (!isQuiet) awake.push(row);
    else {
      const reason = 'It waits for the end of the quiet hours.';
      await store.settle([{ id: row.id, after: { state: 'pending', nextAt: until, reason } }], now());
    }
  }
  return awake;
}

async function isByHand({ store }: DelivererPorts, { run }: MessageRow): Promise<boolean> {
  return run !== undefined && (await store.run(run))?.manual === true;
}

/** Rows over the day's budget wait for the next day, or expire; the others are given back. */
async function keepToBudget(ports: DelivererPorts, batch: readonly MessageRow[]): Promise<readonly MessageRow[]> {
  const affordable: MessageRow[] = [];
  for (const row of batch) {
    const account = accountOf(row);
    const over =
      account === undefined
        ? undefined
        : await findOver(ports, {
            account,
            receiver: row.recipient,
            batch: affordable,
            isAlert: row.about === 'owner',
          });
    if (over === undefined) affordable.push(row);
    else await holdBack(ports, { row, account: account ?? '', over });
  }
  return affordable;
}

async function findOver(
  { store, now, budget }: DelivererPorts,
  {
    account,
    receiver,
    batch,
    isAlert,
  }: { account: string; receiver: string; batch: readonly MessageRow[]; isAlert: boolean },
): Promise<'sender' | 'receiver' | undefined> {
  const sent = await store.sentOn(kstDay(now()), account, receiver);
  const allowed = isAlert ? lessened(budget) : budget;
  return overBudget({ sender: sent.sender + batch.length, receiver: sent.receiver }, allowed);
}

/** Alerts leave the second half of a day's budget to what readers wait for. */
function lessened({ perSender, perReceiver }: Budget): Budget {
  return { perSender: Math.ceil(perSender / 2), perReceiver: Math.ceil(perReceiver / 2) };
}

async function holdBack(
  { store, now, random, owner, budget, timezone }: DelivererPorts,
  { row, account, over }: { row: MessageRow; account: string; over: 'sender' | 'receiver' },
): Promise<void> {
  const limit =
    over === 'sender'
      ? `${budget.perSender} messages of ${account}`
      : `${budget.perReceiver} messages to ${row.recipient}`;
  const reason = `The day's budget of ${limit} is spent.`;
  const after = decide({ outcome: { kind: 'hold', until: 'quota', reason }, row, now: now(), random, timezone });
  await store.settle([{ id: row.id, after }], now());
  const today = kstDay(now());
  await owner.tell(`budget:${account}:${today}`, `${reason} What is still fresh goes out at 07:00 tomorrow.`);
}

interface Settled {
  readonly row: MessageRow;
  readonly outcome: Outcome;
  readonly after: AfterAttempt;
}

/** What the owner must hear is saved with the end that makes it so: no crash comes between the two. */
async function settleAll(ports: DelivererPorts, settled: readonly Settled[], now: Instant): Promise<void> {
  const { store, owner } = ports;
  const opened = await ports.patiently(async () => {
    const write = await owner.writer();
    const ends = settled.map((one) => ({
      id: one.row.id,
      after: one.after,
      notices: alarmsOf(one).map(({ key, text }) => write(key, text)),
    }));
    return store.settle(ends, now);
  });
  owner.opened(opened);
}

interface Alarm {
  readonly key: string;
  readonly text: string;
}

function alarmsOf({ row, outcome, after }: Settled): readonly Alarm[] {
  const account = accountOf(row);
  const login =
    account === undefined || outcome.kind !== 'login'
      ? []
      : [
          {
            key: `login:${account}`,
            text: `The account ${account} needs a login: talkbell login --as ${account}. ${outcome.reason}`,
          },
        ];
  return after.state === 'sent' || after.state === 'pending' ? login : [...login, ...lostAlarms(row, after)];
}

/** An alert that cannot be delivered makes no alert of its own. */
function lostAlarms(
  { job, recipient }: MessageRow,
  { state, reason }: { readonly state: 'failed' | 'expired' | 'unclear'; readonly reason: string },
): readonly Alarm[] {
  if (job === undefined) return [];
  const what = state === 'unclear' ? 'may or may not have arrived' : 'was not delivered';
  const text = `A message of ${job} to ${recipient} ${what}. ${reason} See talkbell outbox.`;
  return [{ key: `undelivered:${recipient}`, text }];
}

async function report(ports: DelivererPorts, { row, outcome, after }: Settled): Promise<void> {
  const { log, owner, store, now } = ports;
  const facts = { message: row.id, job: row.job, recipient: row.recipient, attempt: row.attempts, state: after.state };
  if (after.state === 'sent') {
    log.info(facts, 'sent');
    await owner.recover(`undelivered:${row.recipient}`, `Messages to ${row.recipient} are delivered again.`);
    return;
  }
  log.warn(facts, after.reason);
  const account = accountOf(row);
  if (account !== undefined && outcome.kind === 'hold') {
    const heldUntil = outcome.until === 'quota' ? { heldUntil: quotaEndsAt(now()) } : {};
    const known = (await store.accounts()).find(({ name }) => name === account);
    // A login that is needed, or a backup's token that is to be verified, outlasts the quota.
    const mayHold = known?.state === 'ok' || known?.state === 'held';
    if (mayHold) await store.markAccount(account, { state: 'held', reason: outcome.reason, ...heldUntil }, now());
    await tellHold(owner, { name: account, reason: outcome.reason }, now());
  }
}

async function reportExpired(ports: DelivererPorts, rows: readonly MessageRow[]): Promise<void> {
  for (const row of rows) {
    const reason = `It was no longer fresh. ${row.reason ?? ''}`.trim();
    ports.log.warn({ message: row.id, job: row.job, recipient: row.recipient, state: 'expired' }, reason);
    for (const { key, text } of lostAlarms(row, { state: 'expired', reason })) await ports.owner.tell(key, text);
  }
}
