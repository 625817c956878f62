// The token keeper: gives a valid access token, and keeps each login alive through the month in which Kakao rotates.
// One refresh at a time for each account: one promise within the process, a lease in the store across processes.

import { StoreError } from '../core/errors.ts';
import type { AccountRow, Clock, Outcome } from '../core/ports.ts';
import { type LeasePorts, underLease } from './lease.ts';
import type { Oauth } from './oauth.ts';
import { finishRefresh, type Refreshed, type RefreshParts, refreshOnce, type TokenStore } from './refresh.ts';
import { isOn, mayReturn, type Pause, pauseAfter, type Returns } from './refresh-pause.ts';
import { endsSoon, isDaytime, RENEW_WITHIN_MS, type TokenWarning } from './token-care.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** An access token that ends sooner is replaced before it is used. */
const MARGIN_MS = 2 * MINUTE_MS;
const ONCE_A_DAY_MS = 20 * HOUR_MS;
/** A token that is refused so soon after a refresh for a refused one is not mended by a third. */
const JUST_MENDED_MS = MINUTE_MS;

export type Access = { readonly token: string } | { readonly outcome: Exclude<Outcome, { kind: 'sent' }> };

export interface TokenKeeper {
  /** An access token to call with, or what the call comes to without one. Never `unclear`: nothing was sent. */
  readonly access: (account: string, signal: AbortSignal) => Promise<Access>;
  /** After a 401 for `token`: another token, got by one refresh, or what the call comes to. */
  readonly afterUnauthorized: (account: string, token: string, signal: AbortSignal) => Promise<Access>;
  /** Marks that a person has to log in. */
  readonly needsLogin: (account: string, reason: string) => Promise<void>;
  /** Accounts to be refreshed now although nothing is to be sent. */
  readonly refreshDue: (now: number) => Promise<readonly string[]>;
  /** Refreshes what is due and gives what the owner has to know. To be called every few minutes. */
  readonly maintain: (now: number) => Promise<readonly TokenWarning[]>;
  /** After a start: takes up answers left on disk by a crash. Gives the accounts so finished. */
  readonly recover: () => Promise<readonly string[]>;
  /** Waits until no refresh is under way. A shutdown waits for it. */
  readonly idle: () => Promise<void>;
}

export interface KeeperPorts extends LeasePorts {
  readonly store: TokenStore;
  readonly oauth: Pick<Oauth, 'refresh' | 'facts'>;
  readonly now: Clock;
}

interface Keeper extends RefreshParts {
  readonly lease: LeasePorts;
  readonly flights: Map<string, Promise<Refreshed>>;
  readonly pauses: Map<string, Pause>;
  readonly refreshedAt: Map<string, number>;
  /** When a refresh was made because Kakao had refused a token. */
  readonly mendedAt: Map<string, number>;
  /** How often an account that needs a login was tried again, and when last. */
  readonly returns: Map<string, Returns>;
  /** Accounts whose last refresh has no answer on disk: the old token is to be tried once. */
  readonly inDoubt: Set<string>;
}

export function makeTokenKeeper(ports: KeeperPorts): TokenKeeper {
  const { store, oauth, now } = ports;
  const keeper: Keeper = {
    store,
    oauth,
    now,
    lease: ports,
    unsaved: new Map(),
    flights: new Map(),
    pauses: new Map(),
    refreshedAt: new Map(),
    mendedAt: new Map(),
    returns: new Map(),
    inDoubt: new Set(),
  };
  return {
    access: (account, signal) => guard(() => access(keeper, account, signal)),
    afterUnauthorized: (account, token, signal) => guard(() => afterUnauthorized(keeper, { account, token, signal })),
    needsLogin: (account, reason) => store.markAccount(account, { state: 'needs-login', reason }, now()),
    refreshDue: (at) => refreshDue(keeper, at),
    maintain: (at) => maintain(keeper, at),
    recover: () => recover(keeper),
    idle: () => idle(keeper),
  };
}

async function access(keeper: Keeper, account: string, signal: AbortSignal): Promise<Access> {
  const { store, now } = keeper;
  const row = await findAccount(store, account);
  const held = await store.tokens(account);
  if (row === undefined || held === undefined) return { outcome: noAccount(account) };

  const leftMs = held.tokens.accessExpiresAt - now();
  const serves = leftMs > 0 && row.state !== 'verify';
  if (serves && (leftMs > MARGIN_MS || row.state === 'needs-login')) return { token: held.tokens.access };
  const stuck = whyStuck(row);
  if (stuck !== undefined) return serves ? { token: held.tokens.access } : { outcome: stuck };

  const result = await refresh(keeper, { account, seen: held.tokens.access, signal });
  if (result.kind === 'done') return { token: result.tokens.access };
  return serves && held.tokens.accessExpiresAt > now()
    ? { token: held.tokens.access }
    : { outcome: outcomeOf(keeper, account, result) };
}

/** A refresh is of no use before a person has acted. */
function whyStuck({ name, state, reason, heldUntil }: AccountRow): Exclude<Outcome, { kind: 'sent' }> | undefined {
  if (state === 'needs-login')
    return { kind: 'login', reason: reason ?? `${name} has to log in again: talkbell login --as ${name}` };
  if (state === 'held' && heldUntil === undefined)
    return { kind: 'hold', until: 'operator', reason: reason ?? `${name} is held: talkbell resume --account ${name}` };
  return undefined;
}

async function afterUnauthorized(
  keeper: Keeper,
  { account, token, signal }: { account: string; token: string; signal: AbortSignal },
): Promise<Access> {
  const { store, now } = keeper;
  const row = await findAccount(store, account);
  const held = await store.tokens(account);
  if (row === undefined || held === undefined) return { outcome: noAccount(account) };
  if (held.tokens.access !== token && held.tokens.accessExpiresAt > now()) return { token: held.tokens.access };

  const stuck = whyStuck(row);
  if (stuck !== undefined) return { outcome: stuck };
  const sinceMended = now() - (keeper.mendedAt.get(account) ?? Number.NEGATIVE_INFINITY);
  // A clock that was set back leaves a mending in the future: that was not just now.
  if (sinceMended >= 0 && sinceMended < JUST_MENDED_MS) {
    const reason = `Kakao refuses the access token of ${account} right after a refresh. Log in again: talkbell login --as ${account}`;
    await store.markAccount(account, { state: 'needs-login', reason }, now());
    return { outcome: { kind: 'login', reason } };
  }
  const result = await refresh(keeper, { account, seen: token, signal });
  if (result.kind !== 'done') return { outcome: outcomeOf(keeper, account, result) };
  keeper.mendedAt.set(account, now());
  return { token: result.tokens.access };
}

interface RefreshQuestion {
  readonly account: string;
  /** The access token that is to be replaced. */
  readonly seen: string;
  readonly signal?: AbortSignal;
}

/** Joins the refresh under way, or begins one. It goes on to its end when the signal stops the waiting. */
function refresh(keeper: Keeper, { account, seen, signal }: RefreshQuestion): Promise<Refreshed> {
  const pause = keeper.pauses.get(account);
  if (isOn(pause, keeper.now())) return Promise.resolve(pause.result);

  const flight = keeper.flights.get(account) ?? fly(keeper, account, seen);
  return signal === undefined ? flight : orStopping(flight, signal);
}

function fly(keeper: Keeper, account: string, seen: string): Promise<Refreshed> {
  const flight = inStore(() => underLease(keeper.lease, account, () => refreshOnce(keeper, account, seen)))
    .then((result) => noteResult(keeper, account, result ?? otherHolds(account)))
    .finally(() => keeper.flights.delete(account));
  keeper.flights.set(account, flight);
  return flight;
}

function otherHolds(account: string): Refreshed {
  return later(`Another talkbell process holds the login of ${account} for too long. It is tried again.`);
}

async function noteResult(keeper: Keeper, account: string, result: Refreshed): Promise<Refreshed> {
  const at = keeper.now();
  keeper.inDoubt.delete(account);
  if (result.kind === 'done') {
    keeper.pauses.delete(account);
    keeper.returns.delete(account);
    keeper.refreshedAt.set(account, at);
    const row = await findAccount(keeper.store, account);
    const isBack = row?.state === 'needs-login';
    if (isBack || row?.state === 'verify') await keeper.store.markAccount(account, { state: 'ok', reason: '' }, at);
    return result;
  }
  keeper.pauses.set(account, pauseAfter(result, keeper.pauses.get(account), at));
  return result;
}

/** Accounts whose refresh token is in its last month, once a day in the daytime; a refresh in doubt at any hour. */
async function refreshDue(keeper: Keeper, now: number): Promise<readonly string[]> {
  const rows = await keeper.store.accounts();
  return rows
    .filter((row) =>
      row.state === 'needs-login'
        ? mayReturn(row, keeper.returns.get(row.name), now)
        : keeper.inDoubt.has(row.name) || isDue(keeper, row, now),
    )
    .map(({ name }) => name);
}

function isDue({ refreshedAt, pauses }: Keeper, row: AccountRow, now: number): boolean {
  if (!isDaytime(now) || row.refreshExpiresAt - now >= RENEW_WITHIN_MS) return false;
  if (isOn(pauses.get(row.name), now)) return false;
  const lastAt = refreshedAt.get(row.name) ?? row.updatedAt;
  // A mark changes updatedAt too; a token that ended long ago shows that no refresh was near.
  return now - lastAt >= ONCE_A_DAY_MS || (!refreshedAt.has(row.name) && now - row.accessExpiresAt >= 8 * HOUR_MS);
}

async function maintain(keeper: Keeper, now: number): Promise<readonly TokenWarning[]> {
  const refused: TokenWarning[] = [];
  for (const account of await refreshDue(keeper, now)) {
    const held = await keeper.store.tokens(account);
    if (held === undefined) continue;
    keeper.returns.set(account, { tries: (keeper.returns.get(account)?.tries ?? 0) + 1, at: now });
    const result = await refresh(keeper, { account, seen: held.tokens.access });
    if (result.kind === 'dead' || result.kind === 'operator')
      refused.push({
        account,
        key: result.kind === 'dead' ? `login:${account}` : `refresh:${account}`,
        daysLeft: undefined,
        text: result.reason,
      });
  }
  const rows = await keeper.store.accounts();
  const ending = rows.flatMap((row) => endsSoon(row, now, reasonOf(keeper.pauses.get(row.name)?.result)) ?? []);
  return [...refused, ...ending];
}

async function recover(keeper: Keeper): Promise<readonly string[]> {
  const finished: string[] = [];
  for (const { name } of await keeper.store.accounts()) {
    const held = await keeper.store.tokens(name);
    if (held?.intent === undefined) continue;
    const end = await underLease(keeper.lease, name, () => finishLeft(keeper, name));
    if (end === 'open') keeper.inDoubt.add(name);
    if (end === 'finished') finished.push(name);
  }
  return finished;
}

async function finishLeft(keeper: Keeper, account: string): Promise<'finished' | 'open' | undefined> {
  const held = await keeper.store.tokens(account);
  if (held?.intent === undefined) return undefined;
  return (await finishRefresh(keeper, account, held)) === undefined ? 'open' : 'finished';
}

async function idle(keeper: Keeper): Promise<void> {
  while (keeper.flights.size > 0) await Promise.allSettled(keeper.flights.values());
  for (const account of [...keeper.unsaved.keys()]) await inStore(() => finishLeft(keeper, account));
}

function later(reason: string): Exclude<Refreshed, { kind: 'done' | 'gone' }> {
  return { kind: 'later', code: undefined, reason };
}

function orStopping(flight: Promise<Refreshed>, signal: AbortSignal): Promise<Refreshed> {
  const { promise, resolve, reject } = Promise.withResolvers<Refreshed>();
  const stop = () => resolve(later('talkbell is stopping; nothing was sent.'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  flight.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  return promise;
}

function outcomeOf(
  keeper: Keeper,
  account: string,
  result: Exclude<Refreshed, { kind: 'done' }>,
): Exclude<Outcome, { kind: 'sent' }> {
  if (result.kind === 'gone') return noAccount(account);
  const { kind, reason, code } = result;
  if (kind === 'dead') return { kind: 'login', reason };
  if (kind === 'operator') return { kind: 'hold', until: 'operator', reason, ...(code === undefined ? {} : { code }) };
  const waitMs = (keeper.pauses.get(account)?.until ?? 0) - keeper.now();
  return { kind: 'retry', reason, ...(waitMs > 0 ? { retryAfterMs: waitMs } : {}) };
}

/** The store's trouble stops nothing for good: nothing was sent, and the same may work later. */
async function inStore<T>(work: () => Promise<T>): Promise<T | ReturnType<typeof later>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return later(error.message);
  }
}

async function guard(work: () => Promise<Access>): Promise<Access> {
  const result = await inStore(work);
  return 'kind' in result ? { outcome: { kind: 'retry', reason: result.reason } } : result;
}

function reasonOf(result: Refreshed | undefined): string | undefined {
  return result !== undefined && 'reason' in result ? result.reason : undefined;
}

function noAccount(account: string): Exclude<Outcome, { kind: 'sent' }> {
  return { kind: 'login', reason: `There is no Kakao login named ${account}. Log in: talkbell login --as ${account}` };
}

async function findAccount(store: TokenStore, account: string): Promise<AccountRow | undefined> {
  return (await store.accounts()).find(({ name }) => name === account);
}
