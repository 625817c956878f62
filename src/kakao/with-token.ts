// A call with an access token: after a 401 once more with a refreshed one, and after a second 401 the account needs a
// login by a person.
import type { Refusal, Verdict } from './errors.ts';
import type { TokenKeeper } from './tokens.ts';

export interface Caller {
  readonly keeper: TokenKeeper;
  readonly account: string;
  readonly signal: AbortSignal;
}

export type Settled<T> = { readonly kind: 'ok'; readonly value: T } | Exclude<Refusal, { kind: 'unauthorized' }>;

export async function withToken<T>(caller: Caller, call: (token: string) => Promise<Verdict<T>>): Promise<Settled<T>> {
  const { keeper, account, signal } = caller;
  const first = await keeper.access(account, signal);
  if ('outcome' in first) return first.outcome;
  const verdict = await call(first.token);
  if (verdict.kind !== 'unauthorized') return naming(verdict, account);

  const second = await keeper.afterUnauthorized(account, first.token, signal);
  if ('outcome' in second) return second.outcome;
  const again = await call(second.token);
  if (again.kind !== 'unauthorized') return naming(again, account);

  const { reason } = naming(again, account);
  await keeper.needsLogin(account, reason);
  return { kind: 'login', reason };
}

/** Puts the account's name into the commands that a sentence advises. */
function naming<V extends { readonly kind: string }>(verdict: V, account: string): V {
  return 'reason' in verdict && typeof verdict.reason === 'string'
    ? { ...verdict, reason: verdict.reason.replaceAll(/\bNAME\b/g, account) }
    : verdict;
}
