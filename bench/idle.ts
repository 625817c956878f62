// What the daemon costs while nothing is due: processor time and wake-ups of its main thread, beside a Node that only
// waits. BENCH_IDLE_MINUTES sets the span.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { dailyJob, makeBenchHouse, startDaemon, type Usage, usageOf, waitForNoWorker, writeJobs } from './daemon.ts';
import { type Bench, type BenchPorts, megabytes, type Row } from './measure.ts';

const JOBS = 200;
const SPAN_MS = Number(process.env['BENCH_IDLE_MINUTES'] ?? 10) * 60_000;
const MOST_CPU_MS = 0.5;
const MOST_WAKES = 0.3;

export const idle: Bench = { name: 'idle', seconds: Math.round(SPAN_MS / 1000) + 75, run: measureIdle };

async function measureIdle({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  const what = `idle, ${JOBS} jobs due once a day`;
  if (!existsSync('/proc/self/schedstat')) return [{ what, ours: 'skipped', note: 'there is no /proc here' }];
  using house = makeBenchHouse();
  writeJobs(house, JOBS, dailyJob);
  {
    say('a first start, which fills the caches');
    await using _first = await startDaemon(house, { signal });
  }
  using bare = startBare();
  await using daemon = await startDaemon(house, { signal });
  say('waits until the worker is let go');
  await waitForNoWorker(daemon);
  say(`watches for ${SPAN_MS / 60_000} min`);
  const [before, beforeBare] = [usageOf(daemon.pid), usageOf(bare.pid)];
  await wait(SPAN_MS, undefined, { signal });
  const own = rateOf(before, usageOf(daemon.pid));
  const other = rateOf(beforeBare, usageOf(bare.pid));
  const wakes = own.wakes - other.wakes;
  const resident = usageOf(daemon.pid).residentBytes;
  return [
    {
      what: `${what}: processor`,
      ours: `${own.cpuMs.toFixed(2)} ms a second`,
      peer: `bare node ${other.cpuMs.toFixed(2)} ms`,
      goal: `≤ ${MOST_CPU_MS} ms`,
      holds: own.cpuMs <= MOST_CPU_MS,
      note: `all threads, over ${SPAN_MS / 60_000} min`,
    },
    {
      what: `${what}: wake-ups of the main thread`,
      ours: `${wakes.toFixed(2)} a second`,
      peer: `bare node ${other.wakes.toFixed(2)}`,
      goal: `≤ ${MOST_WAKES}`,
      holds: wakes <= MOST_WAKES,
      note: 'voluntary context switches, less those of the bare node',
    },
    {
      what: `${what}: resident`,
      ours: megabytes(resident),
      peer: `bare node ${megabytes(usageOf(bare.pid).residentBytes)}`,
      ratio: `${(resident / usageOf(bare.pid).residentBytes).toFixed(2)} ×`,
    },
  ];

  function rateOf(from: Usage, to: Usage): { cpuMs: number; wakes: number } {
    const seconds = SPAN_MS / 1000;
    return { cpuMs: (to.cpuMs - from.cpuMs) / seconds, wakes: (to.wakes - from.wakes) / seconds };
  }
}

function startBare(): Disposable & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 2 ** 30)'], { stdio: 'ignore' });
  return { pid: child.pid ?? 0, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
