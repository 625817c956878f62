// The named points of the outbox and token paths: right before and right after the commit of each step. A test listens
// on this channel and ends the process at one of them; nobody listens in production, where a point is one look at a flag.
import { channel } from 'node:diagnostics_channel';

export const POINT_CHANNEL = 'talkbell:point';

/** The transactions that a message or a token passes through. */
export const STEPS = [
  'recover-runs',
  'recover-messages',
  'claim',
  'begin-look',
  'end-look',
  'expire',
  'begin-attempt',
  'settle',
  'take-lease',
  'begin-refresh',
  'save-raw-answer',
  'commit-refresh',
  'abandon-refresh',
  'mark-account',
  'release-lease',
  'open-alert',
  'mark-told',
  'close-alert',
] as const;

export type Step = (typeof STEPS)[number];
export type Point = `before ${Step}` | `after ${Step}`;

export const POINTS: readonly Point[] = STEPS.flatMap((step) => [`before ${step}`, `after ${step}`] as const);

const points = channel(POINT_CHANNEL);

export function point(name: Point): void {
  if (points.hasSubscribers) points.publish(name);
}
