// How a command answers: lines for people, or one JSON document. What came from a page is hostile and must not steer the
// terminal, so that control characters become visible.
import type { Instant } from '../core/job.ts';
import type { CommandLine } from './command-line.ts';

export interface Answer {
  /** Arrays of plain objects, times as ISO text. */
  readonly data: unknown;
  readonly lines: readonly string[];
}

export interface JsonOption {
  readonly json?: boolean;
}

export const JSON_OPTION = ['--json', 'Print one JSON document.'] as const;

export function printAnswer(line: CommandLine, { json = false }: JsonOption, { data, lines }: Answer): void {
  if (json) line.print(JSON.stringify(data, undefined, 2));
  else line.print(withoutControls(lines.join('\n')));
}

function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, '\ufffd');
}

export function isoOf(instant: Instant): string;
export function isoOf(instant: Instant | undefined): string | undefined;
export function isoOf(instant: Instant | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

/** The text on one line of at most so many characters. */
export function shorten(text: string, most: number): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  const letters = Array.from(flat);
  return letters.length <= most ? flat : `${letters.slice(0, most - 1).join('')}…`;
}
