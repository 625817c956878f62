// The shortest story that breaks the same promise: what a person reads of a seed that failed.
import { type Told, tellStory } from './story.ts';
import type { StorySettings } from './world.ts';

/** Leaves out as much of the plan as it can with the same promise still broken, within the time given. */
export async function shorten(settings: StorySettings, broken: Told, withinMs: number): Promise<Told> {
  const until = performance.now() + withinMs;
  let best = broken;
  for (let size = Math.ceil(best.plan.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.plan.length && performance.now() < until; ) {
      const plan = best.plan.toSpliced(from, size);
      const told = await tellStory({ ...settings, plan });
      if (told.broken?.promise === broken.broken?.promise) best = told;
      else from += size;
    }
  }
  return best;
}
