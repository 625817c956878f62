// What is wrong as the store has it, told again at each start: a crash may come after something has gone wrong and
// before the owner was told. Episodes that are open already are not told twice.
import { kstDay } from './delivery.ts';
import type { Instant } from './job.ts';
import type { Owner } from './owner.ts';
import type { AccountRow, AccountStore, AlertStore, MessageRow, OutboxStore, PeopleStore } from './ports.ts';

/** Newest messages that are looked through for one that was lost. */
const LOOKED_THROUGH = 500;
/** A quota is held until 07:00 of the next day: 31 hours at most. */
const LONGEST_HOLD_MS = 32 * 60 * 60_000;

type Stores = AccountStore & AlertStore & OutboxStore & PeopleStore;

export async function tellStanding(owner: Owner, store: Stores, now: Instant): Promise<void> {
  await tellLogins(owner, store);
  await tellHolds(owner, store, now);
  await tellSealed(owner, store);
  const recipients = new Set((await store.recipients()).map(({ name }) => name));
  for (const row of lastSettled(await store.messages({ limit: LOOKED_THROUGH }))) {
    if (recipients.has(row.recipient)) await tellLost(owner, row);
  }
}

/** What is for a webhook that no key opens waits, and makes no outcome either. */
async function tellSealed(owner: Owner, store: PeopleStore): Promise<void> {
  for (const { name, address } of await store.recipients()) {
    if ('sealed' in address) await owner.tell(`sealed:${name}`, address.reason);
  }
}

/** A hold is on disk before it is told: by whoever asked Kakao, in a refresh or in a delivery. */
async function tellHolds(owner: Owner, store: AccountStore & AlertStore, now: Instant): Promise<void> {
  const told = (await store.alerts()).map(({ key }) => key);
  for (const { name, state, reason = '' } of await store.accounts()) {
    if (state !== 'held' || told.some((key) => key.startsWith(`held:${name}:`))) continue;
    await tellHold(owner, { name, reason }, now);
  }
}

/** An episode a day: a quota that ends every day is worth knowing every day. */
export async function tellHold(
  owner: Owner,
  { name, reason }: { readonly name: string; readonly reason: string },
  now: Instant,
): Promise<void> {
  await owner.tell(`held:${name}:${kstDay(now)}`, `Sending with the account ${name} is stopped. ${reason}`);
}

/** Ends a hold that no quota can reach: it was taken by a clock that has been set right since. */
export async function endFarHolds(store: Pick<AccountStore, 'accounts' | 'markAccount'>, now: Instant): Promise<void> {
  for (const { name, state, heldUntil } of await store.accounts()) {
    const isFar = state === 'held' && heldUntil !== undefined && heldUntil - now > LONGEST_HOLD_MS;
    if (isFar)
      await store.markAccount(name, { state: 'ok', reason: 'its hold was taken by a clock that was ahead' }, now);
  }
}

/** A dead login makes no outcome that would be told: its messages wait. */
export async function tellLogins(owner: Owner, store: Pick<AccountStore, 'accounts'>): Promise<void> {
  for (const account of await store.accounts()) await tellLogin(owner, account);
}

async function tellLogin(owner: Owner, { name, state, reason }: AccountRow): Promise<void> {
  const key = `login:${name}`;
  if (state === 'ok') await owner.recover(key, `The account ${name} is logged in again.`);
  if (state !== 'needs-login') return;
  await owner.tell(key, `The account ${name} needs a login: talkbell login --as ${name}. ${reason ?? ''}`.trim());
}

/** The message of each recipient that came to its end last, which need not be the last written; alerts make no alert. */
function lastSettled(rows: readonly MessageRow[]): readonly MessageRow[] {
  const ended = rows.filter(
    ({ settledAt, state, job }) => settledAt !== undefined && (state === 'sent' || job !== undefined),
  );
  const lastFirst = ended.toSorted((one, other) => (other.settledAt ?? 0) - (one.settledAt ?? 0));
  return [...Map.groupBy(lastFirst, ({ recipient }) => recipient).values()].flatMap(([last]) => last ?? []);
}

/** One that failed is told at once or was given up by hand; these two are also the doing of a start. */
async function tellLost(owner: Owner, { job, recipient, state, reason = '' }: MessageRow): Promise<void> {
  if (state !== 'unclear' && state !== 'expired') return;
  const what = state === 'unclear' ? 'may or may not have arrived' : 'was not delivered';
  await owner.tell(
    `undelivered:${recipient}`,
    `A message of ${job} to ${recipient} ${what}. ${reason} See talkbell outbox.`,
  );
}
