// One look of a job, from fetch to render: the only place with the order of the steps. What it gives is plain data, and
// nothing of it is saved until the daemon has it whole.

import { withLink } from '../kakao/build-link.ts';
import { markCorrection } from '../kakao/correction.ts';
import { checkSaying } from '../kakao/limits.ts';
import type { Saying } from '../kakao/template.ts';
import { Closed, ExtractError, FetchError, MessageError, NotYet } from './errors.ts';
import { checkItems } from './items.ts';
import type { Failure, Get, Item, JobDefinition, Look, Rendered, Run, Validator } from './job.ts';
import { wordsOf } from './thrown.ts';
import { type Memory, type Selection, select } from './watch.ts';
import { findWrongPage, type Suspect, type WrongPage } from './wrong-page.ts';

/** The most items a watching job tells in one run unless it says otherwise. */
const MOST_WATCHED = 10;

/** Characters of JSON that are kept of a run, to know when it no longer holds. */
const MOST_CORRECTED = 200_000;

type Step = NonNullable<Failure['step']>;

/** The network, as one look sees it. */
export interface Fetching {
  /** Runs the job's fetch step. `unchanged`: every page it asked for is as it was at the last look. */
  readonly fetch: (
    step: (get: Get) => Promise<unknown>,
  ) => Promise<{ readonly kind: 'unchanged' } | { readonly kind: 'raw'; readonly raw: unknown }>;
  readonly validators: () => readonly Validator[];
  /** The last HTML page got by GET, if its address holds no secret. */
  readonly link: () => string | undefined;
  /** The pages of this look so far, for when it comes to nothing. */
  readonly suspects: () => readonly Suspect[];
}

/** With what a watching job remembers. */
export interface LookSetting extends Omit<Memory, 'slot'> {
  readonly fetching: Fetching;
  /** The run may be corrected: `sent` is what it has said, once it has. */
  readonly correction?: { readonly sent: string | undefined } | undefined;
  /** Told of each step before it begins, so that a step that never ends has a name. */
  readonly onStep: (step: Step) => void;
}

export async function lookOnce(job: JobDefinition, run: Run, setting: LookSetting): Promise<Look> {
  const at: { step: Step } = { step: 'fetch' };
  const enter = (step: Step): void => {
    at.step = step;
    setting.onStep(step);
  };
  try {
    return await takeSteps(job, run, { ...setting, onStep: enter });
  } catch (error) {
    return endOf(error, at.step, setting.fetching);
  }
}

/** What a look comes to that threw. */
function endOf(error: unknown, step: Step, { suspects }: Fetching): Look {
  if (error instanceof NotYet)
    return { kind: 'notYet', reason: error.message, ...(error.isStale ? { stale: true } : {}) };
  if (error instanceof Closed) return { kind: 'closed', reason: error.message };
  const failure = describeFailure(error, step);
  // What goes wrong in the fetch step but a refusal is the job's own: a setting, a form without that field.
  const isOfPage = step === 'extract' || step === 'watch' || error instanceof FetchError;
  const wrong = isOfPage ? findWrongPage(suspects()) : undefined;
  const isMeant = wrong === undefined || (error instanceof FetchError && !saysMore(wrong));
  return { kind: 'failed', failure: isMeant ? failure : asWrongPage(failure, wrong) };
}

/** An error page is what a refusal comes with. */
function saysMore({ isSure, what }: WrongPage): boolean {
  return isSure && what !== 'an error page';
}

/** What the job missed on it stays to be read: the page may be the right one after all. */
function asWrongPage(failure: Failure, { what, evidence, url }: WrongPage & { readonly url: string }): Failure {
  const message = `${url} is ${what}, not the page that is meant: ${evidence}. ${failure.message}`;
  return { ...failure, cause: 'wrong-page', message };
}

async function takeSteps(
  job: JobDefinition,
  run: Run,
  { fetching, correction, onStep, ...memory }: LookSetting,
): Promise<Look> {
  onStep('fetch');
  const fetched = await fetching.fetch(async (get) => job.fetch(get, run));
  if (fetched.kind === 'unchanged') return { kind: 'unchanged' };

  onStep('extract');
  const items = checkItems(await job.extract(fetched.raw, run));
  refuseWrongPage(items.length, fetching.suspects());
  const text = correction === undefined ? undefined : JSON.stringify(items);
  if (text !== undefined && text === correction?.sent) return { kind: 'unchanged' };

  onStep('watch');
  const selection = select(items, job.watch, { ...memory, slot: run.slot });

  onStep('render');
  const sayings = renderAll(job, run, selection, fetching.link());
  return {
    kind: 'done',
    found: items.length,
    ...(text === undefined || text.length > MOST_CORRECTED ? {} : { items: text }),
    told: sayings.length > 0 ? selection.told.length : 0,
    toldKeys: sayings.length > 0 ? selection.toldKeys : [],
    ...keptOf(selection),
    learned: selection.learned,
    sayings,
    validators: fetching.validators(),
  };
}

/** What the store takes in of a watching job. */
function keptOf({ seen, later, unsettled, digest }: Selection<Item>): Partial<Extract<Look, { kind: 'done' }>> {
  if (seen === undefined) return {};
  return {
    seen: [...seen],
    later,
    ...(unsettled === 0 ? {} : { unsettled }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** A log-in page has no dishes either: silence for years is the worst that could be made of it, but for telling it. */
function refuseWrongPage(found: number, suspects: readonly Suspect[]): void {
  const wrong = findWrongPage(suspects);
  if (found === 0 ? wrong?.isSure !== true : wrong?.isCertain !== true) return;
  const what = found === 0 ? 'Nothing was found on it.' : 'What was found on it is not told.';
  throw new ExtractError(what, { url: wrong?.url ?? '' });
}

function renderAll(
  job: JobDefinition,
  run: Run,
  selection: Selection<Item>,
  link: string | undefined,
): readonly Saying[] {
  if (selection.told.length === 0) return [];
  const most = job.most ?? (job.watch === undefined ? Number.POSITIVE_INFINITY : MOST_WATCHED);
  const rest = selection.told.length - most;
  const rendered = toSayings(job.render(selection.told.slice(0, most), run));
  if (rendered.length === 0) return [];
  const whole = rest > 0 ? addRest(rendered, rest) : rendered;
  const sayings = (run.correction ? markCorrection(whole) : whole).map((saying) => withLink(saying, job.link ?? link));
  const problems = sayings.flatMap(checkSaying);
  if (problems.length > 0) throw new MessageError(problems);
  return sayings;
}

function toSayings(rendered: Rendered): readonly Saying[] {
  if (rendered === undefined) return [];
  const list = Array.isArray(rendered) ? rendered : [rendered];
  return list.filter((entry) => typeof entry !== 'string' || entry.trim() !== '').map(toSaying);
}

function toSaying(entry: unknown): Saying {
  if (typeof entry === 'string') return { kind: 'text', text: entry };
  if (typeof entry === 'object' && entry !== null && 'kind' in entry) return entry as Saying;
  throw new TypeError('render must give text, a template made by a builder such as feed(), or a list of them.');
}

/** Says in one line how many items are left out: at the end of the last text, or as a text of its own. */
function addRest(sayings: readonly Saying[], rest: number): readonly Saying[] {
  const line = `외 ${rest}건`;
  const last = sayings.at(-1);
  if (last?.kind !== 'text') return [...sayings, { kind: 'text', text: line }];
  return [...sayings.slice(0, -1), { ...last, text: `${last.text}\n${line}` }];
}

function describeFailure(error: unknown, step: Step): Failure {
  if (error instanceof FetchError) {
    const status = error.status === undefined ? {} : { status: error.status };
    if (error.isOfJob) return { kind: 'fetch', cause: 'job-error', step, message: error.message, url: error.url };
    return { kind: 'fetch', step, message: error.message, url: error.url, ...status };
  }
  if (error instanceof ExtractError) {
    const selector = error.selector === undefined ? {} : { selector: error.selector };
    const cause = error.isOld ? { cause: 'stale' as const } : {};
    return { kind: 'extract', ...cause, step, message: error.message, url: error.url, ...selector };
  }
  if (error instanceof MessageError) return { kind: 'message', step, message: error.message };
  return { kind: 'code', step, message: describeThrown(error, step) };
}

function describeThrown(error: unknown, step: Step): string {
  if (!(error instanceof Error)) return `${step} threw ${wordsOf(error)}.`;
  const place = placeOf(error.stack ?? '');
  return `${step} threw ${wordsOf(error)}${place === undefined ? '' : ` (${place})`}`;
}

const OURS = new URL('.', import.meta.url).href;

/** The line of the job, not the one of talkbell's that refused what the job gave. */
function placeOf(stack: string): string | undefined {
  const frames = stack
    .split('\n')
    .filter((line) => /^\s*at /.test(line) && !line.includes(OURS) && !line.includes('node:'));
  return /\(?([^\s(]+\.[mc]?[jt]s)(?:\?last-good)?(:\d+:\d+)\)?/
    .exec(frames[0] ?? '')
    ?.slice(1, 3)
    .join('');
}
