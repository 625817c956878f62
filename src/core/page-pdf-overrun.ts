// Words that stand over a line between two cells. What a PDF shows in one piece may be two texts side by side, a third of
// a letter apart: the white between them lies at the line.
import type { PdfWord } from './page-pdf-lines.ts';

/** Of the cell at a place, in points. */
export interface Sides {
  readonly left: number;
  readonly right: number;
}

type SidesAt = (x: number) => Sides | undefined;

export interface Beside {
  readonly sidesAt: SidesAt;
  /** The other texts of the same line. */
  readonly othersOf: (word: PdfWord) => readonly PdfWord[];
}

/** In font sizes: what sticks out less is the shape of letters; white further from a line is another. */
const OVERHANG = 0.5;
const NEAR = 0.75;
/** A text that begins, ends or has its middle so near to its cell's was set there. */
const ALIGNED = 0.9;
/** How wide letters are, for where in a text its spaces stand. */
const WIDE = /[\u1100-\u11FF\u2E80-\uD7FF\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60]/;
const WIDE_WIDTH = 0.95;
const SPACE_WIDTH = 0.3;
const LEAST_WIDTH = 0.3;
const MOST_WIDTH = 1.1;

/** The parts that stand in a cell each, by their middle. Undefined where nobody can tell whose a text is. */
export function cutAtRules(word: PdfWord, beside: Beside): readonly PdfWord[] | undefined {
  const sides = isTurned(word) ? undefined : beside.sidesAt(word.middleX);
  const crossed = sides === undefined ? [] : overrunsOf(word, { sides, sidesAt: beside.sidesAt });
  if (crossed[0] === undefined) return [word];
  const others = beside.othersOf(word);
  const parts = cutAt(word, crossed[0].at);
  const isOver = ({ from, to }: Overrun): boolean => others.some(({ x, width }) => x < to && x + width > from);
  const isBeside = ({ cell }: Overrun): boolean => others.some(({ middleX: x }) => cell.left < x && x < cell.right);
  // A cell with a text of its own needs none of this one, which was too long for its own cell.
  if (crossed.every((overrun) => isOver(overrun) || (isBeside(overrun) && parts === undefined)))
    return owned(word, beside.sidesAt);
  if (crossed.some((overrun) => isOver(overrun) || isBeside(overrun)) || parts === undefined) return undefined;
  const cut = parts.map((part) => cutAtRules(part, beside));
  return cut.includes(undefined) ? undefined : cut.flatMap((own) => own ?? []);
}

function owned(word: PdfWord, sidesAt: SidesAt): readonly PdfWord[] | undefined {
  const owner = ownerOf(word, sidesAt);
  return owner === undefined ? undefined : [{ ...word, x: owner.left, middleX: (owner.left + owner.right) / 2 }];
}

/** The only cell that a text too long for it was set in: at its left, in its middle, or at its right. */
function ownerOf({ x, width, height, middleX }: PdfWord, sidesAt: SidesAt): Sides | undefined {
  const [first, middle, last] = [sidesAt(x), sidesAt(middleX), sidesAt(x + width)];
  const isNear = (one: number, other: number): boolean => Math.abs(one - other) < ALIGNED * height;
  const owners = [
    first && isNear(x, first.left) ? first : undefined,
    middle && isNear(middleX, (middle.left + middle.right) / 2) ? middle : undefined,
    last && isNear(x + width, last.right) ? last : undefined,
  ].filter((owner) => owner !== undefined);
  return new Set(owners.map(({ left }) => left)).size === 1 ? owners[0] : undefined;
}

interface Overrun {
  /** The line it runs over. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** On the other side of the line. */
  readonly cell: Sides;
}

/** What sticks out of the whole table runs over no line between two cells. */
function overrunsOf(
  { x, width, height }: PdfWord,
  { sides: { left, right }, sidesAt }: { readonly sides: Sides; readonly sidesAt: SidesAt },
): readonly Overrun[] {
  const [first, last, end] = [sidesAt(x), sidesAt(x + width), x + width];
  const before = first !== undefined && first.left < left && left - x > OVERHANG * height;
  const after = last !== undefined && last.right > right && end - right > OVERHANG * height;
  return [
    ...(before ? [{ at: left, from: x, to: left, cell: sidesAt(left - 1) ?? first }] : []),
    ...(after ? [{ at: right, from: right, to: end, cell: sidesAt(right + 1) ?? last }] : []),
  ];
}

function isTurned({ x, width, height, middleX }: PdfWord): boolean {
  return Math.abs(x + width / 2 - middleX) > 0.01 * height;
}

/** At the space nearest to the line. */
function cutAt(word: PdfWord, at: number): readonly PdfWord[] | undefined {
  const letters = [...word.text];
  const ends = endsOf(word, letters);
  const spaces = letters.flatMap((letter, index) => {
    const middle = ((ends[index - 1] ?? word.x) + (ends[index] ?? word.x)) / 2;
    return letter === ' ' ? [{ index, off: Math.abs(middle - at) }] : [];
  });
  const [space] = spaces.toSorted((one, other) => one.off - other.off);
  if (space === undefined || space.off > NEAR * word.height) return undefined;
  const part = (text: string, x: number, width: number): PdfWord => ({
    ...word,
    text,
    x,
    width,
    middleX: x + width / 2,
  });
  const left = part(letters.slice(0, space.index).join(''), word.x, at - word.x);
  const right = part(letters.slice(space.index + 1).join(''), at, word.x + word.width - at);
  return [left, right].filter(({ text }) => text.trim() !== '');
}

/** Where each letter ends, as far as can be told: Korean letters are about as wide as high, the others share the rest. */
function endsOf({ x, width, height }: PdfWord, letters: readonly string[]): readonly number[] {
  const wide = letters.filter((letter) => WIDE.test(letter)).length;
  const spaces = letters.filter((letter) => letter === ' ').length;
  const rest = width / height - wide * WIDE_WIDTH - spaces * SPACE_WIDTH;
  const narrow = Math.min(Math.max(rest / (letters.length - wide - spaces), LEAST_WIDTH), MOST_WIDTH) || 0;
  const widths = letters.map((letter) => (letter === ' ' ? SPACE_WIDTH : WIDE.test(letter) ? WIDE_WIDTH : narrow));
  const whole = widths.reduce((sum, each) => sum + each, 0);
  let end = 0;
  return widths.map((each) => {
    end += each;
    return x + (end / whole) * width;
  });
}
