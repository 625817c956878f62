// The ruling lines in one painted path of a PDF. A line may be drawn as a stroke, as a thin filled rectangle or as a frame
// of two; what is neither horizontal nor vertical rules no table.

/** From the coordinates of what is drawn to those of the page: x' = ax + cy + e, y' = bx + dy + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A horizontal or vertical line on the page as it is shown, in points from the upper left corner. */
export interface Rule {
  readonly across: boolean;
  /** The y of a horizontal line, the x of a vertical one. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface Path {
  /** As pdf.js packs it: a kind of step, its numbers, the next kind. */
  readonly data: ArrayLike<number>;
  readonly matrix: Matrix;
  /** What is outside of it is not seen. */
  readonly clip: Box;
  readonly stroked: boolean;
  readonly filled: boolean;
  /** Of the stroke, in the path's own coordinates. */
  readonly lineWidth: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
  /** Of the piece that leads here. */
  readonly curved: boolean;
}

/** In points. What is thicker is an area. */
const THICKEST = 4.5;
/** A stroke that leans by more is a slope. */
const MOST_LEAN = 0.6;
const STEP = { move: 0, line: 1, curve: 2, quadratic: 3, close: 4 };
const NUMBERS = [2, 2, 6, 4, 0];

export function rulesIn(path: Path): readonly Rule[] {
  const parts = readParts(path.data, path.matrix);
  const thickness = path.lineWidth * scaleOf(path.matrix);
  const stroked = path.stroked && thickness <= THICKEST ? parts.flatMap(strokes) : [];
  const filled = path.filled ? thinAreas(parts.map(boxOf)) : [];
  return [...stroked, ...filled].flatMap((box) => rulesAlong(cut(box, path.clip)));
}

/** What a clipping path leaves of the page. */
export function clipBy(data: ArrayLike<number>, matrix: Matrix, clip: Box): Box {
  const points = readParts(data, matrix).flat();
  return points.length === 0 ? clip : cut(boxOf(points), clip);
}

export function times([a, b, c, d, e, f]: Matrix, inner: Matrix): Matrix {
  const [ia, ib, ic, id, ie, jf] = inner;
  return [a * ia + c * ib, b * ia + d * ib, a * ic + c * id, b * ic + d * id, a * ie + c * jf + e, b * ie + d * jf + f];
}

function scaleOf([a, b, c, d]: Matrix): number {
  return Math.sqrt(Math.abs(a * d - b * c));
}

/** The pieces between two moves. */
function readParts(data: ArrayLike<number>, [a, b, c, d, e, f]: Matrix): readonly (readonly Point[])[] {
  const parts: Point[][] = [];
  for (let at = 0; at < data.length; ) {
    const step = data[at] ?? STEP.close;
    const end = at + 1 + (NUMBERS[step] ?? 0);
    const [x = 0, y = 0] = [data[end - 2], data[end - 1]];
    const point = { x: a * x + c * y + e, y: b * x + d * y + f, curved: step > STEP.line };
    const part = parts.at(-1);
    if (step === STEP.close) part?.push({ ...(part[0] ?? point), curved: false });
    else if (step === STEP.move || part === undefined) parts.push([point]);
    else part.push(point);
    at = end;
  }
  return parts;
}

function strokes(points: readonly Point[]): readonly Box[] {
  return points
    .slice(1)
    .flatMap((point, index) => (point.curved ? [] : [boxOf([points[index] ?? point, point])]))
    .filter((box) => thicknessOf(box) <= MOST_LEAN);
}

/** Thin ones; and the sides of a frame, which is an area with nearly all of it left out. */
function thinAreas(boxes: readonly Box[]): readonly Box[] {
  return boxes.flatMap((box, index) => {
    if (thicknessOf(box) <= THICKEST) return [box];
    const inner = boxes[index + 1];
    return inner === undefined ? [] : sidesBetween(box, inner);
  });
}

function sidesBetween(one: Box, other: Box): readonly Box[] {
  const [outer, inner] = one.left <= other.left ? [one, other] : [other, one];
  const margins = [
    inner.left - outer.left,
    inner.top - outer.top,
    outer.right - inner.right,
    outer.bottom - inner.bottom,
  ];
  if (margins.some((margin) => margin < 0 || margin > THICKEST)) return [];
  return [
    { ...outer, right: inner.left },
    { ...outer, left: inner.right },
    { ...outer, bottom: inner.top },
    { ...outer, top: inner.bottom },
  ];
}

/** A dot may belong to a dotted line of either direction. */
function rulesAlong({ left, top, right, bottom }: Box): readonly Rule[] {
  const [width, height] = [right - left, bottom - top];
  if (width < 0 || height < 0) return [];
  const across = { across: true, at: (top + bottom) / 2, from: left, to: right };
  const down = { across: false, at: (left + right) / 2, from: top, to: bottom };
  if (Math.max(width, height) <= THICKEST) return [across, down];
  return width > height ? [across] : [down];
}

function thicknessOf({ left, top, right, bottom }: Box): number {
  return Math.min(right - left, bottom - top);
}

function cut(box: Box, clip: Box): Box {
  return {
    left: Math.max(box.left, clip.left),
    top: Math.max(box.top, clip.top),
    right: Math.min(box.right, clip.right),
    bottom: Math.min(box.bottom, clip.bottom),
  };
}

function boxOf(points: readonly Point[]): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}
