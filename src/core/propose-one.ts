// One thing on a page, such as a price: the selector whose first match it is.
import type { Element } from './html.ts';
import { isElement } from './html.ts';
import type { Page } from './page.ts';
import { readText } from './page-text.ts';
import { ancestorsOf, fold } from './propose-find.ts';
import { handlesOf, placeOf } from './propose-handle.ts';
import type { Plan } from './propose-plan.ts';

export interface OneFound {
  readonly plan: Extract<Plan, { form: 'one' }>;
  readonly cost: number;
}

const MOST_TRIED = 40;
const MOST_AROUND = 5;

export function findOnePlan(page: Page, target: Element): OneFound | undefined {
  const around = ancestorsOf(target).filter(({ name }) => name !== 'html' && name !== 'body');
  const own = [...handlesOf(target), placeOf(target)];
  const joined = around.slice(0, MOST_AROUND).flatMap((outer, depth) =>
    handlesOf(outer).flatMap((before) =>
      own.map(({ selector, cost }) => ({
        selector: `${before.selector} ${selector}`,
        cost: cost + before.cost * 0.6 + 0.3 + depth * 0.1,
      })),
    ),
  );
  const tried = [...own, ...joined].toSorted((a, b) => a.cost - b.cost).slice(0, MOST_TRIED);
  const best = tried.find(({ selector }) => isFirst(page, selector, target));
  if (best === undefined) return undefined;
  return { plan: { form: 'one', selector: best.selector, name: nameBeside(page) }, cost: best.cost + 2 };
}

function isFirst(page: Page, selector: string, target: Element): boolean {
  const first = page.$(selector).get(0);
  if (first === undefined || !isElement(first)) return false;
  return first === target || fold(readText(first, false)) === fold(readText(target, false));
}

/** What the page is about, when it says so in one heading. */
function nameBeside({ $ }: Page): string | undefined {
  const headings = $('h1').get();
  const [only] = headings;
  return headings.length === 1 && only !== undefined && readText(only, false) !== '' ? 'h1' : undefined;
}
