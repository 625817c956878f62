// Which of the ways to take a text from the page a new job goes: what a person chooses, else the likeliest.
import { ConfigError } from '../core/errors.ts';
import type { Page } from '../core/page.ts';
import { describeKind, howToRead } from '../core/page-kind.ts';
import { propose } from '../core/propose.ts';
import { extractCode } from '../core/propose-extract.ts';
import { fold } from '../core/propose-find.ts';
import { readRoot } from '../core/propose-json-plan.ts';
import type { JobKind, Proposal } from '../core/propose-plan.ts';
import { findWrongPage } from '../core/wrong-page.ts';
import { shorten } from './answer.ts';
import type { Asker } from './ask.ts';

export interface Choosing {
  readonly texts: readonly string[];
  readonly selector: string | undefined;
  readonly kind: JobKind | undefined;
  /** Which proposal, counted from 1. */
  readonly pick: number | undefined;
  readonly today: string;
  readonly asker: Asker | undefined;
}

export interface Chosen {
  readonly proposal: Proposal;
  readonly others: readonly { readonly number: number; readonly proposal: Proposal }[];
}

/** A page whose visible text is shorter says nothing by itself. */
const HARDLY_ANY_TEXT = 200;
const SHOWN_ITEMS = 3;
const ITEM_LETTERS = 100;
const LINES_SHOWN = 3;

/** Throws ConfigError with what to do when nothing is found. */
export async function choose(page: Page, wanted: Choosing): Promise<Chosen> {
  refuseUnreadable(page);
  const texts = await readTexts(page, wanted);
  const proposals = propose(page, { ...wanted, texts });
  if (proposals.length === 0) throw nothingFound(page, texts, wanted);
  const at = await pickOne(page, proposals, wanted);
  const proposal = proposals[at];
  if (proposal === undefined) throw new ConfigError([`There is no way ${at + 1}: there are ${proposals.length}.`]);
  const others = proposals.map((each, index) => ({ number: index + 1, proposal: each })).toSpliced(at, 1);
  return { proposal, others };
}

async function pickOne(page: Page, proposals: readonly Proposal[], { pick, asker }: Choosing): Promise<number> {
  if (pick !== undefined) return pick - 1;
  if (asker === undefined || proposals.length === 1) return 0;
  const choices = proposals.map((proposal) => describe(page, proposal));
  return asker.choose('Which of these', choices);
}

async function readTexts(page: Page, { texts, selector, asker }: Choosing): Promise<readonly string[]> {
  if (texts.length > 0 || selector !== undefined || page.kind === 'feed') return texts;
  if (asker === undefined) throw new ConfigError([`Say what you want of the page: --text 'words you see on it'.`]);
  return [await asker.ask('Words on the page that you want, such as one title of the list')];
}

function refuseUnreadable(page: Page): void {
  const { kind, url, body, filename, headers } = page;
  if (kind === 'html' || kind === 'xml' || kind === 'json' || kind === 'feed') return;
  const what = describeKind({ kind, body, filename, contentType: headers['content-type'] ?? '' });
  throw new ConfigError([`${url} is ${what}, of which no job can be proposed: write one by hand. ${howToRead(kind)}`]);
}

function nothingFound(page: Page, texts: readonly string[], { selector, kind: wanted, today }: Choosing): ConfigError {
  const { url, kind } = page;
  if (wanted === 'price' && propose(page, { texts, selector, today }).length > 0)
    return new ConfigError([
      `${url} shows no single price there: --text must be a price that stands once, such as '12,900원'.`,
    ]);
  if (selector !== undefined)
    return new ConfigError([`${url}: \`${selector}\` finds nothing. Mend --selector, or say --text.`]);
  const named = texts.map((text) => `'${shorten(text, 40)}'`).join(' or ');
  if (kind === 'html') {
    const wrong = findWrongPage([{ url, requestedUrl: url, text: page.text }]);
    if (wrong !== undefined)
      return new ConfigError([
        `${url} is ${wrong.what}: ${wrong.evidence}. Behind a log-in, save the page and add --page FILE.`,
      ]);
    if (visibleText(page).length < HARDLY_ANY_TEXT && page.$('script').length > 0)
      return new ConfigError([
        `${url} is empty until its scripts have run. Write the job by hand with get(url, { render: true }), which draws the page first; or look in the browser's network tools for the address that its data comes from, and give that.`,
      ]);
  }
  const near = nearLines(page, texts);
  const hint =
    near.length === 0
      ? 'Copy them from the page as it is now'
      : `Did you mean ${near.join(', ')}? Copy the words from the page`;
  return new ConfigError([
    `${url} does not hold ${named}. ${hint}; what a script adds later is not on it (a job draws it with get(url, { render: true })).`,
  ]);
}

function visibleText(page: Page): string {
  return page.maybe('body')?.text ?? '';
}

/** Lines that hold one of the words. */
function nearLines(page: Page, texts: readonly string[]): readonly string[] {
  const words = texts.flatMap((text) => text.split(/\s+/)).filter((word) => word.length > 1);
  const lines = page.kind === 'html' ? (page.maybe('body')?.lines ?? []) : [];
  const near = lines.filter((line) => words.some((word) => fold(line).includes(fold(word))));
  return [...new Set(near)].slice(0, LINES_SHOWN).map((line) => `'${shorten(line, 40)}'`);
}

/** How it is taken, how many there are and the first of them. */
export function describe(page: Page, { plan, kind, items, fixedTo }: Proposal): string {
  const root = plan.form === 'json' ? readRoot(page, plan.json.embedded) : undefined;
  const code = extractCode(plan, kind, root).step.replace(/^\s*extract: (?:\([^)]*\) =>)?/, '');
  const bound = fixedTo === undefined ? '' : ` (always under '${shorten(fixedTo, 40)}', whatever the day)`;
  const line = shorten(code.replaceAll(/\n\s*\./g, '.'), 160).replace(/,$/, '');
  return [`${line}${bound}`, ...linesOfItems(items)].join('\n');
}

export function linesOfItems(items: Proposal['items']): readonly string[] {
  const shown = items.slice(0, SHOWN_ITEMS).map((item) => `  ${shorten(JSON.stringify(item), ITEM_LETTERS)}`);
  const more = items.length - shown.length;
  return [`${items.length} found:`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])].map((line) =>
    line.replaceAll(/\p{Cc}/gu, '\ufffd'),
  );
}
