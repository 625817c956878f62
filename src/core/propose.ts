// From words that a person sees on a page to ways for a job to take them, the likeliest first. Nothing is fetched and nothing
// is guessed that was not tried on the page: every proposal carries what it finds there.
import { type Element, isElement } from './html.ts';
import type { Page } from './page.ts';
import { findCellPlan } from './propose-cell.ts';
import { ancestorsOf, findText, fold } from './propose-find.ts';
import { fixedTo } from './propose-fixed.ts';
import { classesOf, handlesOf, idOf } from './propose-handle.ts';
import { findJsonPlans } from './propose-json.ts';
import type { JsonPlan } from './propose-json-plan.ts';
import { holdsDate, isPrice } from './propose-name.ts';
import { findOnePlan } from './propose-one.ts';
import { type JobKind, type Plan, type Proposal, readPlan } from './propose-plan.ts';
import { findRowPlans } from './propose-rows.ts';

export interface Wish {
  /** Words on the page: each an item that is wanted, or a part of one. */
  readonly texts: readonly string[];
  /** What the author's own selector names: the rows, or the one thing. */
  readonly selector?: string | undefined;
  readonly kind?: JobKind | undefined;
  /** `2026-11-20`. */
  readonly today: string;
}

interface Found {
  readonly plan: Plan;
  readonly cost: number;
  readonly fixedTo?: string | undefined;
}

const MOST_PROPOSALS = 5;
/** A text that stands in more places is tried at the first of them. */
const MOST_PLACES = 3;
const EMBEDDED_SCRIPT = /(?:window\.|var\s+|let\s+|const\s+)([A-Za-z_$][\w$]*)\s*=\s*(?:JSON\.parse\(|[[{])/g;
const FOOD = /식단|학식|급식|메뉴|조식|중식|석식|mensa|speiseplan|cafeteria|lunch/i;

/** At most five, all of which find something; none when the words are not on the page. */
export function propose(page: Page, wish: Wish): readonly Proposal[] {
  const found = page.kind === 'feed' ? [{ plan: { form: 'feed' } as const, cost: 0 }] : findPlans(page, wish);
  const seen = new Set<string>();
  const proposals = found.flatMap((each) => tryPlan(page, each, wish));
  return proposals
    .toSorted((a, b) => fixedOf(a) - fixedOf(b) || b.holds - a.holds || a.cost - b.cost)
    .filter(({ plan }) => {
      const key = JSON.stringify(plan);
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, MOST_PROPOSALS);
}

/** What reads one day for ever is the last choice, even where it holds more of the words. */
function fixedOf({ fixedTo: header }: Proposal): number {
  return header === undefined ? 0 : 1;
}

function findPlans(page: Page, wish: Wish): readonly Found[] {
  if (page.kind === 'json') return wish.texts.flatMap((text) => fromData(page, text, undefined));
  if (page.kind !== 'html' && page.kind !== 'xml') return [];
  if (wish.selector !== undefined) return fromSelector(page, wish.selector, wish);
  const root = page.$('body').get(0) ?? page.$.root().get(0);
  if (root === undefined || !('children' in root)) return [];
  return wish.texts.flatMap((text, order) => {
    const places = findText(root, text, page.kind === 'xml').slice(0, MOST_PLACES);
    const visible = places.flatMap((place, at) =>
      atPlace(page, place, wish).map((found) => later(found, at + order / 2)),
    );
    return visible.length > 0 ? visible : embeddedNames(page).flatMap((name) => fromData(page, text, name));
  });
}

function later(found: Found, place: number): Found {
  return { ...found, cost: found.cost + place * 0.5 };
}

function atPlace(page: Page, place: Element, { kind, today, texts }: Wish): readonly Found[] {
  const cell = findCellPlan(page, place, today);
  const bound = ({ plan, cost }: Found, elements?: readonly Element[]): Found => ({
    plan,
    cost,
    fixedTo: cell?.of && fixedTo(cell.of, plan, elements),
  });
  const one = findOnePlan(page, place);
  const rows = findRowPlans(page, place, texts);
  const wantsOne = kind === 'price' || (kind === undefined && texts.some(isPrice) && (rows[0]?.rows.length ?? 0) < 3);
  return [
    ...(cell?.found === undefined ? [] : [bound(cell.found)]),
    ...rows.map((found) => bound(found, found.rows)),
    ...(one === undefined ? [] : [bound({ ...one, cost: one.cost + (wantsOne ? -8 : 4) })]),
  ];
}

/** The author's word: what it matches are the rows, inside what holds them all. */
function fromSelector(page: Page, selector: string, { kind }: Wish): readonly Found[] {
  const matches = page.all(selector).flatMap(({ $ }) => $.get());
  const [first] = matches;
  if (first === undefined) return [];
  if (kind === 'price' || (matches.length === 1 && !/^(?:tr|li)$/.test(first.name))) {
    const name = page.$('h1').length === 1 ? 'h1' : undefined;
    return [{ plan: { form: 'one', selector, name }, cost: 0 }];
  }
  const around = ancestorsOf(first).find((outer) => matches.every((each) => ancestorsOf(each).includes(outer)));
  const named = [around, ...(around === undefined ? [] : ancestorsOf(around))]
    .filter((each): each is Element => each !== undefined && isElement(each))
    .find((each) => idOf(each) !== undefined || classesOf(each).length > 0 || each.name === 'body');
  const container = named === undefined ? 'body' : (handlesOf(named)[0]?.selector ?? 'body');
  const link = matches.every((each) => page.$(each).find('a[href]').length > 0);
  const own = matches.every(({ name, attribs }) => name === 'a' && 'href' in attribs);
  const address = own ? '@href' : link ? 'a@href' : undefined;
  const fields = [{ role: 'main', source: '' }, ...(address === undefined ? [] : [{ role: 'url', source: address }])];
  return [{ plan: { form: 'rows', container, row: selector, fields }, cost: 0 }];
}

function fromData(page: Page, text: string, embedded: string | undefined): readonly Found[] {
  return findJsonPlans(page, text, embedded).map(({ plan, cost }) => ({ plan: { form: 'json', json: plan }, cost }));
}

/** The scripts of a page that hold data. One that cannot be read holds none. */
function embeddedNames(page: Page): readonly string[] {
  const scripts = page.$('script:not([src])').get();
  const ids = scripts
    .filter(({ attribs }) => /json/.test(attribs['type'] ?? ''))
    .flatMap(({ attribs }) => attribs['id'] ?? []);
  const names = scripts.flatMap((script) =>
    [...page.$(script).text().matchAll(EMBEDDED_SCRIPT)].map(([, name = '']) => name),
  );
  return [...new Set([...ids, ...names])].filter((name) => {
    try {
      return page.embedded(name) !== undefined;
    } catch {
      return false;
    }
  });
}

/** A plan that the page refuses, or that finds nothing, is none. */
function tryPlan(page: Page, { plan, cost, fixedTo: header }: Found, wish: Wish): readonly Proposal[] {
  const kind = plan.form === 'feed' ? 'notices' : (wish.kind ?? guessKind(page, plan, wish));
  if (kind === 'price' && plan.form !== 'one') return [];
  try {
    const items = readPlan(page, plan, { kind, date: wish.today });
    const said = fold(JSON.stringify(items));
    const holds = wish.texts.filter((text) => said.includes(fold(JSON.stringify(text).slice(1, -1)))).length;
    return items.length === 0
      ? []
      : [{ plan, kind, items, holds, cost, ...(header !== undefined && { fixedTo: header }) }];
  } catch {
    return [];
  }
}

function guessKind(page: Page, plan: Plan, wish: Wish): JobKind {
  if (plan.form === 'feed') return 'notices';
  if (plan.form === 'cell') return plan.reads === 'dishes' ? 'menu' : 'custom';
  if (plan.form === 'one') return wish.texts.some(isPrice) ? 'price' : 'custom';
  if (FOOD.test(`${page.title ?? ''} ${page.url}`)) return 'menu';
  if (plan.form === 'json') return guessOfJson(plan.json);
  if (plan.form === 'records') return /제목|title/i.test(plan.header) ? 'notices' : 'custom';
  return guessOfRows(plan, wish);
}

function guessOfRows({ fields }: Extract<Plan, { form: 'rows' }>, { texts }: Wish): JobKind {
  const roles = fields.map(({ role }) => role);
  const leads = roles.includes('url') || roles.includes('id');
  return leads || (roles.includes('date') && !texts.some(holdsDate)) ? 'notices' : 'custom';
}

function guessOfJson({ isMenu, fields, path, main }: JsonPlan): JobKind {
  const keys = path.map((step) => ('key' in step ? step.key : ''));
  if (isMenu || [...keys, main].some((key) => FOOD.test(key) || /meal|dish|menu|점심|아침|저녁/i.test(key)))
    return 'menu';
  return fields.some(({ role }) => role === 'url' || role === 'id' || role === 'date') ? 'notices' : 'custom';
}
