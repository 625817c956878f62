// Where the harness kills the daemon: the named points of the store's steps, and undici's own around each request.
import { POINTS } from '../../src/io/points.ts';

/** From before the first byte of a request is written to after the last byte of its answer was read. */
export const REQUEST_POINTS = [
  'undici:client:sendHeaders',
  'undici:request:bodySent',
  'undici:request:headers',
  'undici:request:trailers',
] as const;

export const ALL_POINTS: readonly string[] = [...POINTS, ...REQUEST_POINTS];
