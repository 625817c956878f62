// The shape of a JSON document as a zod schema in code: what a job takes from it and the way there, nothing else.
import { keyOf, widthOf } from './propose-code.ts';
import { isRecord, type JsonPlan, type JsonStep } from './propose-json-plan.ts';

/** A call whose arguments may be calls, an object of them, or code as it stands. */
type Shape =
  | string
  | { readonly call: string; readonly given: readonly Shape[] }
  | { readonly keys: readonly (readonly [string, Shape])[] };

const WIDTH = 120;
const OPTIONAL = 'z.optional';

export function schemaCode(root: unknown, { path, fields }: JsonPlan, before: number): string {
  const keys = fields.map(({ key }) => key);
  return printShape(shapeOf([root], path, keys), { used: before + 1, by: '' });
}

function shapeOf(values: readonly unknown[], path: readonly JsonStep[], keys: readonly string[]): Shape {
  const [step, ...rest] = path;
  if (step === undefined) return { keys: keys.map((key) => [key, leafOf(inAll(values, key))]) };
  if ('each' in step) {
    const things = values.flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : []));
    return { call: 'z.array', given: [shapeOf(things, rest, keys)] };
  }
  if ('day' in step) {
    const days = values.filter(isRecord).flatMap((value) => Object.values(value));
    return { call: 'z.record', given: ['z.string()', shapeOf(days, rest, keys)] };
  }
  const inner = inAll(values, step.key);
  const given = inner.filter((value) => value !== undefined);
  const shape = shapeOf(given, rest, keys);
  return { keys: [[step.key, given.length < inner.length ? { call: OPTIONAL, given: [shape] } : shape]] };
}

function inAll(values: readonly unknown[], key: string): readonly unknown[] {
  return values.map((value) => (isRecord(value) ? value[key] : undefined));
}

function leafOf(values: readonly unknown[]): string {
  const given = values.filter((value) => value !== null && value !== undefined);
  const types = [...new Set(given.map(typeOf))].toSorted().toReversed();
  const [first = 'z.unknown()'] = types;
  const one = types.length > 1 ? `z.union([${types.join(', ')}])` : first;
  const nullable = values.includes(null) && types.length > 0 ? '.nullable()' : '';
  return `${one}${nullable}${values.includes(undefined) ? '.optional()' : ''}`;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value))
    return value.every((each) => typeof each === 'string') ? 'z.array(z.string())' : 'z.unknown()';
  return /^(?:string|number|boolean)$/.test(typeof value) ? `z.${typeof value}()` : 'z.unknown()';
}

interface Layout {
  /** What stands before and behind on its line, in letters. */
  readonly used: number;
  /** The white space before its lines. */
  readonly by: string;
}

/** In one line where it fits, else broken at the outermost call, as the formatter does it. */
function printShape(shape: Shape, { used, by }: Layout): string {
  const line = printLine(shape);
  if (typeof shape === 'string' || widthOf(line) + used <= WIDTH) return line;
  const inner = `${by}  `;
  if ('keys' in shape) {
    const lines = shape.keys.map(([key, value]) => {
      const head = `${inner}${keyOf(key)}: `;
      return `${head}${printShape(value, { used: widthOf(head) + 1, by: inner })},`;
    });
    return `z.object({\n${lines.join('\n')}\n${by}})`;
  }
  const given = shape.given.map((each) => `${inner}${printShape(each, { used: inner.length + 1, by: inner })},`);
  return `${shape.call}(\n${given.join('\n')}\n${by})`;
}

function printLine(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  if ('call' in shape) return `${shape.call}(${shape.given.map(printLine).join(', ')})`;
  return `z.object({ ${shape.keys.map(([key, value]) => `${keyOf(key)}: ${printLine(value)}`).join(', ')} })`;
}
