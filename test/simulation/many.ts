// Many stories at once, on as many threads as there are cores. A story depends on nothing but its settings, so that the
// threads change only the order in which they end.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Told } from './story.ts';
import type { StorySettings } from './world.ts';

const TELLER = new URL('./teller.ts', import.meta.url);

/** Gives each story as it ends, to a listener that may end the rest by saying false. */
export async function tellMany(
  stories: readonly StorySettings[],
  onTold: (told: Told, settings: StorySettings) => boolean | Promise<boolean>,
): Promise<void> {
  const queue = [...stories];
  const threads = Array.from({ length: Math.min(availableParallelism(), stories.length) }, () => new Worker(TELLER));
  try {
    await Promise.all(threads.map((thread) => work(thread, queue, onTold)));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

async function work(
  thread: Worker,
  queue: StorySettings[],
  onTold: (told: Told, settings: StorySettings) => boolean | Promise<boolean>,
): Promise<void> {
  for (let settings = queue.shift(); settings !== undefined; settings = queue.shift()) {
    const told = await tellIn(thread, settings);
    if (!(await onTold(told, settings))) queue.length = 0;
  }
}

function tellIn(thread: Worker, settings: StorySettings): Promise<Told> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void =>
      reject(new Error(`The teller of seed ${settings.seed} ended.`, { cause: error }));
    thread.once('error', refuse);
    thread.once('message', (told: Told) => {
      thread.off('error', refuse);
      resolve(told);
    });
    thread.postMessage(settings);
  });
}
