// Text of any length in parts that one Kakao message carries. Nothing but white space at a cut is left out.
import { MessageError } from '../core/errors.ts';
import { DEFAULT_LINK, withLink } from './build-link.ts';
import { checkSaying, TEXT_LIMIT } from './limits.ts';
import type { LongText, Saying } from './template.ts';

/** What is never cut: a grapheme, or a piece of one that is longer than a whole part. */
interface Atom {
  readonly kind: 'line' | 'space' | 'other';
  readonly start: number;
  readonly end: number;
}

/** Atoms by index: a part goes from `start` to `end`, the next one begins at `next`. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** White space a line may be broken at: not the no-break spaces. */
const SPACE = /^[\t \u1680\u2000-\u2006\u2008-\u200a\u205f\u3000]$/;
const LINE = /^(\r\n|[\n\v\f\r\u0085\u2028\u2029])$/;

/**
 * Cuts text into parts of at most `limit` UTF-16 units (2 or more): at the last line end that fits, else at the last
 * space, else between graphemes. A grapheme longer than `limit` is the only one that is cut, between code points.
 *
 * At a cut the white space there is left out: before it all, behind it up to the last line end, so that indentation
 * stays. So is a part that would be white space alone; blank text has no parts. Everything else comes in order, whole.
 */
export function splitText(text: string, limit: number = TEXT_LIMIT): readonly string[] {
  if (!Number.isInteger(limit) || limit < 2) throw new RangeError(`A part of ${limit} characters cannot hold text.`);
  if (isBlank(text)) return [];
  if (text.length <= limit) return [text];
  const atoms = atomsOf(text, limit);
  const parts: string[] = [];
  for (let from = 0; from < atoms.length; ) {
    const { start, end, next } = cutFrom(atoms, { from, limit });
    const part = text.slice(atoms[start]?.start, atoms[end]?.start);
    if (!isBlank(part)) parts.push(part);
    from = next;
  }
  return parts;
}

function cutFrom(atoms: readonly Atom[], { from, limit }: { from: number; limit: number }): Cut {
  const end = fitting(atoms, { from, limit });
  if (end === atoms.length) return { start: from, end, next: end };
  const firstWord = skipSpace(atoms, from);
  // An indentation that fills a part by itself is dropped: a part of white space says nothing.
  if (firstWord >= end) return { start: from, end: from, next: firstWord };
  const cut =
    lastOf('line', atoms, { after: firstWord, to: end }) ?? lastOf('space', atoms, { after: firstWord, to: end });
  if (cut === undefined) return { start: from, end, next: end };
  return { start: from, end: trimEnd(atoms, cut), next: skipGap(atoms, cut) };
}

/** The first atom that no longer fits. */
function fitting(atoms: readonly Atom[], { from, limit }: { from: number; limit: number }): number {
  const start = atoms[from]?.start ?? 0;
  let end = from;
  while (end < atoms.length && (atoms[end]?.end ?? 0) - start <= limit) end += 1;
  return end;
}

function lastOf(kind: Atom['kind'], atoms: readonly Atom[], range: { after: number; to: number }): number | undefined {
  for (let index = range.to; index > range.after; index -= 1) if (atoms[index]?.kind === kind) return index;
  return undefined;
}

function trimEnd(atoms: readonly Atom[], cut: number): number {
  let end = cut;
  while (isWhite(atoms[end - 1])) end -= 1;
  return end;
}

/** Where the next part begins: behind the last line end of the white space at a cut, else behind all of it. */
function skipGap(atoms: readonly Atom[], cut: number): number {
  const word = skipSpace(atoms, cut);
  const line = lastOf('line', atoms, { after: cut - 1, to: word - 1 });
  return line === undefined ? word : line + 1;
}

function skipSpace(atoms: readonly Atom[], from: number): number {
  let index = from;
  while (isWhite(atoms[index])) index += 1;
  return index;
}

function isWhite(atom: Atom | undefined): boolean {
  return atom !== undefined && atom.kind !== 'other';
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function atomsOf(text: string, limit: number): readonly Atom[] {
  const graphemes = new Intl.Segmenter('ko', { granularity: 'grapheme' }).segment(text);
  return Array.from(graphemes, ({ segment, index }): readonly Atom[] => {
    if (segment.length > limit) return piecesOf(segment, { start: index, limit });
    return [{ kind: kindOf(segment), start: index, end: index + segment.length }];
  }).flat();
}

function kindOf(grapheme: string): Atom['kind'] {
  if (LINE.test(grapheme)) return 'line';
  return SPACE.test(grapheme) ? 'space' : 'other';
}

/** A grapheme that no part can hold, in the largest pieces that one can. */
function piecesOf(grapheme: string, { start, limit }: { start: number; limit: number }): readonly Atom[] {
  const pieces: Atom[] = [];
  for (const codePoint of grapheme) {
    const last = pieces.at(-1);
    const from = last?.end ?? start;
    const fits = last !== undefined && from + codePoint.length - last.start <= limit;
    if (fits) pieces.pop();
    pieces.push({ kind: 'other', start: fits ? last.start : from, end: from + codePoint.length });
  }
  return pieces;
}

/**
 * A saying as the messages Kakao takes, in order: long text as text templates with its link on each and its buttons on
 * the last, anything else as it is with missing links filled. Throws MessageError, with every problem, when Kakao would
 * refuse it.
 */
export function toKakao(saying: Saying): readonly Saying[] {
  const filled = withLink(saying, undefined);
  const problems = checkSaying(filled);
  if (problems.length > 0) throw new MessageError(problems);
  return filled.kind === 'text' ? textTemplates(filled) : [filled];
}

function textTemplates({ kind: _, text, link = DEFAULT_LINK, ...buttons }: LongText): readonly Saying[] {
  const parts = splitText(text);
  return parts.map((part, index) => ({
    kind: 'default',
    object: { object_type: 'text', text: part, link, ...(index === parts.length - 1 && buttons) },
  }));
}
