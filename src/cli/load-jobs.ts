// The jobs folder as it is now, read in a worker of the command's own: nothing is stored, and no lock is needed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JobFile } from '../core/job.ts';
import type { Log } from '../core/log.ts';
import type { Scrubber } from '../core/redact.ts';
import type { JobSource } from '../core/worker-protocol.ts';
import { type Config, environmentOfJobs } from '../io/config.ts';
import { listJobs } from '../io/jobs-folder.ts';
import { openWorkers, type Workers } from '../io/workers.ts';

const IMPORT_MS = 5000;
const IDLE_MS = 60_000;

export interface LoadedJobs {
  readonly sources: readonly JobSource[];
  readonly files: readonly JobFile[];
  readonly workers: Workers;
}

export interface LoadSettings {
  readonly config: Config;
  readonly log: Log;
  readonly scrubber: Scrubber;
}

/** Loads the job files, and ends the worker when the work is done. Throws ConfigError without a jobs folder. */
export async function withJobs<T>(settings: LoadSettings, work: (jobs: LoadedJobs) => Promise<T>): Promise<T> {
  const sources = await listJobs(settings.config.jobsDir);
  const workers = openWorkersOf(settings);
  try {
    return await work({ sources, files: await workers.load(sources), workers });
  } finally {
    await workers.close();
  }
}

/** Workers of a command, which ends them. */
export function openWorkersOf({ config, log, scrubber }: LoadSettings): Workers {
  return openWorkers({
    env: { ...environmentOfJobs(config.env), ...cacheOf(config) },
    timezone: config.timezone,
    ...config.worker,
    importMs: IMPORT_MS,
    idleMs: IDLE_MS,
    onOutput: (line) => log.info({ from: 'job' }, line),
    scrub: scrubber.scrub,
    onSecrets: (names) => {
      for (const name of names) scrubber.add(config.env[name] ?? '');
    },
    onStart: () => {},
  });
}

/** Reading makes no data folder. */
function cacheOf({ dataDir }: Config): NodeJS.ProcessEnv {
  return existsSync(dataDir) ? { NODE_COMPILE_CACHE: join(dataDir, 'cache') } : {};
}
