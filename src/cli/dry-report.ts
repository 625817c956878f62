// What a dry run shows: how the look ended, what was found, and each message in words.
import type { JobDescription, Look } from '../core/job.ts';
import type { AfterLook, NewMessage, Recipient, RunRow } from '../core/ports.ts';
import { showTime } from '../core/show-time.ts';
import { plainText } from '../kakao/plain.ts';
import type { Saying } from '../kakao/template.ts';
import { isoOf, shorten } from './answer.ts';
import type { Sample } from './dry-sample.ts';
import { whyUnreached } from './reach.ts';
import { reasonOf } from './run-view.ts';

const ITEM_LETTERS = 300;
const BEFORE_HINT =
  '  A new item has no `before`. If the job tells only of items it knew, its render may rely on it, and this is no fault.';

export interface Tried {
  readonly description: JobDescription;
  readonly run: RunRow;
  readonly look: Look;
  readonly after: AfterLook;
  readonly messages: readonly NewMessage[];
  readonly missing: readonly string[];
  readonly recipients: readonly Recipient[];
  /** What a watching job that tells nothing would say of new items. */
  readonly sample?: Sample;
}

export function viewTried({ run, look, after, messages, missing, sample }: Tried): object {
  const sayings = look.kind === 'done' ? look.sayings : [];
  return {
    job: run.job,
    slot: run.slot,
    due: isoOf(run.due),
    look: look.kind,
    outcome: after.state === 'done' ? after.outcome : 'looks again',
    nextLookAt: after.state === 'waiting' ? isoOf(after.nextLookAt) : undefined,
    cause: after.cause,
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
    ...(sample === undefined ? {} : { sample: viewSample(sample) }),
  };
}

function viewSample({ items, sayings, problem }: Sample): object {
  return { items, texts: sayings.map((saying) => plainText(saying).text), problem };
}

export function linesOfTried({
  run,
  look,
  after,
  messages,
  missing,
  description,
  recipients,
  sample,
}: Tried): readonly string[] {
  const zone = description.timezone;
  const end = after.state === 'done' ? after.outcome : `would look again ${showTime(zone, after.nextLookAt)}`;
  const found = look.kind === 'done' ? [`  found ${look.found}, would tell ${look.told}`] : [];
  const sayings = look.kind === 'done' ? look.sayings : [];
  const counts = Map.groupBy(messages, ({ recipient }) => recipient);
  const to = [...counts].map(
    ([name, rows]) => `${name} (${rows.length === 1 ? '1 message' : `${rows.length} messages`})`,
  );
  const told =
    sayings.length === 0
      ? []
      : [
          '',
          `  to ${[...to, ...missing.map((name) => `${name} (${whyUnreached(name, { recipients, accounts: [] })})`)].join(', ') || description.to.join(', ')}`,
        ];
  return [
    `${run.job} (${run.slot}), due ${showTime(zone, run.due)}: ${end}`,
    ...found,
    `  ${reasonOf(after)}`,
    ...sayings.flatMap(linesOfSaying),
    ...told,
    ...(sample === undefined ? [] : linesOfSample(sample)),
    '',
    'Nothing was saved or sent.',
  ];
}

function linesOfSaying(saying: Saying): readonly string[] {
  const { text, link } = plainText(saying);
  return ['', ...text.split('\n').map((part) => `  | ${part}`), ...(link === undefined ? [] : [`  link ${link}`])];
}

function linesOfSample({ items, sayings, problem }: Sample): readonly string[] {
  const found = items.map((item) => `  found: ${shorten(JSON.stringify(item), ITEM_LETTERS)}`);
  if (problem !== undefined)
    return ['', ...found, '', `  What it would say if these were new cannot be shown: ${problem}`, BEFORE_HINT];
  if (sayings.length === 0) return ['', ...found, '', '  If these were new, it would say nothing.'];
  return ['', ...found, '', '  A sample. If these were new, it would say:', ...sayings.flatMap(linesOfSaying)];
}
