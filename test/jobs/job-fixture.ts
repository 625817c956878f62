// What a job's test needs besides the job: a run, and what Kakao would say to what `render` gives.
import type { Rendered, Run } from '../../src/core/job.ts';
import { makeRun } from '../../src/core/run.ts';
import { withLink } from '../../src/kakao/build-link.ts';
import { checkSaying } from '../../src/kakao/limits.ts';

/** A run due at a time of day in Seoul, on the Friday of these tests. */
export function runOf<const Slot extends string>(slot: Slot, time = '11:20'): Run<Slot> {
  const due = Date.parse(`2026-11-20T${time}:00+09:00`);
  const run = makeRun({ job: 'job', slot, due, at: due, timezone: 'Asia/Seoul', manual: false, look: 1 });
  return { ...run, slot };
}

/** Every problem Kakao would have with a rendered message; none means that it can be sent. */
export function problemsOf(rendered: Rendered): readonly string[] {
  return [rendered]
    .flat()
    .filter((saying) => saying !== undefined)
    .map((saying) => (typeof saying === 'string' ? { kind: 'text' as const, text: saying } : saying))
    .flatMap((saying) => checkSaying(withLink(saying, undefined)));
}
