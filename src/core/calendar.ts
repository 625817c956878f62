// When a cron line is due: its next and previous instants in a time zone. Nothing is enumerated: each search goes by
// field, in steps that do not depend on how far away the answer lies.
//
// When clocks change, a line with fixed hours is due once for each wall time it names: at the end of the gap that
// swallows it, or the first of the two times the clock shows it. A line whose hour is `*` is due whenever the clock
// shows a wall time it names: in an overlap both times, in a gap not at all.
import type { CronLine } from './cron-line.ts';
import { nextWall, previousWall } from './cron-times.ts';
import type { Instant } from './job.ts';
import {
  changeBetween,
  firstInstantOf,
  gapAround,
  instantsOf,
  latestWallBy,
  type WallTime,
  wallAt,
  wholeSecond,
} from './zone.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

/** The first due instant after `after`. Undefined if there is none within 50 years. */
export function nextAfter(line: CronLine, zone: string, after: Instant): Instant | undefined {
  const from = wholeSecond(after);
  if (line.everyHour) return nextInRealTime(line, zone, from);

  const wall = nextWall(line, latestWallBy(zone, from));
  return wall === undefined ? undefined : firstInstantOf(zone, wall);
}

/** The last due instant up to and including `at`. Undefined if there was none within 50 years. */
export function previousAtOrBefore(line: CronLine, zone: string, at: Instant): Instant | undefined {
  const until = wholeSecond(at);
  if (line.everyHour) return previousInRealTime(line, zone, until);

  const wall = previousWall(line, latestWallBy(zone, until));
  return wall === undefined ? undefined : firstInstantOf(zone, wall);
}

function nextInRealTime(line: CronLine, zone: string, after: Instant): Instant | undefined {
  const wall = nextWall(line, wallAt(zone, after));
  const change = changeBetween(zone, after, after + DAY_MS);
  if (wall === undefined) return undefined;
  if (change === undefined || wall - change.before < change.at) return firstShown(line, zone, { wall, after });

  const afterChange = nextWall(line, change.at + change.after - SECOND_MS);
  return firstShown(line, zone, { wall: afterChange, after: change.at - SECOND_MS });
}

function previousInRealTime(line: CronLine, zone: string, at: Instant): Instant | undefined {
  const wall = previousWall(line, wallAt(zone, at));
  const change = changeBetween(zone, at - DAY_MS, at);
  if (wall === undefined) return undefined;
  if (change === undefined || wall - change.after >= change.at) return lastShown(line, zone, { wall, at });

  const beforeChange = previousWall(line, change.at + change.before - SECOND_MS);
  return lastShown(line, zone, { wall: beforeChange, at: change.at - SECOND_MS });
}

/** The first instant after `after` that shows `wall` or, if a gap swallows that, a later wall time of the line. */
function firstShown(
  line: CronLine,
  zone: string,
  { wall, after }: { wall: WallTime | undefined; after: Instant },
): Instant | undefined {
  if (wall === undefined) return undefined;
  const shown = instantsOf(zone, wall).find((instant) => instant > after);
  if (shown !== undefined) return shown;

  const gap = gapAround(zone, wall);
  const resumed = gap === undefined ? wall : gap.at + gap.after - SECOND_MS;
  return firstShown(line, zone, { wall: nextWall(line, resumed), after });
}

function lastShown(
  line: CronLine,
  zone: string,
  { wall, at }: { wall: WallTime | undefined; at: Instant },
): Instant | undefined {
  if (wall === undefined) return undefined;
  const shown = instantsOf(zone, wall).findLast((instant) => instant <= at);
  if (shown !== undefined) return shown;

  const gap = gapAround(zone, wall);
  const resumed = (gap === undefined ? wall : gap.at + gap.before) - SECOND_MS;
  return lastShown(line, zone, { wall: previousWall(line, resumed), at });
}
