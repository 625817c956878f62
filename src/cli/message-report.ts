// What a command says of the messages it caused: each as text with its state. A message that waits is no failure.
import type { MessageRow } from '../core/ports.ts';
import { plainText } from '../kakao/plain.ts';
import { type Progress, progressOf } from './run-view.ts';

export interface Reporting extends Progress {
  /** Whether the console channel has printed its messages here already. */
  readonly printed: boolean;
}

/** The same words to several people are shown once. */
export function linesOfMessages(messages: readonly MessageRow[], reporting: Reporting): readonly string[] {
  const bySaying = Map.groupBy(messages, ({ saying }) => plainText(saying).text);
  return [...bySaying].flatMap(([text, rows]) => [
    '',
    ...(reporting.printed && rows.every(isOnScreen) ? [] : text.split('\n').map((words) => `  | ${words}`)),
    ...rows.map(
      (row) =>
        `  ${row.recipient}${row.parts > 1 ? ` (part ${row.part} of ${row.parts})` : ''}: ${progressOf(row, reporting)}`,
    ),
  ]);
}

function isOnScreen({ address, state }: MessageRow): boolean {
  return address.channel === 'console' && state === 'sent';
}

export function isLost({ state }: MessageRow): boolean {
  return state === 'failed' || state === 'expired' || state === 'unclear';
}
