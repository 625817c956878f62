// A page that is JSON, bare, guarded or as JSONP: read, and checked by the job's own schema.
import { ExtractError } from './errors.ts';
import { snippet } from './page-text.ts';

/** Anything with a `parse` that gives the checked value or throws: a zod schema, or a function of one's own. */
export interface Schema<T> {
  parse(value: unknown): T;
}

/** What a schema library says of one place; zod and most others write it so. */
interface Issue {
  readonly path?: readonly PropertyKey[];
  readonly message?: string;
}

const MOST_ISSUES = 5;

/** What some servers put before JSON so that no other site can run it as a script. */
const GUARD = /^(?:\)\]\}'?,?|(?:while|for)\s*\([^)]{0,9}\)\s*;)\s*/;
/** JSONP: a call of a function with the JSON as its only argument, as in `/**\/ callback({...});`. */
const CALL = /^(?:\/\*[^*]{0,1000}\*\/\s*)?(?:typeof [\w$.]+ === 'function' && )?[\w$.]{1,200}\s*\(/;

export function readJson(text: string, { url, contentType }: { url: string; contentType: string }): unknown {
  const inner = unwrap(text.replace(/^\uFEFF/, '').trim());
  try {
    return JSON.parse(inner);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const begins = text.trim() === '' ? 'It is empty' : `It begins with "${snippet(text, 60)}"`;
    const type = contentType === '' ? '' : ` and is said to be ${contentType}`;
    throw new ExtractError(`${url} is not JSON. ${begins}${type}. (${snippet(reason, 120)})`, { url, cause });
  }
}

/** The value of a text that is JSON, bare or as JSONP. Undefined for any other: no JSON has that value. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(unwrap(text.trim()));
  } catch {
    // Not JSON is an answer here, not a failure: the text is then read as something else.
    return undefined;
  }
}

function unwrap(text: string): string {
  const bare = text.replace(GUARD, '');
  const call = CALL.exec(bare)?.[0];
  if (call === undefined) return bare;
  const end = bare.lastIndexOf(')');
  return end < 0 || !/^\)[\s;]*$/.test(bare.slice(end, end + 100)) ? bare : bare.slice(call.length, end);
}

export function checkJson<T>(value: unknown, schema: Schema<T>, url: string): T {
  try {
    return schema.parse(value);
  } catch (cause) {
    const problems = issuesOf(cause).slice(0, MOST_ISSUES).map(tellIssue);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const told = problems.length > 0 ? problems.join('; ') : reason;
    throw new ExtractError(`${url}: the JSON is not as the job's schema says. ${told}`, { url, cause });
  }
}

function issuesOf(error: unknown): readonly Issue[] {
  const issues = typeof error === 'object' && error !== null && 'issues' in error ? error.issues : undefined;
  return Array.isArray(issues) ? issues : [];
}

function tellIssue({ path = [], message = 'is refused' }: Issue): string {
  return `At \`${tellPath(path)}\`: ${message}`;
}

function tellPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the whole';
  return path.map((key, index) => tellKey(key, index === 0)).join('');
}

function tellKey(key: PropertyKey, isFirst: boolean): string {
  if (typeof key === 'number') return `[${key}]`;
  return isFirst ? String(key) : `.${String(key)}`;
}
