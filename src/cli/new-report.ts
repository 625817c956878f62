// What `talkbell new` says in the end: what it wrote, what the job finds, what else there is, and what to do next.
import type { Page } from '../core/page.ts';
import { shorten } from './answer.ts';
import { type Asked, keyIn } from './new-check.ts';
import { type Chosen, describe, linesOfItems } from './new-choice.ts';
import { type NewPaths, shownPath, testCommand } from './new-files.ts';

const FEED = 'link[rel~="alternate"]:is([type*="rss"],[type*="atom"])[href]';

export function linesOfNew(
  page: Page,
  chosen: Chosen,
  { paths, name, url, day }: Asked & { paths: NewPaths; day: string | undefined },
): readonly string[] {
  // The page that was saved may hold another day than today's, where a run of today finds nothing.
  const at = day === undefined ? '' : ` --at '${day} 11:20'`;
  return [
    `Wrote ${shownPath(paths.job)}, its test and ${shownPath(paths.fixture)}.`,
    ...linesOfItems(chosen.proposal.items),
    ...linesOfFixed(chosen),
    ...linesOfOthers(page, chosen),
    ...linesOfKey(url),
    ...linesOfFeed(page, chosen, name),
    '',
    `Try it:     talkbell run ${name} --dry-run${at}`,
    `Test it:    ${testCommand(paths.test)}`,
    `Check it:   talkbell check`,
  ];
}

function linesOfFixed({ proposal: { fixedTo } }: Chosen): readonly string[] {
  if (fixedTo === undefined) return [];
  const better = 'For the day of the run, write page.table().cell({ row, column: run.date }) by hand.';
  return ['', `This one day only: it always reads under '${shorten(fixedTo, 40)}'. ${better}`];
}

function linesOfOthers(page: Page, { others }: Chosen): readonly string[] {
  if (others.length === 0) return [];
  const shown = others.map(({ number, proposal }) => {
    const [code, count] = describe(page, proposal).split('\n');
    return `  ${number}  ${code}  ${count}`;
  });
  return ['', 'Other ways (take one with --force --pick NUMBER):', ...shown];
}

function linesOfKey(url: string): readonly string[] {
  const key = keyIn(url);
  if (key === undefined) return [];
  return ['', `The address holds what looks like a key (${key}). Put it into .env, and read it with secret('NAME').`];
}

/** A site changes its looks more often than its feed. */
function linesOfFeed(page: Page, { proposal }: Chosen, name: string): readonly string[] {
  if (page.kind !== 'html' || proposal.kind !== 'notices') return [];
  const href = page.$(FEED).get(0)?.attribs['href'] ?? '';
  if (href === '' || !URL.canParse(href, page.base)) return [];
  const { href: feed } = new URL(href, page.base);
  return ['', `The site names a feed, which outlasts its looks: talkbell new ${name} ${feed} --force`];
}
