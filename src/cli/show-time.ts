// Times for people: the reading of a wall clock in a job's zone.
import type { Instant } from '../core/job.ts';
import { dateTimeIn } from '../core/zone.ts';

/** `2026-11-20 11:20`, or a dash for what has not happened. */
export function showTime(zone: string, instant: Instant | undefined): string {
  return instant === undefined ? '-' : dateTimeIn(zone, Math.floor(instant / 1000) * 1000);
}
