// Prints messages, for trying a job out. What came from a page is hostile: it must not steer the terminal.
import { MessageError } from '../core/errors.ts';
import type { Channel, Outgoing } from '../core/ports.ts';
import { plainText } from '../kakao/plain.ts';

export function makeConsoleChannel({ write }: { readonly write: (line: string) => void }): Channel {
  return {
    prepare(saying) {
      if (plainText(saying).text.trim() === '')
        throw new MessageError(['The message is blank; it must say something.']);
      return [saying];
    },
    batch: 1,
    deliver(rows) {
      for (const line of rows.flatMap(linesOf)) write(line);
      return Promise.resolve(rows.map(() => ({ kind: 'sent' })));
    },
  };
}

function linesOf({ recipient, job, saying }: Outgoing): readonly string[] {
  const { text, link } = plainText(saying);
  const from = job === undefined ? '' : ` from ${job}`;
  const lines = [
    `To ${recipient}${from}:`,
    ...text.split(/\r\n|[\n\r\u2028\u2029]/),
    ...(link === undefined ? [] : [link]),
  ];
  return lines.map(withoutControls);
}

/** Escape sequences and the like become visible; a tab may stay. */
function withoutControls(line: string): string {
  return line.replace(/[^\P{Cc}\t]/gu, '\ufffd');
}
