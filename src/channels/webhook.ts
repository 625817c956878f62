// Sends a message to any address that takes HTTP: Slack, Discord, ntfy, a server of one's own. Each call carries one whole
// message and an Idempotency-Key that stays the same over every attempt.
/// <reference path="../undici-parts.d.ts" />
import type { Dispatcher } from 'undici';
import { MessageError } from '../core/errors.ts';
import type { Channel, Clock, Outcome, Outgoing } from '../core/ports.ts';
import { makeScrubber } from '../core/redact.ts';
import { parseRetryAfter } from '../core/retry.ts';
import { plainText } from '../kakao/plain.ts';
import type { Saying } from '../kakao/template.ts';
import { contentTypeOf, type Env, readHeaders, webhookProblems } from './webhook-address.ts';
import { type Answer, type Post, post } from './webhook-post.ts';
import { type Body, fillBody, type Values, valuesOf } from './webhook-template.ts';

const TIMEOUT_MS = 10_000;

/** Of an answer's body this much goes into the reason. */
const SHOWN_CHARACTERS = 200;

const AGAIN_LATER: readonly number[] = [408, 429, 503];

export interface WebhookParts {
  /** Where headers given as `env:NAME` are read, at each sending. */
  readonly env: Env;
  readonly now: Clock;
  /** Default: connections of its own, none of which is kept. */
  readonly dispatcher?: Dispatcher;
  /** The longest one call may take, from looking up the name to the end of the answer. */
  readonly timeoutMs?: number;
}

export function makeWebhookChannel(parts: WebhookParts): Channel {
  const { env, now, timeoutMs = TIMEOUT_MS } = parts;
  let own: Promise<Dispatcher> | undefined;
  const open = async (): Promise<Dispatcher> => {
    if (parts.dispatcher !== undefined) return parts.dispatcher;
    own ??= openAgent(timeoutMs);
    return own;
  };

  async function deliverOne(row: Outgoing, signal: AbortSignal): Promise<Outcome> {
    if ('sealed' in row.address) return { kind: 'retry', reason: row.address.reason };
    const call = callOf(row, env);
    if (call.kind === 'problem') return { kind: 'failed', reason: call.problem };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const mayStart = (): boolean => now() <= row.freshUntil;
    const answer = await post({ ...call.post, mayStart }, await open(), limit);
    return outcomeOf(answer, { host: call.post.url.host, scrub: call.scrub, now: now() });
  }

  return {
    prepare: keepWhole,
    batch: 1,
    async deliver(rows, signal) {
      const outcomes: Outcome[] = [];
      for (const row of rows) outcomes.push(await deliverOne(row, signal));
      return outcomes;
    },
  };
}

/** Loaded with the first message: until then it would be the largest part of an idle daemon, and of its start. */
async function openAgent(timeoutMs: number): Promise<Dispatcher> {
  const { default: Agent } = await import('undici/lib/dispatcher/agent.js');
  return new Agent({ connect: { timeout: timeoutMs } });
}

/** A webhook takes a message of any kind and length in one piece; only a blank one is none. */
function keepWhole(saying: Saying): readonly Saying[] {
  if (plainText(saying).text.trim() === '') throw new MessageError(['The message is blank; it must say something.']);
  return [saying];
}

type Call =
  | { readonly kind: 'call'; readonly post: Post; readonly scrub: (text: string) => string }
  | { readonly kind: 'problem'; readonly problem: string };

function callOf(row: Outgoing, env: Env): Call {
  const { address, recipient, key } = row;
  if (address.channel !== 'webhook' || 'sealed' in address)
    throw new TypeError(`The row ${row.id} is for ${address.channel}, not for a webhook.`);
  const problems = webhookProblems(address);
  if (problems.length > 0) return problemOf(recipient, problems.join(' '));
  const values = valuesOf(row);
  const read = readHeaders(address.headers ?? {}, { env, values });
  if (read.kind === 'problem') return problemOf(recipient, read.problem);
  const url = new URL(address.url);
  const body = bodyOf(row, { values, template: address.body, contentType: contentTypeOf(read.headers) });
  const headers = {
    'user-agent': 'talkbell',
    ...read.headers,
    'content-type': body.contentType,
    'idempotency-key': key,
  };
  const method = address.method ?? 'POST';
  return { kind: 'call', post: { url, method, headers, body: body.text }, scrub: scrubOf(url, read.secrets) };
}

function problemOf(recipient: string, problem: string): Call {
  return { kind: 'problem', problem: `The webhook of ${recipient} cannot be called. ${problem}` };
}

interface BodyParts {
  readonly values: Values;
  readonly template: string | undefined;
  readonly contentType: string | undefined;
}

function bodyOf(row: Outgoing, { values, template, contentType }: BodyParts): Body {
  if (template !== undefined) return fillBody(template, { values, ...(contentType !== undefined && { contentType }) });
  const { title, text, link } = plainText(row.saying);
  const { key: id, job, recipient, part, parts } = row;
  // Without a time of sending: the same key must stand for the same body at every attempt.
  const content = { id, job: job ?? null, recipient, title: title ?? null, text, link: link ?? null, part, parts };
  return { contentType: contentType ?? 'application/json', text: JSON.stringify(content) };
}

/** For many services the path is the secret, so that neither it nor a header's value may come back in a reason. */
function scrubOf(url: URL, secrets: readonly string[]): (text: string) => string {
  const scrubber = makeScrubber();
  for (const secret of [...secrets, url.pathname, url.search.slice(1)]) scrubber.add(secret);
  return scrubber.scrub;
}

interface Context {
  readonly host: string;
  readonly scrub: (text: string) => string;
  readonly now: number;
}

function outcomeOf(answer: Answer, { host, scrub, now }: Context): Outcome {
  switch (answer.kind) {
    case 'unsent': {
      const reason = `Nothing was sent to ${host}: ${scrub(describe(answer.error))}.`;
      return { kind: answer.refused ? 'failed' : 'retry', reason };
    }
    case 'lost':
      return { kind: 'unclear', reason: `${host} may have taken the message: ${scrub(describe(answer.error))}.` };
    case 'answered':
      return outcomeOfStatus(answer, { host, scrub, now });
  }
}

function outcomeOfStatus(answer: Extract<Answer, { kind: 'answered' }>, { host, scrub, now }: Context): Outcome {
  const { status } = answer;
  if (status < 300) return { kind: 'sent' };
  const code = `${status}`;
  const said = shorten(scrub(answer.body));
  const reason = `${host} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status < 400) return { kind: 'failed', reason: `${reason}. Set the webhook to the address it leads to.`, code };
  if (AGAIN_LATER.includes(status)) {
    const retryAfterMs = parseRetryAfter(answer.retryAfter, now);
    return { kind: 'retry', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status < 500) return { kind: 'failed', reason, code };
  return { kind: 'unclear', reason: `${reason}. It may have taken the message.` };
}

/** An error in words; one of several attempts to connect has them within, and no words of its own. */
function describe(error: Error): string {
  if (error.name === 'TimeoutError') return 'it took longer than the call may';
  if (error instanceof AggregateError && error.message === '') return error.errors.map(String).join('; ');
  return error.message;
}

function shorten(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= SHOWN_CHARACTERS ? line : `${characters.slice(0, SHOWN_CHARACTERS).join('')}...`;
}
