// A job as people and programs see it: its file as it is now, with what the store knows of it.
import { nextAfter } from '../core/calendar.ts';
import { readCronLine } from '../core/cron-line.ts';
import { describeCron } from '../core/cron-words.ts';
import type { Instant, JobDescription, JobFile } from '../core/job.ts';
import type { JobRow } from '../core/ports.ts';
import { idOf } from '../core/read-job.ts';
import { showTime } from '../core/show-time.ts';
import { isoOf } from './answer.ts';
import { type People, whyUnreached } from './reach.ts';
import { makeTable } from './table.ts';

const NEXT_SHOWN = 3;

export interface JobView {
  readonly id: string;
  readonly file: string;
  readonly state: 'ready' | 'paused' | 'broken' | 'not set up';
  readonly timezone?: string;
  readonly slots: readonly SlotView[];
  readonly to: readonly { readonly name: string; readonly problem?: string }[];
  readonly pausedAt?: string;
  readonly problems: readonly string[];
  readonly unset: readonly string[];
}

interface SlotView {
  readonly slot: string;
  readonly cron: string;
  readonly words: string;
  readonly next: readonly string[];
}

interface Viewed {
  readonly files: readonly JobFile[];
  readonly rows: readonly JobRow[];
  readonly people: People;
  readonly now: Instant;
}

export function viewJobs({ files, rows, people, now }: Viewed): readonly JobView[] {
  return files
    .map((file) => viewJob(file, rowOf(file, rows), { people, now }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

function rowOf(file: JobFile, rows: readonly JobRow[]): JobRow | undefined {
  return rows.find((row) => (file.kind === 'job' ? row.id === file.description.id : row.file === file.file));
}

function viewJob(file: JobFile, row: JobRow | undefined, { people, now }: Pick<Viewed, 'people' | 'now'>): JobView {
  const description = file.kind === 'job' ? file.description : row?.description;
  return {
    id: description?.id ?? row?.id ?? idOf(file.file),
    file: file.file,
    state: stateOf(file, row),
    ...(description === undefined ? {} : { timezone: description.timezone }),
    slots: description === undefined || file.kind === 'unset' ? [] : viewSlots(description, now),
    to: (description?.to ?? []).map((name) => {
      const problem = whyUnreached(name, people);
      return { name, ...(problem === undefined ? {} : { problem }) };
    }),
    ...(row?.pausedAt === undefined ? {} : { pausedAt: isoOf(row.pausedAt) }),
    problems: file.kind === 'broken' ? file.problems : [],
    unset: file.kind === 'unset' ? file.settings : [],
  };
}

function stateOf({ kind }: JobFile, row: JobRow | undefined): JobView['state'] {
  if (kind === 'broken') return 'broken';
  if (kind === 'unset') return 'not set up';
  return row?.pausedAt === undefined ? 'ready' : 'paused';
}

function viewSlots({ slots, timezone }: JobDescription, now: Instant): readonly SlotView[] {
  return Object.entries(slots).map(([slot, cron]) => ({
    slot,
    cron,
    words: describeCron(cron, 'en'),
    next: nextOf(cron, timezone, now).map((instant) => isoOf(instant)),
  }));
}

function nextOf(line: string, timezone: string, now: Instant): readonly Instant[] {
  const cron = readCronLine(line);
  if ('problems' in cron) return [];
  const found: Instant[] = [];
  while (found.length < NEXT_SHOWN) {
    const next = nextAfter(cron, timezone, found.at(-1) ?? now);
    if (next === undefined) break;
    found.push(next);
  }
  return found;
}

export function linesOfJob(job: JobView): readonly string[] {
  const zone = job.timezone ?? 'UTC';
  const rows = job.slots.map(({ slot, cron, words, next }) => [
    `  ${slot}`,
    cron,
    words,
    next.map((instant) => showTime(zone, Date.parse(instant))).join(', '),
  ]);
  const table = rows.length === 0 ? [] : makeTable(['  SLOT', 'CRON', 'MEANS', `NEXT (${zone})`], rows);
  const kept = job.state === 'broken' && rows.length > 0 ? ['  The last good version goes on.'] : [];
  const unset = job.unset.length === 0 ? [] : [`  not set up: set ${job.unset.join(' and ')} in .env`];
  return [headOf(job), ...job.problems.map((problem) => `  ${problem}`), ...kept, ...unset, ...table, ''];
}

function headOf({ id, file, state, to, pausedAt, timezone }: JobView): string {
  const told = to.map(({ name, problem }) => (problem === undefined ? name : `${name} (${problem})`)).join(', ');
  const since = pausedAt === undefined ? '' : ` since ${showTime(timezone ?? 'UTC', Date.parse(pausedAt))}`;
  const shown = state === 'ready' ? '' : `  ${state.toUpperCase()}${since}`;
  return `${id}  jobs/${file}${told === '' ? '' : `  tells ${told}`}${shown}`;
}
