// check: what robots.txt says of the first page that each job gets. The job's fetch step runs, and ends at that page, which
// is not fetched. Without a network nothing is said: robots.txt is no reason to call a job broken.
import type { JobFile } from '../core/job.ts';
import { type Finding, warn } from './finding.ts';
import type { LoadedJobs } from './load-jobs.ts';

const LONGEST_MS = 8000;

/** A line for each job whose page is disallowed, whether the job obeys or not. */
export async function checkRobots(jobs: LoadedJobs, now: number): Promise<readonly Finding[]> {
  const findings = await Promise.all(jobs.files.map((file) => checkFile(jobs, file, now)));
  return findings.flat();
}

async function checkFile({ sources, workers }: LoadedJobs, file: JobFile, now: number): Promise<readonly Finding[]> {
  const source = sources.find((candidate) => candidate.file === file.file);
  if (file.kind !== 'job' || source === undefined) return [];
  const { id, slots, timezone } = file.description;
  const look = await workers.look({
    source,
    run: { job: id, slot: Object.keys(slots)[0] ?? 'main', due: now, at: now, timezone, manual: true, look: 1 },
    timeLimitMs: LONGEST_MS,
    watches: false,
    validators: [],
    robotsOnly: true,
  });
  const isRefused = look.kind === 'failed' && look.failure.kind === 'fetch';
  return isRefused ? [warn(`jobs/${file.file}`, look.failure.message)] : [];
}
