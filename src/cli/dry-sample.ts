// What a watching job would say of items if they were new: its own render, on what the look has found already. A dry run
// of such a job would otherwise show nothing, because nothing is new.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Item, Look } from '../core/job.ts';
import type { LookTask } from '../core/worker-protocol.ts';
import type { Saying } from '../kakao/template.ts';
import type { LoadedJobs } from './load-jobs.ts';

const SHOWN_ITEMS = 3;

export interface Sample {
  readonly items: readonly Item[];
  readonly sayings: readonly Saying[];
  /** Why nothing could be rendered. */
  readonly problem?: string;
}

/** Undefined when there is nothing to show a sample of: the job does not watch, found nothing, or tells something. */
export async function makeSample(
  workers: LoadedJobs['workers'],
  task: LookTask,
  look: Look,
): Promise<Sample | undefined> {
  if (!task.watches || look.kind !== 'done' || look.told > 0) return undefined;
  const items = (look.seen ?? []).slice(0, SHOWN_ITEMS).map(([, item]) => item);
  if (items.length === 0) return undefined;
  const said = await renderSample(workers, task, items);
  if (said.kind === 'done') return { items, sayings: said.sayings };
  return { items, sayings: [], problem: said.kind === 'failed' ? said.failure.message : 'render told nothing' };
}

/** The job again in a file of its own, with the items in the place of its page. Nothing is fetched. */
async function renderSample(
  workers: LoadedJobs['workers'],
  { page: _page, ...task }: LookTask,
  items: readonly Item[],
): Promise<Look> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-sample-'));
  const file = 'talkbell-sample.mjs';
  const source = { file, path: join(folder, file), hash: task.source.hash };
  try {
    writeFileSync(source.path, codeOf(task.source.path, items), { mode: 0o600 });
    await workers.load([task.source, source]);
    return await workers.look({ ...task, source, known: [], later: [], validators: [] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function codeOf(path: string, items: readonly Item[]): string {
  return `import job from ${JSON.stringify(pathToFileURL(path).href)};
export default {
  ...job,
  fetch: () => undefined,
  extract: () => JSON.parse(${JSON.stringify(JSON.stringify(items))}),
  watch: { key: job.watch.key, tell: () => true },
};
`;
}
