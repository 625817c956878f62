// What a thousand more jobs cost in memory, beside a thousand tasks of node-cron and of croner in a process of their own.
import { fork } from 'node:child_process';
import {
  dailyJob,
  dailyLine,
  makeBenchHouse,
  probeOf,
  startDaemon,
  usageOf,
  waitForNoWorker,
  writeJobs,
} from './daemon.ts';
import { type Bench, type BenchPorts, type Row, type Sample, sampleOf, spreadOf } from './measure.ts';
import { findPeer } from './peers.ts';

const JOBS = 1000;
const TIMES = Number(process.env['BENCH_TIMES'] ?? 3);
const MOST_KB = 5;
const TASKS = new URL('./tasks.ts', import.meta.url);

export const jobMemory: Bench = { name: 'job-memory', seconds: 80 * TIMES + 10, run: measureMemory };

interface Size {
  readonly heap: number;
  readonly resident: number;
}

async function measureMemory({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  const cron = await tasksOf('node-cron', import.meta.resolve('node-cron'));
  const peer = await findPeer('croner');
  const croner = peer === undefined ? undefined : await tasksOf('croner', peer.url);
  const heaps: number[] = [];
  const residents: number[] = [];
  for (let round = 0; round < TIMES; round += 1) {
    say(`round ${round + 1} of ${TIMES}`);
    const [none, many] = await Promise.all([sizeWith(0, signal), sizeWith(JOBS, signal)]);
    heaps.push((many.heap - none.heap) / JOBS / 1000);
    residents.push((many.resident - none.resident) / JOBS / 1000);
  }
  const heap = sampleOf(heaps);
  const what = `memory a job at ${JOBS.toLocaleString('en')} jobs`;
  return [
    {
      what: `${what}: heap`,
      ours: kilobytes(heap),
      peer: `node-cron ${kilobytes(cron)}, croner ${croner === undefined ? 'skipped' : kilobytes(croner)}`,
      ratio: `${(heap.median / cron.median).toFixed(2)} ×`,
      goal: `≤ ${MOST_KB} KB`,
      holds: heap.median <= MOST_KB,
      note: `after a collection, what is beyond the same daemon without jobs; ${spreadOf(heap)}`,
    },
    {
      what: `${what}: resident`,
      ours: kilobytes(sampleOf(residents)),
      note: `with what the collector and the allocator keep of the loading; ${spreadOf(sampleOf(residents))}`,
    },
  ];
}

async function sizeWith(jobs: number, signal: AbortSignal): Promise<Size> {
  using house = makeBenchHouse();
  writeJobs(house, jobs, dailyJob);
  {
    await using _first = await startDaemon(house, { signal });
  }
  await using daemon = await startDaemon(house, { signal, probed: true });
  // Without a job file there is no worker.
  if (jobs > 0) await waitForNoWorker(daemon);
  return { heap: await daemon.probe.heap(), resident: usageOf(daemon.pid).residentBytes };
}

async function tasksOf(name: string, url: string): Promise<Sample> {
  const values: number[] = [];
  for (let round = 0; round < TIMES; round += 1) {
    const child = fork(TASKS, [name, url, ...Array.from({ length: JOBS }, (_, index) => dailyLine(index))], {
      execArgv: ['--expose-gc', '--import', new URL('./probe.ts', import.meta.url).href],
    });
    const probe = probeOf(child);
    await new Promise((resolve) => child.once('message', resolve));
    const before = await probe.heap();
    child.send('schedule');
    await new Promise((resolve) => child.once('message', resolve));
    values.push(((await probe.heap()) - before) / JOBS / 1000);
    child.kill('SIGKILL');
  }
  return sampleOf(values);
}

function kilobytes({ median }: Sample): string {
  return `${median.toFixed(1)} KB`;
}
