// Kakao's login server: the address a person logs in at, codes for tokens, tokens for newer ones. It reads answers but
// stores nothing. Kakao knows the client by fields of the form only, never by HTTP Basic.
import * as v from '@badrap/valita';
import type { Tokens } from '../core/ports.ts';
import { type Answer, addressUnder, type Http, readJson } from './http.ts';
import { judgeOauth, type OauthFacts, type OauthRefusal } from './oauth-errors.ts';
import { orElse, readShape } from './shape.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** An access token lives 6 hours (REST key) or 12; anything outside these bounds is a fault and would cause a storm. */
const ACCESS_LIFE = { least: 10 * MINUTE_MS, most: DAY_MS, unknown: 60 * MINUTE_MS };
/** A refresh token lives 2 months. */
const REFRESH_LIFE = { least: DAY_MS, most: 366 * DAY_MS, unknown: 60 * DAY_MS };

export interface OauthSettings {
  readonly authUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly redirectUri: string;
  readonly http: Http;
}

export interface LoginQuestion {
  readonly scope: readonly string[];
  readonly state: string;
  readonly prompt?: string | undefined;
  /** PKCE, S256. Kakao announces it; sent only when it is given. */
  readonly codeChallenge?: string | undefined;
}

export interface Oauth {
  readonly facts: OauthFacts;
  readonly authorizeUrl: (question: LoginQuestion) => string;
  readonly exchangeCode: (
    code: { readonly code: string; readonly codeVerifier?: string | undefined },
    signal?: AbortSignal,
  ) => Promise<Answer>;
  /** No signal: a refresh that has begun is never broken off from outside. */
  readonly refresh: (refreshToken: string) => Promise<Answer>;
}

/** What a token answer grants. */
export interface Grant {
  readonly access: string;
  readonly accessExpiresAt: number;
  /** Absent: the old refresh token stays, with its old expiry. */
  readonly refresh: string | undefined;
  readonly refreshExpiresAt: number;
  readonly scopes: readonly string[];
}

export function openOauth(settings: OauthSettings): Oauth {
  const { authUrl, clientId, clientSecret, redirectUri, http } = settings;
  const post = (fields: Readonly<Record<string, string>>, signal?: AbortSignal) =>
    http.ask({
      method: 'POST',
      base: authUrl,
      path: '/oauth/token',
      form: { ...fields, client_id: clientId, ...(clientSecret ? { client_secret: clientSecret } : {}) },
      signal,
    });
  return {
    facts: { redirectUri, hasSecret: Boolean(clientSecret) },
    authorizeUrl: (question) => authorizeUrl(settings, question),
    exchangeCode: ({ code, codeVerifier }, signal) =>
      post(
        {
          grant_type: 'authorization_code',
          redirect_uri: redirectUri,
          code,
          ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
        },
        signal,
      ),
    refresh: (refreshToken) => post({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  };
}

function authorizeUrl({ authUrl, clientId, redirectUri }: OauthSettings, question: LoginQuestion): string {
  return addressUnder(authUrl, '/oauth/authorize', {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: question.scope.join(','),
    state: question.state,
    ...(question.prompt === undefined ? {} : { prompt: question.prompt }),
    ...(question.codeChallenge === undefined
      ? {}
      : { code_challenge: question.codeChallenge, code_challenge_method: 'S256' }),
  }).href;
}

/** The challenge that belongs to a PKCE verifier. */
export async function codeChallengeOf(verifier: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return Buffer.from(hash).toString('base64url');
}

/** A token must fit into a header as it stands. */
const TokenText = v.string().assert((text) => /^[\x21-\x7e]+$/.test(text));

const GrantBody = v.object({
  access_token: TokenText,
  expires_in: v.unknown().optional(),
  refresh_token: orElse(TokenText, undefined),
  refresh_token_expires_in: v.unknown().optional(),
  scope: orElse(v.string(), ''),
});

/** Reads the body of a token answer that came at `at`. Undefined when it holds no access token. */
export function readGrant(text: string, at: number): Grant | undefined {
  const body = readShape(GrantBody, readJson(text));
  if (body === undefined) return undefined;
  return {
    access: body.access_token,
    accessExpiresAt: at + lifeMs(body.expires_in, ACCESS_LIFE),
    refresh: body.refresh_token,
    refreshExpiresAt: at + lifeMs(body.refresh_token_expires_in, REFRESH_LIFE),
    scopes: body.scope.split(/[\s,]+/).filter((scope) => scope !== ''),
  };
}

/** The tokens after a refresh. */
export function mergeTokens(old: Tokens, grant: Grant): Tokens {
  const { access, accessExpiresAt, refresh, refreshExpiresAt } = grant;
  if (refresh === undefined) return { ...old, access, accessExpiresAt };
  return { access, accessExpiresAt, refresh, refreshExpiresAt };
}

/** The grant in an answer of the token address, or why there is none. */
export function readTokenAnswer(
  answer: Answer,
  { at, facts }: { at: number; facts: OauthFacts },
): Grant | OauthRefusal {
  const text = answer.kind === 'answer' && answer.status === 200 ? answer.text : undefined;
  return (text === undefined ? undefined : readGrant(text, at)) ?? judgeOauth(answer, facts);
}

function lifeMs(seconds: unknown, { least, most, unknown }: typeof ACCESS_LIFE): number {
  const number = typeof seconds === 'string' && seconds.trim() !== '' ? Number(seconds) : seconds;
  if (typeof number !== 'number' || Number.isNaN(number)) return unknown;
  return Math.trunc(Math.min(Math.max(number * 1000, least), most));
}
