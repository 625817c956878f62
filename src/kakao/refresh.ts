// One refresh of one account, under the lease of that account: the intent first, then the request, then Kakao's raw
// answer on disk, and only then the new tokens. Kakao kills the old refresh token when it gives a new one, so every
// step can be the last before a crash, and the next start goes on from what is on disk.
import type { AccountStore, Clock, RefreshIntent, Store, Tokens } from '../core/ports.ts';
import type { Answer } from './http.ts';
import { type Grant, mergeTokens, type Oauth, readGrant, readTokenAnswer } from './oauth.ts';
import type { OauthRefusal } from './oauth-errors.ts';

export type TokenStore = Pick<
  Store,
  | 'accounts'
  | 'tokens'
  | 'lease'
  | 'tryWrite'
  | 'markAccount'
  | Exclude<keyof AccountStore, 'saveLogin' | 'removeAccount'>
>;

export type Refreshed =
  | { readonly kind: 'done'; readonly tokens: Tokens }
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'dead' | 'operator' | 'rate' | 'later';
      readonly reason: string;
      readonly code: string | undefined;
    };

/** A granted answer that the disk did not take: kept in memory until it does. */
interface Unsaved {
  readonly tokenHash: string;
  readonly text: string;
}

export interface RefreshParts {
  readonly store: TokenStore;
  readonly oauth: Pick<Oauth, 'refresh' | 'facts'>;
  readonly now: Clock;
  readonly unsaved: Map<string, Unsaved>;
}

interface Held {
  readonly tokens: Tokens;
  readonly intent: RefreshIntent | undefined;
}

/** `seen` is the access token that is to be replaced: if another is stored by now, another process has refreshed. */
export async function refreshOnce(parts: RefreshParts, account: string, seen: string): Promise<Refreshed> {
  const { store, oauth, now } = parts;
  const held = await store.tokens(account);
  if (held === undefined) return { kind: 'gone' };

  const tokenHash = await hashOf(held.tokens.refresh);
  const finished = await finishRefresh(parts, account, held);
  if (finished !== undefined) return { kind: 'done', tokens: finished };
  if (held.tokens.access !== seen) return { kind: 'done', tokens: held.tokens };

  await store.tryWrite();
  const at = now();
  await store.beginRefresh(account, { at, tokenHash });
  const answer = await oauth.refresh(held.tokens.refresh);
  return settle(parts, { account, held, tokenHash, at, answer });
}

/** Takes up an answer of an earlier refresh that did not come as far as being committed. */
export async function finishRefresh(parts: RefreshParts, account: string, held: Held): Promise<Tokens | undefined> {
  const { store, unsaved } = parts;
  const tokenHash = await hashOf(held.tokens.refresh);
  const kept = unsaved.get(account);
  if (kept?.tokenHash === tokenHash) await store.saveRawAnswer(account, kept.text);
  unsaved.delete(account);

  if (held.intent?.tokenHash !== tokenHash) return undefined;
  const text = await store.rawAnswer(account);
  const grant = text === undefined ? undefined : readGrant(text, held.intent.at);
  return grant === undefined ? undefined : commit(parts, { account, held, grant });
}

interface Step {
  readonly account: string;
  readonly held: Held;
  readonly tokenHash: string;
  readonly at: number;
  readonly answer: Answer;
}

async function settle(parts: RefreshParts, step: Step): Promise<Refreshed> {
  const { account, held, tokenHash, at, answer } = step;
  const text = answer.kind === 'answer' && answer.status === 200 ? answer.text : undefined;
  if (text !== undefined) {
    parts.unsaved.set(account, { tokenHash, text });
    await parts.store.saveRawAnswer(account, text);
    parts.unsaved.delete(account);
  }
  const read = readTokenAnswer(answer, { at, facts: parts.oauth.facts });
  if (!('access' in read)) return refuse(parts, { account, held, tokenHash, refusal: read });
  return { kind: 'done', tokens: await commit(parts, { account, held, grant: read }) };
}

async function commit(
  { store, now }: RefreshParts,
  { account, held, grant }: { account: string; held: Held; grant: Grant },
): Promise<Tokens> {
  const tokens = mergeTokens(held.tokens, grant);
  await store.commitRefresh(account, tokens, now());
  return tokens;
}

async function refuse(
  { store, now }: RefreshParts,
  { account, held, tokenHash, refusal }: Pick<Step, 'account' | 'held' | 'tokenHash'> & { refusal: OauthRefusal },
): Promise<Refreshed> {
  const { kind, code } = refusal;
  if (kind === 'dead') {
    const reason = await diagnose(store, { account, held, tokenHash, now: now() });
    await store.markAccount(account, { state: 'needs-login', reason }, now());
    await store.abandonRefresh(account);
    return { kind, code, reason };
  }
  const isHeld = kind === 'operator' && held.tokens.accessExpiresAt <= now();
  const reason = isHeld ? `${refusal.reason} Then: talkbell resume --account ${account}` : refusal.reason;
  // An intent that was open before stays: only a clear answer about that token closes it.
  const wasOpen = held.intent?.tokenHash === tokenHash;
  if (refusal.unchanged && !wasOpen) await store.abandonRefresh(account);
  // While the access token serves, messages go on; whoever keeps the tokens tells the owner.
  if (isHeld) await store.markAccount(account, { state: 'held', reason }, now());
  return { kind: kind === 'code' ? 'later' : kind, code, reason };
}

async function diagnose(
  store: TokenStore,
  { account, held, tokenHash, now }: { account: string; held: Held; tokenHash: string; now: number },
): Promise<string> {
  const row = (await store.accounts()).find(({ name }) => name === account);
  const refused = `Kakao no longer takes the refresh token of ${account} (KOE322)`;
  const login = `Log in again: talkbell login --as ${account}`;
  if (held.intent?.tokenHash === tokenHash) {
    const at = new Date(held.intent.at).toISOString();
    return `${refused}. Kakao had probably rotated the token and its answer was lost in a crash or a time-out: the refresh of ${at} has no answer on disk. ${login}`;
  }
  if (row?.state === 'verify')
    return `${refused}. It came from a restored backup, and Kakao has probably given a newer one since. ${login}`;
  if (held.tokens.refreshExpiresAt <= now)
    return `${refused}. It had ended on ${new Date(held.tokens.refreshExpiresAt).toISOString().slice(0, 10)}. ${login}`;
  return `${refused}. The person has unlinked the app or logged out, or another program uses the same login. ${login}`;
}

/** SHA-256 in hex. */
export async function hashOf(token: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return Buffer.from(hash).toString('hex');
}
