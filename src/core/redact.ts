// Keeps secrets out of logs, errors and pages: by value, for secrets that are known, and by name, for those that are not.
// Errors, maps and the like come out as plain data, so that the result can be written as JSON.
import { formsOf } from './redact-forms.ts';
import { isSecretField, SECRET } from './redact-names.ts';
import { scrubPatterns } from './redact-text.ts';

/** A shorter value would be found in innocent words. */
const SHORTEST_SECRET = 6;

/** Deeper data is cut: no log line needs it, and a trap must not exhaust the stack. */
const DEEPEST = 16;

const CUT = '[too deep]';
const CIRCULAR = '[circular]';
const UNREADABLE = '[unreadable]';

/** What an error shows besides its own enumerable fields. */
const ERROR_FIELDS = ['message', 'stack', 'cause', 'errors'] as const;

/** Fields that name another field whose value stands beside them, as in `{ name: 'cookie', value: 'a=b' }`. */
const NAMING_FIELDS = ['name', 'key', 'header'] as const;

export interface Scrubber {
  /** Registers a secret. A value under 6 characters is ignored. */
  readonly add: (value: string) => void;
  /** The text with every secret in it replaced by `[secret]`. */
  readonly scrub: (text: string) => string;
  /** The value as plain data without secrets. The value itself is left as it is, and nothing in it can make this throw. */
  readonly scrubValue: (value: unknown) => unknown;
}

interface Walk {
  readonly scrub: (text: string) => string;
  /** The objects on the way down to here. */
  readonly above: readonly object[];
}

export function makeScrubber(): Scrubber {
  const forms = new Set<string>();
  let pattern: RegExp | undefined;

  function scrub(text: string): string {
    return scrubPatterns(pattern === undefined ? text : text.replace(pattern, SECRET));
  }

  return {
    add(value) {
      if (value.length < SHORTEST_SECRET) return;
      for (const form of formsOf(value)) forms.add(form);
      const longestFirst = [...forms].sort((one, other) => other.length - one.length);
      pattern = new RegExp(longestFirst.map(literal).join('|'), 'g');
    },
    scrub,
    scrubValue: (value) => scrubAny(value, { scrub, above: [] }),
  };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function scrubAny(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case 'string':
      return walk.scrub(value);
    case 'bigint':
    case 'symbol':
      return walk.scrub(String(value));
    case 'function':
      return '[function]';
    case 'object':
      return value === null ? value : scrubObject(value, walk);
    default:
      return value;
  }
}

function scrubObject(value: object, { scrub, above }: Walk): unknown {
  if (above.includes(value)) return CIRCULAR;
  if (above.length >= DEEPEST) return CUT;
  const walk: Walk = { scrub, above: [...above, value] };
  // A getter, a proxy or a toJSON of another's object may throw; a log line must survive it.
  try {
    return plainOf(value, walk);
  } catch {
    return UNREADABLE;
  }
}

function plainOf(value: object, walk: Walk): unknown {
  if (Array.isArray(value)) return scrubArray(value, walk);
  if (value instanceof Error) return scrubFields(errorEntries(value), walk);
  if (value instanceof Map)
    return scrubFields(
      [...value].map(([key, one]) => [nameOf(key) ?? `[${typeof key}]`, one]),
      walk,
    );
  if (value instanceof Set) return scrubArray([...value], walk);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof URL || value instanceof URLSearchParams || value instanceof RegExp)
    return walk.scrub(`${value}`);
  if (isHeaders(value)) return scrubFields([...value], walk);
  if ('toJSON' in value && typeof value.toJSON === 'function') return scrubAny(value.toJSON(), walk);
  return scrubFields(entriesOf(value), walk);
}

/** By its name: to ask for the class itself makes Node load its whole fetch. */
function isHeaders(value: object): value is Headers {
  return Object.prototype.toString.call(value) === '[object Headers]' && Symbol.iterator in value;
}

/** Raw headers come as a flat array of names and values, or as an array of such pairs. */
function scrubArray(values: readonly unknown[], walk: Walk): readonly unknown[] {
  return values.map((value, index) => {
    const name = index % 2 === 1 ? nameOf(values[index - 1]) : undefined;
    return name === undefined || areSettings(name, value) ? scrubAny(value, walk) : scrubNamed(name, value, walk);
  });
}

/** Names of settings one after the other, as in a list of those that are missing. */
function areSettings(name: string, value: unknown): boolean {
  return [name, value].every((one) => typeof one === 'string' && /^[A-Z][A-Z\d_]*$/.test(one));
}

function scrubFields(entries: readonly (readonly [string, unknown])[], walk: Walk): Readonly<Record<string, unknown>> {
  const named = entries.find(([name]) => NAMING_FIELDS.some((field) => field === name.toLowerCase()))?.[1];
  const scrubbed = entries.map(([name, value]) => {
    const subject = name.toLowerCase() === 'value' && typeof named === 'string' ? named : name;
    return [walk.scrub(name), scrubNamed(subject, value, walk)] as const;
  });
  return Object.fromEntries(scrubbed);
}

function scrubNamed(name: string, value: unknown, walk: Walk): unknown {
  const isShown = value === undefined || value === null || value === '' || typeof value === 'boolean';
  return !isShown && isSecretField(name, value) ? SECRET : scrubAny(value, walk);
}

function errorEntries(error: Error): readonly (readonly [string, unknown])[] {
  const hidden = ERROR_FIELDS.filter((field) => field in error);
  const own = entriesOf(error).filter(([name]) => !hidden.some((field) => field === name));
  return [['type', error.name], ...hidden.map((field) => [field, read(error, field)] as const), ...own];
}

function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.keys(value).map((name) => [name, read(value, name)] as const);
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return UNREADABLE;
  }
}

/** The name a value stands under: raw headers may hold theirs as bytes. */
function nameOf(name: unknown): string | undefined {
  if (typeof name === 'string') return name;
  if (name instanceof Uint8Array) return new TextDecoder().decode(name);
  return typeof name === 'number' ? `${name}` : undefined;
}
