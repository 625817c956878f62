// Finds selectors near to one that matches nothing: the same path with names that the page does have.
// Only sums over names and a bounded number of trial matches, so that a page of 5 MB costs well under a second or two.
import { nearness } from './selector-name.ts';
import { type Part, type Step, splitAlternatives, splitSelector } from './selector-steps.ts';

/** How often each name occurs, for each kind of name. */
export interface Names {
  readonly tag: ReadonlyMap<string, number>;
  readonly class: ReadonlyMap<string, number>;
  readonly id: ReadonlyMap<string, number>;
}

export interface Near {
  readonly selector: string;
  readonly count: number;
}

export interface Ground {
  readonly names: Names;
  /** How many elements a selector matches; 0 for one that cannot be read. */
  readonly count: (selector: string) => number;
}

interface Trail extends Near {
  /** How far it is from what was asked. */
  readonly cost: number;
}

interface Variant {
  readonly text: string;
  readonly cost: number;
}

const MOST = 3;
const TRAILS = 3;
/** Trial matches for one failed selector. Each walks the page once, so a page with very many elements gets fewer. */
const TRIALS = 30;
const LEAST_TRIALS = 6;
const ELEMENTS_WALKED = 6_000_000;
const NEAR_NAMES = 3;
const TAG_KIN = [
  ['ul', 'ol', 'dl'],
  ['td', 'th'],
  ['tbody', 'thead'],
  ['li', 'dd', 'dt'],
  ['b', 'strong', 'em', 'i', 'span', 'p'],
  ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
  ['div', 'section', 'article', 'main'],
];
const DROPPED_STEP = 3;
const SKIPPED_STEP = 10;

/** At most three selectors that do match, nearest first. One that stops short of the whole path comes last. */
export function nearestSelectors(selector: string, ground: Ground): readonly Near[] {
  const alternatives = splitAlternatives(selector).slice(0, 3);
  const trials = Math.floor(countTrials(ground.names) / alternatives.length);
  const trails = alternatives.flatMap((alternative) => {
    const steps = splitSelector(alternative);
    return followTrails(steps, limitTrials(ground, trials));
  });
  const found = new Map(trails.toSorted(byCost).map(({ selector, count }) => [selector, count]));
  return [...found].slice(0, MOST).map(([selector, count]) => ({ selector, count }));
}

function countTrials({ tag }: Names): number {
  const elements = [...tag.values()].reduce((sum, count) => sum + count, 0);
  return Math.max(LEAST_TRIALS, Math.min(TRIALS, Math.floor(ELEMENTS_WALKED / Math.max(1, elements))));
}

function byCost(a: Trail, b: Trail): number {
  return a.cost - b.cost || b.count - a.count;
}

function limitTrials({ names, count }: Ground, most: number): Ground {
  const known = new Map<string, number>();
  const counted = (selector: string): number => {
    const before = known.get(selector);
    if (before !== undefined) return before;
    if (known.size >= most) return 0;
    const found = count(selector);
    known.set(selector, found);
    return found;
  };
  return { names, count: counted };
}

function followTrails(steps: readonly Step[], ground: Ground): readonly Trail[] {
  let trails: readonly Trail[] = [{ selector: '', count: 0, cost: 0 }];
  for (const [index, step] of steps.entries()) {
    const next = trails.flatMap((trail) => goOn(trail, step, ground));
    const dropped =
      index < steps.length - 1 ? trails.map((trail) => ({ ...trail, cost: trail.cost + DROPPED_STEP })) : [];
    const reached = [...next, ...dropped].toSorted(byCost).slice(0, TRAILS);
    if (next.length === 0 && dropped.length === 0) return stopShort(trails, steps.length - index);
    trails = reached;
  }
  return trails.filter(({ selector }) => selector !== '');
}

function stopShort(trails: readonly Trail[], stepsLeft: number): readonly Trail[] {
  return trails
    .filter(({ selector }) => selector !== '')
    .map((trail) => ({ ...trail, cost: trail.cost + stepsLeft * SKIPPED_STEP }));
}

function goOn(trail: Trail, step: Step, { names, count }: Ground): readonly Trail[] {
  const found: Trail[] = [];
  for (const { text, cost } of stepVariants(step, names, trail.selector === '')) {
    if (found.length >= TRAILS) break;
    const selector = `${trail.selector}${text}`;
    const matches = count(selector);
    if (matches > 0) found.push({ selector, count: matches, cost: trail.cost + cost });
  }
  return found;
}

function stepVariants({ combinator, parts }: Step, names: Names, isFirst: boolean): readonly Variant[] {
  const joins: readonly Variant[] = isFirst
    ? [{ text: '', cost: 0 }]
    : combinator === ' '
      ? [{ text: ' ', cost: 0 }]
      : [
          { text: ` ${combinator} `, cost: 0 },
          { text: ' ', cost: 0.5 },
        ];
  const compounds = compoundVariants(parts, names);
  return joins
    .flatMap((join) => compounds.map(({ text, cost }) => ({ text: join.text + text, cost: join.cost + cost })))
    .toSorted((a, b) => a.cost - b.cost);
}

/** A compound as asked, with one name replaced, or with one part left out; names the page lacks are not tried. */
function compoundVariants(parts: readonly Part[], names: Names): readonly Variant[] {
  const asked = { parts, cost: 0 };
  const replaced = parts.flatMap((part, index) =>
    nearParts(part, names).map(({ near, cost }) => ({ parts: parts.with(index, near), cost })),
  );
  const lacking = parts
    .map((part, index) => ({ parts: parts.toSpliced(index, 1), cost: costWithout(part) }))
    .filter((variant) => variant.parts.length > 0);
  return [asked, ...replaced, ...lacking]
    .filter((variant) => variant.parts.every((part) => exists(part, names)))
    .map((variant) => ({ text: variant.parts.map(({ text }) => text).join(''), cost: variant.cost }));
}

function exists({ kind, name }: Part, names: Names): boolean {
  return kind === 'other' || name === '*' || names[kind].has(name);
}

function costWithout({ kind }: Part): number {
  return { tag: 1, class: 3, id: 3, other: 2 }[kind];
}

function nearParts(part: Part, names: Names): readonly { near: Part; cost: number }[] {
  const { kind, name } = part;
  if (kind === 'other' || name === '*') return [];
  if (kind === 'tag') return nearTags(name, names.tag);
  const other = kind === 'class' ? 'id' : 'class';
  return [
    ...nearNames(name, names[kind]).map(({ name, cost }) => named(kind, name, cost)),
    ...(names[other].has(name) ? [named(other, name, 0.5)] : []),
  ];
}

/** Tags that sites swap for one another; letters say nothing, unless the page has no such tag at all. */
function nearTags(name: string, among: ReadonlyMap<string, number>): readonly { near: Part; cost: number }[] {
  const kin = TAG_KIN.find((tags) => tags.includes(name))?.filter((tag) => tag !== name && among.has(tag)) ?? [];
  const alike = among.has(name) ? [] : nearNames(name, among);
  return [...kin.map((tag) => named('tag', tag, 2)), ...alike.map(({ name, cost }) => named('tag', name, cost + 1))];
}

function nearNames(name: string, among: ReadonlyMap<string, number>): readonly { name: string; cost: number }[] {
  const near: { name: string; cost: number }[] = [];
  for (const candidate of among.keys()) {
    const cost = candidate === name ? undefined : nearness(name, candidate);
    if (cost !== undefined) near.push({ name: candidate, cost });
  }
  return near.toSorted((a, b) => a.cost - b.cost).slice(0, NEAR_NAMES);
}

function named(kind: 'tag' | 'class' | 'id', name: string, cost: number): { near: Part; cost: number } {
  const escaped = name.replace(/[^\w\u0080-\uFFFF-]/g, '\\$&').replace(/^\d/, '\\3$& ');
  return { near: { kind, name, text: { tag: '', class: '.', id: '#' }[kind] + escaped }, cost };
}
