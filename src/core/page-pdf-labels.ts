// The heads and labels of a table that was found by where its words stand: one head a column and one label a row, or
// nobody can tell which text is whose.
import { isNameOfDay } from './date-words.ts';
import type { Placed, PlacedRow } from './page-pdf-placed.ts';

const MOST_HEAD_LINES = 3;
/** Heads of a column that names rows. */
const LABELS = /^(?:구분|시간|시간대|식사|끼니|요일|날짜|일자|분류|코너|메뉴구분|meal|time|day|date|corner)$/i;
/** A text that goes with the one above it: `(11:30)`, `17:30~18:30`. */
const ASIDE = /^(?:[([<~※*]|\d{1,2}:\d{2})/;

export interface Heading {
  readonly head: PlacedRow;
  readonly body: readonly PlacedRow[];
}

export function findUnlabelled({ head, body }: Heading): string | undefined {
  return (
    unheaded(head, body) ?? overfull(head) ?? labelled(body) ?? labelledTwice(head, body) ?? headedAgain(head, body)
  );
}

function unheaded(head: PlacedRow, body: readonly PlacedRow[]): string | undefined {
  const isHeaded = ({ column }: Placed): boolean => head.some((cell) => cell.column <= column && column < cell.end);
  const lone = body.flat().find((cell) => cell.column > 0 && !isHeaded(cell));
  if (lone !== undefined) return `no head stands above "${lone.text}"`;
  const corner = head.find(({ column }) => column === 0);
  const again = head.find((cell) => cell !== corner && cell.text === corner?.text);
  return again === undefined ? undefined : `"${again.text}" heads two columns, so it may be two tables side by side`;
}

/** Texts of a row below that were taken for a part of the head. */
function overfull(head: PlacedRow): string | undefined {
  const heights = head.filter(({ column }) => column > 0).map(({ lines }) => lines.length);
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  const tall = head.find(({ lines }) => lines.length === most);
  const isTall = most > MOST_HEAD_LINES || most > least + 1;
  return tall === undefined || !isTall ? undefined : `"${tall.text}" may be a head and a row below it`;
}

/** Each row has one label. */
function labelled(body: readonly PlacedRow[]): string | undefined {
  for (const row of body) {
    const [first] = row;
    if (first === undefined) continue;
    if (first.column > 0) return `"${first.text}" stands beside no label`;
    if (first.end > 1 && row.length > 1) return `"${first.text}" runs over several columns`;
    const isAside = /^[([]/.test(first.text) && body.some((other) => !/^[([]/.test(other[0]?.text ?? ''));
    if (isAside) return `"${first.text}" may belong to the row above it`;
    const several = severalIn(first);
    if (several !== undefined) return several;
  }
  return undefined;
}

function severalIn({ lines }: Placed): string | undefined {
  const all = lines.map(({ text }) => text);
  const main = all.filter((text) => !ASIDE.test(text));
  const texts = main.length > 0 ? main : all;
  if (texts.length < 2 || texts.every((text) => text.length === 1)) return undefined;
  return `"${texts.join('" and "')}" may label a row each`;
}

/** Of a second column of labels, which its head says it is, or the same texts in each row. */
function labelledTwice(head: PlacedRow, body: readonly PlacedRow[]): string | undefined {
  const second = (row: PlacedRow): readonly Placed[] => row.filter(({ column }) => column === 1);
  const cells = body.flatMap(second);
  const isNamed = second(head).some(({ text }) => LABELS.test(text.split(' ')[0] ?? ''));
  const texts = new Set(cells.map(({ lines }) => lines.map(({ text }) => text).join('\n')));
  if (!isNamed && (cells.length < 2 || texts.size > 1)) return undefined;
  return cells.map(severalIn).find((found) => found !== undefined);
}

/** Days, or the words of the head, that stand in the body head another table. */
function headedAgain(head: PlacedRow, body: readonly PlacedRow[]): string | undefined {
  const heads = new Set(head.filter(({ column, text }) => column > 0 && text.length > 1).map(({ text }) => text));
  const isHead = ({ column, lines }: Placed): boolean => column > 0 && lines.some(({ text }) => heads.has(text));
  const again = body.find((row) => namesDays(row) || row.filter(isHead).length > 1);
  const text = again?.map((cell) => cell.text).join(' ');
  return text === undefined ? undefined : `"${text}" may be the head of another table`;
}

export function namesDays(row: PlacedRow): boolean {
  const cells = row.filter(({ column }) => column > 0);
  return cells.length > 1 && cells.every(({ lines }) => lines.every(({ text }) => isNameOfDay(text)));
}
