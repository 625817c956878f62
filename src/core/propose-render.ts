// The `watch` and the `render` of a job as code: cards where each item has an address, else a list.
import { inTemplate, quote, stepOf } from './propose-code.ts';
import { type JobKind, nameOf, type Plan, type PlanField } from './propose-plan.ts';

function rolesOf(plan: Plan): readonly PlanField[] {
  if (plan.form === 'rows') return plan.fields;
  if (plan.form === 'json') {
    const fields = plan.json.isMenu ? plan.json.fields.slice(0, 1) : plan.json.fields;
    return fields.map(({ role, isText, optional }) => ({
      role,
      source: `${isText ? '' : NOT_TEXT}${optional ? '?' : ''}`,
    }));
  }
  return [{ role: 'main', source: '' }];
}

export function watchCode(plan: Plan, kind: JobKind): string {
  if (kind === 'price') return "\n  watch: { key: ({ url }) => url, tell: fell('price') },\n";
  if (kind !== 'notices') return '';
  if (plan.form === 'feed') return '\n  watch: { key: (post) => post.id, tell: isNew },\n';
  const roles = rolesOf(plan).map(({ role }) => role);
  const key = roles.includes('id') ? 'id' : roles.includes('url') ? 'url' : 'title';
  const why = {
    id: '',
    url: '  // The address names a post for as long as it exists; a title may be edited.\n',
    title: '  // The list gives nothing else to know a post by: one whose title is edited is told again.\n',
  }[key];
  return `\n${why}  watch: { key: (notice) => notice.${key}, tell: isNew },\n`;
}

interface RenderCode {
  readonly step: string;
  readonly imports: readonly string[];
}

export function renderCode(plan: Plan, kind: JobKind, title: string): RenderCode {
  if (kind === 'price') return { step: PRICE_STEP, imports: ['commerce', 'fell'] };
  if (plan.form === 'feed') return { step: FEED_STEP, imports: ['feed', 'isNew'] };
  const fields = rolesOf(plan);
  const has = (role: string): boolean => fields.some((field) => field.role === role);
  if (kind === 'notices' && has('url')) return { step: cardsStep(fields), imports: ['feed', 'isNew'] };
  return { step: listStep(fields, kind, title), imports: kind === 'notices' ? ['isNew'] : [] };
}

const FEED_STEP = '  render: (posts) => posts.map(({ title, link }) => feed({ title, link })),';

const PRICE_STEP = `  render: (things) =>
    things.map(({ name, price, url, before }) =>
      commerce({
        title: \`\${name} 가격이 내렸어요\`,
        product: name,
        regularPrice: before?.price ?? price,
        discountPrice: price,
        link: url,
      }),
    ),`;

/** Marks a field of JSON that may be a number. */
const NOT_TEXT = '#';

/** What stands beside the title, in its order on the page. */
function besideOf(fields: readonly PlanField[]): readonly PlanField[] {
  return fields.filter(({ role }) => role !== 'main' && role !== 'url' && role !== 'id');
}

function valueCode({ role, source }: PlanField): string {
  return source.endsWith('?') ? `${role} ?? ''` : role;
}

function cardsStep(fields: readonly PlanField[]): string {
  const beside = besideOf(fields);
  const values = beside.map(valueCode);
  const joined = `\`${values.map((value) => `\${${value}}`).join(' · ')}\``;
  const isPlain = values.length === 1 && !beside.some(({ source }) => source.startsWith(NOT_TEXT));
  const description = values.length === 0 ? '' : `description: ${isPlain ? values[0] : joined}, `;
  const taken = ['title', 'url', ...beside.map(({ role }) => role)].join(', ');
  return stepOf('render: (notices)', [
    `notices.map(({ ${taken} }) => feed({ title, ${description}link: url }))`,
    `notices.map(({ ${taken} }) =>\n  feed({ title, ${description}link: url }),\n)`,
  ]);
}

const NOUNS = { menu: 'dishes', notices: 'notices', price: 'things', custom: 'items' } as const;
const MARKS = { menu: '🍚 ', notices: '📌 ', price: '', custom: '' } as const;

function listStep(fields: readonly PlanField[], kind: JobKind, title: string): string {
  const beside = besideOf(fields);
  const main = nameOf('main', kind);
  const noun = NOUNS[kind];
  const said = beside.map((field) => ` \${${valueCode(field)}}`).join('');
  const end = beside.some(({ source }) => source.endsWith('?')) ? '.trimEnd()' : '';
  const taken = [main, ...beside.map(({ role }) => role)].join(', ');
  const line = `({ ${taken} }) => \`- \${${main}}${said}\`${end}`;
  const heading =
    kind === 'menu' ? `\`${MARKS.menu}${inTemplate(title)} \${run.date}\`` : quote(`${MARKS[kind]}${title}`);
  const list = `[${heading}, ...${noun}.map(${line})].join('\\n')`;
  const items = `  ...${noun}.map(${line}),`;
  return stepOf(`render: (${noun}${kind === 'menu' ? ', run' : ''})`, [
    list,
    `[\n  ${heading},\n${items}\n].join('\\n')`,
  ]);
}
