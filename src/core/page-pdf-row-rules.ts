// Rows of a table that is ruled from side to side, but has no lines between its columns.
import type { Line } from './page-pdf-lines.ts';
import type { Rule } from './page-pdf-path.ts';
import { isSupplement } from './page-pdf-trust.ts';

interface Ruled {
  /** The first column. */
  readonly first: { readonly left: number; readonly right: number } | undefined;
  /** Horizontal lines. */
  readonly rules: readonly Rule[];
}

/** Undefined where the lines part a head from a body at most, or groups of rows that they do not part in themselves. */
export function rowsByRules(
  region: readonly Line[],
  { first, rules }: Ruled,
): readonly (readonly Line[])[] | undefined {
  const chunks = region.flat();
  const left = Math.min(...chunks.map((chunk) => chunk.left));
  const right = Math.max(...chunks.map((chunk) => chunk.right));
  const slack = (right - left) / 20;
  const ats = rules.filter(({ from, to }) => from <= left + slack && to >= right - slack).map(({ at }) => at);
  const rows = [...Map.groupBy(region, (line) => ats.filter((at) => at < middleOf(line)).length).values()];
  if (rows.length < 3 || first === undefined) return undefined;
  const isOne = (row: readonly Line[]): boolean => {
    const labels = row.flat().filter((chunk) => chunk.left < first.right && first.left < chunk.right);
    return labels.filter(({ text }) => !isSupplement(text)).length <= 1;
  };
  return rows.every(isOne) ? rows : undefined;
}

function middleOf(line: Line): number {
  return (Math.min(...line.map(({ top }) => top)) + Math.max(...line.map(({ bottom }) => bottom))) / 2;
}
