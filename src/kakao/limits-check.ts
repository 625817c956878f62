// The small checks that the limits are built of. Each looks at one value and gives a sentence for every problem in it,
// with the field, the limit and what was found; none throws, whatever it is given.

/** Problems of a value; `field` is its path, as `list.contents[0].title`. */
export type Check = (value: unknown, field: string) => readonly string[];

/** A field of an object: its check, and whether it must be there. */
export interface Field {
  readonly check: Check;
  readonly required: boolean;
}

export function required(check: Check): Field {
  return { check, required: true };
}

export function optional(check: Check): Field {
  return { check, required: false };
}

/** Text of at most `most` UTF-16 units; must say something unless `mayBeBlank`. */
export function words({ most, mayBeBlank = false }: { most?: number; mayBeBlank?: boolean } = {}): Check {
  return (value, field) => {
    if (typeof value !== 'string') return [`${field} is ${kindOf(value)}; it must be text.`];
    if (!mayBeBlank && value.trim() === '') return [`${field} is blank; it must say something.`];
    if (most === undefined || value.length <= most) return [];
    return [`${field} has ${value.length} characters; Kakao takes at most ${most}. Shorten it.`];
  };
}

/** A whole number within bounds, both included. */
export function whole({ least, most = Number.MAX_SAFE_INTEGER }: { least: number; most?: number }): Check {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return (value, field) => {
    if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) return [];
    return [`${field} is ${shown(value)}; it must be a whole number ${range}.`];
  };
}

export function oneOf(...allowed: readonly (string | number)[]): Check {
  const choice = allowed.map((one) => JSON.stringify(one)).join(' or ');
  return (value, field) => {
    if (allowed.some((one) => one === value)) return [];
    return [`${field} is ${shown(value)}; it must be ${choice}.`];
  };
}

/** What boards put into `href` where a script opens the post: it works on its page alone. */
const OF_ITS_PAGE = /^\s*(?:javascript|data|blob|about):/i;
const BUILD_IT = 'Build the address from what stands in it, or leave the link out.';

/** An absolute http or https address. */
export function webAddress(value: unknown, field: string): readonly string[] {
  if (typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value)) return [];
  const advice = typeof value === 'string' && OF_ITS_PAGE.test(value) ? ` ${BUILD_IT}` : '';
  return [`${field} is ${shown(value)}; it must be a whole http or https address.${advice}`];
}

/** An array of `least` to `most` entries; `advice` ends the sentence when their number is wrong. */
export function listOf(entry: Check, { least, most, advice }: { least: number; most: number; advice: string }): Check {
  const range = least === 0 ? `at most ${most}` : `${least} to ${most}`;
  return (value, field) => {
    if (!Array.isArray(value)) return [`${field} is ${kindOf(value)}; it must be an array.`];
    const fits = value.length >= least && value.length <= most;
    const size = `${value.length} ${value.length === 1 ? 'entry' : 'entries'}`;
    const count = fits ? [] : [`${field} has ${size}; Kakao takes ${range}. ${advice}`];
    return [...count, ...Array.from(value, (one, index) => entry(one, `${field}[${index}]`)).flat()];
  };
}

/** An object with these fields and no others, which must also pass the checks of the whole. */
export function record(fields: Readonly<Record<string, Field>>, ...whole: readonly Check[]): Check {
  return (value, field) => {
    if (!isRecord(value)) return [`${field} is ${kindOf(value)}; it must be an object.`];
    const problems = Object.entries(fields).flatMap(([name, { check, required: isRequired }]) => {
      const part = value[name];
      if (part !== undefined) return check(part, `${field}.${name}`);
      return isRequired ? [`${field}.${name} is missing.`] : [];
    });
    return [...problems, ...unknownFields(value, { fields, field }), ...whole.flatMap((check) => check(value, field))];
  };
}

function unknownFields(
  value: Readonly<Record<string, unknown>>,
  { fields, field }: { fields: Readonly<Record<string, Field>>; field: string },
): readonly string[] {
  const strangers = Object.keys(value).filter((name) => !Object.hasOwn(fields, name));
  const known = Object.keys(fields).join(', ');
  return strangers.map((name) => `${field}.${name} is not a field Kakao knows; the fields are ${known}.`);
}

/** An object of any names whose values are all text. */
export function textByName(value: unknown, field: string): readonly string[] {
  if (!isRecord(value)) return [`${field} is ${kindOf(value)}; it must be an object.`];
  return Object.entries(value).flatMap(([name, text]) => words({ mayBeBlank: true })(text, `${field}.${name}`));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A short text or number as it stands, anything else by its kind. */
function shown(value: unknown): string {
  if (typeof value === 'number') return `${value}`;
  if (typeof value !== 'string') return kindOf(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
}
