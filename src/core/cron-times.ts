// Which wall times a cron line names: the next, the previous, and how close together they usually lie. Knows no zone.
import { nextDay, previousDay } from './cron-days.ts';
import type { CronLine, TimeField } from './cron-line.ts';
import type { WallTime } from './zone.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
const COMPARED_DAYS = 40;

/** The shortest time between two due instants, clock changes aside. Infinity for a line that is due once only. */
export function intervalOf(line: CronLine): number {
  const withinMinute = smallestStep(line.seconds.values);
  const minuteSpan = line.seconds.last - line.seconds.first;
  const withinHour = Math.min(withinMinute, smallestStep(line.minutes.values) * 60 - minuteSpan);
  const hourSpan = (line.minutes.last - line.minutes.first) * 60 + minuteSpan;
  const withinDay = Math.min(withinHour, smallestStep(line.hours.values) * 3600 - hourSpan);
  const daySpan = lastTime(line) - firstTime(line);
  const days = listDays(line, COMPARED_DAYS);
  return Math.min(withinDay, smallestStep(days) * DAY_SECONDS - daySpan) * SECOND_MS;
}

/** The first wall time after `wall` that the line names. */
export function nextWall(line: CronLine, wall: WallTime): WallTime | undefined {
  const today = Math.floor(wall / DAY_MS);
  const time = nextTime(line, (wall - today * DAY_MS) / SECOND_MS + 1);
  const day = nextDay(line.days, time === undefined ? today + 1 : today);
  if (day === undefined) return undefined;
  return day * DAY_MS + (day === today && time !== undefined ? time : firstTime(line)) * SECOND_MS;
}

/** The last wall time up to and including `wall` that the line names. */
export function previousWall(line: CronLine, wall: WallTime): WallTime | undefined {
  const today = Math.floor(wall / DAY_MS);
  const time = previousTime(line, (wall - today * DAY_MS) / SECOND_MS);
  const day = previousDay(line.days, time === undefined ? today - 1 : today);
  if (day === undefined) return undefined;
  return day * DAY_MS + (day === today && time !== undefined ? time : lastTime(line)) * SECOND_MS;
}

/** The first time of day from `from` on, in seconds since midnight. */
function nextTime({ hours, minutes, seconds }: CronLine, from: number): number | undefined {
  const [wantedHour, wantedMinute, wantedSecond] = clockOf(from);
  const second = atOrAfter(seconds, wantedSecond);
  const minute = atOrAfter(minutes, second === undefined ? wantedMinute + 1 : wantedMinute);
  const hour = atOrAfter(hours, minute === undefined ? wantedHour + 1 : wantedHour);
  if (hour === undefined) return undefined;
  if (hour > wantedHour || minute === undefined) return hour * 3600 + minutes.first * 60 + seconds.first;
  if (minute > wantedMinute || second === undefined) return hour * 3600 + minute * 60 + seconds.first;
  return hour * 3600 + minute * 60 + second;
}

/** The last time of day up to and including `until`, in seconds since midnight. */
function previousTime({ hours, minutes, seconds }: CronLine, until: number): number | undefined {
  const [wantedHour, wantedMinute, wantedSecond] = clockOf(until);
  const second = atOrBefore(seconds, wantedSecond);
  const minute = atOrBefore(minutes, second === undefined ? wantedMinute - 1 : wantedMinute);
  const hour = atOrBefore(hours, minute === undefined ? wantedHour - 1 : wantedHour);
  if (hour === undefined) return undefined;
  if (hour < wantedHour || minute === undefined) return hour * 3600 + minutes.last * 60 + seconds.last;
  if (minute < wantedMinute || second === undefined) return hour * 3600 + minute * 60 + seconds.last;
  return hour * 3600 + minute * 60 + second;
}

function clockOf(time: number): readonly [hour: number, minute: number, second: number] {
  return [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
}

function atOrAfter({ values }: TimeField, wanted: number): number | undefined {
  return values.find((value) => value >= wanted);
}

function atOrBefore({ values }: TimeField, wanted: number): number | undefined {
  return values.findLast((value) => value <= wanted);
}

function firstTime({ hours, minutes, seconds }: CronLine): number {
  return hours.first * 3600 + minutes.first * 60 + seconds.first;
}

function lastTime({ hours, minutes, seconds }: CronLine): number {
  return hours.last * 3600 + minutes.last * 60 + seconds.last;
}

function smallestStep(values: readonly number[]): number {
  return Math.min(...values.slice(1).map((value, index) => value - (values[index] ?? value)));
}

function listDays(line: CronLine, count: number): readonly number[] {
  const days: number[] = [];
  for (let day = nextDay(line.days, 0); day !== undefined && days.length < count; day = nextDay(line.days, day + 1)) {
    days.push(day);
  }
  return days;
}
