// What a table of a PDF is, however it was found.
import type { Chunk } from './page-pdf-lines.ts';

/** A cell that covers several columns has a span, one of several rows is tall; the cells it covers are left out. */
export interface PdfCell {
  readonly lines: readonly string[];
  readonly span: number;
  readonly tall?: number;
  /** Where its texts stand, if it was found by them. */
  readonly chunks?: readonly Chunk[];
  /** Why nobody can tell what is in it, if so. */
  readonly doubt?: string;
}

export type PdfTable = readonly (readonly PdfCell[])[];

export interface PlacedTable {
  /** Where it begins and ends on its page, and where its left side is. */
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  /** Where the lines between its columns stand, if there are. */
  readonly sides?: readonly number[];
  readonly rows: PdfTable;
  /** Why its cells cannot be told: the rest of a sentence, for the error of whoever asks for it. */
  readonly problem?: string;
}
