// A login's end: the code for tokens, whose tokens they are, and whether the person agreed to messages. Saved only when
// messages can be sent.
import type { AccountStore, Clock } from '../core/ports.ts';
import type { Kakao, Scope } from './client.ts';
import { type LeasePorts, underLease } from './lease.ts';
import { type Grant, type Oauth, readTokenAnswer } from './oauth.ts';

const MESSAGES = 'talk_message';
const FRIENDS = 'friends';

export interface LoginPorts {
  readonly oauth: Pick<Oauth, 'exchangeCode' | 'facts'>;
  readonly kakao: Pick<Kakao, 'tokenInfo' | 'scopes'>;
  readonly store: LeasePorts['store'] & Pick<AccountStore, 'saveLogin' | 'accounts'>;
  readonly now: Clock;
}

export interface LoginAnswer {
  readonly code: string;
  /** What the account and its recipient are called. */
  readonly name: string;
  /** Whether consent to the friends list was asked for too. */
  readonly friends?: boolean;
  readonly codeVerifier?: string;
  /** Lets another person's login take the place of the one of that name. */
  readonly replace?: boolean;
  readonly signal?: AbortSignal;
}

export type LoginEnd =
  | {
      readonly kind: 'ok';
      readonly name: string;
      readonly kakaoId: string;
      readonly scopes: readonly string[];
      /** What does not work although the login does. */
      readonly notes: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** Consent items to ask for in a new login; undefined when a new login alone mends nothing. */
      readonly askAgainFor: readonly string[] | undefined;
    };

/** The consent items a login asks for. */
export function consentScopes(friends: boolean): readonly string[] {
  return friends ? [MESSAGES, FRIENDS] : [MESSAGES];
}

export async function finishLogin(ports: LoginPorts, login: LoginAnswer): Promise<LoginEnd> {
  const { oauth, kakao, store, now } = ports;
  const { code, codeVerifier, name, signal } = login;
  const granted = readTokenAnswer(await oauth.exchangeCode({ code, codeVerifier }, signal), {
    at: now(),
    facts: oauth.facts,
  });
  if (!('access' in granted)) return refused(granted.reason, granted.kind === 'operator' ? undefined : asked(login));
  if (granted.refresh === undefined)
    return refused('Kakao gave no refresh token with this login. Log in again.', asked(login));

  const info = await kakao.tokenInfo(granted.access, signal);
  if (info.kind !== 'ok') return refused(`Kakao did not say whose login this is. ${info.reason}`, asked(login));
  const kakaoId = info.value.id;
  const other = (await store.accounts()).find((row) => row.name === name && row.kakaoId !== undefined);
  if (other !== undefined && other.kakaoId !== kakaoId && login.replace !== true) return belongsToOther(name);

  const consents = await readConsents(kakao, granted, signal);
  const missing = whatIsMissing(consents, MESSAGES);
  if (missing !== undefined)
    return refused(missing.reason, missing.byPerson ? consentScopes(login.friends === true) : undefined);

  const scopes = consents.filter(({ using, agreed }) => using && agreed).map(({ id }) => id);
  const saved = await save(ports, { name, kakaoId, scopes, granted, refresh: granted.refresh });
  if (!saved) return refused(`Another talkbell process is changing the login ${name}. Log in again.`, asked(login));
  const friendless = login.friends === true ? whatIsMissing(consents, FRIENDS)?.reason : undefined;
  return { kind: 'ok', name, kakaoId, scopes, notes: friendless === undefined ? [] : [friendless] };
}

/** Under the lease, so that the answer of a refresh under way cannot take the place of the new tokens. */
async function save(
  { store, now }: LoginPorts,
  login: { name: string; kakaoId: string; scopes: readonly string[]; granted: Grant; refresh: string },
): Promise<boolean> {
  const { name, kakaoId, scopes, granted, refresh } = login;
  const { access, accessExpiresAt, refreshExpiresAt } = granted;
  const tokens = { access, accessExpiresAt, refresh, refreshExpiresAt };
  const done = await underLease({ store, now }, name, async () => {
    await store.saveLogin({ name, kakaoId, scopes, tokens }, now());
    return true;
  });
  return done === true;
}

/** Kakao's list of consent items; when it cannot be had, what the token itself names. */
async function readConsents(
  kakao: Pick<Kakao, 'scopes'>,
  granted: Grant,
  signal: AbortSignal | undefined,
): Promise<readonly Scope[]> {
  const listed = await kakao.scopes(granted.access, signal);
  if (listed.kind === 'ok') return listed.value;
  // Where nothing tells, the first message will: a login is not refused on a guess.
  const told = granted.scopes.length > 0 ? granted.scopes : [MESSAGES];
  return told.map((id) => ({ id, using: true, agreed: true }));
}

function whatIsMissing(
  consents: readonly Scope[],
  id: string,
): { readonly reason: string; readonly byPerson: boolean } | undefined {
  const consent = consents.find((scope) => scope.id === id);
  if (consent === undefined || !consent.using) {
    const reason = `The app has the consent item ${id} switched off. In Kakao Developers, switch it on: [카카오 로그인] > [동의항목] ${id}; then log in again.`;
    return { reason, byPerson: false };
  }
  if (consent.agreed) return undefined;
  return { reason: `The person did not agree to ${id}. Log in again and tick it.`, byPerson: true };
}

function belongsToOther(name: string): LoginEnd {
  const reason = `The login ${name} belongs to another Kakao user. Log in under another name (talkbell login --as NAME), or remove it first: talkbell accounts remove ${name}`;
  return { kind: 'refused', reason, askAgainFor: undefined };
}

function asked({ friends = false }: LoginAnswer): readonly string[] {
  return consentScopes(friends);
}

function refused(reason: string, askAgainFor: readonly string[] | undefined): LoginEnd {
  return { kind: 'refused', reason, askAgainFor };
}
