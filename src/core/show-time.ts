// Times for people: the reading of a wall clock in a job's zone.
import type { Instant } from './job.ts';
import { dateTimeIn } from './zone.ts';

/** `2026-11-20 11:20`, or a dash for what has not happened. */
export function showTime(zone: string, instant: Instant | undefined): string {
  return instant === undefined ? '-' : dateTimeIn(zone, Math.floor(instant / 1000) * 1000);
}

/** A text written for machines too, such as the note of a lock: its ISO times as a wall clock shows them. */
export function showTimesIn(zone: string, text: string): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => showTime(zone, Date.parse(iso)));
}
