// Time zones: what a wall clock shows at an instant, and which instants show a given wall time. A wall time is a number:
// the milliseconds since 1970 of a clock in UTC that shows the same. Offsets are kept, so that Intl is rarely asked.
import type { Instant } from './job.ts';

/** A wall clock reading, as the instant at which a clock in UTC shows it. */
export type WallTime = number;

/** A clock change: at `at`, the zone's distance from UTC becomes `after`. */
export interface ClockChange {
  readonly at: Instant;
  readonly before: number;
  readonly after: number;
}

interface Block {
  readonly before: number;
  readonly at: Instant;
  readonly after: number;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly blocks: Map<number, Block>;
}

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
// No block holds two clock changes: the closest pair since 1975 lies a week apart (Recife, October 2000).
const BLOCK_MS = 6 * DAY_MS;

const HOUR_MS = 3_600_000;

/** Since when these have kept one distance from UTC. Intl, which knows the others, costs a process 9 MB and 12 ms. */
const STEADY: ReadonlyMap<string, { readonly since: Instant; readonly offset: number }> = new Map([
  // The end of Korea's last summer time.
  ['Asia/Seoul', { since: Date.UTC(1988, 9, 8, 17), offset: 9 * HOUR_MS }],
  ['UTC', { since: Number.NEGATIVE_INFINITY, offset: 0 }],
]);

const zones = new Map<string, Zone>();

export function isZone(name: string): boolean {
  if (STEADY.has(name)) return true;
  try {
    openZone(name);
    return true;
  } catch {
    return false;
  }
}

/** The zone's distance from UTC in milliseconds, positive to the east. Throws RangeError for a zone that is none. */
export function offsetAt(zone: string, instant: Instant): number {
  const steady = STEADY.get(zone);
  if (steady !== undefined && instant >= steady.since) return steady.offset;
  const { before, at, after } = blockAt(openZone(zone), Math.floor(instant / BLOCK_MS));
  return instant < at ? before : after;
}

export function wallAt(zone: string, instant: Instant): WallTime {
  return instant + offsetAt(zone, instant);
}

/** The clock change in (from, to], if there is one. The span must be too short to hold two. */
export function changeBetween(zone: string, from: Instant, to: Instant): ClockChange | undefined {
  const before = offsetAt(zone, from);
  const after = offsetAt(zone, to);
  if (before === after) return undefined;

  const isAfter = (instant: Instant) => offsetAt(zone, instant) !== before;
  return { at: firstWith(isAfter, wholeSecond(from), wholeSecond(to)), before, after };
}

/** The instants at which the zone shows this wall time: none in a gap, two in an overlap. */
export function instantsOf(zone: string, wall: WallTime): readonly Instant[] {
  const offsets = new Set([offsetAt(zone, wall - DAY_MS), offsetAt(zone, wall + DAY_MS)]);
  return [...offsets].map((offset) => wall - offset).filter((instant) => wallAt(zone, instant) === wall);
}

/** The gap that swallows a wall time. */
export function gapAround(zone: string, wall: WallTime): ClockChange | undefined {
  return changeBetween(zone, wall - DAY_MS, wall + DAY_MS);
}

/** When the zone's clock first shows this wall time or, if it never does, the end of the gap that swallows it. */
export function firstInstantOf(zone: string, wall: WallTime): Instant {
  return instantsOf(zone, wall)[0] ?? gapAround(zone, wall)?.at ?? wall - offsetAt(zone, wall);
}

/** The latest wall time the zone's clock has shown up to an instant, in whole seconds: ahead of the reading in an overlap. */
export function latestWallBy(zone: string, instant: Instant): WallTime {
  const reading = wallAt(zone, instant);
  const change = changeBetween(zone, instant - DAY_MS, instant);
  return change === undefined ? reading : Math.max(reading, change.at + change.before - SECOND_MS);
}

/** `2026-11-20` */
export function dateIn(zone: string, instant: Instant): string {
  return new Date(wallAt(zone, instant)).toISOString().slice(0, 10);
}

/** `11:20` */
export function timeIn(zone: string, instant: Instant): string {
  return new Date(wallAt(zone, instant)).toISOString().slice(11, 16);
}

/** `2026-11-20 11:20`, with seconds where there are any. */
export function dateTimeIn(zone: string, instant: Instant): string {
  const iso = new Date(wallAt(zone, instant)).toISOString();
  return iso.slice(0, iso.slice(17, 19) === '00' ? 16 : 19).replace('T', ' ');
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayIn(zone: string, instant: Instant): number {
  return new Date(wallAt(zone, instant)).getUTCDay() || 7;
}

/** When the zone's next day begins: midnight, or the end of the gap that swallows it. */
export function startOfNextDay(zone: string, instant: Instant): Instant {
  const day = Math.floor(wallAt(zone, instant) / DAY_MS);
  return firstInstantOf(zone, (day + 1) * DAY_MS);
}

/** The first instant that a date and time (`2026-11-20 11:20`, also with `T` or seconds) names, or undefined. */
export function readDateTime(zone: string, text: string): Instant | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?$/.exec(text.trim());
  if (match === null) return undefined;

  const shown = `${match[1]}T${match[2]}${match[3] ?? ':00'}.000Z`;
  const wall = Date.parse(shown);
  return Number.isNaN(wall) || new Date(wall).toISOString() !== shown ? undefined : firstInstantOf(zone, wall);
}

function openZone(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;

  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zone = { format, blocks: new Map<number, Block>() };
  zones.set(name, zone);
  return zone;
}

function blockAt({ format, blocks }: Zone, index: number): Block {
  const known = blocks.get(index);
  if (known !== undefined) return known;

  const from = index * BLOCK_MS;
  const to = from + BLOCK_MS - SECOND_MS;
  const before = askOffset(format, from);
  const after = askOffset(format, to);
  const isAfter = (instant: Instant) => askOffset(format, instant) !== before;
  const block = { before, at: before === after ? to : firstWith(isAfter, from, to), after };
  blocks.set(index, block);
  return block;
}

function askOffset(format: Intl.DateTimeFormat, instant: Instant): number {
  const shown = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
}

export function wholeSecond(instant: Instant): Instant {
  return Math.floor(instant / SECOND_MS) * SECOND_MS;
}

/** The first whole second in (from, to] for which `holds` holds, given that it holds from some moment on. */
function firstWith(holds: (instant: Instant) => boolean, from: Instant, to: Instant): Instant {
  if (to - from <= SECOND_MS) return to;
  const middle = from + wholeSecond((to - from) / 2);
  return holds(middle) ? firstWith(holds, from, middle) : firstWith(holds, middle, to);
}
