// A run as the steps of a job see it, made from the plain data that travels to the worker.
import type { Instant, Run } from './job.ts';
import { dateIn, timeIn, weekdayIn } from './zone.ts';

/** A run's plain data. */
export interface RunData {
  readonly job: string;
  readonly slot: string;
  readonly due: Instant;
  readonly at: Instant;
  readonly timezone: string;
  readonly manual: boolean;
  readonly look: number;
  readonly correction?: boolean;
}

export function makeRun({ due, at, ...data }: RunData): Run {
  return {
    ...data,
    correction: data.correction === true,
    due: new Date(due),
    at: new Date(at),
    date: dateIn(data.timezone, due),
    time: timeIn(data.timezone, due),
    weekday: weekdayIn(data.timezone, due),
  };
}
