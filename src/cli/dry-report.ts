// What a dry run shows: how the look ended, what was found, and each message in words.
import type { JobDescription, Look } from '../core/job.ts';
import type { AfterLook, NewMessage, RunRow } from '../core/ports.ts';
import { plainText } from '../kakao/plain.ts';
import { isoOf } from './answer.ts';
import { showTime } from './show-time.ts';

export interface Tried {
  readonly description: JobDescription;
  readonly run: RunRow;
  readonly look: Look;
  readonly after: AfterLook;
  readonly messages: readonly NewMessage[];
  readonly missing: readonly string[];
}

export function viewTried({ run, look, after, messages, missing }: Tried): object {
  const sayings = look.kind === 'done' ? look.sayings : [];
  return {
    job: run.job,
    slot: run.slot,
    due: isoOf(run.due),
    look: look.kind,
    outcome: after.state === 'done' ? after.outcome : 'looks again',
    nextLookAt: after.state === 'waiting' ? isoOf(after.nextLookAt) : undefined,
    reason: after.reason,
    ...(look.kind === 'done' ? { found: look.found, told: look.told } : {}),
    texts: sayings.map((saying) => plainText(saying).text),
    sayings,
    messages: messages.map(({ recipient, saying, part, parts }) => ({
      recipient,
      text: plainText(saying).text,
      part,
      parts,
    })),
    missing,
  };
}

export function linesOfTried({ run, look, after, messages, missing, description }: Tried): readonly string[] {
  const zone = description.timezone;
  const end = after.state === 'done' ? after.outcome : `would look again ${showTime(zone, after.nextLookAt)}`;
  const found = look.kind === 'done' ? [`  found ${look.found}, would tell ${look.told}`] : [];
  const texts = look.kind === 'done' ? look.sayings.map((saying) => plainText(saying)) : [];
  const words = texts.flatMap(({ text, link }) => [
    '',
    ...text.split('\n').map((part) => `  | ${part}`),
    ...(link === undefined ? [] : [`  link ${link}`]),
  ]);
  const counts = Map.groupBy(messages, ({ recipient }) => recipient);
  const to = [...counts].map(
    ([name, rows]) => `${name} (${rows.length === 1 ? '1 message' : `${rows.length} messages`})`,
  );
  const told =
    texts.length === 0
      ? []
      : [
          '',
          `  to ${[...to, ...missing.map((name) => `${name} (log in first)`)].join(', ') || description.to.join(', ')}`,
        ];
  return [
    `${run.job} (${run.slot}), due ${showTime(zone, run.due)}: ${end}`,
    ...found,
    `  ${after.reason}`,
    ...words,
    ...told,
    '',
    'Nothing was saved or sent.',
  ];
}
