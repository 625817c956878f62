// The grids that ruling lines make: pieces joined to whole lines, lines that meet, and the cells between them. A line that
// is missing between two places makes one merged cell of them.
import type { Rule } from './page-pdf-path.ts';

/** A cell by its first row and column, and how many of each it covers. */
export interface GridCell {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** False where the lines around it make no rectangle: nobody can tell what belongs together there. */
  readonly whole: boolean;
}

export interface Grid {
  /** Where columns begin and, last, where the last one ends; in points from the left. */
  readonly xs: readonly number[];
  /** Where rows begin, from the top. */
  readonly ys: readonly number[];
  readonly cells: readonly GridCell[];
}

/** In points. Pieces of one line stand no further off it, and no further from each other. */
const OFF_LINE = 1;
const MOST_GAP = 3.2;
const LONGEST_DASH = 12;
/** What is shorter rules nothing: a letter drawn as an area, a dot. */
const SHORTEST = 6;
/** Lines closer than this are one: double borders, and the borders of cells that stand a little apart. */
const SAME_LEVEL = 3.2;
/** Whole lines of one direction on a page, and places of one grid: beyond, it is a drawing. */
const MOST_LINES = 1200;
const MOST_PLACES = 40_000;

export interface Lines {
  readonly across: readonly Rule[];
  readonly down: readonly Rule[];
}

/** Whole lines, however they were drawn. Undefined where there are more than tables have. */
export function joinRules(rules: readonly Rule[]): Lines | undefined {
  const across = joinPieces(rules.filter((rule) => rule.across));
  const down = joinPieces(rules.filter((rule) => !rule.across));
  return across.length > MOST_LINES || down.length > MOST_LINES ? undefined : { across, down };
}

/** What lines enclose, a single box too; the smallest first. Undefined where there are more places than tables have. */
export function findGrids(lines: Lines): readonly Grid[] | undefined {
  const grids = meeting(lines).flatMap((own) => toGrid(own) ?? []);
  if (grids.some(({ cells }) => cells.length === 0)) return undefined;
  return grids.toSorted((one, other) => areaOf(one) - areaOf(other));
}

/** The cell at a place of the page. */
export function makeCellFinder({ xs, ys, cells }: Grid): (x: number, y: number) => GridCell | undefined {
  const width = xs.length - 1;
  const cellAt = new Map<number, GridCell>();
  for (const cell of cells) {
    for (let row = cell.row; row < cell.row + cell.rows; row++)
      for (let column = cell.column; column < cell.column + cell.columns; column++)
        cellAt.set(row * width + column, cell);
  }
  return (x, y) => {
    const [column, row] = [stepOf(xs, x), stepOf(ys, y)];
    return column === undefined || row === undefined ? undefined : cellAt.get(row * width + column);
  };
}

function stepOf(places: readonly number[], at: number): number | undefined {
  if (at < (places[0] ?? Infinity) || at >= (places.at(-1) ?? -Infinity)) return undefined;
  return places.findIndex((place) => place > at) - 1;
}

function areaOf({ xs, ys }: Grid): number {
  return ((xs.at(-1) ?? 0) - (xs[0] ?? 0)) * ((ys.at(-1) ?? 0) - (ys[0] ?? 0));
}

/** Lines drawn piece by piece, cell by cell, dash by dash, as what they look like. */
function joinPieces(pieces: readonly Rule[]): readonly Rule[] {
  return alike(pieces).flatMap((level) => {
    const joined: Rule[] = [];
    let dash = 0;
    for (const piece of level.toSorted((one, other) => one.from - other.from)) {
      const last = joined.at(-1);
      const gap = Math.max(MOST_GAP, dashGap(dash, piece));
      if (last === undefined || piece.from - last.to > gap) joined.push(piece);
      else joined[joined.length - 1] = { ...last, to: Math.max(last.to, piece.to) };
      dash = piece.to - piece.from;
    }
    return joined.filter(({ from, to }) => to - from >= SHORTEST);
  });
}

/** Dashes stand no further apart than they are long, or a little more. */
function dashGap(before: number, { from, to }: Rule): number {
  return Math.max(before, to - from) > LONGEST_DASH ? 0 : Math.min(before, to - from) * 1.5;
}

function alike(pieces: readonly Rule[]): readonly (readonly Rule[])[] {
  const levels: Rule[][] = [];
  for (const piece of pieces.toSorted((one, other) => one.at - other.at)) {
    const first = levels.at(-1)?.[0];
    if (first !== undefined && piece.at - first.at <= OFF_LINE) levels.at(-1)?.push(piece);
    else levels.push([piece]);
  }
  return levels;
}

/** Lines that touch each other, also by way of others. */
function meeting({ across, down }: Lines): readonly Lines[] {
  const all = [...across, ...down];
  const parents = all.map((_, index) => index);
  for (const [one, horizontal] of across.entries()) {
    for (const [other, vertical] of down.entries()) {
      if (!touch(horizontal, vertical)) continue;
      parents[rootOf(parents, one)] = rootOf(parents, across.length + other);
    }
  }
  const groups = Map.groupBy(all.keys(), (index) => rootOf(parents, index));
  return [...groups.values()].map((indexes) => {
    const lines = indexes.flatMap((index) => all[index] ?? []);
    return { across: lines.filter((line) => line.across), down: lines.filter((line) => !line.across) };
  });
}

function rootOf(parents: number[], index: number): number {
  let root = index;
  for (let parent = parents[root]; parent !== undefined && parent !== root; parent = parents[root]) {
    parents[root] = parents[parent] ?? parent;
    root = parent;
  }
  return root;
}

function touch(horizontal: Rule, vertical: Rule): boolean {
  return reaches(horizontal, vertical.at) && reaches(vertical, horizontal.at);
}

function reaches({ from, to }: Rule, at: number): boolean {
  return from - SAME_LEVEL <= at && at <= to + SAME_LEVEL;
}

/** Without any cell where there are more than can be told. */
function toGrid({ across, down }: Lines): Grid | undefined {
  const [columns, rows] = [levelsOf(down, across), levelsOf(across, down)];
  const [xs, ys] = [columns.places, rows.places];
  if (xs.length < 2 || ys.length < 2) return undefined;
  if (xs.length * ys.length > MOST_PLACES) return { xs, ys, cells: [] };
  const width = xs.length - 1;
  const isRuledAbove = markEdges(across, rows.levelOf, xs);
  const isRuledLeft = markEdges(down, columns.levelOf, ys);
  const parents = Array.from({ length: width * (ys.length - 1) }, (_, place) => place);
  const join = (one: number, other: number): void => {
    parents[rootOf(parents, one)] = rootOf(parents, other);
  };
  for (const place of parents.keys()) {
    const [row, column] = [Math.floor(place / width), place % width];
    if (row > 0 && !isRuledAbove(row, column)) join(place, place - width);
    if (column > 0 && !isRuledLeft(column, row)) join(place, place - 1);
  }
  const places = Map.groupBy(parents.keys(), (place) => rootOf(parents, place));
  return { xs, ys, cells: [...places.values()].flatMap((region) => toCells(region, width)) };
}

interface Levels {
  readonly places: readonly number[];
  readonly levelOf: (at: number) => number;
}

/** Where lines stand, those close together as one. Sides without a line end where most of the crossing lines do. */
function levelsOf(lines: readonly Rule[], crossing: readonly Rule[]): Levels {
  const ends = [commonEnd(crossing.map(({ from }) => from)), -commonEnd(crossing.map(({ to }) => -to))];
  const ats = [...lines.map(({ at }) => at), ...ends.filter(Number.isFinite)].toSorted((one, other) => one - other);
  const levels: number[][] = [];
  for (const at of ats) {
    const level = levels.at(-1);
    if (level !== undefined && at - (level.at(-1) ?? at) <= SAME_LEVEL) level.push(at);
    else levels.push([at]);
  }
  const levelOf = new Map(levels.flatMap((level, index) => level.map((at) => [at, index] as const)));
  const places = levels.map((level) => ((level[0] ?? 0) + (level.at(-1) ?? 0)) / 2);
  return { places, levelOf: (at) => levelOf.get(at) ?? -1 };
}

/** The least of them, if half of them are about there. */
function commonEnd(ends: readonly number[]): number {
  const least = ends.reduce((one, other) => Math.min(one, other), Infinity);
  const near = ends.filter((end) => end - least <= SAME_LEVEL).length;
  return near * 2 >= ends.length ? least : Infinity;
}

/** Whether a line stands at a level, between one place and the next of the other direction. */
function markEdges(
  lines: readonly Rule[],
  levelOf: (at: number) => number,
  places: readonly number[],
): (level: number, step: number) => boolean {
  const edges = new Set<number>();
  for (const { at, from, to } of lines) {
    for (const [step, start] of places.slice(0, -1).entries()) {
      const end = places[step + 1] ?? start;
      const slack = Math.max(SAME_LEVEL, (end - start) / 8);
      if (from <= start + slack && to >= end - slack) edges.add(levelOf(at) * places.length + step);
    }
  }
  return (level, step) => edges.has(level * places.length + step);
}

/** One cell, if the region is a rectangle; else each of its places. */
function toCells(region: readonly number[], width: number): readonly GridCell[] {
  const places = region.map((place) => ({ row: Math.floor(place / width), column: place % width }));
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return [];
  const columns = places.map(({ column }) => column);
  const left = columns.reduce((one, other) => Math.min(one, other));
  const right = columns.reduce((one, other) => Math.max(one, other));
  const cell = { row: first.row, column: left, rows: last.row - first.row + 1, columns: right - left + 1, whole: true };
  if (cell.rows * cell.columns === region.length) return [cell];
  return places.map((place) => ({ ...place, rows: 1, columns: 1, whole: false }));
}
