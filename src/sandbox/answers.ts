// What the sandbox answers: plain values, and the errors in Kakao's own two forms (kauth's and kapi's).

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One request, as the handlers see it: already read, nothing of HTTP left to do. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined when the body is not form-urlencoded. */
  readonly form: URLSearchParams | undefined;
  readonly body: Buffer;
  readonly ip: string;
}

const JSON_TYPE = 'application/json;charset=UTF-8';

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) ?? '' };
}

export function html(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'text/html;charset=UTF-8', ...headers }, body };
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 302, headers: { location, ...headers }, body: '' };
}

/** Thrown by a handler that refuses: the answer is the refusal. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`The sandbox refuses with status ${answer.status}: ${answer.body}`);
    this.answer = answer;
  }
}

export function kauthError(status: number, error: string, [code, description]: readonly [string, string]): Refusal {
  return new Refusal(json(status, { error, error_description: description, error_code: code }));
}

/** Statuses by code; what is not listed is 400. */
const STATUS: Readonly<Record<number, number>> = {
  [-3]: 403,
  [-4]: 403,
  [-5]: 403,
  [-6]: 403,
  [-12]: 403,
  [-401]: 401,
  [-402]: 403,
  [-406]: 401,
  [-9798]: 503,
};

const MESSAGES: Readonly<Record<number, string>> = {
  [-1]: 'internal server error',
  [-5]: 'permission denied',
  [-7]: 'temporarily unavailable.',
  [-10]: 'API limit has been exceeded.',
  [-501]: 'given account is not connected to any talk user.',
  [-502]: 'receiver is not a friend.',
  [-530]: 'receiver has blocked messages.',
  [-532]: 'daily message limit per sender has been exceeded.',
  [-533]: 'daily message limit per receiver has been exceeded.',
  [-536]: 'daily message limit per sender and receiver has been exceeded.',
  [-602]: 'image size is too big.',
  [-603]: 'request timeout.',
  [-911]: 'image format is not supported.',
  [-9798]: 'service is under maintenance.',
};

export function messageOf(code: number): string {
  return MESSAGES[code] ?? `sandbox error ${code}`;
}

export function kapiAnswer(code: number, more: { msg?: string; scheme?: string; [key: string]: unknown } = {}): Answer {
  const { msg = messageOf(code), scheme = 'Bearer', ...rest } = more;
  const status = STATUS[code] ?? 400;
  const headers = status === 401 ? { 'www-authenticate': `${scheme} error=invalid_token` } : undefined;
  return json(status, { msg, code, ...rest }, headers);
}

export function kapiError(code: number, more: { msg?: string; scheme?: string; [key: string]: unknown } = {}): Refusal {
  return new Refusal(kapiAnswer(code, more));
}
