// What rounds and memory are measured on: boards in a process of their own, and a house with one job for each of them,
// each told to a webhook of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStoreOf } from '../../src/engine.ts';
import { readConfig } from '../../src/io/config.ts';
import { type House, makeHouse } from '../../test/processes.ts';
import { type Answer, type Opened, OWNER_PATH, type Question, type Seen, type Turn } from './board-protocol.ts';

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Boards extends Disposable {
  readonly jobs: number;
  /** The address of each board, in order. */
  readonly urls: readonly string[];
  readonly hookUrl: (name: string) => string;
  /** Changes what all boards show, or nothing, and forgets what was seen. */
  readonly turn: (to: Turn) => Promise<void>;
  readonly seen: () => Promise<Seen>;
}

export async function openBoards({ jobs, bytes }: { readonly jobs: number; readonly bytes: number }): Promise<Boards> {
  const child = fork(join(import.meta.dirname, 'board-server.ts'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const opened = (await ask(child, { type: 'open', jobs, bytes })) as Opened;
  return {
    jobs,
    urls: opened.ports.map(({ host, port }) => `http://${host}:${port}/board`),
    hookUrl: (name) => `http://127.0.0.1:${opened.hooks}${name}`,
    turn: async (to) => void (await ask(child, { type: 'turn', to })),
    seen: async () => (await ask(child, { type: 'seen' })) as Seen,
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

/** One question at a time. */
async function ask(child: ChildProcess, question: Question): Promise<Answer> {
  const heard = new AbortController();
  const died = once(child, 'exit', heard).then(() => {
    throw new Error('The process of the boards has ended.');
  });
  try {
    const answered = once(child, 'message', heard);
    child.send(question);
    const [answer] = (await Promise.race([answered, died])) as [Answer];
    return answer;
  } finally {
    died.catch(() => undefined);
    heard.abort();
  }
}

export interface SceneSettings {
  readonly boards: Boards;
  /** A cron line, the same for all jobs. */
  readonly schedule: string;
  /** Which rows of the board a job reads. */
  readonly rows?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A house in which nothing has run yet. */
export async function furnish({ boards, schedule, rows = 'tbody tr', env = {} }: SceneSettings): Promise<House> {
  const house = makeHouse({
    TALKBELL_OWNER: 'owner',
    TALKBELL_TIMEZONE: 'UTC',
    TALKBELL_BUDGET_PER_SENDER: '1000000',
    TALKBELL_BUDGET_PER_RECIPIENT: '1000000',
    ...env,
  });
  for (const [job, url] of boards.urls.entries())
    writeFileSync(join(house.jobs, `${nameOf(job)}.ts`), sourceOf({ url, to: nameOf(job), schedule, rows }));
  const store = await openStoreOf(readConfig(house.env), { now: Date.now, log: QUIET });
  const recipients = boards.urls.map((_, job) => [nameOf(job), `/message/${job}`] as const);
  for (const [name, path] of [...recipients, ['owner', OWNER_PATH] as const])
    await store.saveRecipient({ name, address: { channel: 'webhook', url: boards.hookUrl(path) } }, Date.now());
  await store.close();
  return house;
}

function nameOf(job: number): string {
  return `board-${String(job).padStart(3, '0')}`;
}

interface Source {
  readonly url: string;
  readonly to: string;
  readonly schedule: string;
  readonly rows: string;
}

function sourceOf({ url, to, schedule, rows }: Source): string {
  return `// A notice board: what is new, and what has another price.
import { changed, defineJob, isNew } from 'talkbell';

export default defineJob({
  schedule: '${schedule}',
  to: '${to}',
  fetch: (get) => get('${url}'),
  extract: (page) => page.rows('#board', '${rows}', { post: '.no', title: '.title a', link: '.title a@href', price: '.price' }),
  watch: { key: ({ post }) => post, tell: (item) => isNew(item) || changed(item) },
  render: (posts, run) => [run.job, ...posts.map(({ title, price }) => title + ' ' + price)].join('\\n'),
});
`;
}
