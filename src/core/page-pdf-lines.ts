// The words of a PDF's page as the lines a person reads. A PDF knows no lines, only places.

/** A piece of text at its place on the page, in points (1/72 inch) from the upper left corner; `y` is its base line. */
export interface PdfWord {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Of the letters: the size of the font. */
  readonly height: number;
  /** The middle of its letters, also where it is written upwards or downwards. */
  readonly middleX: number;
  readonly middleY: number;
}

interface Piece {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Put together of words without white between them. */
  readonly touching?: boolean;
}

/** Words that stand together in one line: all of it, or one cell's part. */
export interface Chunk extends Piece {
  /** It, cut where the white is wider than a space: narrow columns stand no further from each other. */
  readonly pieces: readonly Piece[];
}

/** From left to right, with the chunks far apart that a person would see as columns. */
export type Line = readonly Chunk[];

/** In font sizes. */
const SAME_LINE = 0.45;
const WORD_GAP = 0.17;
const PIECE_GAP = 0.5;
const CELL_GAP = 0.95;
const ABOVE_BASE = 0.8;

/** From top to bottom. */
export function readPdfLines(words: readonly PdfWord[]): readonly Line[] {
  const lines: PdfWord[][] = [];
  for (const word of words.toSorted((one, other) => one.y - other.y)) {
    const last = lines.at(-1)?.[0];
    const together = last !== undefined && word.y - last.y <= SAME_LINE * Math.min(word.height, last.height);
    if (together) lines.at(-1)?.push(word);
    else lines.push([word]);
  }
  return lines.map((line) => toChunks(line.toSorted((one, other) => one.x - other.x)));
}

/** The text of a page, line by line. */
export function pdfText(lines: readonly Line[]): string {
  return lines.map((line) => line.map(({ text }) => text).join(' ')).join('\n');
}

function toChunks(words: readonly PdfWord[]): Line {
  const chunks: { whole: Piece; readonly pieces: Piece[] }[] = [];
  for (const word of words) {
    const piece = toPiece(word);
    const last = chunks.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : (word.x - last.whole.right) / word.height;
    if (last === undefined || gap > CELL_GAP) {
      chunks.push({ whole: piece, pieces: [piece] });
      continue;
    }
    const between = gap > WORD_GAP ? ' ' : '';
    const end = gap > PIECE_GAP ? undefined : last.pieces.pop();
    last.pieces.push(end === undefined ? piece : joined(end, piece, between));
    last.whole = joined(last.whole, piece, between);
  }
  return chunks.map(({ whole, pieces }) => ({ ...tidy(whole), pieces: pieces.map(tidy) }));
}

function tidy(piece: Piece): Piece {
  return { ...piece, text: piece.text.replace(/\s+/g, ' ').trim() };
}

function toPiece({ text, x, y, width, height }: PdfWord): Piece {
  const top = y - ABOVE_BASE * height;
  return { text, left: x, right: x + width, top, bottom: top + height };
}

function joined(one: Piece, other: Piece, between: string): Piece {
  return {
    text: `${one.text}${between}${other.text}`,
    left: Math.min(one.left, other.left),
    right: Math.max(one.right, other.right),
    top: Math.min(one.top, other.top),
    bottom: Math.max(one.bottom, other.bottom),
    touching: between === '' || one.touching === true,
  };
}
