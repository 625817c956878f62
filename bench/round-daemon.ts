// The daemon of the rounds: the real one of src/main.ts in a process of its own, whose clock its parent sets to the next
// full hour, so that a round is due when the machine is free for it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../src/engine.ts';
import { readConfig } from '../src/io/config.ts';
import { runDaemon } from '../src/main.ts';
import type { RoundAnswer, RoundQuestion } from './boards/round-protocol.ts';

const HOUR_MS = 3_600_000;
const GLANCE_MS = 5;
/** A worker is woken 3 s before it is needed: what is left of that once it has loaded its files. */
const AHEAD_MS = 1500;

const clock = { aheadMs: 0 };
const now = (): number => Date.now() + clock.aheadMs;
const stop = new AbortController();

process.on('disconnect', () => process.exit(1));
await runDaemon({
  config: readConfig(process.env),
  signal: stop.signal,
  now,
  onReady: (engine) => {
    process.on('message', (question) => void answer(engine, question as RoundQuestion));
    tell({ type: 'ready' });
  },
});

async function answer(engine: Engine, { worker }: RoundQuestion): Promise<void> {
  if (worker !== 'kept') await endWorker(engine);
  if (worker !== 'absent') await wakeWorker(engine);
  clock.aheadMs += HOUR_MS - (now() % HOUR_MS);
  tell({ type: 'due', at: Date.now() });
  await engine.ring();
}

function tell(message: RoundAnswer): void {
  process.send?.(message);
}

async function endWorker({ workers }: Engine): Promise<void> {
  const pid = workers.pid();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  while (workers.pid() !== undefined) await pause(GLANCE_MS);
}

/** As the daemon does a little before each due instant: the job files are loaded, and nothing has been looked at. */
async function wakeWorker({ workers, store, library }: Engine): Promise<void> {
  const jobs = await store.jobs();
  await workers.load(jobs.toSorted((one, other) => (one.file < other.file ? -1 : 1)).map(library.sourceOf));
  await pause(AHEAD_MS);
}
