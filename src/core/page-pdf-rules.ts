// The ruling lines of a PDF's page, from the operators that draw it. Only where lines are drawn is followed, nothing is
// drawn: the transforms, the clips and the widths that lines stand under, and the forms and groups they stand in.
import { type Box, clipBy, type Matrix, type Rule, rulesIn, times } from './page-pdf-path.ts';

/** A part of what pdf.js makes of a page's content: the codes of operators, and what each is given. */
export interface Operators {
  readonly fnArray: readonly number[];
  readonly argsArray: readonly unknown[];
}

/** The codes of operators by their names. */
export type Codes = Readonly<Record<string, number>>;

export interface RuleReader {
  /** False once the page has more lines than are read. */
  readonly read: (operators: Operators) => boolean;
  readonly rules: readonly Rule[];
}

/** Numbers in the paths of one page: some thirty thousand cells' sides. */
const MOST_NUMBERS = 400_000;
const EVERYWHERE: Box = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };

interface Pen {
  readonly matrix: Matrix;
  readonly clip: Box;
  readonly lineWidth: number;
  /** Within a mask, which is never seen itself. */
  readonly hidden: boolean;
}

interface Drawing {
  pen: Pen;
  readonly kept: Pen[];
  /** The next path clips. */
  clips: boolean;
  readonly rules: Rule[];
  room: number;
}

export function makeRuleReader(view: readonly number[], codes: Codes): RuleReader {
  const pen = { matrix: toMatrix(view), clip: EVERYWHERE, lineWidth: 1, hidden: false };
  const drawing: Drawing = { pen, kept: [], clips: false, rules: [], room: MOST_NUMBERS };
  const steps = new Map(Object.entries(STEPS).map(([name, step]) => [codes[name], step]));
  const paints = {
    stroked: codesOf(codes, ['stroke', 'closeStroke', ...BOTH]),
    filled: codesOf(codes, ['fill', 'eoFill', ...BOTH]),
  };
  return {
    rules: drawing.rules,
    read: ({ fnArray, argsArray }) => {
      for (const [index, code] of fnArray.entries()) {
        const args = listOf(argsArray[index]);
        if (code === codes['constructPath']) drawPath(drawing, args, paints);
        else steps.get(code)?.(drawing, args);
        if (drawing.room < 0) return false;
      }
      return true;
    },
  };
}

const BOTH = ['fillStroke', 'eoFillStroke', 'closeFillStroke', 'closeEOFillStroke'];

function codesOf(codes: Codes, names: readonly string[]): ReadonlySet<unknown> {
  return new Set(names.map((name) => codes[name]));
}

const STEPS: Readonly<Record<string, (drawing: Drawing, args: readonly unknown[]) => void>> = {
  save: keep,
  restore: giveBack,
  transform: move,
  setLineWidth: (drawing, [lineWidth]) => change(drawing, { lineWidth: Number(lineWidth) }),
  setGState: (drawing, [entries]) => {
    const width = listOf(entries)
      .map(listOf)
      .find(([name]) => name === 'LW');
    if (width !== undefined) change(drawing, { lineWidth: Number(width[1]) });
  },
  clip: clipNext,
  eoClip: clipNext,
  beginGroup: (drawing, [group]) => {
    keep(drawing);
    if (isMask(group)) change(drawing, { hidden: true });
  },
  endGroup: giveBack,
  paintFormXObjectBegin: (drawing, [matrix, bounds]) => {
    keep(drawing);
    const [left, top, right, bottom] = numbersOf(bounds);
    if (matrix) move(drawing, numbersOf(matrix));
    if (left === undefined || top === undefined || right === undefined || bottom === undefined) return;
    const corners = [0, left, top, 1, right, top, 1, right, bottom, 1, left, bottom];
    change(drawing, { clip: clipBy(corners, drawing.pen.matrix, drawing.pen.clip) });
  },
  paintFormXObjectEnd: giveBack,
};

function drawPath(
  drawing: Drawing,
  [painted, path]: readonly unknown[],
  { stroked, filled }: { readonly stroked: ReadonlySet<unknown>; readonly filled: ReadonlySet<unknown> },
): void {
  const [data] = listOf(path).map(numbersOf);
  const clips = drawing.clips;
  drawing.clips = false;
  if (data === undefined) return;
  drawing.room -= data.length;
  if (drawing.room < 0) return;
  const { matrix, clip, lineWidth, hidden } = drawing.pen;
  const paint = { stroked: stroked.has(painted), filled: filled.has(painted) };
  if (!hidden && (paint.stroked || paint.filled)) {
    for (const rule of rulesIn({ data, matrix, clip, lineWidth, ...paint })) drawing.rules.push(rule);
  }
  if (clips) change(drawing, { clip: clipBy(data, matrix, clip) });
}

function keep({ pen, kept }: Drawing): void {
  kept.push(pen);
}

function giveBack(drawing: Drawing): void {
  drawing.pen = drawing.kept.pop() ?? drawing.pen;
}

function move(drawing: Drawing, args: readonly unknown[]): void {
  change(drawing, { matrix: times(drawing.pen.matrix, toMatrix(args.map(Number))) });
}

function clipNext(drawing: Drawing): void {
  drawing.clips = true;
}

function change(drawing: Drawing, changed: Partial<Pen>): void {
  drawing.pen = { ...drawing.pen, ...changed };
}

function isMask(group: unknown): boolean {
  return typeof group === 'object' && group !== null && 'smask' in group && Boolean(group.smask);
}

function toMatrix([a = 1, b = 0, c = 0, d = 1, e = 0, f = 0]: readonly number[]): Matrix {
  return [a, b, c, d, e, f];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numbersOf(value: unknown): readonly number[] {
  return Array.isArray(value) || value instanceof Float32Array ? Array.from(value, Number) : [];
}
