// Codes, access tokens and refresh tokens. A refresh token that was replaced is dead from that moment on.
import { createHash } from 'node:crypto';
import type { SandboxApp } from './app.ts';
import type { Clock } from './clock.ts';
import type { User } from './users.ts';

interface Code {
  readonly code: string;
  readonly userId: number;
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly endsAt: number;
}

/** One login of one user: what a chain of refresh tokens belongs to. */
interface Login {
  readonly userId: number;
  readonly scopes: readonly string[];
  refreshToken: string;
  refreshEndsAt: number;
  dead: boolean;
}

export interface AccessToken {
  readonly token: string;
  readonly login: Login;
  endsAt: number;
  dead: boolean;
}

/** What the token endpoint gives. The refresh token only where one was issued. */
export interface Issued {
  readonly accessToken: string;
  readonly accessS: number;
  readonly refresh?: { readonly token: string; readonly forS: number };
  readonly scopes: readonly string[];
}

export interface Tokens {
  readonly makeCode: (code: Omit<Code, 'code' | 'endsAt'>) => string;
  /** The code, which is spent by this. Undefined when it is unknown, spent or too old. */
  readonly takeCode: (code: string) => Code | undefined;
  readonly startLogin: (user: User) => Issued | 'too many';
  readonly refresh: (token: string) => Issued | 'unknown' | 'too many';
  readonly findAccess: (token: string) => AccessToken | undefined;
  readonly endLogin: (access: AccessToken) => void;
  readonly endAll: (userId: number) => void;
  /** Ends what a user has at hand, at once: access tokens, or refresh tokens as well. */
  readonly expire: (userId: number, what: 'access' | 'refresh' | 'both') => void;
}

const ACCESS_WINDOW_MS = 10 * 60_000;
const REFRESH_WINDOW_MS = 60 * 60_000;

interface Parts {
  readonly app: SandboxApp;
  readonly clock: Clock;
  readonly newSecret: () => string;
}

export function makeTokens({ app, clock, newSecret }: Parts): Tokens {
  const codes = new Map<string, Code>();
  const logins = new Map<string, Login>();
  const accesses = new Map<string, AccessToken>();
  const issuedAccess = makeLimit(ACCESS_WINDOW_MS, clock);
  const issuedRefresh = makeLimit(REFRESH_WINDOW_MS, clock);

  const giveAccess = (login: Login): string => {
    const token = newSecret();
    issuedAccess.add(login.userId);
    accesses.set(token, { token, login, endsAt: clock.now() + app.accessTokenS * 1000, dead: false });
    return token;
  };

  const giveRefresh = (login: Login, forS: number): { token: string; forS: number } => {
    logins.delete(login.refreshToken);
    login.refreshToken = newSecret();
    login.refreshEndsAt = clock.now() + forS * 1000;
    logins.set(login.refreshToken, login);
    issuedRefresh.add(login.userId);
    return { token: login.refreshToken, forS };
  };

  const of = (userId: number) => [...accesses.values()].filter(({ login }) => login.userId === userId);

  const endLogin = (login: Login) => {
    login.dead = true;
    logins.delete(login.refreshToken);
  };

  return {
    makeCode: (code) => {
      const made = newSecret();
      codes.set(made, { ...code, code: made, endsAt: clock.now() + app.codeS * 1000 });
      return made;
    },
    takeCode: (code) => {
      const found = codes.get(code);
      codes.delete(code);
      return found === undefined || found.endsAt <= clock.now() ? undefined : found;
    },
    startLogin: (user) => {
      if (issuedAccess.count(user.id) >= app.quotas.accessTokens) return 'too many';
      if (issuedRefresh.count(user.id) >= app.quotas.refreshTokens) return 'too many';
      const login: Login = {
        userId: user.id,
        scopes: [...user.agreed],
        refreshToken: '',
        refreshEndsAt: 0,
        dead: false,
      };
      const refresh = giveRefresh(login, app.refreshTokenS);
      return { accessToken: giveAccess(login), accessS: app.accessTokenS, refresh, scopes: login.scopes };
    },
    refresh: (token) => {
      const login = logins.get(token);
      if (login === undefined || login.refreshEndsAt <= clock.now()) return 'unknown';
      if (issuedAccess.count(login.userId) >= app.quotas.accessTokens) return 'too many';
      const rotates = login.refreshEndsAt - clock.now() < app.rotateBelowS * 1000;
      if (rotates && issuedRefresh.count(login.userId) >= app.quotas.refreshTokens) return 'too many';
      if (!app.oldAccessTokenStaysValid) {
        for (const access of of(login.userId)) access.dead ||= access.login === login;
      }
      const issued = { accessToken: giveAccess(login), accessS: app.accessTokenS, scopes: login.scopes };
      return rotates ? { ...issued, refresh: giveRefresh(login, app.rotatedRefreshTokenS) } : issued;
    },
    findAccess: (token) => {
      const access = accesses.get(token);
      return access === undefined || access.dead || access.login.dead ? undefined : access;
    },
    endLogin: ({ login }) => endLogin(login),
    endAll: (userId) => {
      for (const { login } of of(userId)) endLogin(login);
    },
    expire: (userId, what) => {
      for (const access of of(userId)) {
        if (what !== 'refresh') access.endsAt = Math.min(access.endsAt, clock.now());
        if (what !== 'access') access.login.refreshEndsAt = Math.min(access.login.refreshEndsAt, clock.now());
      }
    },
  };
}

/** True when the verifier is the one that the challenge (S256) was made of. */
export function fitsChallenge(verifier: string | null, challenge: string | undefined): boolean {
  if (challenge === undefined) return true;
  return (
    createHash('sha256')
      .update(verifier ?? '')
      .digest('base64url') === challenge
  );
}

function makeLimit(windowMs: number, clock: Clock) {
  const times = new Map<number, readonly number[]>();
  const recent = (userId: number) => (times.get(userId) ?? []).filter((at) => at > clock.now() - windowMs);
  return {
    count: (userId: number) => recent(userId).length,
    add: (userId: number) => times.set(userId, [...recent(userId), clock.now()]),
  };
}
