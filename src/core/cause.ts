// What a look came to when it came to nothing, in one word: so that a page that broke is told from one that is late,
// and a site that is down from one that does not want us.
import type { Cause, Failure, Look } from './job.ts';

const OF_KIND: Readonly<Record<Exclude<Failure['kind'], 'fetch'>, Cause>> = {
  extract: 'changed-shape',
  message: 'bad-message',
  code: 'job-error',
  timeout: 'too-slow',
  memory: 'too-big',
  crash: 'crash',
};

const WORDS: Readonly<Record<Cause, string>> = {
  unreachable: 'unreachable',
  refused: 'refused',
  'wrong-page': 'not the page',
  'changed-shape': 'changed shape',
  stale: 'still the old page',
  'not-posted': 'not posted yet',
  closed: 'closed',
  'bad-message': 'a message that cannot be sent',
  'job-error': 'an error in the job file',
  'too-slow': 'too slow',
  'too-big': 'too much memory',
  crash: 'a crash',
};

export function causeOf(look: Look): Cause | undefined {
  if (look.kind === 'notYet') return look.stale === true ? 'stale' : 'not-posted';
  if (look.kind === 'closed') return 'closed';
  return look.kind === 'failed' ? causeOfFailure(look.failure) : undefined;
}

function causeOfFailure({ kind, cause, status }: Failure): Cause {
  if (cause !== undefined) return cause;
  if (kind !== 'fetch') return OF_KIND[kind];
  return status !== undefined && status >= 400 && status < 500 ? 'refused' : 'unreachable';
}

/** In words for people: `changed shape`. */
export function wordsOfCause(cause: Cause): string {
  return WORDS[cause];
}
