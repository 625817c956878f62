// Ten jobs to ten thousand: the start, what the daemon holds, the first ring of the bell, which works out when everything
// is due, and the later ones, which find nothing due.
import { makeScrubber } from '../src/core/redact.ts';
import { claimData, openEngine } from '../src/engine.ts';
import { readConfig } from '../src/io/config.ts';
import type { House } from '../test/processes.ts';
import { dailyJob, makeBenchHouse, startDaemon, usageOf, writeJobs } from './daemon.ts';
import { type Bench, type BenchPorts, type Row, sampleOf } from './measure.ts';

const SIZES = (process.env['BENCH_JOBS'] ?? '10,100,1000,10000').split(',').map(Number);
const STARTS = 3;
const RINGS = 200;
/** Of an idle ring: the timer's own spread is this much. */
const LEAST_MS = 0.05;
const MOST_IDLE_GROWTH = 3;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const growth: Bench = { name: 'growth', seconds: 150, run: measureGrowth };

interface Grown {
  readonly jobs: number;
  readonly startMs: number;
  readonly residentMb: number;
  readonly firstRingMs: number;
  readonly idleRingMs: number;
}

async function measureGrowth({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  const grown: Grown[] = [];
  for (const jobs of SIZES) {
    if (signal.aborted) break;
    say(`${jobs.toLocaleString('en')} jobs`);
    grown.push(await measureWith(jobs, signal));
  }
  const from = `${SIZES[0]?.toLocaleString('en')} to ${SIZES.at(-1)?.toLocaleString('en')} jobs`;
  return [
    linearRow(`start until ready, ${from}`, grown, { of: ({ startMs }) => startMs, unit: 'ms', digits: 0 }),
    linearRow(`resident when ready, ${from}`, grown, { of: ({ residentMb }) => residentMb, unit: 'MB', digits: 0 }),
    linearRow(`the first ring, ${from}`, grown, { of: ({ firstRingMs }) => firstRingMs, unit: 'ms', digits: 1 }),
    idleRow(`a ring with nothing due, ${from}`, grown),
  ];
}

interface Figure {
  readonly of: (grown: Grown) => number;
  readonly unit: string;
  readonly digits: number;
}

/** Ten times the jobs must cost no more than ten times as much: what a start costs without jobs counts for us. */
function linearRow(what: string, grown: readonly Grown[], { of, unit, digits }: Figure): Row {
  const steps = grown.slice(1).map((one, index) => {
    const before = grown[index] ?? one;
    return { cost: of(one) / of(before), jobs: one.jobs / before.jobs };
  });
  return {
    what,
    ours: `${grown.map((one) => of(one).toFixed(digits)).join(' · ')} ${unit}`,
    ratio: `${steps.map(({ cost }) => `${cost.toFixed(1)} ×`).join(', ')}`,
    goal: 'no faster than the jobs',
    holds: steps.every(({ cost, jobs }) => cost <= jobs),
    note: 'caches warm',
  };
}

function idleRow(what: string, grown: readonly Grown[]): Row {
  const [first, last] = [grown[0], grown.at(-1)];
  const times = Math.max(last?.idleRingMs ?? 0, LEAST_MS) / Math.max(first?.idleRingMs ?? 0, LEAST_MS);
  return {
    what,
    ours: `${grown.map(({ idleRingMs }) => idleRingMs.toFixed(3)).join(' · ')} ms`,
    ratio: `${times.toFixed(1)} ×`,
    goal: `flat: ≤ ${MOST_IDLE_GROWTH} ×`,
    holds: times <= MOST_IDLE_GROWTH,
    note: `median of ${RINGS} rings; under ${LEAST_MS} ms nothing is told apart`,
  };
}

async function measureWith(jobs: number, signal: AbortSignal): Promise<Grown> {
  using house = makeBenchHouse();
  writeJobs(house, jobs, dailyJob);
  {
    await using _first = await startDaemon(house, { signal });
  }
  const starts: number[] = [];
  const sizes: number[] = [];
  for (let round = 0; round < STARTS; round += 1) {
    await using daemon = await startDaemon(house, { signal });
    starts.push(daemon.readyMs);
    sizes.push(usageOf(daemon.pid).residentBytes / 1e6);
  }
  const rings = [];
  for (let round = 0; round < STARTS; round += 1) rings.push(await timeRings(house));
  return {
    jobs,
    startMs: sampleOf(starts).median,
    residentMb: sampleOf(sizes).median,
    firstRingMs: sampleOf(rings.map(({ firstRingMs }) => firstRingMs)).median,
    idleRingMs: sampleOf(rings.map(({ idleRingMs }) => idleRingMs)).median,
  };
}

async function timeRings({ env }: House): Promise<Pick<Grown, 'firstRingMs' | 'idleRingMs'>> {
  const config = readConfig(env);
  const stop = new AbortController();
  const release = await claimData(config, stop.signal);
  const engine = await openEngine({
    config,
    log: SILENT,
    scrubber: makeScrubber(),
    signal: stop.signal,
    now: Date.now,
    random: Math.random,
    print: () => {},
    onChange: () => {},
  });
  try {
    await engine.library.begin();
    const ringOnce = async (): Promise<number> => {
      const from = performance.now();
      await engine.ring();
      return performance.now() - from;
    };
    const firstRingMs = await ringOnce();
    const later: number[] = [];
    for (let round = 0; round < RINGS; round += 1) later.push(await ringOnce());
    return { firstRingMs, idleRingMs: sampleOf(later).median };
  } finally {
    stop.abort();
    await engine.close();
    release();
  }
}
