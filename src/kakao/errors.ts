// The answer table: what each answer of Kakao's API, and each failure to get one, means for what was asked.
// Kakao has no idempotency key, so what may have been taken is unclear and never simply sent again.
import * as v from '@badrap/valita';
import type { Outcome } from '../core/ports.ts';
import type { Answer } from './http.ts';
import { Finite, orElse, readShape, Whole } from './shape.ts';

/** 401: the access token is refreshed once and the call made again. */
export interface Unauthorized {
  readonly kind: 'unauthorized';
  readonly reason: string;
}

/** Everything but success. */
export type Refusal = Exclude<Outcome, { kind: 'sent' }> | Unauthorized;

export type Verdict<T> = { readonly kind: 'ok'; readonly value: T } | Refusal;

type Leads = 'retry' | 'failed' | 'quota' | 'operator' | 'unclear' | 'unauthorized';

interface Row {
  readonly leads: Leads;
  readonly means: string;
  readonly act: string;
}

const TELL = 'This is a fault of talkbell or of the job; the message is not tried again.';
const LOG_IN = 'Let the person log in again: talkbell login --as NAME.';
const ADVISE_QUOTA = 'It waits until 07:00 KST of the next day.';

/** Kakao's API codes. A code that is missing here counts as refused for good. */
export const KAPI_CODES: Readonly<Record<string, Row>> = {
  '-1': { leads: 'retry', means: 'an internal fault at Kakao', act: 'It is tried again.' },
  '-2': { leads: 'failed', means: 'Kakao could not read a field of the message, or the token is malformed', act: TELL },
  '-3': {
    leads: 'operator',
    means: 'the feature is not switched on for this app',
    act: 'In Kakao Developers, switch on the consent item talk_message (and friends, for friends) under [카카오 로그인] > [동의항목]; then talkbell resume --account NAME.',
  },
  '-4': { leads: 'failed', means: 'Kakao has restricted this Kakao account', act: 'Its owner has to ask Kakao.' },
  '-5': {
    leads: 'operator',
    means: 'the app has no permission for this API',
    act: 'In Kakao Developers, ask for it under [추가 기능], or add the person to the app under [멤버]; then talkbell resume --account NAME.',
  },
  '-6': { leads: 'failed', means: 'Kakao does not allow this action', act: 'It is not tried again.' },
  '-7': { leads: 'retry', means: 'Kakao is under maintenance or has a fault', act: 'It is tried again.' },
  '-8': { leads: 'failed', means: 'Kakao refused a header of the request', act: TELL },
  '-9': { leads: 'failed', means: 'Kakao has ended this API', act: 'A newer talkbell is needed.' },
  '-10': { leads: 'quota', means: "the app's request quota is spent", act: ADVISE_QUOTA },
  '-11': {
    leads: 'failed',
    means: 'the spending limit of the paid API is reached',
    act: 'Raise it in Kakao Developers.',
  },
  '-12': {
    leads: 'operator',
    means: "Kakao has suspended the app or its developer's account",
    act: 'Read the notices in Kakao Developers and ask Kakao; then talkbell resume --account NAME.',
  },
  '-101': { leads: 'failed', means: 'this Kakao account is not linked to the app', act: LOG_IN },
  '-102': { leads: 'failed', means: 'this Kakao account is linked already', act: 'Nothing has to be done.' },
  '-103': { leads: 'failed', means: 'this Kakao account is dormant or does not exist', act: LOG_IN },
  '-201': { leads: 'failed', means: 'an unknown user property was asked for', act: TELL },
  '-301': { leads: 'failed', means: 'Kakao does not know the app', act: 'Check KAKAO_REST_API_KEY.' },
  '-401': { leads: 'unauthorized', means: 'Kakao did not accept the access token', act: LOG_IN },
  '-402': {
    leads: 'failed',
    means: 'the person has not agreed to a consent item',
    act: 'Let the person log in again and tick it: talkbell login --as NAME (with --friends for friends).',
  },
  '-405': { leads: 'failed', means: 'Kakao wants the age of the person verified', act: LOG_IN },
  '-406': { leads: 'failed', means: 'the person is under the age this app asks for', act: 'Nothing can be sent.' },
  '-501': {
    leads: 'failed',
    means: 'this Kakao account does not use KakaoTalk',
    act: 'Its owner has to sign up to KakaoTalk.',
  },
  '-502': {
    leads: 'failed',
    means: 'the receiver is not a friend, or Kakao does not know it yet',
    act: 'See talkbell friends; a new friendship takes Kakao a while.',
  },
  '-504': {
    leads: 'failed',
    means: "the receiver's device cannot show this message",
    act: 'Try a plain text message.',
  },
  '-530': {
    leads: 'failed',
    means: 'the receiver blocks messages',
    act: 'Only the receiver can change that, in KakaoTalk.',
  },
  '-531': {
    leads: 'failed',
    means: 'the monthly quota of this sender is spent',
    act: 'It is renewed with the next month.',
  },
  '-532': { leads: 'quota', means: 'the daily quota of this sender is spent', act: ADVISE_QUOTA },
  '-533': { leads: 'quota', means: 'the daily quota of this receiver is spent', act: ADVISE_QUOTA },
  '-536': { leads: 'quota', means: 'the daily quota from this sender to this receiver is spent', act: ADVISE_QUOTA },
  '-602': { leads: 'failed', means: 'an image is too big', act: 'Kakao takes up to 5 MB.' },
  '-603': {
    leads: 'unclear',
    means: 'Kakao ran out of time inside',
    act: 'Look into the chat whether the message arrived.',
  },
  '-606': { leads: 'failed', means: 'there are too many images', act: 'Send fewer.' },
  '-903': {
    leads: 'failed',
    means: "the app key's developer is not registered",
    act: 'Check the app in Kakao Developers.',
  },
  '-911': { leads: 'failed', means: "Kakao does not know the image's format", act: 'Use JPEG or PNG.' },
  '-9798': { leads: 'retry', means: 'Kakao is under maintenance', act: 'It is tried again.' },
};

/** 401 that no refresh and no login mends. */
const KEY_TROUBLE: readonly { readonly text: RegExp; readonly means: string; readonly act: string }[] = [
  {
    text: /ip mismatched/i,
    means: "this machine's address is not among the app's allowed addresses",
    act: 'In Kakao Developers, add the caller address to [허용 IP 주소] or empty that list; then talkbell resume --account NAME.',
  },
  {
    text: /deactivated/i,
    means: "the app's key is deactivated",
    act: 'Use an active REST API key in KAKAO_REST_API_KEY; then talkbell resume --account NAME.',
  },
  {
    text: /(domain|keyhash|bundle id) mismatched/i,
    means: 'Kakao takes this machine for another platform of the app',
    act: 'Use the REST API key in KAKAO_REST_API_KEY; then talkbell resume --account NAME.',
  },
];

const RETRY_STATUS = [408, 429, 503];
const UNCLEAR_STATUS = [500, 502, 504];

/** More of a text of Kakao's is not read. */
const LONGEST_QUOTE = 1000;

const KapiError = v.object({ code: Whole, msg: v.unknown().optional() });
const ResultCode = v.object({ result_code: Finite });

/** Judges an answer of kapi. `readSuccess` reads the body of a 200; undefined from it means that it is no success. */
export function judgeKapi<T>(answer: Answer, readSuccess: (json: unknown) => T | undefined): Verdict<T> {
  if (answer.kind === 'lost') return judgeLost(answer);
  if (UNCLEAR_STATUS.includes(answer.status)) return unclear(`Kakao answered with HTTP ${answer.status}.`);

  const error = readShape(KapiError, answer.json);
  if (error !== undefined && error.code < 0) return judgeCode(error.code, error.msg, answer.status);
  if (answer.status === 200) return judgeSuccess(answer.json, readSuccess);
  if (answer.status === 401) return unauthorized('Kakao did not accept the access token (HTTP 401).');
  if (RETRY_STATUS.includes(answer.status))
    return { kind: 'retry', reason: `Kakao is busy (HTTP ${answer.status}); nothing was taken.` };
  return unclear(`Kakao answered with HTTP ${answer.status} and without a readable code.`);
}

/** Judges the answer to a question: what is unclear there is simply asked again, for nothing was to be taken. */
export function judgeQuestion<T>(answer: Answer, readSuccess: (json: unknown) => T | undefined): Verdict<T> {
  const verdict = judgeKapi(answer, readSuccess);
  return verdict.kind === 'unclear' ? { kind: 'retry', reason: verdict.reason } : verdict;
}

/** The answer to a memo. */
export function judgeMemo(answer: Answer): { readonly kind: 'sent' } | Refusal {
  const verdict = judgeKapi(answer, (json) => readShape(ResultCode, json)?.result_code === 0 || undefined);
  return verdict.kind === 'ok' ? { kind: 'sent' } : verdict;
}

const Failures = v.array(v.object({ code: Whole, msg: v.unknown().optional(), receiver_uuids: v.array(v.string()) }));

/** Kakao's software spells the list of failures in two ways. */
const FriendsBody = v.object({
  successful_receiver_uuids: orElse(v.array(v.string()), undefined),
  failure_info: orElse(Failures, undefined),
  failure_infos: orElse(Failures, undefined),
});

/** The answer to a message to friends: an outcome for each receiver, or one for all. A 200 may hold failures. */
export function judgeFriends(answer: Answer, uuids: readonly string[]): Verdict<ReadonlyMap<string, Outcome>> {
  return judgeKapi(answer, (json) => {
    const body = readShape(FriendsBody, json);
    const sent = body?.successful_receiver_uuids;
    const failures = body?.failure_info ?? body?.failure_infos;
    if (sent === undefined && failures === undefined) return undefined;
    return new Map(uuids.map((uuid) => [uuid, judgeReceiver(uuid, sent ?? [], failures ?? [])]));
  });
}

function judgeReceiver(
  uuid: string,
  sent: readonly string[],
  failures: readonly { code: number; msg?: unknown; receiver_uuids: readonly string[] }[],
): Outcome {
  if (sent.includes(uuid)) return { kind: 'sent' };
  const failure = failures.find(({ receiver_uuids }) => receiver_uuids.includes(uuid));
  if (failure === undefined)
    return { kind: 'unclear', reason: 'Kakao named this receiver neither among the reached nor among the failed.' };
  const refusal = judgeCode(failure.code, failure.msg, 200);
  if (refusal.kind !== 'unauthorized') return refusal;
  return { kind: 'failed', reason: refusal.reason, code: String(failure.code) };
}

/** One code of kapi, as a whole answer or for one receiver among several. */
function judgeCode(code: number, message: unknown, status: number): Refusal {
  const said = typeof message === 'string' ? quote(message) : '';
  const trouble = code === -401 ? KEY_TROUBLE.find(({ text }) => text.test(said)) : undefined;
  const row = trouble === undefined ? KAPI_CODES[String(code)] : { ...trouble, leads: 'operator' as const };
  if (row === undefined) return unknownCode(code, said, status);

  const kakao = said === '' ? '' : ` Kakao says: ${said}.`;
  const reason = `${capital(row.means)} (${code}). ${row.act}${kakao}`;
  if (row.leads === 'quota' || row.leads === 'operator')
    return { kind: 'hold', until: row.leads, reason, code: String(code) };
  return row.leads === 'failed' ? { kind: 'failed', reason, code: String(code) } : { kind: row.leads, reason };
}

/** Text of Kakao's, fit for a sentence: one short line without anything that looks like a token or a key. */
export function quote(text: string): string {
  // Only so much: what is longer is no sentence, and would take the patterns below minutes.
  const line = text
    .slice(0, LONGEST_QUOTE)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/(?=[\w.~+/=-]*\d)[\w.~+/=-]{20,}/g, '…');
  return line
    .replace(/code=\S+/g, 'code=…')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 200);
}

function judgeLost(answer: Extract<Answer, { kind: 'lost' }>): Refusal {
  if (answer.why === 'stale')
    return { kind: 'retry', reason: 'The message was no longer fresh when its request was about to begin.' };
  if (answer.sent) return unclear(`${capital(answer.reason)}.`);
  return { kind: 'retry', reason: `${capital(answer.reason)}; nothing was sent.` };
}

function judgeSuccess<T>(json: unknown, readSuccess: (json: unknown) => T | undefined): Verdict<T> {
  const value = readSuccess(json);
  if (value !== undefined) return { kind: 'ok', value };

  const result = readShape(ResultCode, json)?.result_code;
  if (result === undefined || result === 0)
    return unclear('Kakao answered with HTTP 200 and a body that says nothing.');
  return {
    kind: 'failed',
    code: String(result),
    reason: `Kakao answered with HTTP 200 and result_code ${result}: it did not take the message. ${TELL}`,
  };
}

function unknownCode(code: number, said: string, status: number): Refusal {
  if (status === 401) return unauthorized(`Kakao did not accept the access token (HTTP 401, ${code}).`);
  if (RETRY_STATUS.includes(status))
    return { kind: 'retry', reason: `Kakao is busy (HTTP ${status}, ${code}); nothing was taken.` };
  const reason = `Kakao refused with a code talkbell does not know (${code}${said === '' ? '' : `: ${said}`}). Look it up in Kakao's list of error codes.`;
  return { kind: 'failed', reason, code: String(code) };
}

function unclear(reason: string): Refusal {
  return { kind: 'unclear', reason: `${reason} Nobody can know whether it was taken.` };
}

function unauthorized(reason: string): Refusal {
  return { kind: 'unauthorized', reason: `${reason} ${LOG_IN}` };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
