// How a field is found within a row: the cheapest selector that finds it in the row of the example and in the others too.

import { type Dom, type Element, elementsBelow, isElement } from './html.ts';
import { readText } from './page-text.ts';
import { readAttribute } from './page-url.ts';
import { isVariable } from './propose-code.ts';
import { ancestorsOf, findText, fold } from './propose-find.ts';
import { classesOf, type Handle, handlesOf, placeOf } from './propose-handle.ts';
import { fieldCalled, holdsDate, isPrice, isWeak } from './propose-name.ts';
import type { PlanField } from './propose-plan.ts';

/** Rows of one kind, and the one that holds the example. */
export interface Rows {
  readonly $: Dom;
  readonly base: string;
  readonly rows: readonly Element[];
  readonly example: Element;
}

export interface FoundField extends Handle {
  /** The rows that have it. */
  readonly having: readonly Element[];
}

const MOST_CANDIDATES = 24;
const MOST_COMPARED = 60;
/** A row with more elements than this is a part of a page. */
const MOST_IN_A_ROW = 80;
/** Names that mean something else in a job. */
const TAKEN = new Set('main url id date price text title dish before run page'.split(' '));

/** The best selector for an element of the example row, or with `lift` for one around it that says no more. */
export function findField(rows: Rows, target: Element, { lift }: { readonly lift: boolean }): FoundField | undefined {
  const sample = { ...rows, rows: sampleOf(rows) };
  const found = candidatesOf(rows.example, target, lift)
    .map((handle) => ({ ...handle, having: havingOf(sample, handle.selector, target) }))
    .filter(({ having }) => having.length > 0);
  // A selector that is a little dearer is worth it when more rows have it.
  const worth = ({ cost, having }: FoundField): number => having.length / sample.rows.length - cost / 20;
  const best = found.toSorted((a, b) => worth(b) - worth(a))[0];
  return best && { ...best, having: havingOf(rows, best.selector, target) };
}

/** The first rows, the last and the example tell as much as a thousand. */
function sampleOf({ rows, example }: Rows): readonly Element[] {
  if (rows.length <= MOST_COMPARED) return rows;
  return [...new Set([...rows.slice(0, MOST_COMPARED - 10), ...rows.slice(-10), example])];
}

/** None when it does not find the target in the example. */
function havingOf({ $, rows, example }: Rows, selector: string, target: Element): readonly Element[] {
  const firstIn = (row: Element): Element | undefined => (selector === '' ? row : $(row).find(selector).get(0));
  const own = firstIn(example);
  if (own === undefined || !isSame(own, target)) return [];
  return rows.filter((row) => firstIn(row) !== undefined);
}

/** A link must be itself: one that says the same may lead elsewhere. */
function isSame(one: Element, target: Element): boolean {
  return one === target || (target.name !== 'a' && fold(readText(one, false)) === fold(readText(target, false)));
}

function candidatesOf(row: Element, target: Element, lift: boolean): readonly Handle[] {
  if (row === target) return [{ selector: '', cost: 1 }];
  const text = fold(readText(target, false));
  const inside = ancestorsOf(target).slice(0, ancestorsOf(target).indexOf(row));
  const same = [target, ...(lift ? inside : [])].filter((element) => fold(readText(element, false)) === text);
  const own = same.flatMap((element, lifted) =>
    [...handlesOf(element), placeOf(element)].map((handle) => ({
      ...handle,
      cost: handle.cost + lifted * 0.1,
      element,
    })),
  );
  const joined = own.flatMap(({ element, ...handle }) =>
    inside
      .slice(Math.max(0, inside.indexOf(element) + 1))
      .flatMap((outer) => [...handlesOf(outer), placeOf(outer)])
      .map((outer) => ({ selector: `${outer.selector} ${handle.selector}`, cost: outer.cost + handle.cost + 0.2 })),
  );
  // The only link of a row is found as such; the first of several may be another tomorrow.
  const tags = [...elementsBelow(row)].map(({ name }) => name);
  const isAmbiguous = ({ name }: Element): boolean => tags.indexOf(name) !== tags.lastIndexOf(name);
  const alone = own.map(({ selector, cost, element }) => ({
    selector,
    cost: cost + (selector === element.name && isAmbiguous(element) ? 2 : 0),
  }));
  const all = [...alone, ...joined];
  return all.toSorted((a, b) => a.cost - b.cost).slice(0, MOST_CANDIDATES);
}

/** Where the row leads, or else what names its thing: an attribute that differs from row to row. */
export function findAddress(rows: Rows, target: Element): PlanField | undefined {
  const link = linkOf(rows.example, target);
  if (link === undefined) return undefined;
  const field = link === rows.example ? { selector: '', having: rows.rows } : findField(rows, link, { lift: false });
  if (field === undefined || field.having.length < rows.rows.length) return undefined;
  const valuesOf = (name: string): readonly (string | undefined)[] =>
    rows.rows.map((row) => {
      const found = field.selector === '' ? row : rows.$(row).find(`${field.selector}`).get(0);
      return found && readAttribute(found, name, { base: rows.base, charset: 'utf-8' });
    });
  const hrefs = valuesOf('href');
  if (areDistinct(hrefs) && hrefs.every((href) => /^https?:/.test(href ?? '')))
    return { role: 'url', source: `${field.selector}@href` };
  const names = Object.keys(link.attribs).filter((name) => /^(?:data-.*|onclick|href|id|value)$/.test(name));
  const name = names.find((each) => {
    const values = valuesOf(each);
    return areDistinct(values) && values.every((value) => /\d/.test(value ?? ''));
  });
  return name === undefined ? undefined : { role: 'id', source: `${field.selector}@${name}` };
}

/** The link around a text, in it, or else the first one of its row. */
export function linkOf(row: Element, target: Element): Element | undefined {
  const around = [target, ...ancestorsOf(target)];
  const upToRow = around.slice(0, around.indexOf(row) + 1);
  const isLink = ({ name, attribs }: Element): boolean => name === 'a' && 'href' in attribs;
  return upToRow.find(isLink) ?? [...elementsBelow(target)].find(isLink) ?? [...elementsBelow(row)].find(isLink);
}

/** All but a few: a pinned post may stand among the others too. */
function areDistinct(values: readonly (string | undefined)[]): boolean {
  const given = values.filter((value) => value !== undefined && value !== '');
  if (given.length < values.length) return false;
  return given.length === 1 || new Set(given).size >= Math.max(2, given.length * 0.6);
}

/** A date, a price, who wrote it: what stands beside the example in its row and in the others. */
export function findExtras(rows: Rows, target: Element, texts: readonly string[]): readonly PlanField[] {
  const found = new Map<string, PlanField>();
  const add = (element: Element, role: string | undefined): void => {
    const field = role === undefined || found.has(role) ? undefined : fieldFor(rows, element, role);
    if (field !== undefined) found.set(field.role, field);
  };
  for (const element of beside(rows.example, target)) add(element, roleOf(element));
  for (const element of asked(rows.example, target, texts))
    add(element, roleOf(element) ?? nameFor(element, found.size + 2));
  return [...found.values()];
}

/** The leaves of the row that are not the target. */
function beside(row: Element, target: Element): readonly Element[] {
  const within = new Set([target, ...elementsBelow(target), ...ancestorsOf(target)]);
  const below = [...elementsBelow(row)];
  return below.length > MOST_IN_A_ROW ? [] : below.filter((element) => !within.has(element) && isLeaf(element));
}

/** The elements of the row that hold the other words a person gave. */
function asked(row: Element, target: Element, texts: readonly string[]): readonly Element[] {
  const own = fold(readText(target, false));
  return texts.filter((text) => !own.includes(fold(text))).flatMap((text) => findText(row, text).slice(0, 1));
}

/** As its class calls it: `shop-name` is `shopName`. */
function nameFor(element: Element, number: number): string {
  const given = classesOf(element).find((name) => !isWeak(name) && /^[a-z][a-z-]*$/i.test(name));
  const name = given?.toLowerCase().replaceAll(/-+([a-z]|$)/g, (_, letter: string) => letter.toUpperCase());
  return name === undefined || TAKEN.has(name) || !isVariable(name) ? `text${number}` : name;
}

/** A selector by its place only is worse than no field. */
function fieldFor(rows: Rows, element: Element, role: string): PlanField | undefined {
  const field = findField(rows, element, { lift: true });
  if (field === undefined || field.having.length < rows.rows.length / 2) return undefined;
  if (field.selector.includes(':nth-child')) return undefined;
  return { role, source: `${field.selector}${field.having.length < rows.rows.length ? '?' : ''}` };
}

function isLeaf(element: Element): boolean {
  return !element.children.some((child) => isElement(child) && readText(child, false) !== '');
}

function roleOf(element: Element): string | undefined {
  const text = readText(element, false);
  if (text === '') return undefined;
  if (holdsDate(text)) return 'date';
  if (isPrice(text)) return 'price';
  return text.length > 40
    ? undefined
    : fieldCalled(`${element.attribs['class'] ?? ''} ${element.attribs['aria-label'] ?? ''}`);
}
