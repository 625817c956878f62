// Faults on demand: which requests they hit, and what comes back instead of an answer.
import { type Answer, html, json, kapiAnswer } from './answers.ts';

export interface FaultRule {
  /** What the path with its query must match, `/kapi/v2/...` included. Default: any. A string is found anywhere in it. */
  readonly path?: RegExp | string;
  readonly method?: string;
  /** How many requests it hits. Default 1; `Infinity` for all. */
  readonly times?: number;
  /** How many fitting requests pass unharmed before. */
  readonly after?: number;
  /**
   * `drop-before` closes the connection unread, `drop-after` when the request has taken effect. `slow` answers late
   * but rightly. `empty-body` and `not-json` answer 200, after taking effect. The others answer instead of taking effect.
   */
  readonly kind:
    | 'status'
    | 'kakao-code'
    | 'html-502'
    | 'maintenance'
    | 'drop-before'
    | 'drop-after'
    | 'slow'
    | 'empty-body'
    | 'not-json';
  /** Whether the request takes effect all the same, where the kind alone does not say what is wanted. */
  readonly taken?: boolean;
  readonly status?: number;
  readonly code?: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly delayMs?: number;
}

export interface Faults {
  readonly add: (rule: FaultRule) => void;
  readonly clear: () => void;
  readonly list: () => readonly FaultRule[];
  /** The rule that hits this request, which counts as used by this. */
  readonly take: (method: string, path: string) => FaultRule | undefined;
}

export function makeFaults(): Faults {
  let rules: readonly { rule: FaultRule; left: number; pass: number }[] = [];

  return {
    add: (rule) => {
      rules = [...rules, { rule, left: rule.times ?? 1, pass: rule.after ?? 0 }];
    },
    clear: () => {
      rules = [];
    },
    list: () => rules.map(({ rule }) => rule),
    take: (method, path) => {
      const entry = rules.find(({ rule }) => fits(rule, method, path));
      if (entry === undefined) return undefined;
      if (entry.pass > 0) {
        entry.pass -= 1;
        return undefined;
      }
      entry.left -= 1;
      rules = rules.filter(({ left }) => left > 0);
      return entry.rule;
    },
  };
}

/** Whether the request has its effect although something goes wrong. */
export function takesEffect({ kind, taken }: FaultRule): boolean {
  return taken ?? ['drop-after', 'slow', 'empty-body', 'not-json'].includes(kind);
}

/** What is answered instead. Undefined: the right answer, or none at all. */
export function faultyAnswer(rule: FaultRule): Answer | undefined {
  const { status = 500, code = -1, headers, message, body } = rule;
  const page = (name: string) =>
    body ?? `<html><head><title>${name}</title></head><body><h1>${name}</h1></body></html>`;
  switch (rule.kind) {
    case 'status':
      return body === undefined
        ? json(status, message === undefined ? {} : { msg: message }, headers)
        : html(status, body, headers);
    case 'kakao-code':
      return withHeaders(kapiAnswer(code, message === undefined ? {} : { msg: message }), headers);
    case 'html-502':
      return html(502, page('502 Bad Gateway'), headers);
    case 'maintenance':
      return withHeaders(kapiAnswer(-9798), headers);
    case 'empty-body':
      return json(200, undefined, headers);
    case 'not-json':
      return html(200, page('잠시 후 다시 시도해 주세요'), headers);
    default:
      return undefined;
  }
}

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>> = {}): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function fits({ path, method }: FaultRule, asked: string, askedPath: string): boolean {
  if (method !== undefined && method.toUpperCase() !== asked) return false;
  if (path === undefined) return true;
  return typeof path === 'string' ? askedPath.includes(path) : askedPath.search(path) !== -1;
}
