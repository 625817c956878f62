// The promises that a story may break, in the words in which users are given them.
import type { Instant } from '../../src/core/job.ts';

export const PROMISES = {
  once: 'every due instant is covered by exactly one recorded outcome; none runs twice',
  kept: 'a message committed is in the end sent, expired, failed or unclear, each with a reason; none vanishes',
  taken:
    'what is called sent was taken by the far side; what was taken twice was unclear, and its job asked for resend',
  order: 'messages to one recipient arrive in order',
  fresh: 'nothing is begun, looked at or sent after its freshness',
  quota: 'the budget of a day and the token limits of Kakao are never passed',
  login:
    'after any crash the account works, or needs a login only because the answer of a rotation was lost or a person left',
  alerts: 'an episode is told once, and its end once',
  clock: 'with a clock more than a day before the newest time in the store nothing runs',
  alone: 'a run never overlaps another of the same job',
  sound: 'no error is thrown but those that are foreseen',
  quiet: 'no message of a watching job goes out within the quiet hours',
  held: 'an account that waits for its operator sends nothing until it is resumed',
  single: 'a second daemon on the same data folder is refused while the first lives',
  everyone: 'whoever a job names, alone or in groups, gets each message once',
  punctual: 'what is due is begun within 15 seconds when nothing stands in the way',
} as const;

export type PromiseName = keyof typeof PROMISES;

/** What of a broken promise goes from one thread to another. */
export interface Breach {
  readonly promise: PromiseName;
  readonly message: string;
}

export class Broken extends Error implements Breach {
  override readonly name = 'Broken';
  readonly promise: PromiseName;

  constructor(promise: PromiseName, detail: string) {
    super(`${PROMISES[promise]}: ${detail}`);
    this.promise = promise;
  }
}

export type Fail = (promise: PromiseName, detail: string) => void;

export function show(at: Instant): string {
  return new Date(at).toISOString();
}
