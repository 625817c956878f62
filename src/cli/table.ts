// Tables for people. Korean letters and emoji are two columns wide, and the columns stay straight.
import stringWidth from 'string-width';

const GAP = '  ';

/** Lines of a table: the heads, then the rows, each column as wide as its widest cell. */
export function makeTable(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heads.map((head, column) =>
    Math.max(stringWidth(head), ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return [toLine(heads), ...rows.map(toLine)];
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - stringWidth(text), 0));
}
