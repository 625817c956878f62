// The `extract` of a job as code, from the plan it was found by.
import { accessOf, fits, indent, isVariable, keyOf, objectOf, quote, stepOf } from './propose-code.ts';
import { isRecord, type JsonField, type JsonPlan, type JsonStep, valuesAt } from './propose-json-plan.ts';
import { fieldsOf, isSeveral, type JobKind, nameOf, type Plan, type PlanName, usesDay } from './propose-plan.ts';
import { schemaCode } from './propose-schema.ts';

export interface ExtractCode {
  readonly step: string;
  /** What it needs of 'talkbell'. */
  readonly imports: readonly string[];
  /** Declarations above the job, and functions below it. */
  readonly above?: string;
  readonly below?: string;
}

const TO_PRICE = `/** \`12,900원\` as 12900. What is sold out shows no price, which must not count as a fall to nothing. */
function toPrice(text: string): number {
  const digits = /\\d[\\d,]*/.exec(text)?.[0].replaceAll(',', '');
  if (digits === undefined) throw new Error(\`There is no price in "\${text}".\`);
  return Number(digits);
}`;

/** `root` is the data that a JSON plan was found in. */
export function extractCode(plan: Plan, kind: JobKind, root: unknown): ExtractCode {
  if (plan.form === 'rows') return { step: stepOf('extract: (page)', layoutsOfRows(plan, kind)), imports: [] };
  if (plan.form === 'cell') return { step: cellStep(plan, kind), imports: [] };
  if (plan.form === 'records') return { step: recordsStep(plan, kind), imports: [] };
  if (plan.form === 'json') return jsonCode(plan.json, kind, root);
  if (plan.form === 'feed') return { step: FEED_STEP, imports: [] };
  return kind === 'price' ? priceCode(plan) : { step: oneStep(plan.selector, kind), imports: [] };
}

const FEED_STEP = `  extract: (page) =>
    page.feed().items.map(({ id, title = '', link = page.url }) => ({ id, title, link })),`.replace('\n    ', ' ');

function layoutsOfRows(plan: Extract<Plan, { form: 'rows' }>, kind: JobKind): readonly string[] {
  const fields = Object.entries(fieldsOf(plan.fields, kind)).map(([name, source]) => [name, quote(source)] as const);
  const head = `page.rows(${quote(plan.container)}, ${quote(plan.row)}, `;
  const lines = fields.map(([name, source]) => `  ${keyOf(name)}: ${source},`).join('\n');
  return [`${head}${objectOf(fields)})`, `${head}{\n${lines}\n})`];
}

function cellStep({ table, place, reads }: Extract<Plan, { form: 'cell' }>, kind: JobKind): string {
  const partFor = (part: PlanName): string => (typeof part === 'string' ? quote(part) : 'run.date');
  const nameFor = (name: PlanName): string => (isSeveral(name) ? `[${name.map(partFor).join(', ')}]` : partFor(name));
  const where = objectOf([
    ...(place.row === undefined ? [] : [['row', nameFor(place.row)] as const]),
    ...(place.column === undefined ? [] : [['column', nameFor(place.column)] as const]),
  ]);
  const head = `extract: (page${usesDay(place) ? ', run' : ''})`;
  const of = `.table(${table === undefined ? '' : quote(table)})`;
  const main = nameOf('main', kind);
  if (reads === 'dishes')
    return `  ${head} =>\n    page\n      ${of}\n      .dishes(${where})\n      .map(({ name }) => ({ ${main}: name })),`;
  return `  ${head} =>\n    page\n      ${of}\n      .hit(${where})\n      .lines.map((${main}) => ({ ${main} })),`;
}

function recordsStep({ table, header }: Extract<Plan, { form: 'records' }>, kind: JobKind): string {
  const of = `.table(${table === undefined ? '' : quote(table)})`;
  const value = `row[${quote(header)}] ?? ''`;
  return `  extract: (page) =>\n    page\n      ${of}\n      .records()\n      .map((row) => ({ ${nameOf('main', kind)}: ${value} })),`;
}

function oneStep(selector: string, kind: JobKind): string {
  return stepOf('extract: (page)', [`[{ ${nameOf('main', kind)}: page.one(${quote(selector)}).text }]`]);
}

function priceCode({ selector, name }: Extract<Plan, { form: 'one' }>): ExtractCode {
  const named = name === undefined ? "page.title ?? ''" : `page.one(${quote(name)}).text`;
  const fields = [`name: ${named}`, `price: toPrice(page.one(${quote(selector)}).text)`, 'url: page.url'];
  const line = `  extract: (page) => [{ ${fields.join(', ')} }],`;
  const broken = `  extract: (page) => [\n    {\n${fields.map((field) => `      ${field},`).join('\n')}\n    },\n  ],`;
  return { step: fits(line) ? line : broken, imports: [], below: TO_PRICE };
}

function jsonCode(plan: JsonPlan, kind: JobKind, root: unknown): ExtractCode {
  const source = plan.embedded === undefined ? 'page.json(ANSWER)' : `page.embedded(${quote(plan.embedded)}, ANSWER)`;
  const head = 'const ANSWER = ';
  const above = `${head}${schemaCode(root, plan, head.length)};`;
  const day = plan.path.findIndex((step) => 'day' in step);
  const firstEach = plan.path.findIndex((step) => 'each' in step);
  const isDayFirst = day !== -1 && day < firstEach;
  const from = isDayFirst ? day + 1 : 0;
  const start = isDayFirst ? dayLines(`${source}${wayOf(plan.path.slice(0, from))}`) : [`const answer = ${source};`];
  const calls = [...hops(plan, root, firstEach), ...thingsOf(plan, kind, root)];
  const end = `return ${isDayFirst ? 'day' : 'answer'}${wayOf(plan.path.slice(from, firstEach))}`;
  const step = `  extract: (page${day === -1 ? '' : ', run'}) => {\n${indent([...start, chainOf(end, calls)].join('\n'), 4)}\n  },`;
  return { step, imports: [...(plan.isMenu ? ['dishes'] : []), ...(isDayFirst ? ['notYet'] : [])], above };
}

function dayLines(source: string): readonly string[] {
  return [
    `const day = ${source};`,
    `if (day === undefined) return notYet(\`there is nothing for \${run.date} so far\`);`,
  ];
}

/** More than two calls stand on lines of their own, whatever their length. */
function chainOf(head: string, calls: readonly string[]): string {
  const line = `${head}${calls.join('')};`;
  return calls.length <= 2 && fits(`    ${line}`) ? line : `${head}\n${indent(calls.join('\n'), 2)};`;
}

function wayOf(path: readonly JsonStep[]): string {
  return path
    .map((step) => {
      if ('key' in step) return accessOf(step.key);
      if ('each' in step) return '';
      return step.day === 'dashed' ? '[run.date]' : "[run.date.replaceAll('-', '')]";
    })
    .join('');
}

/** From the things of one array to those of the arrays in them, as often as the path goes on. */
function hops({ path, date }: Pick<JsonPlan, 'path' | 'date'>, root: unknown, from: number): readonly string[] {
  const end = path.findIndex((step, at) => at > from && 'each' in step);
  if (end === -1) return [];
  const inner = path.slice(from + 1, end);
  const outer = valuesAt(root, path.slice(0, from + 1), date ?? '');
  const lacks = valuesAt(outer, [{ each: true }, ...inner], date ?? '').length < outer.length;
  const rest = lacks ? ' ?? []' : '';
  const [only] = inner;
  const isSimple = inner.length === 1 && only !== undefined && 'key' in only && isVariable(only.key);
  const way = lacks
    ? wayOf(inner)
        .replaceAll(/(?<=.)(?=\.)/g, '?')
        .replaceAll(/(?<=.)\[/g, '?.[')
    : wayOf(inner);
  const hop = isSimple ? `.flatMap(({ ${only.key} }) => ${only.key}${rest})` : `.flatMap((each) => each${way}${rest})`;
  return [inner.length === 0 ? '.flat()' : hop, ...hops({ path, date }, root, end)];
}

function fieldCode({ role, key, isText, optional }: JsonField): string {
  const value = `each${accessOf(key)}`;
  if (role !== 'main') return value;
  const filled = optional ? `${value} ?? ''` : value;
  return isText ? filled : `String(${filled})`;
}

function thingsOf({ path, fields, main, isMenu, date }: JsonPlan, kind: JobKind, root: unknown): readonly string[] {
  const own = nameOf('main', kind);
  const entries = fields.map((field) => [nameOf(field.role, kind), fieldCode(field)] as const);
  if (!isMenu) return [`.map((each) => (${objectOf(entries)}))`];
  const things = valuesAt(root, path, date ?? '').filter(isRecord);
  const rest = things.some((thing) => (thing[main] ?? null) === null) ? " ?? ''" : '';
  return [`.flatMap((each) => dishes(each${accessOf(main)}${rest}))`, `.map(({ name }) => ({ ${own}: name }))`];
}
