// Judges what is left after the killing: what the store says became of each due instant and message, against what
// independent witnesses received.
import type { AccountRow, MessageRow, RunRow, SlotRow } from '../../src/core/ports.ts';
import { plainText } from '../../src/kakao/plain.ts';

export interface Arrival {
  /** The text of a memo, or the idempotency key of a webhook's message. */
  readonly is: string;
  readonly at: number;
}

export interface Evidence {
  readonly runs: readonly RunRow[];
  readonly messages: readonly MessageRow[];
  readonly slots: readonly SlotRow[];
  readonly accounts: readonly AccountRow[];
  readonly arrivals: ReadonlyMap<string, readonly Arrival[]>;
  /** Seconds between two due instants of each job. */
  readonly periods: Readonly<Record<string, number>>;
}

/** Every promise that was broken, as a sentence; none is health. */
export function findFaults(evidence: Evidence): readonly string[] {
  const inOrder = { ...evidence, messages: evidence.messages.toSorted((one, other) => one.id - other.id) };
  return [
    ...evidence.slots.flatMap((slot) => instantFaults(evidence, slot)),
    ...evidence.runs.flatMap((run) => runFaults(inOrder, run)),
    ...inOrder.messages.flatMap((row) => messageFaults(evidence, row)),
    ...strangers(evidence),
    ...orderFaults(inOrder),
    ...newsFaults(inOrder),
    ...accountFaults(evidence),
    ...silenceFaults(inOrder),
  ];
}

/** Every due instant from the first run to the cursor has exactly one row. */
function instantFaults({ runs, periods }: Evidence, { job, slot, cursor }: SlotRow): readonly string[] {
  const stepMs = (periods[job] ?? 1) * 1000;
  const rows = runs.filter((run) => run.job === job && run.slot === slot && !run.manual);
  const covered = rows
    .flatMap(({ due, lastDue }) =>
      Array.from({ length: Math.floor((lastDue - due) / stepMs) + 1 }, (_, n) => due + n * stepMs),
    )
    .toSorted((one, other) => one - other);
  const first = covered[0] ?? cursor;
  const wanted = Array.from({ length: Math.floor((cursor - first) / stepMs) + 1 }, (_, n) => first + n * stepMs);
  const counts = Map.groupBy(covered, (at) => at);
  const wrong = wanted.filter((at) => counts.get(at)?.length !== 1);
  const extra = covered.filter((at) => at > cursor || (at - first) % stepMs !== 0);
  return [...wrong, ...extra].map(
    (at) => `${job} due ${new Date(at).toISOString()} has ${counts.get(at)?.length ?? 0} outcomes`,
  );
}

function runFaults({ messages }: Evidence, run: RunRow): readonly string[] {
  const name = `the run ${run.id} of ${run.job}`;
  if (run.state !== 'done' || run.outcome === undefined) return [`${name} has no outcome but is ${run.state}`];
  if (run.outcome === 'failed' || run.outcome === 'missed') return [`${name} is ${run.outcome}: ${run.reason}`];
  const rows = messages.filter((row) => row.run === run.id);
  if (run.outcome !== 'told') return rows.length === 0 ? [] : [`${name} is ${run.outcome} and has messages`];
  const perRecipient = Map.groupBy(rows, ({ recipient }) => recipient);
  const wanted = run.job === 'parts' ? 2 : 1;
  const whole = [...perRecipient.values()].every((parts) => parts.map(({ part }) => part).join() === partsOf(parts[0]));
  return perRecipient.size === wanted && whole ? [] : [`${name} has not one whole message for each recipient`];
}

function partsOf(row: MessageRow | undefined): string {
  return Array.from({ length: row?.parts ?? 0 }, (_, index) => index + 1).join();
}

/** What a message is about that was no longer fresh when it was written. */
export const LATE = 'what is late';

function messageFaults(evidence: Evidence, row: MessageRow): readonly string[] {
  const count = arrivalsOf(evidence, row).length;
  const name = `the message ${row.id} to ${row.recipient} (${row.state}, ${row.reason})`;
  if (row.about === LATE) return row.state === 'expired' && count === 0 ? [] : [`${name} was late and did not expire`];
  const most = row.resent ? 2 : 1;
  const least = row.state === 'sent' ? 1 : 0;
  if (row.state !== 'sent' && row.state !== 'unclear') return [`${name} did not come to its end`];
  if (row.state === 'unclear' && row.reason === undefined) return [`${name} has no reason`];
  if (row.resent && row.ifUnclear !== 'resend') return [`${name} was sent again unasked`];
  return count < least || count > most ? [`${name} was received ${count} times`] : [];
}

function identityOf(row: MessageRow): string {
  return row.address.channel === 'webhook' ? row.key : plainText(row.saying).text;
}

function arrivalsOf({ arrivals }: Evidence, row: MessageRow): readonly Arrival[] {
  return (arrivals.get(row.recipient) ?? []).filter(({ is }) => is === identityOf(row));
}

function strangers({ arrivals, messages }: Evidence): readonly string[] {
  const known = new Set(messages.map((row) => `${row.recipient} ${identityOf(row)}`));
  return [...arrivals].flatMap(([recipient, list]) =>
    list
      .filter(({ is }) => !known.has(`${recipient} ${is}`))
      .map(({ is }) => `${recipient} received what has no row: ${is}`),
  );
}

/** What arrived for the first time arrived in the order of the rows. */
function orderFaults({ arrivals, messages }: Evidence): readonly string[] {
  const ids = new Map(messages.map((row) => [`${row.recipient} ${identityOf(row)}`, row.id]));
  return [...arrivals].flatMap(([recipient, list]) => {
    const firsts = [...new Set(list.map(({ is }) => ids.get(`${recipient} ${is}`) ?? 0))];
    const late = firsts.filter((id, index) => index > 0 && id < (firsts[index - 1] ?? 0));
    return late.map((id) => `the message ${id} reached ${recipient} after a later one`);
  });
}

/** Each item of the page that came after the learning is told in exactly one message. */
function newsFaults({ messages }: Evidence): readonly string[] {
  const told = messages
    .filter(({ job }) => job === 'news')
    .flatMap((row) => [...plainText(row.saying).text.matchAll(/#(\d+)/g)].map(([, n]) => Number(n)));
  const [least, most] = [Math.min(...told), Math.max(...told)];
  const wrong = Array.from({ length: most - least + 1 }, (_, index) => least + index)
    .map((n) => ({ n, count: told.filter((one) => one === n).length }))
    .filter(({ count }) => count !== 1);
  return told.length === 0
    ? ['no news were told']
    : wrong.map(({ n, count }) => `the news #${n} is told ${count} times`);
}

/** A login ends only by a rotation whose answer was lost, and then the owner is told that very diagnosis. */
function accountFaults({ accounts, messages }: Evidence): readonly string[] {
  const ended = accounts
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, reason }) => `${name} is ${state}: ${reason}`);
  const undiagnosed = alertsOf(messages)
    .filter(({ text }) => /needs a login|Log in again/.test(text) && !/its answer was lost/.test(text))
    .map(({ text }) => `the owner was told of a login that ended for another reason: ${text}`);
  return [...ended, ...undiagnosed];
}

/** Of each message that may not have arrived, the owner hears: in an alert of the same episode. */
function silenceFaults({ messages }: Evidence): readonly string[] {
  const alerts = alertsOf(messages);
  return messages
    .filter(({ job, state }) => job !== undefined && state === 'unclear')
    .flatMap((row) => {
      const over = alerts.filter(({ text }) => text.includes(`✓ Messages to ${row.recipient} are`)).map(({ at }) => at);
      const from = Math.max(0, ...over.filter((at) => at <= (row.settledAt ?? 0)));
      const until = over.find((at) => at > (row.settledAt ?? 0)) ?? Number.POSITIVE_INFINITY;
      const said = alerts.some(
        ({ text, at }) => text.includes(` to ${row.recipient} may or may not`) && at >= from && at <= until,
      );
      return said ? [] : [`the owner was never told of the message ${row.id} to ${row.recipient}, which is unclear`];
    });
}

function alertsOf(messages: readonly MessageRow[]): readonly { readonly text: string; readonly at: number }[] {
  return messages
    .filter(({ about }) => about === 'owner')
    .map(({ saying, createdAt }) => ({ text: plainText(saying).text, at: createdAt }));
}
