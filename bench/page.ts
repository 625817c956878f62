// One page of 50 KB from its address to plain rows, and to five answers: the whole path of a look, by default and with
// `parser: 'fast'`, against the same libraries used plainly.
import { deepEqual } from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openBoards } from './boards/scene.ts';
import type { Bench, BenchPorts, Row, Sample } from './measure.ts';
import { inTurn, ratioOf, spreadOf } from './measure.ts';

const PAGE_BYTES = 50_000;
const PAGES = Number(process.env['PAGES'] ?? 100);
const TIMES = Number(process.env['TIMES'] ?? 9);
const SIDE = fileURLToPath(new URL('./page-side.ts', import.meta.url));

type Wanted = 'rows' | 'answers';

interface Side {
  readonly read: (pages: number) => Promise<Answer>;
  readonly [Symbol.dispose]: () => void;
}

interface Answer {
  readonly perSecond: number;
  /** What was taken of the last page. */
  readonly last: unknown;
}

export const page: Bench = { name: 'page', seconds: 40, run: measurePage };

async function measurePage({ signal }: BenchPorts): Promise<readonly Row[]> {
  using boards = await openBoards({ jobs: 1, bytes: PAGE_BYTES });
  const [url = ''] = boards.urls;
  const open = (name: string, wanted: Wanted): Side => openSide(fork(SIDE, [name, wanted, url], { signal }));
  return [...(await measure('rows', open)), ...(await measure('answers', open))];
}

async function measure(wanted: Wanted, open: (name: string, wanted: Wanted) => Side): Promise<readonly Row[]> {
  using ours = open('standard', wanted);
  using fast = open('fast', wanted);
  using plain = open('plain', wanted);
  using alone = open('alone', 'answers');
  const { last } = await plain.read(PAGES);
  for (const side of [ours, fast]) deepEqual((await side.read(PAGES)).last, last);
  await alone.read(PAGES);
  const rate = async ({ read }: Side): Promise<number> => (await read(PAGES)).perSecond;
  const sides = await inTurn(TIMES, {
    ours: () => rate(ours),
    fast: () => rate(fast),
    plain: () => rate(plain),
    alone: () => rate(alone),
  });
  return wanted === 'rows' ? rowsOf(sides, `${(last as unknown[]).length} rows`) : answersOf(sides);
}

function openSide(child: ChildProcess): Side {
  return {
    read: async (pages) => {
      child.send(pages);
      const [answer] = await once(child, 'message');
      return answer as Answer;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

type Sides = Readonly<Record<'ours' | 'fast' | 'plain' | 'alone', Sample>>;

function rowsOf({ ours, fast, plain }: Sides, taken: string): readonly Row[] {
  return [
    { what: whatOf(taken), ...compare(ours, plain, 0.85), note: `${spreadOf(ours)}; the same rows` },
    {
      what: `${whatOf(taken)} with parser: 'fast'`,
      ...compare(fast, plain, 3),
      note: `${spreadOf(fast)}; the same rows; ${ratioOf(fast.median, ours.median)} the default parser`,
    },
  ];
}

function answersOf({ ours, fast, plain, alone }: Sides): readonly Row[] {
  const gain = `cheerio with the fast parser, plainly, is ${ratioOf(alone.median, plain.median)} cheerio as it is`;
  return [
    { what: whatOf('five answers'), ...compare(ours, plain, 0.85), note: `${spreadOf(ours)}; the same answers` },
    {
      what: `${whatOf('five answers')} with parser: 'fast'`,
      ...compare(fast, plain, 3),
      note: `${spreadOf(fast)}; the same answers; ${ratioOf(fast.median, ours.median)} the default parser; ${gain}`,
    },
  ];
}

function whatOf(taken: string): string {
  return `page of ${PAGE_BYTES / 1000} KB from get to ${taken}`;
}

function compare(own: Sample, peer: Sample, least: number): Omit<Row, 'what' | 'note'> {
  const perSecond = ({ median }: Sample): string => `${median.toFixed(0)} pages a second`;
  return {
    ours: perSecond(own),
    peer: `undici and cheerio plainly ${perSecond(peer)}`,
    ratio: ratioOf(own.median, peer.median),
    goal: `≥ ${least} ×`,
    holds: own.median / peer.median >= least,
  };
}
