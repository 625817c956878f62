// How a job author writes a job, and says that what it waits for is not there yet.
import { Closed, NotYet } from './errors.ts';
import type { JobDefinition, Schedule } from './job.ts';

/**
 * Defines a job: when to look, at what, what to take, how to say it, and to whom. The file exports it as default; its
 * name is the file's name.
 *
 * The steps are written in the order of the flow (`fetch`, `extract`, `watch`, `render`): each step's type is inferred
 * from the one above, so that no type needs to be written.
 *
 * It gives back what it is given and throws nothing. What is wrong (an unknown field, a cron line, a duration) is told
 * all at once, with field and remedy, by `talkbell check` and when the file is loaded; such a job is never due.
 *
 * @example
 * export default defineJob({
 *   schedule: { lunch: '20 11 * * 1-5', dinner: '0 17 * * 1-5' },
 *   to: 'me',
 *   fetch: (get, run) => get(`https://dorm.example.ac.kr/menu?date=${run.date}`),
 *   extract: (page, run) => page.rows(`#${run.slot}`, 'li', { dish: '.name', price: '.price' }),
 *   render: (dishes, run) => [run.date, ...dishes.map(({ dish, price }) => `- ${dish} ${price}`)].join('\n'),
 * });
 */
export function defineJob<const S extends Schedule, Raw, T extends object>(
  definition: JobDefinition<S, Raw, T>,
): JobDefinition<S, Raw, T> {
  return definition;
}

/**
 * Says from `fetch` or `extract` that what the job waits for is not posted so far. The run looks again every `recheck`
 * while it is fresh; only when the last look says so too is the owner told, once.
 *
 * It throws, so that nothing after it runs. A `catch` around it must throw it again.
 *
 * @example
 * if (page.one('.week').text !== run.date) notYet('the page still shows another day');
 */
export function notYet(reason: string): never {
  throw new NotYet(reason, { isStale: false });
}

/**
 * Says from `fetch` or `extract` that the page still shows what it showed before: yesterday's menu, last week's table. It
 * is `notYet` in all it does, and throws as it does; only history, `talkbell why` and the owner's alert tell the two
 * apart.
 *
 * @example
 * const day = page.one('.week').text;
 * if (day !== run.date) stale(`the page still shows ${day}`);
 */
export function stale(reason: string): never {
  throw new NotYet(reason, { isStale: true });
}

/**
 * Says from `fetch` or `extract` that there is nothing today, and why. Nothing is sent and nobody is alerted, as with `[]`;
 * `talkbell why` shows the reason. What a watching job remembers stays as it is. It throws, as `notYet` does.
 *
 * @example
 * if (page.maybe('.notice-closed') !== undefined) closed('the cafeteria is closed for the holidays');
 */
export function closed(reason: string): never {
  throw new Closed(reason);
}
