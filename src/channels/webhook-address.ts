// What a webhook's address may be, and how its headers are read: from the address itself, or from the environment.
import type { Address } from '../core/ports.ts';
import { fillBody, fillHeader, isJson, PLACEHOLDERS, strangersIn, type Values } from './webhook-template.ts';

export type WebhookAddress = Extract<Address, { channel: 'webhook'; url: string }>;

export type Env = Readonly<Record<string, string | undefined>>;

/** The values of all headers, or why there are none. */
export type Headers =
  | {
      readonly kind: 'headers';
      readonly headers: Readonly<Record<string, string>>;
      readonly secrets: readonly string[];
    }
  | { readonly kind: 'problem'; readonly problem: string };

/** `env:NAME`, perhaps behind a scheme: `Bearer env:NAME`. */
const FROM_ENV = /^(?:(\S+) )?env:(\S+)$/;

/** talkbell's own secrets are never sent to a webhook. */
const OWN_SECRET = /^(KAKAO_.*|TALKBELL_(OLD_)?KEY)$/;

/** Set by talkbell or by HTTP itself. */
const RESERVED = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'expect', 'idempotency-key'];

const SAMPLE: Values = { text: 'a', title: 'a', link: 'a', job: 'a', id: 'a', recipient: 'a', part: '1', parts: '1' };

/** Everything that is wrong with a webhook as it was set up; none means that it can be called. */
export function webhookProblems({ url, headers = {}, body }: WebhookAddress): readonly string[] {
  const fields = Object.entries(headers);
  return [
    ...urlProblems(url),
    ...fields.flatMap(([name, value]) => headerProblems(name, value)),
    ...(body === undefined ? [] : bodyProblems(body, contentTypeOf(headers))),
  ];
}

function urlProblems(url: string): readonly string[] {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return ['The URL must be a whole http or https address.'];
  if (parsed.username === '' && parsed.password === '') return [];
  return ['The URL holds a user or password. Put them into a header: Authorization: env:NAME.'];
}

function headerProblems(name: string, value: string): readonly string[] {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return [`The header name ${JSON.stringify(name)} is not one HTTP knows.`];
  if (RESERVED.includes(name.toLowerCase())) return [`The header ${name} cannot be set: talkbell or HTTP sets it.`];
  if (/[\r\n\0]/.test(value)) return [`The header ${name} has more than one line.`];
  const [, , variable = ''] = FROM_ENV.exec(value) ?? [];
  if (OWN_SECRET.test(variable)) return [`The header ${name} would send ${variable}, which is talkbell's own secret.`];
  return strangerProblems(value, `The header ${name}`);
}

function bodyProblems(body: string, contentType: string | undefined): readonly string[] {
  const strangers = strangerProblems(body, 'The body');
  if (strangers.length > 0 || !isJson(body, contentType)) return strangers;
  const { text } = fillBody(body, { values: SAMPLE, ...(contentType !== undefined && { contentType }) });
  try {
    JSON.parse(text);
    return [];
  } catch {
    return ['The body is not JSON once its values are filled in. Put each {{name}} between double quotes.'];
  }
}

function strangerProblems(template: string, where: string): readonly string[] {
  const known = PLACEHOLDERS.map((name) => `{{${name}}}`).join(', ');
  return strangersIn(template).map((name) => `${where} names {{${name}}}, which means nothing. Known are ${known}.`);
}

export function contentTypeOf(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
}

/** Fills in the headers; one that comes out empty is left out. */
export function readHeaders(
  headers: Readonly<Record<string, string>>,
  { env, values }: { env: Env; values: Values },
): Headers {
  const read: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, template] of Object.entries(headers)) {
    const [isFromEnv, scheme, variable = ''] = FROM_ENV.exec(template) ?? [];
    const secret = env[variable] ?? '';
    const problem = isFromEnv === undefined ? undefined : secretProblem(secret, { name, variable });
    if (problem !== undefined) return { kind: 'problem', problem };
    const value = isFromEnv === undefined ? fillHeader(template, values) : [scheme, secret].filter(Boolean).join(' ');
    secrets.push(...(isFromEnv === undefined ? secretsIn(name, template) : [secret]));
    if (value !== '') read[name.toLowerCase()] = value;
  }
  return { kind: 'headers', headers: read, secrets };
}

/** A value that stands in the address itself may be one too, with or without the scheme in front of it. */
function secretsIn(name: string, value: string): readonly string[] {
  if (value.includes('{{') || name.toLowerCase() === 'content-type') return [];
  return [value, value.slice(value.lastIndexOf(' ') + 1)];
}

function secretProblem(secret: string, { name, variable }: { name: string; variable: string }): string | undefined {
  if (secret === '') {
    return `The header ${name} is read from ${variable}, which is missing. Add the line ${variable}=... to .env.`;
  }
  if (/^[ -~]+$/.test(secret)) return undefined;
  return `The header ${name} is read from ${variable}, which holds more than plain ASCII. Correct it in .env.`;
}
