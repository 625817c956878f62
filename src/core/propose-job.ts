// Writes a job file and its test from a proposal, as a person would: an opening comment, no types, nothing left over.
import type { Item } from './job.ts';
import type { Page } from './page.ts';
import { codeOf, fits, importOf, inTemplate, quote, stepOf } from './propose-code.ts';
import { type ExtractCode, extractCode } from './propose-extract.ts';
import { readRoot } from './propose-json-plan.ts';
import type { JobKind, Plan, Proposal } from './propose-plan.ts';
import { renderCode, watchCode } from './propose-render.ts';

/** What a job is besides what it takes. */
export interface JobWords {
  /** The file's name without its ending. */
  readonly name: string;
  readonly url: string;
  readonly kind: JobKind;
  readonly schedule: string;
  readonly to: string;
  /** Undefined for the one that is configured. */
  readonly timezone: string | undefined;
  /** The day in the job's zone on which the page was fetched. */
  readonly today: string;
  /** Whether the job is silent on Korea's holidays. */
  readonly skipsHolidays: boolean;
}

const SCHEDULES: Readonly<Record<JobKind, string>> = {
  menu: '20 11 * * 1-5',
  notices: '*/30 8-20 * * *',
  price: '0 * * * *',
  custom: '0 8 * * *',
};
const MEALS: readonly (readonly [RegExp, string])[] = [
  [/조식|아침|breakfast|frühstück/i, '30 7 * * 1-5'],
  [/석식|저녁|dinner|abend/i, '0 17 * * 1-5'],
];
const LONGEST_TITLE = 40;
/** The day of the run inside a template string of the job. */
const DAY = `\${run.date}`;
const PACKED_DAY = `\${run.date.replaceAll('-', '')}`;

/** Before the meal that the plan names, at working hours, every hour, each morning. */
export function scheduleFor(plan: Plan, kind: JobKind): string {
  const named = kind === 'menu' ? MEALS.find(([words]) => words.test(JSON.stringify(plan))) : undefined;
  return named?.[1] ?? SCHEDULES[kind];
}

export function writeJob(page: Page, { plan }: Pick<Proposal, 'plan'>, words: JobWords): string {
  const root = plan.form === 'json' ? readRoot(page, plan.json.embedded) : undefined;
  const extract = extractCode(plan, words.kind, root);
  const title = titleOf(page, words);
  const render = renderCode(plan, words.kind, title);
  const names = ['defineJob', ...extract.imports, ...render.imports];
  return `// ${openingOf(words, title)}
${importOf(`{ ${[...new Set(names)].toSorted(byLetter).join(', ')} }`, 'talkbell')}
${aboveOf(extract)}
export default defineJob({
${settingsOf(words).join('\n')}

${fetchCode(words)}

${extract.step}
${watchCode(plan, words.kind)}
${render.step}
});
${belowOf(extract)}`;
}

/** As the formatter sorts names: without regard to case. */
function byLetter(one: string, other: string): number {
  return one.localeCompare(other, 'en');
}

function aboveOf({ above }: ExtractCode): string {
  return above === undefined ? '' : `${importOf('* as z', 'zod')}\n\n${above}\n`;
}

function belowOf({ below }: ExtractCode): string {
  return below === undefined ? '' : `\n${below}\n`;
}

function titleOf(page: Page, { name }: JobWords): string {
  const title = page.kind === 'feed' ? (page.feed().title ?? '') : page.kind === 'html' ? (page.title ?? '') : '';
  const line = title.replaceAll(/\s+/g, ' ').trim();
  return line === '' || line.length > LONGEST_TITLE ? name : line;
}

function openingOf({ url, kind, name }: JobWords, title: string): string {
  const where = title === name ? new URL(url).host : `${title} (${new URL(url).host})`;
  if (kind === 'notices') return `New posts of ${where}, and only those.`;
  if (kind === 'menu') return `The menu of ${where}.`;
  return kind === 'price'
    ? `Speaks when a price falls at ${where}, and is silent when it rises.`
    : `What ${where} says.`;
}

function settingsOf({ schedule, kind, to, timezone, skipsHolidays }: JobWords): readonly string[] {
  return [
    `  schedule: ${quote(schedule)},`,
    ...(timezone === undefined ? [] : [`  timezone: ${quote(timezone)},`]),
    ...(kind === 'menu' ? ["  freshFor: '90m',"] : []),
    ...(kind === 'menu' && skipsHolidays ? ["  skip: 'holidays',"] : []),
    `  to: ${quote(to)},`,
  ];
}

/** An address that holds the day it was copied on asks for the day of the run. */
function fetchCode({ url, today }: JobWords): string {
  const packed = today.replaceAll('-', '');
  if (url.includes(today)) return stepOf('fetch: (get, run)', [`get(\`${inTemplate(url).replaceAll(today, DAY)}\`)`]);
  if (!url.includes(packed)) return stepOf('fetch: (get)', [`get(${quote(url)})`]);
  const asked = inTemplate(url).replaceAll(packed, PACKED_DAY);
  return stepOf('fetch: (get, run)', [`get(\`${asked}\`)`]);
}

/** The items as lines of code, those that are long over several. */
export function itemCode(item: Item): string {
  const line = codeOf(item);
  if (fits(`    ${line},`)) return line;
  const lines = Object.entries(item).map(([name, value]) => `  ${codeOf({ [name]: value }).slice(2, -2)},`);
  return `{\n${lines.join('\n')}\n}`;
}
