// Whether the white between the rows of a table tells them from the lines of its cells.
import type { PlacedRow, TextLine } from './page-pdf-placed.ts';

/** In line heights: white between lines set as usual, the most within a cell, and how much more parts two rows. */
const USUAL = 0.56;
const MOST = 1.1;
const UNEVEN = 0.3;
const MORE = 0.12;

interface White {
  readonly above: TextLine;
  readonly below: TextLine;
  readonly size: number;
}

/** Why rows and lines cannot be told apart, if so. `parted` tells that lines are drawn between the rows. */
export function findUnparted(rows: readonly PlacedRow[], { parted }: { readonly parted: boolean }): string | undefined {
  const inside = rows.flatMap(whitesIn);
  const sizes = inside.map(({ size }) => size);
  const least = Math.min(...sizes);
  const wide = inside.find(({ size }) => size > MOST || size > least + UNEVEN);
  if (wide !== undefined) return `"${wide.above.text}" and "${wide.below.text}" stand apart as rows do`;
  const most = Math.max(...sizes);
  const between = parted ? [] : rows.slice(1).map((row, at) => whiteBetween(rows[at] ?? [], row));
  const close = between.some((white) => white < most + MORE);
  return close && most > USUAL ? 'its lines stand as far from each other as its rows' : undefined;
}

/** White from side to side between the texts of a row. */
function whitesIn(row: PlacedRow): readonly White[] {
  const lines = row
    .filter(({ column }) => column > 0)
    .flatMap((cell) => cell.lines)
    .toSorted((one, other) => one.top - other.top);
  const whites: White[] = [];
  let lowest = lines[0];
  for (const line of lines) {
    if (lowest === undefined) break;
    const size = (line.top - lowest.bottom) / heightOf(line);
    if (size > 0) whites.push({ above: lowest, below: line, size });
    if (line.bottom > lowest.bottom) lowest = line;
  }
  return whites;
}

function whiteBetween(above: PlacedRow, below: PlacedRow): number {
  const [upper, lower] = [above.flatMap(({ lines }) => lines), below.flatMap(({ lines }) => lines)];
  const top = Math.min(...lower.map((line) => line.top));
  const bottom = Math.max(...upper.map((line) => line.bottom));
  return (top - bottom) / Math.max(...lower.map(heightOf));
}

function heightOf({ top, bottom }: TextLine): number {
  return bottom - top || 1;
}
