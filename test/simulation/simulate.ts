// Many seeds, and what to print of them: how fast time went, and for a broken promise the seed and
// the shortest story.

import { tellMany } from './many.ts';
import { tellTrouble } from './plan.ts';
import { shorten } from './shorten.ts';
import type { Told } from './story.ts';
import { HEALING_DAYS } from './world.ts';

export interface SimulateSettings {
  readonly from: number;
  readonly seeds: number;
  readonly days: number;
  readonly quietJobs?: number;
  /** Ends at the first seed that breaks a promise, with its story as it is. */
  readonly isFirstEnough?: boolean;
  readonly print: (line: string) => void;
}

/** Gives the seeds that broke a promise. */
export async function simulate({
  from,
  seeds,
  days,
  quietJobs,
  isFirstEnough = false,
  print,
}: SimulateSettings): Promise<readonly number[]> {
  const begun = performance.now();
  const broken: number[] = [];
  const totals: Record<string, number> = {};
  const quiet = quietJobs === undefined ? {} : { quietJobs };
  const stories = Array.from({ length: seeds }, (_, index) => ({ seed: from + index, days, ...quiet }));
  const state = { told: 0 };
  await tellMany(stories, async (told, settings) => {
    state.told += 1;
    for (const [name, count] of Object.entries(told.counts)) totals[name] = (totals[name] ?? 0) + count;
    if (told.broken === undefined) return true;
    broken.push(settings.seed);
    print(explain(settings.seed, days, isFirstEnough ? told : await shorten(settings, told, 20_000)));
    return !isFirstEnough;
  });
  const seconds = (performance.now() - begun) / 1000;
  const simulated = state.told * (days + HEALING_DAYS);
  print(
    `${state.told} seeds of ${days} days from ${from}: ${broken.length} broken. ${seconds.toFixed(1)} s, ${(simulated / seconds).toFixed(0)} simulated days a second.`,
  );
  print(
    Object.entries(totals)
      .map(([name, count]) => `${name} ${count}`)
      .join(' · '),
  );
  return broken.sort((one, other) => one - other);
}

export function explain(seed: number, days: number, { broken, plan, trail }: Told): string {
  return [
    `Seed ${seed} (--from ${seed} --seeds 1 --days ${days}) breaks a promise:`,
    `  ${broken?.message ?? 'nothing'}`,
    'What went wrong:',
    ...plan.map((trouble) => `  ${tellTrouble(trouble)}`),
    'How it ended:',
    ...trail.slice(-25).map((line) => `  ${line}`),
  ].join('\n');
}
