// A list on a page, from one text of one of its items: which elements are its rows, and a container and a row selector that
// find them and nothing else.
import { type Dom, type Element, isElement } from './html.ts';
import type { Page } from './page.ts';
import { readText } from './page-text.ts';
import { type FoundField, findAddress, findExtras, findField, linkOf, type Rows } from './propose-field.ts';
import { ancestorsOf, fold, isNavigation } from './propose-find.ts';
import { classesOf, type Handle, handlesOf, placeOf } from './propose-handle.ts';
import { isWeak } from './propose-name.ts';
import type { Plan, PlanField } from './propose-plan.ts';

export interface RowsFound {
  readonly plan: Extract<Plan, { form: 'rows' }>;
  readonly rows: readonly Element[];
  readonly cost: number;
}

/** Rows in rows are rare beyond this. */
const MOST_LEVELS = 3;
const MOST_CONTAINERS = 8;
/** What holds rows is no row of something else, as a rule. */
const ABOVE_ROWS = /^(?:table|form|main|section|ul|ol|dl)$/;
/** Tags that are rows even when alone. */
const ROW_TAGS = /^(?:tr|li|article)$/;
const NEVER_ROWS = /^(?:td|th|tbody|thead|br|col|option|html|body|head)$/;

/** `texts` that stand in the row of the target become fields of their own. */
export function findRowPlans(page: Page, target: Element, texts: readonly string[]): readonly RowsFound[] {
  const found: RowsFound[] = [];
  for (const [level, row] of [target, ...ancestorsOf(target)].entries()) {
    const isAbove = found.length > 0 && ABOVE_ROWS.test(row.name);
    if (found.length >= MOST_LEVELS || row.name === 'body' || isAbove) break;
    const plan = planAt(page, row, { target, texts });
    if (plan !== undefined) found.push({ ...plan, cost: plan.cost + found.length * 2 + level * 0.01 });
  }
  return found;
}

interface Example {
  readonly target: Element;
  readonly texts: readonly string[];
}

function planAt(page: Page, row: Element, { target, texts }: Example): RowsFound | undefined {
  if (NEVER_ROWS.test(row.name) || row.parent === null || !('children' in row.parent)) return undefined;
  const siblings = row.parent.children.filter(isElement).filter((each) => isLike(each, row));
  if (siblings.length < 2 && !ROW_TAGS.test(row.name)) return undefined;
  const ground = { $: page.$, base: page.base, example: row };
  const main = findMain({ ...ground, rows: siblings }, target);
  if (main === undefined || (main.having.length < 2 && !ROW_TAGS.test(row.name))) return undefined;
  const place = findPlace(page.$, { row, main, siblings });
  if (place === undefined) return undefined;
  const { container, selector, rows, cost } = place;
  return {
    plan: { form: 'rows', container, row: selector, fields: fieldsOf({ ...ground, rows }, { main, target, texts }) },
    rows,
    cost:
      cost +
      main.cost / 2 +
      (main.selector.includes(':nth-child') ? 3 : 0) +
      (main.having.length < 2 ? 2 : 0) +
      (isNavigation(row) ? 10 : 0),
  };
}

/** Same tag; where the tag says little, a class in common too: `div.title` and `div.date` are two fields of one row. */
function isLike(one: Element, row: Element): boolean {
  if (one.name !== row.name) return false;
  const own = classesOf(row);
  return ROW_TAGS.test(row.name) || own.length === 0 || classesOf(one).some((name) => own.includes(name));
}

/** A text that is a link is found as the link, which gives the address too. */
function findMain(rows: Rows, target: Element): FoundField | undefined {
  const link = linkOf(rows.example, target);
  const says = (element: Element): string => fold(readText(element, false));
  const isLink = link !== undefined && link !== rows.example && says(link) === says(target);
  const asLink = isLink ? findField(rows, link, { lift: false }) : undefined;
  return asLink ?? findField(rows, target, { lift: true });
}

function fieldsOf(rows: Rows, { main, target, texts }: Example & { main: FoundField }): readonly PlanField[] {
  const address = findAddress(rows, target);
  return [
    { role: 'main', source: main.selector },
    ...(address === undefined ? [] : [address]),
    ...findExtras(rows, target, texts),
  ];
}

interface Wanted {
  readonly row: Element;
  readonly main: FoundField;
  readonly siblings: readonly Element[];
}

interface Pair {
  readonly container: Handle;
  readonly handle: Handle;
}

interface Place {
  readonly container: string;
  readonly selector: string;
  readonly rows: readonly Element[];
  readonly cost: number;
}

/** The cheapest pair of container and row first, until none left can be better than what was found. */
function findPlace($: Dom, wanted: Wanted): Place | undefined {
  const rowHandles = rowHandlesOf(wanted);
  const pairs = containersOf($, wanted.row).flatMap((container) =>
    rowHandles.map((handle) => ({ container, handle, cost: container.cost + handle.cost })),
  );
  let best: Place | undefined;
  for (const { container, handle, cost } of pairs.toSorted((a, b) => a.cost - b.cost)) {
    if (best !== undefined && best.cost <= cost) break;
    const place = placeAt($, { ...wanted, container, handle });
    if (place !== undefined && (best === undefined || place.cost < best.cost)) best = place;
  }
  return best;
}

function placeAt($: Dom, { container, handle, ...wanted }: Wanted & Pair): Place | undefined {
  const inside = $(container.selector);
  if (handle.selector === 'tbody tr' && inside.is('tbody')) return undefined;
  const rows = inside.find(handle.selector).get().filter(isElement);
  const penalty = penaltyOf($, rows, { ...wanted, handle });
  const cost = container.cost + handle.cost;
  return penalty === undefined
    ? undefined
    : { container: container.selector, selector: handle.selector, rows, cost: cost + penalty };
}

/** Undefined when it misses a row or finds one without the field; else by how many it finds beyond the siblings. */
function penaltyOf(
  $: Dom,
  rows: readonly Element[],
  { main, handle }: Wanted & { handle: Handle },
): number | undefined {
  const found = new Set(rows);
  if (main.having.some((row) => !found.has(row))) return undefined;
  const having = new Set(main.having);
  const others = rows.filter((row) => !having.has(row));
  const lacks = (row: Element): boolean => main.selector !== '' && $(row).find(main.selector).length === 0;
  if (others.some((row) => lacks(row) || isNavigation(row))) return undefined;
  const isNamed = /\.[^.]+$/.test(handle.selector) && !isWeak(handle.selector.replace(/^.*\./, ''));
  return others.length === 0 ? 0 : isNamed ? 0.3 : 1 + others.length / main.having.length;
}

function rowHandlesOf({ row, main, siblings }: Wanted): readonly Handle[] {
  const shared = classesOf(row).filter((name) => main.having.every((each) => classesOf(each).includes(name)));
  const isBare = /^(?:div|span|p|a|section|strong|b)$/.test(row.name);
  const parent = row.parent !== null && isElement(row.parent) ? row.parent : undefined;
  const outer = parent === undefined ? [] : handlesOf(parent).filter(({ selector }) => !selector.startsWith('#'));
  return [
    { selector: row.name, cost: isBare ? 1.5 : row.name === 'tr' ? 0.2 : 0 },
    ...(row.name === 'tr' ? [{ selector: 'tbody tr', cost: 0.1 }] : []),
    ...shared.map((name) => ({
      selector: isWeak(name) ? `${row.name}.${name}` : `.${name}`,
      cost: isWeak(name) ? 1.2 : main.having.length === siblings.length ? 0.25 : 0.4,
    })),
    ...(main.selector === '' ? [] : [{ selector: `${row.name}:has(${main.selector})`, cost: 1 }]),
    ...outer.map(({ selector, cost }) => ({ selector: `${selector} > ${row.name}`, cost: 0.5 + cost / 2 })),
    { selector: `> ${row.name}`, cost: 1.4 },
  ];
}

/** From the parent outwards, the cheapest first; at last, where nothing has a name, the way down from the body. */
function containersOf($: Dom, row: Element): readonly Handle[] {
  const around = ancestorsOf(row).filter(({ name }) => name !== 'html');
  const named = around.flatMap((element, depth) =>
    handlesOf(element)
      .filter(({ selector }) => /[#.[]/.test(selector) || (selector !== 'div' && $(selector).length === 1))
      .map(({ selector, cost }) => ({ selector, cost: cost * 0.6 + depth * 0.12 + (selector === 'body' ? 1 : 0) })),
  );
  const headed = around.filter(({ name }) => name === 'table').flatMap((table) => headedBy($, table));
  return [...named, ...headed]
    .toSorted((a, b) => a.cost - b.cost)
    .slice(0, MOST_CONTAINERS)
    .concat(wayTo($, around));
}

/** `table:has(th:contains("제목"))`: words stay when a table has no name. */
function headedBy($: Dom, table: Element): readonly Handle[] {
  const words = $(table)
    .find('th')
    .get()
    .map((cell) => $(cell).text().trim())
    .filter((text) => /^[\p{L}\d ]{2,12}$/u.test(text) && !/\d{2}/.test(text));
  return words.slice(0, 3).map((text, at) => ({ selector: `table:has(th:contains("${text}"))`, cost: 1.6 + at * 0.1 }));
}

function wayTo($: Dom, around: readonly Element[]): readonly Handle[] {
  const parent = around[0];
  if (parent === undefined) return [];
  const steps: string[] = [];
  for (const element of around) {
    const [handle = { selector: element.name, cost: 5 }] = handlesOf(element);
    const isEnough = /[#.]/.test(handle.selector) || element.name === 'body';
    steps.unshift(isEnough ? handle.selector : placeOf(element).selector);
    if (isEnough && $(steps.join(' > ')).length === 1) break;
  }
  return [{ selector: steps.join(' > '), cost: 6 }];
}
