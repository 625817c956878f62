// What a message that waits is waiting for: a login, the end of a hold, its turn, a time. The state alone does not tell.
import type { Instant } from '../core/job.ts';
import type { AccountRow, MessageRow, Store } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import type { CommandLine } from './command-line.ts';
import { withStore } from './with-store.ts';

/** Far more than anybody's day of messages. */
const MOST_OPEN = 1000;

/** In words. Undefined for a message that does not wait. */
export type WhyWaits = (row: MessageRow) => string | undefined;

interface Situation {
  readonly accounts: readonly AccountRow[];
  /** Messages without an end, of all recipients. */
  readonly open: readonly MessageRow[];
  readonly now: Instant;
  readonly zone: string;
}

export async function readWaits(store: Store, { now, zone }: Pick<Situation, 'now' | 'zone'>): Promise<WhyWaits> {
  const [accounts, pending, sending] = await Promise.all([
    store.accounts(),
    store.messages({ state: 'pending', limit: MOST_OPEN }),
    store.messages({ state: 'sending', limit: MOST_OPEN }),
  ]);
  const situation = { accounts, open: [...pending, ...sending], now, zone };
  return (row) => (row.state === 'pending' ? explain(row, situation) : undefined);
}

/** For commands that have closed the store by the time they report. Nothing is opened when nothing waits. */
export async function waitsOf(line: CommandLine, messages: readonly MessageRow[]): Promise<WhyWaits> {
  if (!messages.some(({ state }) => state === 'pending')) return () => undefined;
  return withStore(line, ({ store, config, now }) => readWaits(store, { now: now(), zone: config.timezone }));
}

function explain(row: MessageRow, { accounts, open, now, zone }: Situation): string {
  const account = 'account' in row.address ? row.address.account : undefined;
  const stopped = account === undefined ? undefined : whyStopped(account, { accounts, now, zone });
  if (stopped !== undefined) return stopped;
  if (row.nextAt > now) return `until ${showTime(zone, row.nextAt)}: ${whyLater(row)}`;
  const earlier = open
    .filter(({ id, recipient }) => id < row.id && recipient === row.recipient)
    .filter(({ state, attempts, nextAt }) => state === 'sending' || attempts > 0 || nextAt <= now)
    .toSorted((one, other) => one.id - other.id)[0];
  if (earlier !== undefined) return `behind an earlier message to ${row.recipient} (${earlier.id})`;
  const last = row.reason === undefined ? '' : `; last: ${row.reason}`;
  return `due since ${showTime(zone, row.nextAt)}; a running daemon sends it within seconds${last}`;
}

/** Only quiet hours put off what was never tried without saying so. */
function whyLater({ reason, attempts }: MessageRow): string {
  return reason ?? (attempts === 0 ? 'quiet hours' : 'the next attempt');
}

function whyStopped(name: string, { accounts, now, zone }: Omit<Situation, 'open'>): string | undefined {
  const row = accounts.find((account) => account.name === name);
  if (row === undefined) return loginOf(name);
  const { state, heldUntil, accessExpiresAt } = row;
  // Until it ends, the access token of a dead login still serves.
  if (state === 'needs-login' && accessExpiresAt <= now) return loginOf(name);
  if (state !== 'held' || (heldUntil !== undefined && heldUntil <= now)) return undefined;
  const until = heldUntil === undefined ? '' : ` until ${showTime(zone, heldUntil)}`;
  const reason = reasonOf(row);
  const resume = `talkbell resume --account ${name}`;
  const remedy = reason.includes(resume) ? '' : ` (${resume})`;
  return `the account ${name} is held${until}${reason === '' ? '' : `: ${reason}`}${remedy}`;
}

function loginOf(name: string): string {
  return `waits for a login: talkbell login --as ${name}`;
}

/** Why an account is not well. Kakao's client does not know what people call the account, which stands as NAME. */
export function reasonOf({ name, reason = '' }: AccountRow): string {
  return reason.replaceAll('--account NAME', `--account ${name}`);
}

/** The same where no account is held, so that there is nothing to resume. */
export function withoutResume(reason: string): string {
  return reason.replace(/[;.]? ?then talkbell resume --account \S+?\.?(?= \(|$)/i, '.');
}
