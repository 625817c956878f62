// Tables for people. Korean letters and emoji are two columns wide, and the columns stay straight.
import stringWidth from 'string-width';

const GAP = '  ';
/** Less of a text tells nothing. */
const LEAST_WIDTH = 12;

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Lines of a table: the heads, then the rows, each column as wide as its widest cell. Where the terminal is narrower, the
 * widest columns give way.
 */
export function makeTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  terminal = Number.POSITIVE_INFINITY,
): readonly string[] {
  const widths = heads.map((head, column) =>
    Math.max(stringWidth(head), ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const fitting = fit(widths, terminal - GAP.length * (heads.length - 1));
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => pad(cut(cell, fitting[column] ?? 0), fitting[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return [toLine(heads), ...rows.map(toLine)];
}

function fit(widths: readonly number[], room: number): readonly number[] {
  const excess = widths.reduce((sum, width) => sum + width, 0) - room;
  const widest = Math.max(...widths);
  if (excess <= 0 || widest <= LEAST_WIDTH) return widths;
  const narrower = Math.max(widest - excess, LEAST_WIDTH);
  return fit(widths.with(widths.indexOf(widest), narrower), room);
}

function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of letters.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - stringWidth(text), 0));
}
