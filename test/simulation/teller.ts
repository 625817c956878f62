// A thread that tells stories: it takes the settings of one, and answers with what came of it.
import { parentPort } from 'node:worker_threads';
import { tellStory } from './story.ts';
import type { StorySettings } from './world.ts';

parentPort?.on('message', async (settings: StorySettings) => {
  const told = await tellStory(settings);
  // The trail of a story that keeps its promises is read by nobody, and an error loses its kind on the way.
  const broken = told.broken && { promise: told.broken.promise, message: told.broken.message };
  parentPort?.postMessage({ ...told, broken, trail: broken === undefined ? [] : told.trail });
});
