// How much one watching job may keep. What is known has its bound in the store, where the items unseen for longest go
// first; here are the two things that nobody may drop in silence.
import { ExtractError } from './errors.ts';
import type { Item, Later } from './job.ts';

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_LATER = 5000;

const encoder = new TextEncoder();

/** Throws ExtractError when the items of one look are more than a job may remember. */
export function refuseLarge(found: ReadonlyMap<string, Item>): void {
  const bytes = bytesOf(found);
  if (bytes <= MOST_BYTES) return;
  throw new ExtractError(
    `The items hold ${inMegabytes(bytes)}, and a watching job remembers at most ${inMegabytes(MOST_BYTES)}. ` +
      'Extract fewer items, or fewer and shorter fields.',
    { url: '' },
  );
}

/** Throws ExtractError when more waits for a digest than a job may keep: what is gathered already stays. */
export function refuseMuchLater(later: ReadonlyMap<string, Later>, digest: string): void {
  const bytes = bytesOf(later);
  if (later.size <= MOST_LATER && bytes <= MOST_BYTES) return;
  throw new ExtractError(
    `${later.size} items (${inMegabytes(bytes)}) would wait for ${digest}; the most is ${MOST_LATER} items and ` +
      `${inMegabytes(MOST_BYTES)}. Have ${digest} run more often, or run it now: talkbell run JOB --slot ${digest}`,
    { url: '' },
  );
}

function bytesOf(entries: ReadonlyMap<string, unknown>): number {
  return [...entries].reduce((sum, [key, value]) => sum + encoder.encode(key + JSON.stringify(value)).byteLength, 0);
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
