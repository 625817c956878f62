// From the due instant to the request that reaches Kakao: jobs that are due at one second, each with a page of its own on
// a host of its own and an account of its own, since politeness to hosts and Kakao's order of messages are not what is
// measured here.
import { setTimeout as wait } from 'node:timers/promises';
import { jobOf, makeBenchHouse, startDaemon, until, writeJobs } from './daemon.ts';
import { logIn, startKakao, startSite } from './kakao.ts';
import { type Bench, type BenchPorts, milliseconds, type Row, sampleOf, spreadOf } from './measure.ts';

const MANY = 50;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 6);
const EVERY_S = 10;
const PAGE = `<!doctype html><meta charset="utf-8"><title>상록원</title><table>${'<tr><td>쇠고기국밥</td><td>7,000</td></tr>'.repeat(200)}</table>`;

export const latency: Bench = { name: 'latency', seconds: 2 * EVERY_S * (ROUNDS + 2) + 10, run: measureLatency };

interface Delays {
  /** Of the first round, which meets a fresh worker and has loaded nothing. */
  readonly first: readonly number[];
  readonly later: readonly number[];
}

async function measureLatency(ports: BenchPorts): Promise<readonly Row[]> {
  ports.say('one job alone');
  const alone = await delaysOf(1, ports);
  ports.say(`${MANY} jobs at one second`);
  const many = await delaysOf(MANY, ports);
  const one = sampleOf(alone.later);
  const all = sampleOf(many.later);
  const p99 = quantile(many.later, 0.99);
  const what = `due instant to Kakao, ${MANY} jobs due at one second`;
  return [
    {
      what: 'due instant to Kakao, one job alone',
      ours: milliseconds(one.median),
      goal: '≤ 150 ms',
      holds: one.median <= 150,
      note: `200 rows of the page are read; ${spreadOf(one)}; with a fresh daemon and worker ${milliseconds(alone.first[0] ?? Number.NaN)}`,
    },
    {
      what: `${what}: median`,
      ours: milliseconds(all.median),
      goal: '≤ 500 ms',
      holds: all.median <= 500,
      note: `${MANY} hosts and ${MANY} accounts; ${all.count} messages; in the first round ${milliseconds(sampleOf(many.first).median)}`,
    },
    {
      what: `${what}: 99 of 100 within`,
      ours: milliseconds(p99),
      goal: '≤ 1,200 ms',
      holds: p99 <= 1200,
      note: `the last ${milliseconds(all.most)}; in the first round ${milliseconds(sampleOf(many.first).most)}`,
    },
  ];
}

async function delaysOf(jobs: number, { signal }: BenchPorts): Promise<Delays> {
  await using kakao = await startKakao();
  using house = makeBenchHouse(kakao.env);
  await logIn(
    kakao,
    house,
    Array.from({ length: jobs }, (_, index) => `account${index}`),
  );
  using stack = new DisposableStack();
  const sites = await Promise.all(
    Array.from({ length: jobs }, (_, index) =>
      startSite(PAGE, `127.0.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`),
    ),
  );
  for (const site of sites) stack.use(site);
  writeJobs(house, jobs, (index) =>
    jobOf({
      schedule: `*/${EVERY_S} * * * * *`,
      to: `account${index}`,
      fetch: `(get) => get('${sites[index]?.url}')`,
      extract: `(page) => page.rows('table', 'tr', { dish: 'td:nth-child(1)', price: 'td:nth-child(2)' })`,
      render: "(rows, run) => run.due.getTime() + ' ' + rows.length",
    }),
  );
  await using _daemon = await startDaemon(house, { signal });
  const rounds = (): readonly (readonly number[])[] => [...delaysByDue(kakao.sandbox.received()).values()];
  // A first round may begin while the files are still being loaded: only whole ones count.
  const whole = (): readonly (readonly number[])[] => rounds().filter(({ length }) => length === jobs);
  await until('the rounds', () => signal.aborted || whole().length > ROUNDS, {
    patienceMs: EVERY_S * 1000 * (ROUNDS + 6),
    everyMs: 200,
  });
  await wait(100);
  const [first = [], ...later] = whole();
  return { first, later: later.flat() };
}

function delaysByDue(
  received: readonly { readonly at: number; readonly text: string | undefined }[],
): ReadonlyMap<number, readonly number[]> {
  const delays = new Map<number, number[]>();
  for (const { at, text } of received) {
    const due = Number(text?.split(' ')[0]);
    delays.set(due, [...(delays.get(due) ?? []), at - due]);
  }
  return delays;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
