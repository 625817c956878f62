// What each refusal of Kakao's login server means and what to do, and what it says about the tokens it was asked with.
// Kakao's own text is not repeated for known codes: it carries authorisation codes and keys.
import * as v from '@badrap/valita';
import { quote } from './errors.ts';
import type { Answer } from './http.ts';
import { orElse, readShape } from './shape.ts';

/**
 * `dead`: the refresh token is of no use any more. `code`: this login attempt is over, begin again. `operator`: the app
 * is set up wrongly. `rate`: too many tokens were asked for. `later`: the same may work later.
 */
export type OauthTrouble = 'dead' | 'code' | 'operator' | 'rate' | 'later';

export interface OauthRefusal {
  readonly kind: OauthTrouble;
  /** True when Kakao surely issued no token for this request. */
  readonly unchanged: boolean;
  readonly code: string | undefined;
  readonly reason: string;
}

export interface OauthFacts {
  readonly redirectUri: string;
  readonly hasSecret: boolean;
}

interface Row {
  readonly leads: OauthTrouble;
  readonly says: string | ((facts: OauthFacts) => string);
}

const CONSOLE = 'In Kakao Developers';

export const OAUTH_CODES: Readonly<Record<string, Row>> = {
  KOE001: {
    leads: 'operator',
    says: 'Kakao calls the request malformed. Check KAKAO_AUTH_URL and KAKAO_REST_API_KEY.',
  },
  KOE002: { leads: 'operator', says: 'Kakao does not know this address. Check KAKAO_AUTH_URL.' },
  KOE003: { leads: 'later', says: 'The login server of Kakao has a fault. It is tried again.' },
  KOE004: {
    leads: 'operator',
    says: `Kakao Login is switched off for the app. ${CONSOLE}, switch on [카카오 로그인] > [활성화].`,
  },
  KOE005: {
    leads: 'operator',
    says: `The app is a test app and this person is not a member of it. ${CONSOLE}, invite the person under [멤버].`,
  },
  KOE006: {
    leads: 'operator',
    says: ({ redirectUri }) =>
      `The redirect URI is not registered. ${CONSOLE}, register exactly ${redirectUri} under [플랫폼 키] > [REST API 키] > [리다이렉트 URI]: every character counts, http or https and a slash at the end too.`,
  },
  KOE008: {
    leads: 'operator',
    says: 'KAKAO_REST_API_KEY holds a key of another kind. Use the REST API key of the app.',
  },
  KOE009: {
    leads: 'operator',
    says: `The app's platform settings do not fit this login. Use the REST API key. ${CONSOLE}, check [플랫폼 키].`,
  },
  KOE010: { leads: 'operator', says: ({ hasSecret }) => secretTrouble(hasSecret) },
  KOE101: {
    leads: 'operator',
    says: 'Kakao does not know the app key. Set KAKAO_REST_API_KEY to the REST API key of the app (not the native, JavaScript or admin key).',
  },
  KOE201: {
    leads: 'operator',
    says: 'Kakao misses response_type in the login address. Use the address talkbell prints.',
  },
  KOE202: { leads: 'operator', says: 'Kakao does not know the response_type. Use the address talkbell prints.' },
  KOE205: {
    leads: 'operator',
    says: `A consent item is asked for that the app has not switched on. ${CONSOLE}, switch on talk_message (and friends, for friends) under [카카오 로그인] > [동의항목].`,
  },
  KOE237: {
    leads: 'rate',
    says: 'Too many tokens were asked for this person (Kakao allows 20 in 10 minutes). talkbell waits 10 minutes.',
  },
  KOE303: {
    leads: 'code',
    says: ({ redirectUri }) =>
      `The redirect URI differs from the one the login began with. KAKAO_REDIRECT_URI is ${redirectUri}: keep it the same in .env, in Kakao Developers and for the whole login, then log in again.`,
  },
  KOE310: {
    leads: 'operator',
    says: 'Kakao calls the request wrongly set up. Check KAKAO_REST_API_KEY and KAKAO_CLIENT_SECRET.',
  },
  KOE319: { leads: 'dead', says: 'No refresh token was presented. Log in again.' },
  KOE320: {
    leads: 'code',
    says: 'The authorisation code was used before, has expired, or is unknown. Begin the login again, and open the address only once.',
  },
  KOE322: { leads: 'dead', says: 'The refresh token is expired or no longer valid. Log in again.' },
};

/** Errors that come back in the redirect, or as `error` without a code. */
const OAUTH_ERRORS: Readonly<Record<string, OauthTrouble>> = {
  invalid_grant: 'dead',
  invalid_client: 'operator',
  misconfigured: 'operator',
  unauthorized: 'operator',
  invalid_scope: 'operator',
};

const OauthBody = v.object({
  error: orElse(v.string(), ''),
  error_code: orElse(v.string(), ''),
  error_description: orElse(v.string(), ''),
});

const MAYBE_GRANTED = [200, 500, 502, 504];

/** Judges an answer of the token address that holds no readable token. */
export function judgeOauth(answer: Answer, facts: OauthFacts): OauthRefusal {
  if (answer.kind === 'lost') return later(`The login server of Kakao: ${answer.reason}.`, !answer.sent);

  const { status } = answer;
  const body = readShape(OauthBody, answer.json) ?? { error: '', error_code: '', error_description: '' };
  const unchanged = !MAYBE_GRANTED.includes(status) && answer.text !== undefined;
  if (status >= 500) return later(`The login server of Kakao answered with HTTP ${status}.`, unchanged);

  const row = rowOf(body.error_code);
  if (row !== undefined)
    return { kind: row.leads, unchanged, code: body.error_code, reason: sentence(row, body, facts) };
  if (status === 429) return { kind: 'rate', unchanged, code: undefined, reason: explainOauth('KOE237', facts) };

  const name = body.error_code || body.error;
  const said = quote(body.error_description);
  const reason = `The login server of Kakao refused with HTTP ${status}${name && `, ${quote(name)}`}${said && `: ${said}`}.`;
  const kind = Object.hasOwn(OAUTH_ERRORS, body.error) ? OAUTH_ERRORS[body.error] : undefined;
  if (kind === undefined || status < 400) return later(reason, unchanged && name !== '');
  return { kind, unchanged, code: name, reason };
}

/** A code comes from outside: `constructor` is none. */
function rowOf(code: string): Row | undefined {
  return Object.hasOwn(OAUTH_CODES, code) ? OAUTH_CODES[code] : undefined;
}

/** The sentence for a KOE code, also one read from a page by a person. */
export function explainOauth(code: string, facts: OauthFacts): string {
  const row = rowOf(code);
  if (row === undefined)
    return `Kakao refused the login with ${quote(code)}. Look it up in Kakao's list of error codes.`;
  return sentence(row, { error_code: code }, facts);
}

function sentence({ says }: Row, { error_code }: { error_code: string }, facts: OauthFacts): string {
  return `${typeof says === 'string' ? says : says(facts)} (${error_code})`;
}

function secretTrouble(hasSecret: boolean): string {
  const where = '[플랫폼 키] > [REST API 키] > [클라이언트 시크릿]';
  return hasSecret
    ? `KAKAO_CLIENT_SECRET is not the app's client secret. ${CONSOLE}, copy it again from ${where}.`
    : `The app's client secret is missing: Kakao switches it on for new apps. ${CONSOLE}, copy it from ${where} into KAKAO_CLIENT_SECRET, or switch it off there.`;
}

function later(reason: string, unchanged: boolean): OauthRefusal {
  return { kind: 'later', unchanged, code: undefined, reason: `${reason} It is tried again.` };
}
