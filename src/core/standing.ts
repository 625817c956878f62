// What is wrong as the store has it, told again at each start: a crash may come after something has gone wrong and
// before the owner was told. Episodes that are open already are not told twice.
import type { Instant } from './job.ts';
import type { Owner } from './owner.ts';
import type { AccountRow, AccountStore, MessageRow, OutboxStore, PeopleStore } from './ports.ts';

/** Newest messages that are looked through for one that was lost. */
const LOOKED_THROUGH = 500;
/** A quota is held until 07:00 of the next day: 31 hours at most. */
const LONGEST_HOLD_MS = 32 * 60 * 60_000;

export async function tellStanding(owner: Owner, store: AccountStore & OutboxStore & PeopleStore): Promise<void> {
  await tellLogins(owner, store);
  const recipients = new Set((await store.recipients()).map(({ name }) => name));
  for (const row of lastSettled(await store.messages({ limit: LOOKED_THROUGH }))) {
    if (recipients.has(row.recipient)) await tellLost(owner, row);
  }
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

/** The newest message of each recipient that has come to its end; alerts that were lost make no alert. */
function lastSettled(rows: readonly MessageRow[]): readonly MessageRow[] {
  const ended = rows.filter(
    ({ settledAt, state, job }) => settledAt !== undefined && (state === 'sent' || job !== undefined),
  );
  return [...Map.groupBy(ended, ({ recipient }) => recipient).values()].flatMap(([newest]) => newest ?? []);
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
